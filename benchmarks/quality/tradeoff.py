"""Accuracy against latency, of ours and of others: a table and a picture."""

import argparse
import os
import sys
import time
from functools import partial
from pathlib import Path

from .clock import take_turns
from .machine import describe_machine, pin_core
from .published import PEOPLE, PUBLISHED
from .report import print_table

SPLIT = "PublicTest"
CALLS = 10  # timed in a turn
PICTURE = Path(__file__).parents[1] / "docs" / "images" / "tradeoff.png"
GET_MATPLOTLIB = "pip install -e '.[train]'"
TITLE = f"FER2013, seven expressions, original labels; {SPLIT} where no other part is named"
CAPTIONS = {
    "ours": "ours",
    "peer": "others, on the same core",
    "quoted": "published or measured elsewhere",
}


def build_parser() -> argparse.ArgumentParser:
    """Describe the options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tradeoff", description=__doc__)
    add = parser.add_argument
    add(
        "models",
        nargs="*",
        default=["emotions-fer2013"],
        help="names or ONNX files (default: emotions-fer2013)",
    )
    add(
        "--data", type=Path, default=os.environ.get("FER_DATA"), help="FER2013 (default: $FER_DATA)"
    )
    add("--rounds", type=int, default=30, help=f"turns, of {CALLS} calls each")
    add("--out", type=Path, default=PICTURE, help="the picture (default: the one of the README)")
    return parser


def main(argv: list[str] | None = None) -> int:
    """Measure, print the table, draw; return 2 with one line on stderr where that cannot be."""
    args = build_parser().parse_args(argv)
    core = pin_core()
    from fer_onnx.errors import FerOnnxError
    from train.errors import DataError

    try:
        if args.data is None:
            raise DataError("no data: give --data PATH or set FER_DATA")
        measure(args, core)
    except ModuleNotFoundError as exc:
        if exc.name != "matplotlib":
            raise
        print(f"error: no matplotlib; get it with  {GET_MATPLOTLIB}", file=sys.stderr)
        return 2
    except (DataError, FerOnnxError, OSError) as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 2
    return 0


def measure(args: argparse.Namespace, core: str) -> None:
    """Time everyone on the same face, judge them by the same faces, print and draw it."""
    import fer_onnx
    from train.data.formats import read_dataset
    from train.errors import DataError

    from .peer import open_peers
    from .peers import GREY, Answers, ask_models, score
    from .scatter import Point, draw

    faces = read_dataset(args.data, GREY).split(SPLIT)
    face = faces.images[0]
    notes: list[str] = []
    peers = {peer.name: peer for peer in open_peers(notes)}
    models = {name: fer_onnx.load(name, threads=1) for name in args.models}
    tasks = {
        **{name: partial(model.run, face[None]) for name, model in models.items()},
        **{name: partial(peer.answer, peer.prepare(face)) for name, peer in peers.items()},
    }
    times = take_turns(tasks, args.rounds, CALLS, time.process_time)
    answers = dict(ask_models(args.models, faces, args.data, SPLIT))
    answers |= {name: Answers(peer.labels, peer.run(faces.images)) for name, peer in peers.items()}
    scores = {name: score(given, faces, "original") for name, given in answers.items()}
    if unfit := [name for name, scored in scores.items() if scored is None]:
        raise DataError(f"{', '.join(unfit)}: lacks some of the seven labels")
    points = [
        Point(
            name,
            "peer" if name in peers else "ours",
            times[name] * 1e3,
            100 * scored.accuracy,
        )
        for name, scored in scores.items()
    ]
    quoted = [
        Point(f"{one.name} ({one.split})", "quoted", one.milliseconds, one.accuracy)
        for one in PUBLISHED
        if one.complete
    ]
    draw([*points, *quoted], PEOPLE, CAPTIONS, TITLE, args.out)
    print_table(
        f"tradeoff: original labels of FER2013; processor time of one face, one thread, {core}; "
        f"median of {args.rounds} turns of {CALLS} calls",
        describe_machine("fer-onnx", "onnxruntime", "fer", "ai-edge-litert"),
        ["network", "ms", "right, %", "where from"],
        [
            *([p.name, f"{p.milliseconds:.3g}", f"{p.accuracy:.1f}", SPLIT] for p in points),
            *(
                [
                    one.name,
                    "–" if one.milliseconds is None else f"{one.milliseconds:g}",
                    "–" if one.accuracy is None else f"{one.accuracy:.1f}",
                    ", ".join(filter(None, ["not measured here", one.split])),
                ]
                for one in PUBLISHED
            ),
            ["people", "–", f"{PEOPLE[0]:.0f} ± {PEOPLE[1]:.0f}", "not measured here"],
        ],
        [
            *(f"{one.name}: {one.source}" for one in PUBLISHED),
            "people: Goodfellow et al. 2013",
            *notes,
            f"picture: {args.out}",
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
