"""Benchmarks: commands that print the figures that the documents quote. Clone only."""
