"""The command `fer-onnx video --camera`: what a camera sees, moment by moment, until Ctrl-C."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain, islice

from PIL.Image import Image

from ..detector import load_detector
from ..errors import VideoError, printable
from ..runs.pipeline import Answerer
from ..video.broadcast import Broadcast
from ..video.camera import Camera, follow
from ..video.follower import Look, Moment
from ..video.table import TABLES, Table
from .film_outputs import check_places, choose_format
from .film_progress import count_moments
from .output import open_growing
from .parser import UsageError

FOR_FILMS = ("summary", "chart", "annotate", "resume", "from", "to")  # options
DESTINATIONS = {"from": "start", "to": "end"}


def watch_camera(args: argparse.Namespace, answerer: Answerer, look: Look) -> int:
    """Write what a camera sees until it is gone, or until Ctrl-C, which is its end.

    Returns:
        0; 1 if the camera failed after it had been seen.

    Raises:
        UsageError: arguments that are for films alone.
        VideoError: no such camera, it failed at once, or a port that cannot be served on.
        OSError: results that cannot be written.
    """
    for option in FOR_FILMS:
        if getattr(args, DESTINATIONS.get(option, option)):
            raise UsageError(f"--{option} is for films, not for a camera")
    check_places([args.output] if args.output else [], [args.camera])
    model = answerer.model
    least = model.info.uncertain_below if look.min_score is None else look.min_score
    watch = _Watch(args, TABLES[choose_format(args)](answerer.labels, least))
    try:
        watch.run(answerer, look)
    except KeyboardInterrupt:  # how a camera ends
        print(f"camera {printable(args.camera)}: {count_moments(watch.count)}", file=sys.stderr)
    except VideoError as exc:
        if not watch.count:
            raise
        print(f"error: {exc}", file=sys.stderr)
        return 1
    return 0


class _Watch:
    """A camera that is read, and where what it sees goes.

    Attributes:
        count: moments so far.
    """

    def __init__(self, args: argparse.Namespace, table: Table) -> None:
        self.count = 0
        self._args, self._table = args, table

    def run(self, answerer: Answerer, look: Look) -> None:
        args = self._args
        detector = load_detector(args.detector)
        with ExitStack() as stack:
            page: Broadcast | None = None
            if args.serve is not None:
                page = stack.enter_context(Broadcast(f"camera {args.camera}", args.serve))
                print(f"camera {printable(args.camera)}: {page.address}", file=sys.stderr)
            seen = follow(Camera(args.camera), args.every, look, answerer.model, detector)
            first = _begin(seen)
            stream = stack.enter_context(open_growing(args.output))
            stream.write(self._table.head())
            for moment, image in chain(first, seen):
                stream.write(self._table.write(moment))
                stream.flush()
                self.count += 1
                if page is not None:
                    page.show(image, moment.steadied)


def _begin(seen: Iterator[tuple[Moment, Image]]) -> list[tuple[Moment, Image]]:
    """Take the first moment, before any file is made."""
    try:
        return list(islice(seen, 1))
    except VideoError:
        raise
    except ValueError as exc:  # the region
        raise UsageError(str(exc)) from exc
