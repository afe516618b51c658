"""Run the command line: `fer-onnx`, or `python -m fer_onnx`."""

import sys


def main() -> int:
    """Run one command; help and version are printed without the imports of the others."""
    from .cli.help import answer

    text = answer(sys.argv[1:])
    if text is not None:
        print(text, end="")
        return 0
    from .cli import main

    return main()


if __name__ == "__main__":  # worker processes import this module under another name
    sys.exit(main())
