"""What runs on the GPU agrees with what runs here. Needs PyTorch (pip install torch)."""

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs PyTorch (pip install torch)")

from fer_onnx.metadata import InputSpec  # noqa: E402
from gpu.augment import change  # noqa: E402
from gpu.faces import write_mosaic  # noqa: E402
from gpu.loop import END, rate_at  # noqa: E402
from gpu.networks import HEADS, STRIDES, Identities, Residual, _pad, fold  # noqa: E402
from gpu.teach import SMALL, STUDENTS, mix, run, teach  # noqa: E402

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


def list_identities():
    """Return weights of a network of identities, as `read_identities` does: random ones."""
    state = Identities(48).state_dict()
    names = ["conv", *(f"{kind}{i}" for i in range(len(STRIDES)) for kind in ("dw", "pw"))]
    arrays = {name: state[f"{name}.weight"].numpy() for name in names}
    arrays["conv"] = np.repeat(arrays["conv"], 3, axis=1) / 3
    shifts = {f"{name}_shift": np.zeros(len(arrays[name]), np.float32) for name in names}
    return arrays | shifts


def test_a_network_of_identities_answers_as_before_with_statistics_of_our_faces():
    arrays, faces = list_identities(), draw_faces(8).float()
    folded, known = Identities(48).eval(), Identities(48).eval()
    folded.load_state_dict(known.state_dict())
    known.load(arrays, faces)
    with torch.no_grad():
        for name in arrays:
            if not name.endswith("_shift"):
                weight = torch.tensor(arrays[name])
                folded.get_submodule(name).weight.copy_(
                    weight.sum(1, keepdim=True) if name == "conv" else weight
                )
        for layer in folded.modules():  # statistics that change nothing
            if isinstance(layer, torch.nn.BatchNorm2d):
                layer.running_var.fill_(1 - layer.eps)
        torch.testing.assert_close(known(faces), folded(faces), atol=1e-4, rtol=1e-3)


def test_two_students_are_taught_from_a_pack_and_every_file_is_written(tmp_path):
    rng, count, sizes = np.random.default_rng(0), 24, {"home": 4, "posed": 3, "searched": 2}
    total = count + sum(sizes.values()) + 2
    write_mosaic(rng.integers(0, 256, (total, 48, 48), dtype=np.uint8), tmp_path / "faces.webp")
    soft = rng.dirichlet(np.ones(7), (count, len(HEADS))).astype(np.float32)
    truth = {name: rng.integers(0, 7, size) for name, size in sizes.items()}
    truth["home"] = np.repeat(truth["home"][:, None], len(HEADS), axis=1)
    np.savez(
        tmp_path / "targets.npz",
        soft=soft,
        weight=np.ones((count, len(HEADS)), np.float32),
        counts=np.ones(count),
        anchored=np.arange(count) > 20,
        bands=np.array([0, 1]),
        **truth,
    )
    start = Residual(SMALL, STUDENTS["student"], dropout=0.2).state_dict()
    arrays = {name: value.numpy() for name, value in start.items() if value.ndim}
    np.savez(tmp_path / "start.npz", **arrays)
    np.savez(tmp_path / "identities.npz", **list_identities())
    teach(tmp_path, tmp_path / "out", seconds=1, seed=1, batch=8)
    with np.load(tmp_path / "out" / "student.npz") as taught:
        assert set(taught) == set(arrays)
        assert all(np.isfinite(taught[name]).all() for name in taught)
        assert (taught["stem_conv.weight"] != arrays["stem_conv.weight"]).any()
    with np.load(tmp_path / "out" / "answers.npz") as answers:
        assert answers["teacher_2"].shape == (count, len(HEADS), 7)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        *("teacher-1.npz", "teacher-2.npz", "answers.npz", "run.json"),
        *(f"{name}.npz" for name in STUDENTS),
    }
