"""What the documents quote of faces of strangers: figures in, Markdown out."""

from .comparisons import Records
from .tables import render_table

HOME = ("PublicTest, FER+: accuracy", "PublicTest, FER+: mean recall")
POSED, SEARCHED = "NHFI test", "search3"
FOUND = f"{SEARCHED}, faces found by the bundled detector"
BANDS = ("20–39", "40–59", "60 and more")  # years
NONE = "–"  # the model does not say


def tabulate_strangers(records: Records) -> str:
    """Return the figures on every development set, a column a model."""
    figures = records["strangers"].figures
    names = list(next(iter(figures.values())))
    rows = [
        [name, *(_write(name, found.get(name)) for found in figures.values())] for name in names
    ]
    return render_table(["in %; ECE and AUC from 0 to 1", *(f"`{name}`" for name in figures)], rows)


def tabulate_strangers_briefly(records: Records) -> str:
    """Return accuracy and false alarms among strangers, a row a model."""
    rows = []
    for model, found in records["strangers"].figures.items():
        names = [f"{POSED}: balanced accuracy", f"{SEARCHED}: balanced accuracy"]
        names += [f"false alarms, {band}" for band in BANDS]
        home = " / ".join(_write(name, found[name]) for name in HOME)
        rows.append([f"`{model}`", home, *(_write(name, found[name]) for name in names)])
    columns = ["model", "at home, FER+", "NHFI", "search3", "ages 20–39", "40–59", "60 and more"]
    return render_table(columns, rows)


def describe_certain(records: Records) -> str:
    """Return how many certain answers of the default are right among strangers."""
    found = records["strangers"].figures["emotions"]
    posed, searched = (
        f"{100 * found[f'{name}: right of those']:.0f} %" for name in (POSED, SEARCHED)
    )
    return f"{posed} are right on NHFI and {searched} on search3"


def describe_found(records: Records) -> str:
    """Return how many faces of search3 the bundled detector finds, and what comes of it."""
    found = records["strangers"].figures["emotions"]
    share, accuracy = (100 * found[f"{FOUND}: {what}"] for what in ("found", "balanced accuracy"))
    return f"{share:.0f} % of the faces, and balanced accuracy is {accuracy:.1f} %"


def tabulate_fairness(records: Records) -> str:
    """Return negative labels by age, sex and group, ours and the others'."""
    figures = records["fairness"].figures
    ours, *others = figures
    rows = []
    for group, row in figures[ours].items():
        kind, name = group.split(": ")
        cells = [_bound(figures[ours][group]), f"{100 * row['uncertain']:.1f}"]
        rows.append(
            [kind, name, f"{row['faces']:,}", *cells, *(_bound(figures[x][group]) for x in others)]
        )
    columns = ["", "", "faces", f"`{ours}`: negative, %", "uncertain, %"]
    return render_table([*columns, *(f"`{name}`: negative, %" for name in others)], rows, 2)


def _bound(row: dict[str, float]) -> str:
    low, high = 100 * row["low"], 100 * row["high"]
    return f"{100 * row['negative']:.1f} ({low:.1f}–{high:.1f})"


def _write(name: str, value: float | None) -> str:
    if value is None:
        return NONE
    return f"{value:.3f}" if name.endswith(("ECE", "AUC")) else f"{100 * value:.1f}"
