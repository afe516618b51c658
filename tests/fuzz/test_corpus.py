"""Whatever fuzzing started from or found once is answered, without atheris too."""

import importlib

import pytest
from targets import CORPUS, NAMES

FILES = [path for name in NAMES for path in sorted((CORPUS / name).iterdir())]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_every_file_of_the_corpus_is_answered_or_told_of_in_one_line(path):
    if path.parent.name in ("tables", "weights", "checkpoints"):
        pytest.importorskip("keras", reason="reads what training reads")
    importlib.import_module(f"targets.{path.parent.name}").answer(path.read_bytes())


def test_every_target_has_a_corpus():
    assert {path.name for path in CORPUS.iterdir()} == set(NAMES)
