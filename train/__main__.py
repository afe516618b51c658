"""Run the training commands: `python -m train`."""

import sys

from .cli import main

sys.exit(main())
