"""Comparisons with others, as the documents show them: figures in, Markdown out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..harness.table import to_percent
from ..rivals.published import PUBLISHED
from .record import Record
from .tables import render_table

Records = Mapping[str, Record]
Figures = Mapping[str, Any]

OURS, FLOAT, RIVAL = "emotions", "emotions-fp32", "fer"
QUESTIONS = {  # column of the table of peers: model that was taught those labels, question
    "original labels": ("emotions-fer2013", "7 labels, original labels"),
    "FER+ majority": ("emotions-ferplus", "7 labels, FER+ majority"),
    "happy or sad, original": ("happy-sad", "happy or sad, original labels"),
}
COSTS = ("speed", "engines", "coldstart", "photo", "footprint")
LEAST = "from 24 px"


def tabulate_costs(records: Records) -> str:
    """Return what an answer costs, ours and theirs, and where that was measured."""
    speed, engines, cold, photo, disk = (records[name].figures for name in COSTS)
    slower = {name.split(",")[0]: found["times"] for name, found in engines.items()}
    rows = [
        [
            f"one face, one thread, `{OURS}` in {speed[OURS]['precision']}",
            write_ms(speed[OURS]),
            f"`{RIVAL}`'s network, far smaller, {write_ms(speed[RIVAL])}; "
            f"`{FLOAT}` {write_ms(speed[FLOAT])}",
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
            "the shortest equivalent script "
            f"{cold['shortest script']['seconds']:.2f} s; "
            f"`import fer` {cold['import fer']['seconds']:.1f} s",
        ],
        [
            "12-megapixel photo with three faces, decoding included",
            f"{photo['fer_onnx read_faces']['ms']:.0f} ms",
            f"`fer` with its own detector {photo['fer']['ms']:,.0f} ms",
        ],
        [
            "installed size, without pip and setuptools",
            f"{disk['MB']['without pip and setuptools']:.0f} MB",
            f"with pip and setuptools {disk['MB']['contents of its files']:.0f} MB",
        ],
        ["wheel, with models and detector", f"{disk['MB']['wheel']:.1f} MB", ""],
    ]
    sources = [*COSTS, COSTS[-1]]
    for row, name in zip(rows, sources, strict=True):
        row.append(f"`{records[name].command}`")
    table = render_table(["what", "ours", "for comparison", "command"], rows, 4)
    return "\n\n".join([table, *describe_origin(records, COSTS)])


def tabulate_hostile(records: Records) -> str:
    """Return what hostile and large pictures cost, read by Pillow alone and by us."""
    rows = [
        [
            name,
            f"{found['bytes']:,}",
            *(_write_reading(found[by]) for by in ("Pillow", "here")),
            "answered" if found["answered"] else "refused",
        ]
        for name, found in records["hostile"].figures.items()
    ]
    columns = ["picture", "bytes", "Pillow alone: s, MB", "here: s, MB", ""]
    return "\n\n".join([render_table(columns, rows, 5), *describe_origin(records, ["hostile"])])


def _write_reading(found: Figures) -> str:
    if found["MB"] is None:
        return f"stopped after {found['seconds']:.0f}"
    return f"{found['seconds']:.2f}, {found['MB']:,.0f}"


def describe_origin(records: Records, names: Sequence[str]) -> Iterator[str]:
    """Describe where and when figures were measured, one paragraph a machine."""
    machines: dict[str, list[str]] = {}
    for name in names:
        machines.setdefault(records[name].machine or "a machine not recorded", []).append(name)
    for machine, measured in machines.items():
        dates = sorted({records[name].date for name in measured})
        which = f" ({', '.join(f'`{name}`' for name in measured)})" if len(machines) > 1 else ""
        yield f"Measured on {machine}, {' to '.join(sorted({dates[0], dates[-1]}))}{which}."


def tabulate_peers(records: Records) -> str:
    """Return the accuracy of our models and of `fer`'s network, on the same faces."""
    figures = records["peers"].figures["PublicTest"]
    shares = [figures[model][question] for model, question in QUESTIONS.values()]
    rivals = [figures[RIVAL][question] for _, question in QUESTIONS.values()]
    rows = [
        ["ours, trained on those labels", *(to_percent(s["accuracy"]) for s in shares)],
        [
            f"`{RIVAL}` {records['peers'].versions[RIVAL]}",
            *(to_percent(s["accuracy"]) for s in rivals),
        ],
    ]
    return render_table(["network", *QUESTIONS], rows)


def show_tradeoff(records: Records) -> str:
    """Return the picture of accuracy against latency, with its points in words."""
    points = [
        f"{name} {found['accuracy']:.1f} % in {write_ms(found)}"
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
            [f"people, {size}: AP", *(to_percent(one["ap"]) for one in people)],
            [f"people, {size}: recall", *(to_percent(one["recall"]) for one in people)],
        ]
    every = figures.values()
    names = [name for name in next(iter(every))["close_ups"] if name]
    return ["", *figures], [
        *rows,
        [f"scenes, {LEAST}: AP", *(to_percent(found["scenes"][LEAST]["ap"]) for found in every)],
        _row("faces enlarged in a larger picture: found", every, "enlarged"),
        ["close-ups: found", *(to_percent(found["close_ups"][""]) for found in every)],
        *(
            [f"close-ups of {name}: found", *(to_percent(f["close_ups"][name]) for f in every)]
            for name in names
        ),
        ["box in close-ups: mean IoU", *(f"{found['iou']:.2f}" for found in every)],
        _row("box in close-ups: centre off, % of the side, median", every, "off"),
        _row("upright pictures turned", every, "turned", 2),
        _row("turned pictures righted", every, "righted"),
        ["false detections in 50 pictures of animals", *(f"{f['animals']:.1f}" for f in every)],
        ["false detections in 200 scenes without faces", *(f"{f['nobody']:.1f}" for f in every)],
        [
            "false detections among 200 rows of drawn ornaments",
            *(f"{f['ornaments']:.1f}" for f in every),
        ],
        ["CPU time at 640×480, ms", *(f"{found['ms']:.1f}" for found in every)],
        ["size, MB", *(f"{found['MB']:.2f}" if "MB" in found else "" for found in every)],
    ]


def _row(what: str, every: Iterable[Figures], key: str, places: int = 1) -> list[str]:
    return [what, *(to_percent(found[key], places) for found in every)]


def show_detectors(records: Records) -> str:
    """Return the comparison of detectors, and what it was measured with."""
    record = records["detectors"]
    versions = ", ".join(f"{name} {version}" for name, version in record.versions.items())
    table = render_table(*tabulate_detectors(record.figures))
    return "\n\n".join([table, *describe_origin(records, ["detectors"]), f"With {versions}."])


def write_ms(found: Figures) -> str:
    """Return milliseconds, with their unit."""
    return f"{found['ms']:.2f} ms"
