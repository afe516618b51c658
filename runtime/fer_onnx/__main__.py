"""Run the command line: `python -m fer_onnx`."""

import sys

from .cli import main

if __name__ == "__main__":  # worker processes import this module under another name
    sys.exit(main())
