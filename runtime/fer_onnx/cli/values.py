"""Values of arguments, from their text; what is wrong with one is an `ArgumentTypeError`."""

import argparse


def read_labels(text: str) -> tuple[str, ...]:
    """Read two or more labels: happy,sad."""
    labels = tuple(dict.fromkeys(label.strip() for label in text.split(",")))
    if len(labels) < 2:
        raise argparse.ArgumentTypeError(f"expected two or more labels, e.g. happy,sad: {text!r}")
    return labels


def read_score(text: str) -> float:
    """Read a score from 0 to 1."""
    try:
        score = float(text)
    except ValueError:
        score = -1.0
    if not 0 <= score <= 1:
        raise argparse.ArgumentTypeError(f"expected a score from 0 to 1: {text!r}")
    return score


def read_count(text: str) -> int:
    """Read a whole number, 1 or more."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number, 1 or more: {text!r}")
    return int(text)


def read_port(text: str) -> int:
    """Read a port of this machine, 1 to 65535."""
    port = read_count(text)
    if port > 65535:
        raise argparse.ArgumentTypeError(f"expected a port, 1 to 65535: {text!r}")
    return port


def read_seconds(text: str) -> float:
    """Read a time: 0.2, 0.2s, 200ms, 1:30 or 1:02:30.5."""
    number, scale = (text[:-2], 1e-3) if text.endswith("ms") else (text.removesuffix("s"), 1.0)
    seconds = 0.0
    try:
        parts = [float(part) for part in number.split(":")]
    except ValueError:
        parts = []
    for part in parts:
        seconds = 60 * seconds + part
    plain = all(sign.isdecimal() or sign in ":." for sign in number)
    if not 1 <= len(parts) <= 3 or not plain or any(part >= 60 for part in parts[1:]):
        raise argparse.ArgumentTypeError(f"expected a time, e.g. 0.2s, 1:30 or 1:02:30: {text!r}")
    return seconds * scale


def read_region(text: str) -> tuple[int, int, int, int]:
    """Read a part of a picture: X,Y,W,H in pixels."""
    parts = text.split(",")
    if len(parts) != 4 or not all(part.isdecimal() for part in parts) or "0" in parts[2:]:
        raise argparse.ArgumentTypeError(f"expected X,Y,W,H in pixels, e.g. 0,0,640,360: {text!r}")
    x, y, width, height = map(int, parts)
    return x, y, width, height
