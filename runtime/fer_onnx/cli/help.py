"""The commands of `fer-onnx`, and its help, told without argparse.

Importing argparse takes longer than Python's own start, and `--help` needs nothing else.
"""

SUMMARY = "Read facial expressions on any processor."
COMMANDS = {
    "predict": "say what the faces in pictures look like",
    "info": "say what a model file says of itself",
    "bench": "measure a model on this machine",
}


def write_help() -> str:
    """Write what argparse makes of the commands (a test holds the two equal)."""
    width = max(map(len, COMMANDS))
    rows = "".join(f"    {name:{width}}   {what}\n" for name, what in COMMANDS.items())
    return (
        f"usage: fer-onnx [-h] COMMAND ...\n\n{SUMMARY}\n\n"
        f"positional arguments:\n  COMMAND\n{rows}\n"
        "options:\n  -h, --help  show this help message and exit\n"
    )
