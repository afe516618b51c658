"""What can go wrong in a training; the text of each error is one line."""


class TrainError(Exception):
    """A training, checkpoint or run folder that is missing, damaged or unfit for what was asked."""


class DataError(TrainError):
    """A data set that is missing, damaged or unfit for what was asked."""


def describe_cause(exc: BaseException) -> str:
    """Return in one short line why something failed: the first system error behind it, if any.

    Libraries that fail while they clean up raise an error of their own over that of the system.
    """
    cause: BaseException | None = exc
    while cause and not (isinstance(cause, OSError) and cause.strerror):
        cause = cause.__cause__ or cause.__context__
    text = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(exc)
    lines = text.strip().splitlines()
    return lines[0][:200] if lines else type(exc).__name__


def describe_error(exc: BaseException) -> str:
    """Return an error as the one line that a command prints, without numbers of the system."""
    if isinstance(exc, OSError) and exc.strerror:
        return f"{exc.filename}: {exc.strerror}" if exc.filename else exc.strerror
    lines = str(exc).strip().splitlines()
    return lines[0] if lines else type(exc).__name__
