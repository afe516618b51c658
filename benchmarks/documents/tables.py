"""The tables of README.md and the model card: figures in, Markdown out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any

from ..harness.table import to_percent

Figures = Mapping[str, Any]

LABEL_SETS = {"FER+": "FER+ majority", "FER2013": "original labels"}
SPLITS = ("PublicTest", "PrivateTest")
VARIANTS = {  # of one model's answers
    "as_trained": "as trained",
    "shipped": "as shipped",
    "cross_fitted": "cross-fitted",
}
UNMEASURED = "not measured yet"


def render_tables(accuracy: Figures, robustness: Figures) -> dict[str, str]:
    """Render every table that a document may ask for, by name.

    Args:
        accuracy: what `accuracy` found, by digest of the model file.
        robustness: what `robustness` found.
    """
    models = sorted(accuracy.values(), key=lambda model: model["info"]["name"])
    return {
        "headline": _render_headline(models),
        "models": _render_models(models),
        "accuracy": _render_accuracy(models),
        "recall": _render_recall(models),
        "confusion": _render_confusion(models),
        "calibration": _render_calibration(models),
        "copies": _render_copies(models),
        "robustness": _render_robustness(robustness) if robustness else UNMEASURED,
    }


def _render_headline(models: Sequence[Figures]) -> str:
    rows = []
    for model in models:
        splits = model["splits"]
        shares = [
            _pair(splits[name]["shipped"]) if name in splits else UNMEASURED for name in SPLITS
        ]
        recall = splits[SPLITS[0]]["shipped"]["recall"]
        rarest = min(recall, key=recall.__getitem__)
        rows.append([_name_task(model), *shares, f"{rarest}, {to_percent(recall[rarest])}"])
    return render_table(["model, its labels", *SPLITS, "lowest recall, PublicTest"], rows)


def _render_models(models: Sequence[Figures]) -> str:
    rows = []
    for model in models:
        info = model["info"]
        rows.append(
            [
                f"`{info['name']}`",
                str(len(info["labels"])),
                " + ".join(
                    LABEL_SETS.get(name, name).split()[0] for name in info["label_set"].split(", ")
                ),
                info["version"],
                f"{model['bytes'] / 1e6:.1f} MB, {info['precision']}",
                _name_adjustment(info),
                f"{info['temperature']:.2f}",
                f"{info['uncertain_below']:.3f}",
            ]
        )
    columns = ["model", "labels", "trained on", "version", "file"]
    return render_table([*columns, "logit adjustment τ", "temperature", "uncertain below"], rows, 5)


def _render_accuracy(models: Sequence[Figures]) -> str:
    rows = []
    for task, name, split in _list_splits(models):
        scores, certain = split["shipped"], split["certain"]
        shares = [_bound(scores, key) for key in ("accuracy", "mean_recall", "macro_f1")]
        sure = _join([certain["share"], certain["accuracy"]])
        rows.append([task, name, f"{scores['images']:,}", *shares, f"{scores['ece']:.3f}", sure])
    columns = ["model, its labels", "split", "faces", "accuracy", "mean recall", "macro-F1"]
    return render_table([*columns, "ECE", "certain / accuracy of those"], rows, 2)


def _render_recall(models: Sequence[Figures]) -> str:
    labels: Sequence[str] = max((model["info"]["labels"] for model in models), key=len, default=[])
    rows = []
    for task, name, split in _list_splits(models):
        recall = split["shipped"]["recall"]
        found = [to_percent(recall[label]) if label in recall else "" for label in labels]
        rows.append([task, name, *found])
    return render_table(["model, its labels", "split", *labels], rows, 2)


def _render_confusion(models: Sequence[Figures]) -> str:
    tables = []
    for model in models:
        name, split = list(model["splits"].items())[-1]
        labels = model["info"]["labels"]
        rows = [
            [label, *map(str, counts), f"{sum(counts):,}"]
            for label, counts in zip(labels, split["shipped"]["confusion"], strict=True)
        ]
        head = f"{_name_task(model)}, {name}"
        tables += [f"**{head}**", render_table(["true label", *labels, "faces"], rows)]
    return "\n\n".join(tables)


def _render_calibration(models: Sequence[Figures]) -> str:
    rows = []
    for task, name, split in _list_splits(models):
        for key, text in VARIANTS.items():
            if key in split:
                scores = split[key]
                shares = [to_percent(scores["accuracy"]), to_percent(scores["mean_recall"])]
                rows.append([task, name, text, *shares, f"{scores['ece']:.3f}"])
    columns = ["model, its labels", "split", "answers", "accuracy", "mean recall", "ECE"]
    return render_table(columns, rows, 3)


def _render_copies(models: Sequence[Figures]) -> str:
    rows = []
    for task, name, split in _list_splits(models):
        every, rest = split["shipped"], split["without_copies"]
        shares = [_pair(every), _pair(rest)]
        rows.append([task, name, f"{every['images'] - rest['images']:,}", *shares])
    columns = ["model, its labels", "split", "duplicates", "with them", "without them"]
    return render_table(columns, rows, 2)


def _render_robustness(robustness: Figures) -> str:
    networks = list(robustness["networks"].values())
    rows, lost = [], []
    for kind in networks[0]["corrupted"]:
        found = [network["corrupted"][kind] for network in networks]
        lost.append([n["clean"] - fmean(shares) for n, shares in zip(networks, found, strict=True)])
        each = [_join(shares, 0) for shares in zip(*found, strict=True)]
        rows.append([kind, *each, _join(lost[-1])])
    strengths = [str(i + 1) for i in range(len(rows[0]) - 2)]
    rows.append(["all", *[""] * len(strengths), _join(map(fmean, zip(*lost, strict=True)))])
    head = f"{' / '.join(robustness['networks'])}; clean {_join(n['clean'] for n in networks)}"
    return render_table([head, *strengths, "mean loss, points"], rows)


def _list_splits(models: Sequence[Figures]) -> Iterator[tuple[str, str, Figures]]:
    for model in models:
        for name, split in model["splits"].items():
            yield _name_task(model), name, split


def _name_adjustment(info: Figures) -> str:
    """Return the strength of logit adjustment, or that the prior was chosen on development sets."""
    strength = info["metrics"].get("prior_strength")
    if strength is not None:
        return f"{strength:.2f}"
    return "by label" if info["prior_removed"] else "none"


def _name_task(model: Figures) -> str:
    info = model["info"]
    measured = info["label_set"].split(", ")[0]  # a mixture is measured by the first
    return f"`{info['name']}`, {LABEL_SETS.get(measured, measured)}"


def _bound(scores: Figures, key: str) -> str:
    low, high = scores["intervals"][key]
    return f"{to_percent(scores[key])} ({to_percent(low)}–{to_percent(high)})"


def _pair(scores: Figures) -> str:
    return _join([scores["accuracy"], scores["mean_recall"]])


def _join(shares: Iterable[float], places: int = 1) -> str:
    return " / ".join(to_percent(share, places) for share in shares)


def render_table(columns: Sequence[str], rows: Sequence[Sequence[str]], texts: int = 1) -> str:
    """Return a table whose first columns are text; a first cell equal to the one above is blank."""
    rule = ["---"] * texts + ["---:"] * (len(columns) - texts)
    above, lines = "", []
    for first, *others in rows:
        lines.append(["" if first == above else first, *others])
        above = first
    return "\n".join(f"| {' | '.join(row)} |" for row in [columns, rule, *lines])
