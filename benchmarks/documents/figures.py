"""The figures that the documents quote: JSON in docs/figures, and tables between markers.

A table stands between `<!-- report: NAME -->` and `<!-- end -->`; nothing else of a document is
touched. Rendering needs neither data nor models.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fer_onnx.atomic import write_whole
from fer_onnx.modelfile import bundled_names, read_model

from .tables import render_tables

ROOT = Path(__file__).parents[1]
ACCURACY = ROOT / "docs/figures/accuracy.json"  # by SHA-256 of the model file
ROBUSTNESS = ROOT / "docs/figures/robustness.json"
DOCUMENTS = (ROOT / "README.md", ROOT / "docs/model-card.md")
MARKED = re.compile(r"(<!-- report: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)
NUMBERS = re.compile(r"(?<=[\[\d,])\s+(?=[\d\]])")  # breaks within a list of numbers


def digest_model(name: str) -> str:
    """Give the SHA-256 of a model file.

    Raises:
        ModelError: no such model, or a bundled file that is not the one that was released.
    """
    return hashlib.sha256(read_model(name)).hexdigest()


def find_unmeasured(accuracy: Mapping[str, Any]) -> list[str]:
    """Name the bundled models whose very files the figures are not of."""
    return [name for name in bundled_names() if digest_model(name) not in accuracy]


def read_figures(path: Path) -> dict[str, Any]:
    """Read figures; none where there is no file yet."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def write_figures(figures: Mapping[str, Any], path: Path) -> None:
    """Write figures, floats to five places, a list of numbers on one line."""
    rounded = json.loads(json.dumps(figures), parse_float=lambda text: round(float(text), 5))
    write_text(path, NUMBERS.sub("", json.dumps(rounded, indent=1, ensure_ascii=False)) + "\n")


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    with write_whole(path) as file:
        file.write(text.encode())


def update_documents() -> dict[str, str]:
    """Render all tables into the documents; give them by name."""
    tables = render_tables(read_figures(ACCURACY), read_figures(ROBUSTNESS))
    filled = {path: fill(path.read_text(encoding="utf-8"), tables) for path in DOCUMENTS}
    for path, text in filled.items():
        write_text(path, text)
    return tables


def fill(text: str, tables: Mapping[str, str]) -> str:
    """Put tables between the markers that name them.

    Raises:
        ValueError: a marker names no table.
    """

    def put(found: re.Match[str]) -> str:
        if found[2] not in tables:
            raise ValueError(f"no table {found[2]!r}; there are {', '.join(tables)}")
        return f"{found[1]}\n{tables[found[2]]}\n\n{found[3]}"

    return MARKED.sub(put, text)
