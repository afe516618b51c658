"""The command `fer-onnx`: results on stdout, everything else on stderr.

What a command needs is imported when it runs, so that `--help` answers at once.
"""

import sys

TYPE_CHECKING = False  # typing itself takes a third of the time that Python needs to start
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run one command.

    Args:
        argv: the arguments after the program's name; by default those of this process.

    Returns:
        0 if everything was answered; 1 if some inputs failed; 2 for wrong usage, a model or
        detector that cannot be used, or results that cannot be written; 130, 143 or 129 if
        interrupted by Ctrl-C, SIGTERM or SIGHUP; 141 if the reader of the results went away.
    """
    if getattr(sys, "frozen", False):  # a program made of one file starts itself as its workers
        from multiprocessing import freeze_support

        freeze_support()
    from .process import run

    return run(argv)
