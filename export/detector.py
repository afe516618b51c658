"""The detector's checkpoint → its model file: one graph from pixels to boxes and scores."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime as ort
import tensorflow as tf
import tf2onnx
from PIL import Image

from fer_onnx.detector import FaceFinder, to_array
from fer_onnx.images import read_image
from fer_onnx.metadata import KEY, DetectorInfo
from fer_onnx.modelfile import FINDER
from fer_onnx.modelfile.operators import OPSET
from train.data.tables import open_archive
from train.detection.archive import EXPECTED, list_photographs, select
from train.detection.average_precision import draw_curve
from train.detection.decode import find_boxes
from train.detection.development import LEAST
from train.detection.held_out import HeldOut, alarms, list_faces, search
from train.runs.record import Record
from train.runs.versions import list_versions

from .description import LICENCE, TOOLS
from .gate import pass_detector_gate, quantize_most
from .parity import SAMPLES, TOLERANCE, Parity, ParityError
from .quantize import quantize

MULTIPLE = 32
MIN_SCORE = 0.3  # where no pictures are given to choose it by
BOX_TOLERANCE = 0.02  # pixels
CALIBRATION = 60  # pictures of each kind, by which int8's ranges are measured
COMPARED = 0.02  # score from which boxes are compared
SIZES = ((640, 480), (96, 320), (32, 32))  # width, height of the pictures that are compared


def convert_detector(network: keras.Model) -> onnx.ModelProto:
    """Convert network, peak picking and decoding; height and width are dynamic.

    TensorFlow writes a dilated convolution as several operations around a plain one. So it is
    converted as a plain one, and the dilation is noted in ONNX, whose convolutions know it.
    """
    plain, dilations = _undilate(network)
    signature = tf.TensorSpec((1, None, None, 3), tf.uint8, "image")

    @tf.function(input_signature=[signature])
    def run(image):
        boxes, scores = find_boxes(plain, image)
        return {"boxes": boxes, "scores": scores}

    graph, _ = tf2onnx.convert.from_function(run, input_signature=[signature], opset=OPSET)
    for dimension, name in zip(
        graph.graph.input[0].type.tensor_type.shape.dim[1:3], ("height", "width"), strict=True
    ):
        dimension.dim_param = name
    _dilate(graph, dilations)
    del graph.graph.value_info[:]  # shapes that tf2onnx guessed with names of its own
    onnx.checker.check_model(graph, full_check=True)
    return graph


def _undilate(network: keras.Model) -> tuple[keras.Model, dict[str, list[int]]]:
    """Copy a network without its dilations; return these by the name of the layer."""
    dilations = {
        layer.name: list(layer.dilation_rate)
        for layer in network.layers
        if max(getattr(layer, "dilation_rate", (1,))) > 1
    }

    def copy(layer: keras.Operation) -> keras.Operation:
        config = layer.get_config()
        if layer.name in dilations:
            config["dilation_rate"] = (1, 1)
        return type(layer).from_config(config)

    plain = keras.models.clone_model(network, clone_function=copy)
    plain.set_weights(network.get_weights())
    return plain, dilations


def _dilate(graph: onnx.ModelProto, dilations: dict[str, list[int]]) -> None:
    """Note the dilations in the convolutions, 3×3 of stride 1, which bear the layers' names.

    onnxruntime asks for pads in numbers then.
    """
    for node in graph.graph.node:
        for name in dilations if node.op_type == "Conv" else ():
            if f"/{name}" in node.input[1]:
                kept = [
                    a for a in node.attribute if a.name not in ("auto_pad", "dilations", "pads")
                ]
                del node.attribute[:]
                node.attribute.extend(kept)
                for attribute, values in (
                    ("dilations", dilations[name]),
                    ("pads", 2 * dilations[name]),
                ):
                    node.attribute.append(onnx.helper.make_attribute(attribute, values))


def compare_detector(network: keras.Model, model: bytes) -> Parity:
    """Ask both about the sample portraits and about noise, at several sizes.

    Raises:
        ParityError: scores or boxes differ by more than is allowed.
    """
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    pictures, worst = list(_pictures()), 0.0
    for picture in pictures:
        boxes, scores = (keras.ops.convert_to_numpy(x) for x in find_boxes(network, picture))
        given, sure = session.run(["boxes", "scores"], {"image": picture})
        worst = max(worst, float(np.abs(scores - sure).max()))
        # of boxes that score alike, each may choose others as the last of its 200
        for box in given[sure > max(COMPARED, sure[-1] + TOLERANCE)]:
            away = np.abs(boxes - box).max(axis=1).min()
            if not away <= BOX_TOLERANCE:
                raise ParityError(
                    f"a box of the ONNX file lies {away:.1e} pixels from Keras's; allowed is "
                    f"{BOX_TOLERANCE:.0e}. Nothing was written."
                )
    if not worst <= TOLERANCE:
        raise ParityError(
            f"the ONNX file's scores differ from Keras's by {worst:.1e}; allowed is "
            f"{TOLERANCE:.0e}. Nothing was written."
        )
    return Parity(len(pictures), worst)


def draw_photographs(archive: Path, seed: int) -> list[Image.Image]:
    """Draw the pictures by which ranges are measured, in mode "RGB": of training alone."""
    known = select(list_photographs(archive), "training")
    rng = np.random.default_rng(seed)
    drawn = []
    with open_archive(archive, EXPECTED) as file:
        for kind in ("people", "scenes"):
            files = [photo.file for photo in known if photo.kind == kind]
            chosen = rng.permutation(len(files))[:CALIBRATION]
            drawn += [file.read_picture(files[i]).convert("RGB") for i in sorted(chosen)]
    return drawn


def find_ends(graph: onnx.ModelProto, spared: int = 1) -> list[str]:
    """Name the nodes that stay float32: the first convolutions, and all behind the last 3×3.

    The first reads three channels, which int8 makes no faster; the heads and the decoding of boxes
    cost next to nothing, and a pixel is a pixel there.

    Args:
        graph: of `convert_detector`.
        spared: convolutions, from the first on, that stay float32; each stands in every look.
    """
    tensors = {tensor.name: tensor.dims for tensor in graph.graph.initializer}
    kernels = list(dict.fromkeys(n.input[1] for n in graph.graph.node if n.op_type == "Conv"))
    quantized = [name for name in kernels[spared:] if max(tensors[name][2:]) > 1]
    backbone: set[str] = set()  # outputs of what is quantized
    ends = []
    for node in graph.graph.node:
        if node.op_type == "Conv":
            inside = node.input[1] in quantized
        else:
            inside = node.op_type in ("Relu", "Add") and not backbone.isdisjoint(node.input)
        if inside:
            backbone.update(node.output)
        else:
            ends.append(node.name)
    return ends


def make_detector(
    network: keras.Model,
    record: Record,
    path: Path,
    version: str,
    held_out: HeldOut | None,
    calibration: Sequence[Image.Image] = (),
) -> tuple[bytes, DetectorInfo, Parity]:
    """Convert the network, compare it with Keras, choose what is sure, and describe it.

    The threshold is the lowest with at most one false positive in 50 pictures of animals. Pictures
    of people cannot choose it: most of what is found there beside people's boxes is a face too.

    Args:
        network: the Keras model.
        record: its record.
        path: its file, for the digest.
        version: of the weights.
        held_out: pictures to choose the threshold by and to measure; None: neither is done.
        calibration: pictures in mode "RGB" of training, by which int8's ranges are measured; none:
            the file stays float32.

    Returns:
        The ONNX file with its metadata, the metadata, and the comparison with Keras in float32.

    Raises:
        ParityError: the ONNX file does not answer as the checkpoint does.
        GateError: int8 finds faces less well than float32.
    """
    graph = convert_detector(network)
    parity = compare_detector(network, graph.SerializeToString())
    detectors = ", ".join(f"{name} {number}" for name, number in record.detectors.items())
    info = DetectorInfo(
        name=FINDER,
        version=version,
        min_score=MIN_SCORE,
        multiple=MULTIPLE,
        trained_on=f"{record.data}: boxes drawn by people, and by {detectors}",
        checkpoint_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        data_sha256=record.data_sha256,
        licence=LICENCE,
        tools=list_versions(TOOLS),
    )
    if held_out:
        info = _measure(_open(graph, info), held_out)
    if calibration:
        graph, info = _quantize(graph, info, held_out, calibration)
    return _describe(graph, info), info, parity


def _quantize(
    graph: onnx.ModelProto,
    info: DetectorInfo,
    held_out: HeldOut | None,
    calibration: Sequence[Image.Image],
) -> tuple[onnx.ModelProto, DetectorInfo]:
    """Quantize as much as passes the gate; without held-out pictures there is none to pass."""

    def attempt(spared: int) -> tuple[onnx.ModelProto, DetectorInfo]:
        arrays = (to_array(picture, MULTIPLE) for picture in calibration)
        # the highest scores are extremes
        quantized = quantize(graph, arrays, find_ends(graph, spared), extremes=True)
        found = replace(info, precision="int8")
        if held_out:
            found = _measure(_open(quantized, found), held_out)
            pass_detector_gate(*(x.metrics["average_precision"] for x in (info, found)))
        return quantized, found

    return quantize_most(attempt)


def _open(graph: onnx.ModelProto, info: DetectorInfo) -> FaceFinder:
    with TemporaryDirectory() as folder:
        draft = Path(folder) / f"{FINDER}.onnx"
        draft.write_bytes(_describe(graph, info))
        return FaceFinder(draft, min_score=COMPARED)


def _describe(graph: onnx.ModelProto, info: DetectorInfo) -> bytes:
    onnx.helper.set_model_props(graph, {KEY: info.to_json()})
    return graph.SerializeToString()


def _measure(finder: FaceFinder, held_out: HeldOut) -> DetectorInfo:
    """Choose the threshold of a detector opened down to COMPARED, and record what it gives."""
    curve = draw_curve(
        search(finder, held_out.people), list_faces(held_out.people), (LEAST, np.inf)
    )
    wrong = np.sort(alarms(search(finder, held_out.animals), held_out.animals))[::-1]
    allowed = len(held_out.animals) // 50
    calm = float(wrong[allowed]) + 1e-4 if len(wrong) > allowed else COMPARED
    least = round(max(calm, COMPARED), 4)
    kept = curve.scores >= least
    metrics = {
        "pictures": f"{curve.pictures} of people, with {curve.faces} faces of {LEAST} pixels or "
        f"more; {len(held_out.animals)} of animals; none in training",
        "average_precision": round(curve.average_precision, 4),
        "recall": round(float(curve.right[kept].sum() / curve.faces), 4),
        "false_positives": round(float((~curve.right[kept]).sum() / curve.pictures), 4),
        "false_positives_on_animals": round(
            float((wrong >= least).sum() / len(held_out.animals)), 4
        ),
    }
    return replace(finder.info, min_score=least, metrics=metrics)


def _pictures() -> list[npt.NDArray[np.uint8]]:
    """Return uint8 arrays (1, height, width, 3): each portrait and noise, at each size."""
    rng = np.random.default_rng(0)
    portraits = [read_image(path).convert("RGB") for path in sorted(SAMPLES.glob("*.png"))]
    found = [rng.integers(0, 256, (1, high, wide, 3), dtype=np.uint8) for wide, high in SIZES]
    for size in SIZES:
        found += [np.asarray(portrait.resize(size))[None] for portrait in portraits]
    return found
