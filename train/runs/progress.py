"""What a training says while it runs."""


def print_now(line: str) -> None:
    """Print a line that whoever follows a log sees at once."""
    print(line, flush=True)
