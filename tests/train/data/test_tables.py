"""Whatever is wrong with a table or an archive is told in one line."""

import errno
import io
import zipfile

import numpy as np
import pytest

from fer_onnx.metadata import InputSpec
from train.cli import main
from train.data import tables
from train.data.formats import read_dataset
from train.data.nonfaces import draw_windows
from train.data.tables import open_archive
from train.detection.archive import list_photographs
from train.errors import DataError

GREY = InputSpec(48, 48)


def encrypt(path):
    """Mark every member as encrypted, in its own header and in the directory."""
    data = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = data.find(mark)
        while start >= 0:
            data[start + flags] |= 1
            start = data.find(mark, start + 4)
    path.write_bytes(data)


@pytest.fixture
def archive(rows, lay_out, tmp_path):
    return lay_out.archive(rows, tmp_path) / "fer2013.zip"


class TestArchives:
    def test_an_encrypted_member_is_one_line(self, archive, photos, tmp_path):
        encrypt(archive)
        with pytest.raises(DataError, match=r"not the FER2013 archive \(File .* is encrypted"):
            read_dataset(archive, GREY)
        other = tmp_path / "photos.zip"
        other.write_bytes(photos.read_bytes())
        encrypt(other)
        with pytest.raises(DataError, match=r"not an archive of photographs \(.* encrypted"):
            list_photographs(other)
        with pytest.raises(DataError, match=r"not an archive of captioned scenes \(.* encrypted"):
            draw_windows(other, GREY, 3, seed=0)

    def test_the_command_tells_it_and_exits_2(self, archive, tmp_path, capsys):
        encrypt(archive)
        assert main(["audit", "--data", str(archive)]) == 2
        error = capsys.readouterr().err
        assert error.startswith(f"error: {archive}: not the FER2013 archive (")
        assert error.count("\n") == 1

    def test_whichever_byte_is_flipped_it_is_one_line_or_faces(self, archive):
        whole, told = archive.read_bytes(), 0
        for place in range(0, len(whole), len(whole) // 150):
            damaged = bytearray(whole)
            damaged[place] ^= 0xFF
            archive.write_bytes(damaged)
            found = try_to_read(archive)
            told += isinstance(found, str)
            assert "\n" not in found if isinstance(found, str) else len(found) == 35
        assert told > 100

    def test_a_member_larger_than_allowed_is_not_unpacked(self, archive, monkeypatch):
        monkeypatch.setattr(tables, "PICTURE", 1000)
        monkeypatch.setattr(
            zipfile.ZipFile, "read", lambda *_: pytest.fail("unpacked"), raising=True
        )
        with (
            pytest.raises(DataError, match=r"x\.png would take 1,001 bytes, allowed are 1,000"),
            open_archive(_pack(archive, {"x.png": bytes(1001)}), "an archive") as file,
        ):
            file.read_picture("x.png")

    def test_a_damaged_picture_is_named(self, rows, lay_out, tmp_path):
        path = lay_out.archive(rows, tmp_path) / "fer2013.zip"
        with zipfile.ZipFile(path) as file:
            members = {name: file.read(name) for name in file.namelist()}
        _pack(path, members | {"images/00003.png": b"no picture"})
        with pytest.raises(DataError, match=r"fer2013\.zip: images/00003\.png: not a JPEG, PNG"):
            read_dataset(path, GREY)

    def test_what_goes_wrong_elsewhere_is_not_put_down_to_the_archive(self, archive):
        full = OSError(errno.ENOSPC, "No space left on device", "cache")
        with pytest.raises(OSError, match="No space left"), open_archive(archive, "an archive"):
            raise full

    def test_only_what_is_asked_for_is_read(self, archive, monkeypatch):
        with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as file:
            file.writestr("images/unnamed.png", b"no picture")
        read, seen = zipfile.ZipFile.read, []
        monkeypatch.setattr(
            zipfile.ZipFile, "read", lambda self, name: (seen.append(name), read(self, name))[1]
        )
        assert len(read_dataset(archive, GREY)) == 35
        assert len(seen) == 36
        assert "images/unnamed.png" not in seen

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (("emotion", "bored"), "row 0 has label 'bored' and part 'Training'"),
            (("usage", "Elsewhere"), "row 0 has label 'angry' and part 'Elsewhere'"),
            (("row", ""), "invalid literal for int"),
            (("row", "99"), "no item named 'images/00099.png'"),
        ],
    )
    def test_a_wrong_row_is_one_line(self, rows, lay_out, tmp_path, change, message):
        path = lay_out.archive(rows, tmp_path) / "fer2013.zip"
        with zipfile.ZipFile(path) as file:
            members = {name: file.read(name) for name in file.namelist()}
        lines = members["labels.csv"].decode().splitlines()
        fields = dict(zip(lines[0].split(","), lines[1].split(","), strict=True))
        fields[change[0]] = change[1]
        lines[1] = ",".join(fields.values())
        with pytest.raises(DataError, match=message):
            read_dataset(_pack(path, members | {"labels.csv": "\n".join(lines).encode()}), GREY)


class TestTables:
    def test_a_field_may_be_of_any_length(self, rows, lay_out, tmp_path):
        folder = lay_out.table(rows, tmp_path)
        table = folder / "fer2013.csv"
        head, first, *rest = table.read_text().splitlines()
        label, pixels, usage = first.split(",")
        table.write_text("\n".join([head, f"{label},{pixels}{' ' * 200_000},{usage}", *rest]))
        assert len(read_dataset(folder, GREY)) == 35

    def test_a_long_field_that_is_no_face_is_one_short_line(self, tmp_path):
        table = tmp_path / "fer2013.csv"
        table.write_text(f"emotion,pixels,Usage\n3,{'1 ' * 200_000},Training\n")
        with pytest.raises(DataError, match="row 2 is not a face") as caught:
            read_dataset(tmp_path, GREY)
        assert len(str(caught.value)) < 300

    @pytest.mark.parametrize(
        "row", ["3", "3,", ",,", "9999999999999999999999,1,Training", "\xff,\0,"]
    )
    def test_a_short_or_strange_row_is_one_line(self, tmp_path, row):
        (tmp_path / "fer2013.csv").write_bytes(b"emotion,pixels,Usage\n" + row.encode("latin-1"))
        with pytest.raises(DataError, match="row 2 is not a face"):
            read_dataset(tmp_path, GREY)

    @pytest.mark.parametrize("votes", ["", "1,2", "1,2,3,4,5,6,7,8,9,-1", "9" * 400, "x,1"])
    def test_wrong_votes_are_one_line(self, rows, lay_out, tmp_path, votes):
        lay_out.table(rows, tmp_path)
        (tmp_path / "fer2013new.csv").write_text(
            "Usage,Image name,1,2,3,4,5,6,7,8,9,10\n" + f"Training,fer1.png,{votes}\n" * 35
        )
        with pytest.raises(DataError, match="not the table of FER\\+ votes"):
            read_dataset(tmp_path, GREY)


class TestATestPartAlone:
    @pytest.fixture
    def folder(self, lay_out, tmp_path):
        for label in ("happy", "sad"):
            for number in range(3):
                path = tmp_path / "test" / label / f"{number}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                pixels = np.random.default_rng(number).integers(0, 255, (48, 48), dtype=np.uint8)
                path.write_bytes(lay_out.png(pixels ^ (label == "sad")))
        return tmp_path

    def test_it_is_read(self, folder):
        assert read_dataset(folder, GREY).sizes() == {"test": 6}

    def test_nobody_learns_from_it(self, folder, capsys):
        words = ["fit", "compact", "--data", str(folder), "--out", str(folder / "run")]
        assert main(words) == 2
        assert capsys.readouterr().err == (
            f"error: {folder.name}: no split 'train'; it has test, and /1 and /2 of each\n"
        )


def try_to_read(path):
    """Return what is read, or the text of the error."""
    try:
        return read_dataset(path, GREY)
    except DataError as exc:
        return str(exc)


def _pack(path, members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    path.write_bytes(file.getvalue())
    return path
