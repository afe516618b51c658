"""Faces with labels: read from disk, looked through, and turned into targets."""
