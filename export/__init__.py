"""Make model files from checkpoints: `python -m export`. Part of the clone, not of the wheel."""
