"""float32 graph → int8 graph: the same interface, convolutions in 8 bits, the ends in float32.

Static quantization (Jacob et al. 2018, arXiv:1712.05877) in ONNX's own QuantizeLinear and
DequantizeLinear: weights per channel, activations by the range they have on training pictures.
"""

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import onnx
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)

FACES = 512  # of training, by which the ranges are measured
CHUNK = 64
WEIGHED = ("Conv", "MatMul", "Gemm")


def quantize(
    graph: onnx.ModelProto,
    pictures: Iterable[npt.NDArray[np.uint8]],
    kept: Sequence[str],
    extremes: bool,
) -> onnx.ModelProto:
    """Quantize a graph that reads `image`.

    Args:
        graph: float32.
        pictures: uint8 arrays as the graph reads them, by which the ranges are measured.
        kept: names of the nodes that stay float32.
        extremes: whether a range holds whatever was seen, or the average picture's.
    """
    with TemporaryDirectory() as folder:
        source, target = Path(folder) / "float32.onnx", Path(folder) / "int8.onnx"
        onnx.save(graph, source)
        logging.disable(logging.WARNING)  # it advises a step that the conversion has done already
        try:
            quantize_static(
                source,
                target,
                _Reader(pictures),
                quant_format=QuantFormat.QDQ,
                op_types_to_quantize=["Conv", "MatMul", "Gemm", "Add", "Relu"],
                per_channel=True,
                # 7 bits of weight: without VNNI, processors add pairs of products in 16 bits
                reduce_range=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                nodes_to_exclude=list(kept),
                calibrate_method=CalibrationMethod.MinMax,
                extra_options={"CalibMovingAverage": not extremes},
            )
        finally:
            logging.disable(logging.NOTSET)
        quantized = onnx.load(target)
    del quantized.graph.value_info[:]
    onnx.checker.check_model(quantized, full_check=True)
    return quantized


def quantize_classifier(
    graph: onnx.ModelProto, faces: npt.NDArray[np.uint8], spared: int = 1
) -> onnx.ModelProto:
    """Quantize a graph that `export.graph.convert` made.

    The last layer with weights and what follows it stay float32: they cost next to nothing, and
    the evidence maps keep adding up to the probabilities. So does the first, which reads one
    channel: int8 makes it no faster, and less exact.

    Args:
        graph: float32, from `image` to `probabilities`.
        faces: uint8 array (n, height, width, channels) by which the ranges are measured.
        spared: layers with weights, from the first on, that stay float32 as well.
    """
    nodes = list(graph.graph.node)
    weighed = [i for i, node in enumerate(nodes) if node.op_type in WEIGHED]
    first, last = weighed[min(spared, len(weighed) - 1)], weighed[-1]
    batches = np.array_split(faces, max(1, len(faces) // CHUNK))
    kept = [node.name for node in nodes[:first] + nodes[last:]]
    return quantize(graph, batches, kept, extremes=False)  # one face's outlier is no range


def draw_faces(images: npt.NDArray[np.uint8], seed: int) -> npt.NDArray[np.uint8]:
    """Draw the faces by which ranges are measured: uint8 array (n, height, width, channels)."""
    chosen = np.random.default_rng(seed).permutation(len(images))[:FACES]
    return images[np.sort(chosen)]


class _Reader(CalibrationDataReader):
    def __init__(self, pictures: Iterable[npt.NDArray[np.uint8]]) -> None:
        self._pictures = iter(pictures)

    def get_next(self) -> dict[str, npt.NDArray[np.uint8]] | None:
        picture = next(self._pictures, None)
        return None if picture is None else {"image": picture}
