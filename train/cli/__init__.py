"""Train and evaluate networks: `python -m train COMMAND`."""

import argparse
import sys

from fer_onnx.errors import FerOnnxError
from fer_onnx.modelfile import FINDER
from train.backend import import_keras
from train.errors import TrainError, describe_error

from . import (
    audit,
    average,
    compare,
    detector,
    evaluate,
    finetune,
    fit,
    mix,
    presets,
    widen,
)

COMMANDS = {
    "fit": fit,
    "finetune": finetune,
    "presets": presets,
    "evaluate": evaluate,
    "compare": compare,
    "widen": widen,
    "average": average,
    "mix": mix,
    "audit": audit,
    "detector": detector,
}
LIGHT = ("presets", "audit")  # commands that need no Keras


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of every command."""
    parser = argparse.ArgumentParser(
        prog="python -m train", description="Train and evaluate networks."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, command in COMMANDS.items():
        command.add_options(commands.add_parser(name, help=command.HELP, description=command.HELP))
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run one command; return its exit code: 0, or 2 with one line on stderr."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:2] == ["fit", FINDER]:  # as in version 0.4.0
        print(f"warning: 'fit {FINDER}' is now 'python -m train detector'", file=sys.stderr)
        words[:2] = ["detector"]
    if words[:2] == ["fit", "finetune"]:  # as in version 0.4.0
        words[:2] = ["finetune"]
    args = build_parser().parse_args(words)
    try:
        if args.command not in LIGHT:
            import_keras()
        COMMANDS[args.command].run(args)
    except (TrainError, FerOnnxError, OSError, ValueError) as exc:
        print(f"error: {describe_error(exc)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        resumes = "; --resume continues after the last complete epoch" if "resume" in args else ""
        print(f"stopped{resumes}", file=sys.stderr)
        return 130
    return 0
