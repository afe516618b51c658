"""The versions of what a training was made with, for its record."""

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

TOOLS = ("keras", "tensorflow", "tensorflow-cpu", "numpy", "pillow")


def list_versions(packages: Iterable[str]) -> dict[str, str]:
    """Return the versions of those of the packages that are installed."""
    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
