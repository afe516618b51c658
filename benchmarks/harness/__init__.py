"""What all benchmarks share: their list, their command line, the machine, timing, tables."""
