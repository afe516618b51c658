"""The command `fer-onnx video --camera`: what a camera sees, moment by moment, until Ctrl-C."""

import argparse
import sys
from itertools import chain

from ..detector import load_detector
from ..errors import VideoError
from ..runs.files import open_output
from ..runs.pipeline import Answerer
from ..video.camera import Camera
from ..video.follower import Follower, Look
from ..video.reading import look_in
from ..video.table import TABLES
from .film_outputs import choose_format
from .parser import UsageError


def watch_camera(args: argparse.Namespace, answerer: Answerer, look: Look) -> int:
    """Write what a camera sees until it is gone, or until Ctrl-C, which is its end.

    Raises:
        UsageError: arguments that are for films alone.
        VideoError: no such camera, or it failed.
        OSError: results that cannot be written.
    """
    for name in ("summary", "chart", "annotate", "resume", "start", "end"):
        if getattr(args, name):
            raise UsageError(f"--{OPTIONS.get(name, name)} is for films, not for a camera")
    model = answerer.model
    least = model.info.uncertain_below if look.min_score is None else look.min_score
    table = TABLES[choose_format(args)](answerer.labels, least)
    pictures = Camera(args.camera).pictures(args.every)
    first = next(pictures, None)
    if first is None:
        raise VideoError(f"camera {args.camera}: no picture came from it")
    size = first[2].size
    try:
        look_in(size, look)
    except ValueError as exc:
        raise UsageError(str(exc)) from exc
    follower = Follower(model, load_detector(args.detector), look, size)
    with open_output(args.output) as stream:
        stream.write(table.head())
        try:
            for t, number, image in chain([first], pictures):
                stream.write(table.write(follower.see(image, t, number)))
                stream.flush()
        except KeyboardInterrupt:  # how a camera ends
            print(f"camera {args.camera}: {follower.count:,} moments", file=sys.stderr)
    return 0


OPTIONS = {"start": "from", "end": "to"}
