"""Multiply-adds are counted from shapes, and the matrix product is one."""

import numpy as np
import pytest

from fer_onnx.bench.flops import SIDE, count_multiply_adds, open_product
from fer_onnx.errors import ModelError


def test_a_convolution_counts_every_weight_once_a_pixel(onnx):
    face = np.zeros((1, 8, 8, 1), np.uint8)
    assert count_multiply_adds(onnx.model(), face) == 8 * 8 * 3
    assert count_multiply_adds(onnx.model(outputs=2), face) == 8 * 8 * 2


def test_int8_counts_as_many_as_float32(onnx):
    face = np.zeros((1, 8, 8, 1), np.uint8)
    for outputs in (2, 3):
        count = count_multiply_adds(onnx.model(outputs=outputs, quantized=True), face)
        assert count == count_multiply_adds(onnx.model(outputs=outputs), face)


def test_a_face_that_does_not_fit_is_one_line(onnx):
    with pytest.raises(ModelError, match=r"^the model cannot be profiled \(") as caught:
        count_multiply_adds(onnx.model(), np.zeros((1, 9, 9, 1), np.uint8))
    assert "\n" not in str(caught.value)


def test_the_product_multiplies_matrices():
    multiply, count = open_product()
    matrix = np.random.default_rng(0).random((SIDE, SIDE), dtype=np.float32)
    assert multiply()[0] == pytest.approx(matrix @ matrix, rel=1e-4)
    assert count == SIDE**3
