"""The command `python -m benchmarks`: its list, its errors, its exit codes."""

import re
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks import __main__ as command
from benchmarks.__main__ import main, run
from benchmarks.documents import figures
from benchmarks.documents.figures import read_records
from benchmarks.harness import catalogue
from benchmarks.harness.catalogue import Benchmark, describe, find_benchmarks
from benchmarks.harness.report import Report
from benchmarks.harness.table import Table

ROOT = Path(__file__).parents[2]
KNOWN = find_benchmarks()
FAKE = Benchmark("fake", "benchmarks.fake", "Measures nothing.", "", "patience")


def offer(monkeypatch, measure):
    """Put a benchmark among the modules that does as `measure` does."""
    module = SimpleNamespace(
        add_options=lambda parser: parser.add_argument("--data"), measure=measure
    )
    monkeypatch.setitem(sys.modules, FAKE.module, module)
    monkeypatch.setattr(command, "find_benchmarks", lambda: {FAKE.name: FAKE})


def answer(failed=False):
    table = Table(["what", "ms"], [["one", "2"]], ["a note"])
    return Report("fake: nothing", [table], {"Python": "3"}, {"one": {"ms": 2.0}}, failed)


def test_the_list_has_one_line_for_each_and_what_it_needs(capsys):
    assert main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    for name, benchmark in KNOWN.items():
        (place,) = [i for i, line in enumerate(lines) if line.startswith(f"{name} ")]
        assert lines[place].endswith(benchmark.summary)
        if benchmark.needs:
            assert lines[place + 1].strip() == f"needs {benchmark.needs}"


def test_the_list_imports_no_benchmark(monkeypatch, capsys):
    for name in [name for name in sys.modules if name.startswith("benchmarks.quality")]:
        monkeypatch.delitem(sys.modules, name)
    assert main(["--help"]) == 0
    assert not [name for name in sys.modules if name.startswith("benchmarks.quality.")]


def test_the_seventeen_of_before_are_all_there():
    cost = ("speed", "engines", "coldstart", "footprint", "photo", "preparation", "endurance")
    quality = ("accuracy", "robustness", "crop", "nonfaces", "peers", "detectors", "tradeoff")
    assert {*cost, "demo-page", *quality, "trainings", "mistakes"} <= set(KNOWN)


@pytest.mark.parametrize("benchmark", KNOWN.values(), ids=KNOWN)
def test_every_benchmark_says_in_a_line_what_it_measures(benchmark):
    assert 20 < len(benchmark.summary) <= 100
    assert benchmark.summary.endswith(".")
    assert "\n" not in benchmark.details + benchmark.needs
    assert benchmark.summary in benchmark.description


@pytest.mark.parametrize("name", [name for name in KNOWN if name not in ("mistakes", "demo-page")])
def test_every_benchmark_has_a_help(name, capsys):
    with pytest.raises(SystemExit) as left:
        main([name, "--help"])
    assert left.value.code == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert printed.startswith(f"usage: python -m benchmarks {name} ")
    assert f"docs/figures/{name}.json" in printed
    assert callable(import_module(KNOWN[name].module).measure)


def test_a_docstring_is_taken_apart(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "HOME", tmp_path)
    file = tmp_path / "speed" / "two_words.py"
    file.parent.mkdir()
    file.write_text(
        '"""How long.\n\nAnd\nmore.\n\nNeeds: this;\nthat.\n"""\nimport nothing_there\n'
    )
    module = f"{tmp_path.name}.speed.two_words"
    assert describe(file) == Benchmark("two-words", module, "How long.", "And more.", "this; that")


def test_the_commands_of_the_documents_exist():
    named = set()
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("*/README.md")]:
        text = path.read_text(encoding="utf-8")
        named |= set(re.findall(r"python -m benchmarks ([a-z-]+)", text))
        if path.name != "CHANGELOG.md":
            assert "python -m benchmarks." not in text, path
    assert set(KNOWN) <= named <= {*KNOWN, "--render"}


def test_an_unknown_name_is_one_line_and_exit_2(capsys):
    assert main(["page"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: no benchmark 'page'; there are coldstart, demo-live, ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("name", ["accuracy", "crop", "peers", "robustness"])
def test_without_data_it_is_one_line_and_exit_2(name, monkeypatch, capsys):
    monkeypatch.delenv("FER_DATA", raising=False)
    assert main([name]) == 2
    assert capsys.readouterr() == ("", "error: no data: give --data PATH or set FER_DATA\n")


def test_what_it_found_is_printed_under_machine_and_versions(monkeypatch, capsys):
    offer(monkeypatch, lambda options: answer())
    monkeypatch.setattr("benchmarks.harness.report.read_machine", lambda: "a machine")
    monkeypatch.setattr("benchmarks.harness.report.read_load", lambda: ", load 0.5")
    assert main(["fake"]) == 0
    table = "what  ms\n----  --\none    2\n\na note\n"
    assert capsys.readouterr().out == f"fake: nothing\na machine, load 0.5\nPython 3\n\n{table}"


def test_a_wrong_answer_is_exit_1(monkeypatch, capsys):
    offer(monkeypatch, lambda options: answer(failed=True))
    assert main(["fake"]) == 1


def test_a_missing_package_is_named_with_what_is_needed(monkeypatch, capsys):
    def measure(options):
        import a_package_that_nobody_has  # noqa: F401

    offer(monkeypatch, measure)
    assert main(["fake"]) == 2
    line = "error: a_package_that_nobody_has is not installed; fake needs patience\n"
    assert capsys.readouterr() == ("", line)


def test_a_missing_module_of_ours_is_no_missing_package(monkeypatch):
    def measure(options):
        import benchmarks.nothing_there  # noqa: F401

    offer(monkeypatch, measure)
    with pytest.raises(ModuleNotFoundError, match=r"benchmarks\.nothing_there"):
        run(FAKE, [])


def test_ctrl_c_is_one_word_and_exit_130(monkeypatch, capsys):
    def measure(options):
        raise KeyboardInterrupt

    offer(monkeypatch, measure)
    assert main(["fake"]) == 130
    assert capsys.readouterr() == ("", "stopped\n")


def test_write_keeps_figures_with_their_origin_and_without_folders(tmp_path, monkeypatch, capsys):
    for path in figures.FIGURES.glob("*.json"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(figures, "FIGURES", tmp_path)
    monkeypatch.setattr(figures, "DOCUMENTS", ())
    monkeypatch.setattr(command, "read_machine", lambda: "a machine")
    offer(monkeypatch, lambda options: answer())
    assert main(["fake", "--data", "/home/me/faces.zip"]) == 0
    assert "fake" not in read_records()
    assert main(["fake", "--write", "--data", "/home/me/faces.zip"]) == 0
    record = read_records()["fake"]
    assert record.command == "python -m benchmarks fake --data faces.zip"
    assert record.figures == {"one": {"ms": 2.0}}
    assert record.machine == "a machine"
    assert record.versions == {"Python": "3"}
    assert main(["fake", "--write", "--data=/home/me/faces.zip"]) == 0
    assert read_records()["fake"].command == "python -m benchmarks fake --data=faces.zip"
