"""The arguments of `fer-onnx video`."""

import argparse

from .arguments import add_answers, add_threads
from .commands import run_video
from .values import read_count, read_port, read_region, read_seconds


def add_video(video: argparse.ArgumentParser, model: str) -> None:
    """Add the arguments of the command.

    Args:
        video: its parser.
        model: help for --model.
    """
    video.set_defaults(run=run_video)
    add = video.add_argument
    add("paths", nargs="*", metavar="FILE", help="films")
    add(
        "--camera",
        metavar="N|NAME",
        help="read a camera instead: its number, from 0, or its name; Ctrl-C ends it",
    )
    add(
        "--serve",
        nargs="?",
        type=read_port,
        const=0,
        metavar="PORT",
        help="show what the camera sees on a page that browsers on this machine can open (default "
        "PORT: any free one)",
    )
    _add_moments(video)
    add_answers(video, model)
    _add_results(video)
    add("--detector", metavar="NAME", help="face detector (default: faces, the bundled one)")
    add_threads(video)


def _add_moments(video: argparse.ArgumentParser) -> None:
    add = video.add_argument
    add(
        "--every",
        type=read_seconds,
        default=0.2,
        metavar="TIME",
        help="time between the moments that are read, e.g. 0.2s (default) or 1s; 0 for every frame",
    )
    add(
        "--from",
        type=read_seconds,
        dest="start",
        default=0.0,
        metavar="TIME",
        help="where to begin, e.g. 1:30",
    )
    add("--to", type=read_seconds, dest="end", metavar="TIME", help="where to end, e.g. 1:02:30")
    add(
        "--region",
        type=read_region,
        metavar="X,Y,W,H",
        help="look at this part of the picture only",
    )
    add(
        "--min-face",
        type=read_count,
        metavar="PX",
        help="leave out faces below this height in pixels",
    )


def _add_results(video: argparse.ArgumentParser) -> None:
    add = video.add_argument
    add(
        "--format",
        choices=("text", "csv", "jsonl"),
        help="text (default on stdout), CSV with one row per moment and face (default in files), "
        "or the same as JSON lines",
    )
    add(
        "--output",
        metavar="FILE",
        help="write the table to FILE.csv or FILE.jsonl instead of stdout; with several films, "
        "a folder for a table each",
    )
    add(
        "--summary",
        metavar="FILE",
        help="write a CSV table of the tracks: first and last moment, seconds of each label, mean "
        "scores",
    )
    add("--chart", metavar="FILE", help="draw who shows what when, as PNG")
    add(
        "--annotate",
        metavar="FILE",
        help="write the film with frames and labels drawn in and its sound: .mp4, .mov or .mkv",
    )
    add("--resume", action="store_true", help="resume an interrupted run from FILE.part")
