"""An evaluation as lines of text: totals, each label, confusion, mistakes, comparison."""

from collections.abc import Iterator, Sequence
from math import isnan

from .comparison import Comparison
from .evaluate import describe_left_out
from .intervals import Interval
from .metrics import Scores
from .result import Evaluation

MISTAKES = 10  # named


def describe_evaluation(evaluation: Evaluation, source: str) -> Iterator[str]:
    """Write all of one model's evaluation on the pictures of a folder or table."""
    info, pictures = evaluation.info, len(evaluation.answers)
    name = (
        evaluation.model if evaluation.model == info.name else f"{evaluation.model} ({info.name})"
    )
    yield f"{name}, version {info.version}, trained on {info.trained_on}"
    yield f"{source}: {pictures:,} pictures"
    if left_out := describe_left_out(evaluation.answers):
        yield f"left out: {left_out}"
    yield ""
    yield from describe_scores(evaluation.scores)
    yield ""
    certain = evaluation.certain
    sure = f"certain: {certain.share:.1%} {bound(certain.share_interval)}"
    if certain.faces:
        sure += f", of which {certain.accuracy:.1%} {bound(certain.accuracy_interval)} are right"
    yield sure
    mistakes = evaluation.mistakes(MISTAKES)
    if mistakes:
        yield "mistakes with the highest scores:"
    for answer in mistakes:
        if answer.prediction:
            label, score = answer.prediction.label, answer.prediction.score
            yield f"  {answer.image}: {label} {score:.2f}, labelled {answer.label}"


def describe_scores(scores: Scores) -> Iterator[str]:
    """Write figures: totals, recall and precision label by label, the confusion matrix."""
    ends = scores.intervals()
    for name, share, key in (
        ("accuracy", scores.accuracy, "accuracy"),
        ("mean recall", scores.mean_recall, "mean_recall"),
        ("macro-F1", scores.macro_f1, "macro_f1"),
    ):
        faces = f"  ({scores.images:,} faces)" if key == "accuracy" else ""
        yield f"{name:11} {share:.2%} {bound(ends[key])}{faces}"
    yield f"{'ECE':11} {scores.ece:.3f}"
    yield ""
    yield from _describe_labels(scores)
    yield ""
    labels = list(scores.recall)
    rows = [[label, *map(str, row)] for label, row in zip(labels, scores.confusion, strict=True)]
    yield from _align([["right \\ answer", *labels], *rows])


def describe_comparison(comparison: Comparison, first: str, second: str) -> Iterator[str]:
    """Write how the second model's answers differ from the first's."""
    found = comparison
    yield f"{second} compared with {first} on the same {found.faces:,} faces"
    for name, gain, (low, high) in (
        ("accuracy", found.accuracy, found.accuracy_interval),
        ("mean recall", found.mean_recall, found.mean_recall_interval),
    ):
        yield f"{name:11} {100 * gain:+.2f} points ({100 * low:+.1f} to {100 * high:+.1f})"
    neither = found.faces - found.both - found.only_first - found.only_second
    yield (
        f"right: both {found.both:,}, only {first} {found.only_first:,}, "
        f"only {second} {found.only_second:,}, neither {neither:,}"
    )
    verdict = "is more than chance" if found.beyond_chance else "may be chance"
    yield f"McNemar's test: p = {found.p_value:.2g}; the difference of the accuracy {verdict}"


def bound(interval: Interval) -> str:
    """Write a 95 % interval of a share: "(55.0% to 61.3%)"."""
    low, high = interval
    return f"({low:.1%} to {high:.1%})"


def _describe_labels(scores: Scores) -> Iterator[str]:
    recalls, precisions = scores.recall_intervals(), scores.precision_intervals()
    rows = [["label", "faces", "recall", "", "precision", ""]]
    for label, row in zip(scores.recall, scores.confusion, strict=True):
        cells = [label, f"{sum(row):,}"]
        for share, ends in (
            (scores.recall[label], recalls[label]),
            (scores.precision[label], precisions[label]),
        ):
            cells += ["-", ""] if isnan(share) else [f"{share:.1%}", bound(ends)]
        rows.append(cells)
    yield from _align(rows)


def _align(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Write a table: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = [f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True)]
        yield f"{first:{widths[0]}}  {'  '.join(cells)}".rstrip()
