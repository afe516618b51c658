"""Teach a small network on a GPU: `python -m gpu PACK OUT`. Needs PyTorch, numpy and Pillow."""

import argparse
from pathlib import Path

from .teach import teach

parser = argparse.ArgumentParser(prog="python -m gpu", description=__doc__)
parser.add_argument("pack", type=Path, help="the folder that python -m gpu.pack wrote")
parser.add_argument("out", type=Path, help="where weights and soft answers go")
parser.add_argument("--seconds", type=float, default=575, help="for everything (default: 575)")
parser.add_argument("--seed", type=int, default=1)
given = parser.parse_args()
teach(given.pack, given.out, given.seconds, given.seed)
