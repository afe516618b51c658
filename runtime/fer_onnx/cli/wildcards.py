"""Wildcards in paths, which Windows leaves to the program; other systems' shells expand them."""

import glob
import os
from collections.abc import Sequence

SIGNS = "*?["


def expand_wildcards(paths: Sequence[str]) -> list[str]:
    """Return the paths, each pattern replaced by what it matches, in order of names.

    A path that exists is no pattern, whatever its name; a pattern that matches nothing stays, so
    that it is reported like any file that does not exist.
    """
    found: list[str] = []
    for path in paths:
        pattern = any(sign in path for sign in SIGNS) and not os.path.lexists(path)
        found += (sorted(glob.glob(path)) if pattern else []) or [path]  # noqa: PTH207
    return found
