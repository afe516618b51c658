"""The weights of a TensorFlow.js model come out under short names."""

import json

import numpy as np

from gpu.identities import BLOCKS, read_identities


def list_weights():
    yield "feats/kernel", (4, 2)  # not wanted, and before the others
    yield "conv1/convolution/merged_input", (3, 3, 3, 2)
    yield "conv1_bn/batchnorm_1/sub", (2,)
    yield "conv1_relu/Cast", ()
    for i in range(1, BLOCKS + 1):
        yield f"conv_dw_{i}/depthwise_kernel", (3, 3, 2, 1)
        yield f"conv_dw_{i}_bn/batchnorm_1/mul", (2,)
        yield f"conv_dw_{i}_bn/batchnorm_1/sub", (2,)
        yield f"conv_pw_{i}/convolution/merged_input", (1, 1, 2, 2)
        yield f"conv_pw_{i}_bn/batchnorm_1/sub", (2,)


def test_arrays_are_found_by_their_names_and_in_pytorch_s_order(tmp_path):
    weights, raw, written = [], b"", {}
    for number, (name, shape) in enumerate(list_weights()):
        values = np.arange(np.prod(shape, dtype=int), dtype=np.float32).reshape(shape) + number
        weights.append({"name": name, "shape": list(shape), "dtype": "float32"})
        raw, written[name] = raw + values.tobytes(), values
    (tmp_path / "net.json").write_text(json.dumps({"weightsManifest": [{"weights": weights}]}))
    (tmp_path / "net.bin").write_bytes(raw)
    arrays = read_identities(tmp_path / "net.json")
    assert len(arrays) == 2 + 5 * BLOCKS
    stem = written["conv1/convolution/merged_input"].transpose(3, 2, 0, 1)
    np.testing.assert_array_equal(arrays["conv"], stem)
    last = written[f"conv_dw_{BLOCKS}/depthwise_kernel"]
    assert arrays[f"dw{BLOCKS - 1}"].shape == (2, 1, 3, 3)
    np.testing.assert_array_equal(arrays[f"dw{BLOCKS - 1}"].ravel()[:9], last[:, :, 0, 0].ravel())
    assert arrays["pw0"].dtype == np.float16
