"""Formats by the first bytes of a file: those that are read, and the names of others."""

import re

# what is read; named as Pillow names the module that reads it
SIGNS = {
    "Jpeg": b"\xff\xd8\xff",
    "Png": b"\x89PNG\r\n\x1a\n",
    "WebP": b"RIFF",
    "Bmp": b"BM",
    "Gif": b"GIF8",
}
SUFFIXES = (
    ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".apng", ".webp", ".bmp", ".gif",
)  # fmt: skip
EXPECTED = "JPEG, PNG, WebP, BMP or GIF"

IMAGE = "{} image; convert it to JPEG or PNG first"
VIDEO = "{} video; read it with 'fer-onnx video'"
RIFF = {b"AVI ": VIDEO.format("AVI"), b"WAVE": "sound file"}
BRANDS = {  # of ISO media files (ISO/IEC 14496-12), which name their format behind "ftyp"
    b"avif": IMAGE.format("AVIF"),
    b"avis": IMAGE.format("AVIF"),
    **dict.fromkeys((b"heic", b"heix", b"hevc", b"heim", b"mif1", b"msf1"), IMAGE.format("HEIC")),
    b"crx ": IMAGE.format("raw camera"),
    b"qt  ": VIDEO.format("QuickTime"),
}
FOREIGN = {  # by how a file starts
    b"II*\0": IMAGE.format("TIFF"),
    b"MM\0*": IMAGE.format("TIFF"),
    b"\0\0\0\x0cJXL ": IMAGE.format("JPEG XL"),
    b"\xff\x0a": IMAGE.format("JPEG XL"),
    b"\0\0\0\x0cjP  ": IMAGE.format("JPEG 2000"),
    b"\xff\x4f\xff\x51": IMAGE.format("JPEG 2000"),
    b"\0\0\1\0": IMAGE.format("ICO"),
    b"8BPS": IMAGE.format("Photoshop"),
    b"\x1a\x45\xdf\xa3": VIDEO.format("Matroska or WebM"),
    b"\0\0\1\xba": VIDEO.format("MPEG"),
    b"FLV": VIDEO.format("Flash"),
    b"%PDF": "PDF document; extract its pictures first",
    b"PK\3\4": "zip archive; unpack it first",
}
TEXTS = (  # patterns of text, all without regard to case
    (r"\s*data:", "data URI; pass its bytes, base64.b64decode(text.partition(',')[2])"),
    (r"\s*https?:/", "URL; nothing is fetched, download the picture first"),
    (r"\s*[a-z][a-z0-9+.-]+://", "URL; nothing is fetched, pass a path or bytes"),
    (r"\s*(/9j/|iVBORw0KGgo|UklGR|R0lGOD|Qk[0-3])[a-z0-9+/\s]{24}", "picture in base64; pass its "
     "bytes, base64.b64decode(text)"),
    (r"\s*(<\?xml.*)?<svg", "SVG drawing; convert it to JPEG or PNG first"),
    (r"\s*<(!doctype )?html", "web page"),
)  # fmt: skip
LOOKED_AT = 200  # characters of text


def find_format(data: bytes) -> str | None:
    """Return the key of `SIGNS` that an image file starts with; None if it is none of them."""
    for name, sign in SIGNS.items():
        if data.startswith(sign) and (name != "WebP" or data[8:12] == b"WEBP"):
            return name
    return None


def describe_foreign(data: bytes) -> str:
    """Describe a file that is not read, and what can be done about it: "a TIFF image: …"."""
    kind = RIFF.get(data[8:12]) if data.startswith(b"RIFF") else None
    if data[4:8] == b"ftyp":
        kind = BRANDS.get(data[8:12], VIDEO.format("MP4"))
    for sign, name in FOREIGN.items():
        kind = kind or (name if data.startswith(sign) else None)
    kind = kind or describe_text(data[:LOOKED_AT].decode("latin-1"))
    return with_article(kind) if kind else f"not a {EXPECTED} image"


def describe_text(text: str) -> str | None:
    """Describe text given in place of a picture, if it is known: a data URI, base64, a URL."""
    start = text[:LOOKED_AT]
    found = (name for pattern, name in TEXTS if re.match(pattern, start, re.IGNORECASE | re.DOTALL))
    return next(found, None)


def with_article(name: str) -> str:
    """Return the description of a file with "a" or "an" before it."""
    an = name[0] in "aeioAEIO" or name.startswith(("HEIC", "MP", "SVG"))
    return f"{'an' if an else 'a'} {name}"
