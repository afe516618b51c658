"""What films and cameras cost, as the documents show it: figures in, Markdown out."""

from .comparisons import Records, describe_origin
from .tables import render_table

TABLE, ANNOTATED, FER = "table", "table and annotated film", "fer, Video.analyze"
READING = "a camera's reading"


def tabulate_films(records: Records) -> str:
    """Return what a second of film and a reading of a camera cost, and what memory is taken."""
    found = records["video"].figures
    seconds, limits, peaks = (found[key] for key in ("seconds", "limits", "peak MB"))
    rival = ""
    if FER in seconds:
        rival = f"`fer`'s `Video.analyze`, with its own detector, {seconds[FER]:.2f} s"
    rows = [
        [
            "a second of film, ten readings, a table",
            f"{seconds[TABLE]:.2f} s",
            f"{limits[TABLE]:.2f} s",
            rival,
        ],
        [
            "the same, and the annotated film",
            f"{seconds[ANNOTATED]:.2f} s",
            f"{limits[ANNOTATED]:.2f} s",
            "",
        ],
        [
            "one reading of a camera, 640×480",
            f"{1000 * seconds[READING]:.0f} ms",
            f"{1000 * limits[READING]:.0f} ms",
            f"{1 / seconds[READING]:.0f} readings a second on one core",
        ],
        *(
            [
                f"a film of {length}, read once a second",
                f"{1000 * seconds[length]:.1f} ms a second of film",
                "",
                f"{peak:.0f} MB at its peak",
            ]
            for length, peak in peaks.items()
        ),
    ]
    table = render_table(["what", "processor time", "limit", ""], rows, 4)
    return "\n\n".join([table, *describe_origin(records, ["video"])])
