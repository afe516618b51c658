"""Benchmarks: commands that print the figures that the documents quote. Clone only."""

import train  # noqa: F401  what it sets must be set before anything else is imported
