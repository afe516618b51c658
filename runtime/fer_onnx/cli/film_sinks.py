"""What is made of a film's moments besides its table: a summary, a chart, an annotated film."""

import sys
from collections.abc import Sequence
from pathlib import Path

from ..atomic import write_whole
from ..errors import printable
from ..video.annotated import AnnotatedFilm
from ..video.chart import draw_chart
from ..video.follower import Moment
from ..video.reading import Reading
from ..video.summary import Summary
from .film_outputs import Outputs


class Sinks:
    """What is made of the moments of one film."""

    def __init__(self, reading: Reading, outputs: Outputs, labels: Sequence[str]) -> None:
        """Begin.

        Raises:
            OSError: an annotated film that cannot be written.
        """
        self._outputs, self._labels, self._name = outputs, labels, Path(reading.film.path).name
        self._summary = Summary(labels, reading.span.every)
        self._film: AnnotatedFilm | None = None
        if outputs.annotated is not None:
            start, end = reading.span.start, reading.span.end
            self._film = AnnotatedFilm(reading.film, Path(outputs.annotated), start, end)
            for note in self._film.notes:
                print(f"note: {printable(note)}", file=sys.stderr)

    def add(self, moment: Moment) -> None:
        """Take in the next moment."""
        if self._outputs.summary is not None or self._outputs.chart is not None:
            self._summary.add(moment)
        if self._film is not None:
            self._film.add(moment)

    def finish(self) -> None:
        """Write all of it.

        Raises:
            OSError: that failed; names the file.
        """
        if self._film is not None:
            self._film.finish()
        self._summary.finish()
        if self._outputs.summary is not None:
            with write_whole(Path(self._outputs.summary)) as file:
                file.write(self._summary.to_csv().encode())
        if self._outputs.chart is not None:
            chart = draw_chart(self._summary, self._labels, self._name)
            with write_whole(Path(self._outputs.chart)) as file:
                chart.save(file, "PNG")

    def break_off(self) -> None:
        """End the annotated film where it is, so that it plays."""
        if self._film is not None:
            self._film.close()
            part = printable(str(self._film.part))
            print(f"stopped: {part} plays up to there; --resume draws it anew", file=sys.stderr)
