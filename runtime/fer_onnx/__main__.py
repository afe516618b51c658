"""Run the command line: `fer-onnx`, or `python -m fer_onnx`."""

import sys


def main() -> int:
    """Run one command; help is told before anything is imported that it does not need."""
    if sys.argv[1:] in (["-h"], ["--help"]):
        from .cli.help import write_help

        print(write_help(), end="")
        return 0
    from .cli import main

    return main()


if __name__ == "__main__":  # worker processes import this module under another name
    sys.exit(main())
