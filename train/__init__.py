"""Make checkpoints with Keras: `python -m train`. Part of the clone, not of the wheel."""
