"""The README says what the code does: its help block, its commands, its examples."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def code_blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_the_help_block_is_what_the_command_prints(monkeypatch, capsys, command):
    from fer_onnx.cli import main

    monkeypatch.setenv("COLUMNS", "88")
    with pytest.raises(SystemExit):
        main([command, "--help"])
    printed = capsys.readouterr().out
    # versions of Python break the lines in other places
    assert printed.split() in [block.split() for block in code_blocks("text")]


def test_every_make_target_that_the_readme_names_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z-]+)\b", "\n".join(code_blocks("sh"))))
    assert {"run", "test"} <= named <= targets


def test_every_command_of_the_tools_is_in_the_documents():
    documents = README + "".join(path.read_text() for path in (ROOT / "docs").glob("*.md"))
    import train.cli
    from fer_onnx.cli import parser as cli

    for name, parser in [
        ("fer-onnx", cli.build_parser()),
        ("python -m train", train.cli.build_parser()),
    ]:
        (commands,) = [action.choices for action in parser._subparsers._group_actions]
        for command in commands:
            assert f"{name} {command}" in documents


def test_the_python_of_the_readme_runs(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    blocks = code_blocks("python")
    assert blocks
    for block in blocks:
        exec(compile(block, "README.md", "exec"), {})
    assert capsys.readouterr().out


def test_the_example_of_embedding_runs():
    run = subprocess.run(
        [sys.executable, "examples/embed.py", "samples/astronaut.png", "samples/hopper.jpg"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.split() for line in run.stdout.splitlines()]
    assert [line[:2] for line in lines] == [
        ["samples/astronaut.png", "happy"],
        ["samples/hopper.jpg", "neutral"],
    ]
    assert all(0 < float(line[2]) <= 1 for line in lines)


def test_links_within_the_repository_lead_somewhere():
    for file in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", file.read_text()):
            assert (file.parent / target).exists(), f"{file.name}: {target}"
