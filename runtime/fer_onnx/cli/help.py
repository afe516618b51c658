"""The commands of `fer-onnx`, and its help and version, written without argparse.

Importing argparse takes longer than Python's own start, and these answers need nothing else.
"""

from .. import __version__

PROGRAM = "fer-onnx"
SUMMARY = "Recognise facial expressions in pictures, on the CPU."
COMMANDS = {
    "predict": "read the expressions of the faces in pictures",
    "video": "read them in films or from a camera, moment by moment",
    "evaluate": "measure a model on labelled pictures, or compare two",
    "info": "show a model file's metadata",
    "bench": "measure a model's speed and memory on this machine",
    "demo": "open the demo in a browser (needs fer-onnx[demo])",
}
VERSION = f"{PROGRAM} {__version__}"
VERSION_HELP = "show the version and exit"


def answer(arguments: list[str]) -> str | None:
    """Return the answer to `--help` or `--version`; None if the arguments are not just that."""
    if arguments in (["-h"], ["--help"]):
        return write_help()
    return f"{VERSION}\n" if arguments == ["--version"] else None


def write_help() -> str:
    """Return the help that argparse makes of the commands (a test holds the two equal)."""
    options = {"-h, --help": "show this help message and exit", "--version": VERSION_HELP}
    names = [f"    {name}" for name in COMMANDS] + [f"  {name}" for name in options]
    width = max(map(len, names)) + 2
    helps = [*COMMANDS.values(), *options.values()]
    rows = [f"{name:{width}}{text}\n" for name, text in zip(names, helps, strict=True)]
    return (
        f"usage: {PROGRAM} [-h] [--version] COMMAND ...\n\n{SUMMARY}\n\n"
        f"positional arguments:\n  COMMAND\n{''.join(rows[: len(COMMANDS)])}\n"
        f"options:\n{''.join(rows[len(COMMANDS) :])}"
    )
