"""The figures that the documents quote: records in docs/figures, and passages between markers.

A passage stands between `<!-- report: NAME -->` and `<!-- end -->`: a table if a line ends after
the first marker, else a few words. Nothing else of a document is touched. Rendering needs neither
data nor models.
"""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fer_onnx.modelfile import bundled_models, read_model

from .passages import render_passages
from .record import Record, read_record, write_record, write_text
from .tables import render_tables

ROOT = Path(__file__).parents[2]
FIGURES = ROOT / "docs" / "figures"
DOCUMENTS = (
    ROOT / "README.md",
    ROOT / "benchmarks/README.md",
    *sorted((ROOT / "docs").glob("*.md")),
)
MARKED = re.compile(r"(<!-- report: (\S+) -->)(\n?).*?(<!-- end -->)", re.DOTALL)


def read_records() -> dict[str, Record]:
    """Read all records, by name of the benchmark."""
    return {path.stem: read_record(path) for path in sorted(FIGURES.glob("*.json"))}


def read_figures(name: str) -> dict[str, Any]:
    """Read the figures of a benchmark; none where none were kept yet."""
    path = FIGURES / f"{name}.json"
    return dict(read_record(path).figures) if path.exists() else {}


def keep_figures(name: str, record: Record) -> None:
    """Keep what a benchmark measured, and put it into the documents.

    Raises:
        ValueError: it lacks a figure that a document quotes; nothing is written then.
    """
    texts = _render_documents({**read_records(), name: record})
    write_record(record, FIGURES / f"{name}.json")
    _write(texts)


def update_documents(records: Mapping[str, Record]) -> None:
    """Render all passages into the documents.

    Raises:
        ValueError: a bundled model was never measured, or a record lacks what a document quotes.
    """
    if unmeasured := find_unmeasured(records["accuracy"].figures if "accuracy" in records else {}):
        command = "python -m benchmarks accuracy --data DATA --write"
        raise ValueError(f"{', '.join(unmeasured)}: no figures of this file; {command}")
    _write(_render_documents(records))


def render_all(records: Mapping[str, Record]) -> dict[str, str]:
    """Render every passage that a document may ask for, by name.

    Raises:
        ValueError: a record lacks a figure.
    """
    figures = {name: record.figures for name, record in records.items()}
    tables = render_tables(figures.get("accuracy", {}), figures.get("robustness", {}))
    return {**tables, **render_passages(records)}


def fill(text: str, passages: Mapping[str, str]) -> str:
    """Fill in the passages between the markers that name them.

    Raises:
        ValueError: a marker names no passage.
    """

    def put(found: re.Match[str]) -> str:
        start, name, line, end = found.groups()
        if name not in passages:
            raise ValueError(f"no passage {name!r}; there are {', '.join(passages)}")
        return f"{start}\n\n{passages[name]}\n\n{end}" if line else start + passages[name] + end

    return MARKED.sub(put, text)


def digest_model(name: str) -> str:
    """Return the SHA-256 of a model file.

    Raises:
        ModelError: no such model, or a bundled file that is not the one that was released.
    """
    return hashlib.sha256(read_model(name)).hexdigest()


def find_unmeasured(accuracy: Mapping[str, Any]) -> list[str]:
    """Name the bundled models whose very files the figures are not of."""
    return [name for name in bundled_models() if digest_model(name) not in accuracy]


def _render_documents(records: Mapping[str, Record]) -> dict[Path, str]:
    passages = render_all(records)
    return {path: fill(path.read_text(encoding="utf-8"), passages) for path in DOCUMENTS}


def _write(texts: Mapping[Path, str]) -> None:
    for path, text in texts.items():
        if text != path.read_text(encoding="utf-8"):
            write_text(path, text)
