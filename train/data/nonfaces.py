"""What is no face: windows of photographs without people, to be answered with no label at all."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fer_onnx.metadata import InputSpec
from fer_onnx.preprocess import to_array
from train.errors import DataError

from .captions import PEOPLE
from .faceset import VOTES, FaceSet
from .tables import open_archive

SHARE = 0.05  # of the number of faces
SIDES = 16, 200  # pixels of a window, before it becomes what the network reads


def add_nonfaces(faces: FaceSet, archive: Path, spec: InputSpec) -> FaceSet:
    """Add windows that ten of ten people would call not a face.

    Args:
        faces: training faces with votes.
        archive: a zip with pictures and a table `scenes.csv` of `file` and `captions`; pictures
            whose captions name a person are left out, and so are those without captions.
        spec: what each window is converted to.

    Raises:
        DataError: faces without votes, or no such archive.
    """
    if faces.votes is None:
        raise DataError(f"{faces.name}: has no FER+ votes, which --nonfaces needs")
    windows = draw_windows(archive, spec, round(SHARE * len(faces)), seed=len(faces))
    count = len(windows)
    votes = np.zeros((count, len(VOTES)), dtype=np.int64)
    votes[:, VOTES.index("not a face")] = 10
    names = np.array([f"{archive.name}#{number}" for number in range(count)])
    return replace(
        faces,
        images=np.concatenate([faces.images, windows]),
        splits=np.concatenate([faces.splits, np.repeat(faces.splits[:1], count)]),
        original=np.concatenate([faces.original, np.full(count, -1)]),
        votes=np.concatenate([faces.votes, votes]),
        names=np.concatenate([faces.names, names]),
    )


def draw_windows(archive: Path, spec: InputSpec, count: int, seed: int) -> npt.NDArray[np.uint8]:
    """Cut random squares out of the pictures without people.

    Returns:
        uint8 array (count, height, width, channels).

    Raises:
        DataError: no such archive, or one without such pictures.
    """
    rng = np.random.default_rng(seed)
    with open_archive(archive, "an archive of captioned scenes") as file:
        rows = [(row["file"], row["captions"]) for row in file.read_table("scenes.csv")]
        empty = [name for name, said in rows if said and not PEOPLE.search(said)]
        if not empty:
            raise DataError(f"{archive}: no picture without people")
        chosen = np.sort(rng.integers(len(empty), size=count))
        pictures = {i: file.read_picture(f"scenes/{empty[i]}") for i in np.unique(chosen)}
    windows = []
    for index in chosen:
        picture = pictures[index]
        side = int(np.exp(rng.uniform(*np.log(SIDES))))
        side = min(side, *picture.size)
        left = int(rng.integers(picture.width - side + 1))
        top = int(rng.integers(picture.height - side + 1))
        windows.append(to_array(picture.crop((left, top, left + side, top + side)), spec))
    return np.stack(windows)
