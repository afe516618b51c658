"""What runs on the GPU agrees with what runs here. Needs PyTorch (pip install torch)."""

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch (pip install torch)")

from fer_onnx.metadata import InputSpec  # noqa: E402
from gpu.augment import change  # noqa: E402
from gpu.loop import END, rate_at  # noqa: E402
from gpu.networks import HEADS, Residual, _pad, fold  # noqa: E402
from gpu.teach import mix, run  # noqa: E402

WIDTHS, BLOCKS = (4, 8, 8, 16), (1, 2, 1)


def draw_faces(count):
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (count, 1, 48, 48), dtype=torch.uint8, generator=generator)


def test_the_twin_answers_as_keras_does():
    pytest.importorskip("keras")
    from gpu.weights import list_arrays
    from train.expression.networks import build_residual

    heads = dict.fromkeys(HEADS, tuple("abcdefg"))
    model = build_residual(InputSpec(48, 48), heads, widths=WIDTHS, blocks=BLOCKS)
    twin = Residual(WIDTHS, BLOCKS, dropout=0.2).eval()
    state = {name: torch.tensor(array) for name, array in list_arrays(model).items()}
    missing, unexpected = twin.load_state_dict(state, strict=False)
    assert not unexpected
    assert all("num_batches" in name for name in missing)
    faces = draw_faces(4)
    with torch.no_grad():
        mine = twin(faces.float()).softmax(-1).numpy()
    its = model.predict(faces.numpy().transpose(0, 2, 3, 1), verbose=0)
    for number, head in enumerate(HEADS):
        np.testing.assert_allclose(mine[:, number], its[head], atol=1e-5)


def test_a_folded_network_answers_alike():
    network = Residual(WIDTHS, BLOCKS, dropout=0.2)
    network.train()(draw_faces(32).float())  # statistics that are not those of the start
    network.eval()
    faces = draw_faces(4).float()
    with torch.no_grad():
        one, other = (run(each, faces).softmax(-1) for each in (network, fold(network)))
    assert (one - other).abs().max() < 0.02


def test_changed_faces_are_faces_of_the_same_size_and_range():
    faces = draw_faces(64)
    changed = change(faces)
    assert changed.shape == faces.shape
    assert changed.dtype == torch.float32
    assert changed.min() >= 0
    assert changed.max() <= 255
    assert (changed != faces).flatten(1).any(1).all()


def test_a_mixed_face_is_its_own_share_and_the_rest_another_s():
    faces = draw_faces(256).float()
    mixed, other, share = mix(faces)
    wanted = share.view(-1, 1, 1, 1) * faces + (1 - share).view(-1, 1, 1, 1) * faces[other]
    torch.testing.assert_close(mixed, wanted)
    assert share.min() >= 0.5
    assert 0.3 < (share == 1).float().mean() < 0.7


def test_the_rate_rises_to_its_peak_and_falls_to_a_thousandth():
    assert rate_at(0) == 0
    assert math.isclose(rate_at(0.05), 1)
    assert rate_at(0.3) > rate_at(0.6)
    assert math.isclose(rate_at(1), END)


@pytest.mark.parametrize(
    ("side", "wanted"), [(8, [(0, 1, 2), (2, 3, 4)]), (7, [(0, 1), (1, 2, 3)])]
)
def test_a_stride_of_two_sees_the_pixels_that_tensorflow_s_same_padding_shows(side, wanted):
    ramp = torch.arange(side).float().expand(1, 1, side, side)
    kernel = torch.zeros(1, 1, 3, 3)
    kernel[..., 1, :] = 1
    sums = torch.nn.functional.conv2d(_pad(ramp, 2), kernel, stride=2)[0, 0]
    assert sums.shape == (-(-side // 2),) * 2
    assert sums[1, :2].tolist() == [sum(pixels) for pixels in wanted]
