"""Zip archives taken apart into members, changed, and put together again with right checksums."""

import io
import random
import zipfile

import atheris

MARK = b"PK\3\4"


def mutate(data: bytes, size: int, seed: int) -> bytes:
    """Change the members of a zip archive; of what is none, some bytes."""
    rng = random.Random(seed)
    try:
        if not data.startswith(MARK) or rng.random() < 0.1:
            raise ValueError("bytes, for once")
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    except Exception:  # damaged by a change before: zipfile raises what it pleases
        return bytes(atheris.Mutate(data, size))
    name = rng.choice(list(members) or [""])
    kind = rng.randrange(8)
    if kind == 0:
        members.pop(name, None)
    elif kind == 1:
        members[rng.choice(list(members) or ["a"])] = members.get(name, b"")
    elif kind == 2:
        members[name + rng.choice(("x", "/", "/../../x"))] = members.get(name, b"")
    else:
        members[name] = change(members.get(name, b""), rng)
    changed = pack(members, rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)))
    return changed if len(changed) <= size else data


def change(data: bytes, rng: random.Random) -> bytes:
    """Change a member: JSON as JSON, a line or a field of a table, or bytes."""
    if data[:1] == b"{" and rng.random() < 0.9:
        from .jsons import mutate

        return mutate(data, len(data) + 4096, rng.randrange(2**31))
    if b"," in data[:100] and rng.random() < 0.7:
        lines = [line.split(b",") for line in data.split(b"\n")]
        line = rng.choice(lines)
        place = rng.randrange(len(line))
        line[place] = rng.choice(
            (
                b"",
                b"-1",
                b"nan",
                b"1e999",
                b"9" * 30,
                b'"',
                b"\xff\xfe",
                b"x" * 200_000,
                b"0",
                b"../a",
            )
        )
        if rng.random() < 0.2:
            lines.remove(line)
        return b"\n".join(b",".join(each) for each in lines)
    return bytes(atheris.Mutate(data, len(data) + 64))


def pack(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Write a zip archive, the same at every run."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return file.getvalue()
