"""Make model files from checkpoints: `python -m export`. Part of the clone, not of the wheel."""

import train  # noqa: F401  what it sets must be set before anything else is imported
