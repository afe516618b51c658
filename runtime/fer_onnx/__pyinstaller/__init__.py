"""What PyInstaller must know to put the package into a program; it finds this by an entry point."""

from pathlib import Path


def get_hook_dirs() -> list[str]:
    """Return the folders that hold hooks."""
    return [str(Path(__file__).parent)]
