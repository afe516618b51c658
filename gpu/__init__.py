"""A small network taught by two larger ones, in plain PyTorch on a GPU.

`python -m gpu.pack` writes what a machine with a GPU needs, `python -m gpu` trains there (PyTorch,
numpy and Pillow alone), `python -m gpu.unpack` makes a checkpoint of what comes back. Nothing else
of the project needs PyTorch.
"""
