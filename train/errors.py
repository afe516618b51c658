"""What can go wrong in a training."""


class DataError(Exception):
    """A data set that is missing, damaged or unfit for what was asked; its text is one line."""
