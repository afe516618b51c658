import csv
import io
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
VOTE_NAMES = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear")
PLURALITY = {"neutral": 0, "happy": 1, "surprise": 2, "sad": 3, "angry": 4, "disgust": 5, "fear": 6}


def draw_face(label: str, number: int) -> np.ndarray:
    """A 48×48 pattern that tells its label: stripes of a width of its own, and noise."""
    pixels = np.random.default_rng(number).integers(0, 90, (48, 48), dtype=np.uint8)
    pixels[np.arange(48) // (1 + LABELS.index(label)) % 2 == 0] += 150
    return pixels


def make_rows(labels: tuple[str, ...], sizes: dict[str, int]) -> list[dict]:
    """One row a face, label after label within each part, as FER2013's table has them."""
    rows = []
    for usage, count in sizes.items():
        for index in range(count):
            label = labels[index % len(labels)]
            votes = [0] * 10
            votes[PLURALITY[label]] = 8
            votes[8] = 1
            rows.append(
                {"row": len(rows), "usage": usage, "emotion": label, "votes": votes}
                | {"pixels": draw_face(label, len(rows))}
            )
    return rows


def png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def write_archive(rows: list[dict], folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    table = io.StringIO()
    columns = [f"votes_{name}" for name in (*VOTE_NAMES, "contempt", "unknown", "nf")]
    writer = csv.DictWriter(table, ["row", "usage", "emotion", "kaggle_split", *columns])
    writer.writeheader()
    with zipfile.ZipFile(folder / "fer2013.zip", "w") as archive:
        for row in rows:
            archive.writestr(f"images/{row['row']:05d}.png", png(row["pixels"]))
            plain = {key: row[key] for key in ("row", "usage", "emotion")}
            writer.writerow(plain | dict(zip(columns, row["votes"], strict=True)))
        archive.writestr("labels.csv", table.getvalue())
    return folder


def write_listed(rows: list[dict], path: Path) -> Path:
    """An archive whose table names the file of each picture, and says whatever else `rows` say."""
    columns = [name for name in rows[0] if name != "pixels"]
    table = io.StringIO()
    writer = csv.DictWriter(table, columns)
    writer.writeheader()
    with zipfile.ZipFile(path, "w") as archive:
        for row in rows:
            archive.writestr(f"images/{row['file']}", png(row["pixels"]))
            writer.writerow({name: row[name] for name in columns})
        archive.writestr("labels.csv", table.getvalue())
    return path


def write_table(rows: list[dict], folder: Path, name: str = "fer2013.csv") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    spaced = name == "icml_face_data.csv"
    header = "emotion, Usage, pixels" if spaced else "emotion,pixels,Usage"
    lines = []
    for row in rows:
        pixels = " ".join(map(str, row["pixels"].ravel()))
        emotion, usage = LABELS.index(row["emotion"]), row["usage"]
        lines.append(f"{emotion},{usage},{pixels}" if spaced else f"{emotion},{pixels},{usage}")
    (folder / name).write_text("\n".join([header, *lines]) + "\n")
    return folder


def write_votes(rows: list[dict], folder: Path) -> Path:
    header = (
        "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
    )
    lines = [
        f"{row['usage']},fer{row['row']:07d}.png,{','.join(map(str, row['votes']))}" for row in rows
    ]
    (folder / "fer2013new.csv").write_text("\n".join([header, *lines]) + "\n")
    return folder


def write_folders(rows: list[dict], folder: Path) -> Path:
    for row in rows:
        part = "train" if row["usage"] == "Training" else "test"
        path = folder / part / row["emotion"] / f"{row['usage']}_{row['row']:05d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(row["pixels"]))
    return folder


@pytest.fixture
def rows() -> list[dict]:
    return make_rows(LABELS, {"Training": 21, "PublicTest": 7, "PrivateTest": 7})


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """FER2013's archive in small: three labels, faces that a network learns in seconds."""
    sizes = {"Training": 96, "PublicTest": 24, "PrivateTest": 24}
    return write_archive(
        make_rows(("happy", "sad", "neutral"), sizes), tmp_path_factory.mktemp("tiny")
    )


@pytest.fixture(scope="session")
def lay_out() -> SimpleNamespace:
    """The writers of every form, for tests that need their own rows."""
    return SimpleNamespace(
        rows=make_rows,
        png=png,
        archive=write_archive,
        listed=write_listed,
        draw=draw_face,
        table=write_table,
        votes=write_votes,
        folders=write_folders,
    )


def draw_photo(number: int, size: tuple[int, int]) -> bytes:
    """A dark picture with one bright square, a third of its height."""
    width, height = size
    pixels = np.random.default_rng(number).integers(0, 60, (height, width, 3), dtype=np.uint8)
    side = height // 3
    pixels[side : 2 * side, side : 2 * side] += 190
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG")
    return file.getvalue()


@pytest.fixture(scope="session")
def photos(tmp_path_factory) -> Path:
    """An archive of photographs: eight with boxes, four of dogs, four of people."""
    path = tmp_path_factory.mktemp("photos") / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        boxes = ["file,x,y,width,height,mask"]
        captions = ["file,captions"]
        for number in range(8):
            archive.writestr(f"people/{number}.jpg", draw_photo(number, (120, 90)))
            boxes.append(f"{number}.jpg,30,30,30,30,no")
            archive.writestr(f"scenes/{number}.jpg", draw_photo(number, (224, 224)))
            captions.append(f"{number}.jpg,{'A man runs' if number % 2 else 'A dog runs'}")
        archive.writestr("people.csv", "\n".join(boxes))
        archive.writestr("scenes.csv", "\n".join(captions))
    return path


@contextmanager
def replace_detectors() -> Iterator[list[tuple[int, int]]]:
    """Two stand-ins that see the bright square, surest in tall pictures; and what they saw."""
    seen = []

    def detect(image: Image.Image) -> list[SimpleNamespace]:
        seen.append(image.size)
        rows, columns = np.nonzero(np.asarray(image.convert("L")) > 128)
        x, y = int(columns.min()), int(rows.min())
        box = (x, y, int(columns.max()) - x, int(rows.max()) - y)
        return [SimpleNamespace(box=box, score=0.95 if image.height > image.width else 0.85)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "train.detection.pseudo_labels.load_detector",
            lambda name, min_score: SimpleNamespace(detect=detect),
        )
        yield seen


@pytest.fixture
def detectors() -> Iterator[list[tuple[int, int]]]:
    with replace_detectors() as seen:
        yield seen
