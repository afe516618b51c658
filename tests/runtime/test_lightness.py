"""What is imported when: the runtime starts quickly and stays small."""

import subprocess
import sys

import pytest

HEAVY = ("numpy", "onnxruntime", "PIL")
NEVER = ("tensorflow", "keras", "onnx", "tf2onnx", "cv2", "av", "matplotlib", "train", "export")


def imported_by(code: str) -> set[str]:
    """Run code in a fresh process; give the top-level modules it imported."""
    return {name.split(".")[0] for name in modules_of(code)}


def test_importing_the_package_imports_nothing_heavy():
    assert imported_by("import fer_onnx").isdisjoint((*HEAVY, *NEVER))


def modules_of(code: str) -> set[str]:
    """Run code in a fresh process; give every module it imported, submodules too."""
    code += "\nimport sys; print('\\n', *sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_are_told_without_argparse_and_what_it_imports(option):
    code = f"""
import sys
sys.argv = ["fer-onnx", "{option}"]
from fer_onnx.__main__ import main
assert main() == 0
"""
    slow = {"argparse", "typing", "re", "collections", "importlib", *HEAVY}
    assert modules_of(code) & (slow - modules_of("")) == set()


def test_a_picture_imports_the_decoder_of_its_own_format_alone(picture):
    for suffix, decoder in ((".png", "Png"), (".bmp", "Bmp"), (".webp", "WebP")):
        path = str(picture(f"a{suffix}"))
        code = f"from fer_onnx.images import read_image; read_image({path!r})"
        decoders = {name for name in modules_of(code) if name.endswith("ImagePlugin")}
        assert decoders == {f"PIL.{decoder}ImagePlugin"}


@pytest.mark.parametrize(
    "arguments", [["--help"], ["predict", "--help"], ["video", "--help"], ["bench", "--help"]]
)
def test_help_imports_nothing_heavy(arguments):
    code = f"""
from fer_onnx.cli import main
try:
    main({arguments})
except SystemExit as left:
    assert left.code == 0
"""
    assert imported_by(code).isdisjoint((*HEAVY, *NEVER, "multiprocessing", "json"))


def test_a_prediction_imports_onnxruntime_and_pillow_and_nothing_else_heavy(model_file, picture):
    code = f"""
from fer_onnx.cli import main
assert main(["predict", {str(picture("a.png"))!r}, "--model", {str(model_file)!r}]) == 0
"""
    imported = imported_by(code)
    assert imported.issuperset(HEAVY)
    assert imported.isdisjoint((*NEVER, "multiprocessing"))


def test_names_limits_answers_and_errors_need_nothing_heavy():
    code = "import fer_onnx as f; f.bundled_models(); f.Limits(); f.Prediction; f.ImageError"
    assert imported_by(code).isdisjoint((*HEAVY, *NEVER))
