"""What the page writes by itself, as HTML: pictures with frames, cards, answers, bars, facts."""

import base64
import re
from collections.abc import Sequence
from html import escape

from PIL import ImageColor

from .. import Classifier, Face, Prediction, overlay

LARGEST = 2  # times its size: a small picture shows nothing more when it is larger
TINY = 0.07  # of the width of a picture: the word does not fit a face that is less wide


def write_picture(figure: str, cards: Sequence[str], small: bool = False) -> str:
    """Write one picture: its figure, and a card for each face, or that there is none."""
    kind = ("none", "one", "some")[min(len(cards), 2)]
    note = (
        ""
        if cards
        else write_note("No face found. A picture in which the face is larger may help.")
    )
    below = (
        f'<div class="cards {"small" if small else ""}">{"".join(cards)}</div>' if cards else note
    )
    return f'<section class="reading {kind}">{figure}{below}</section>'


def write_figure(
    name: str, picture: bytes, size: tuple[int, int], faces: Sequence[Face], key: str
) -> str:
    """Write a picture with a frame around each face.

    Args:
        name: as the visitor knows it.
        picture: as JPEG.
        size: width and height that the boxes of the faces refer to.
        faces: in the order of their cards; numbered if there are several.
        key: of the picture on this page.
    """
    answers = ", ".join(name_answer(face.prediction) for face in faces) or "no face found"
    frames = "".join(
        _write_frame(face, size, f"{key}-{number}", number if len(faces) > 1 else None)
        for number, face in enumerate(faces, 1)
    )
    width, height = size
    share = 80 if len(faces) < 2 else 60  # of the window's height: cards below it are in view
    return (
        f'<figure style="--ratio: {width} / {height}; '
        f'--tallest: calc({share}vh * {width} / {height}); --widest: {LARGEST * width}px">'
        f'<div class="frames"><img src="{to_url(picture)}" width="{width}" height="{height}" '
        f'alt="{escape(name)}: {escape(answers)}">{frames}</div>'
        f"<figcaption><h2>{escape(name)}</h2></figcaption></figure>"
    )


def write_waiting(name: str, note: str) -> str:
    """Write the place of a picture that has not been read."""
    return (
        '<section class="reading waiting"><figure style="--ratio: 1"><div class="frames">'
        f"<p>{escape(note)}</p></div><figcaption><h2>{escape(name)}</h2></figcaption></figure>"
        '<div class="cards"><div class="card"></div></div></section>'
    )


def write_card(
    prediction: Prediction, crop: bytes, pixels: bytes | None, key: str, number: int | None
) -> str:
    """Write one face: what was cut out, the answer, how sure, and the scores of all labels.

    What is not legible has no scores that mean anything, so none are shown.

    Args:
        prediction: the answer.
        crop: the face as it was cut out, as JPEG.
        pixels: what the model gets of it, as PNG; None to leave it out.
        key: of the face on this page, as its frame has it.
        number: of the face in its picture; None where it is the only one.
    """
    face = f"Face {number}" if number else "The face"
    images = f'<img src="{to_url(crop)}" alt="{face}, cut out" width="96" height="96">'
    if pixels:
        images += (
            f'<img class="pixels" src="{to_url(pixels, "png")}" '
            f'alt="{face} as the model gets it" width="96" height="96">'
        )
    heading = f'<h3><span class="unseen">Face </span>{number}</h3>' if number else ""
    bars = draw_bars(prediction.scores, prediction.label) if prediction.legible else ""
    return (
        f'<article class="card" data-face="{key}" aria-label="{face}">{heading}'
        f'<div class="seen">{images}{write_answer(prediction)}</div>'
        f"{bars}</article>"
    )


def name_answer(prediction: Prediction) -> str:
    """Return an answer in a few words of text."""
    if not prediction.legible:
        return "not legible"
    score = f"{prediction.score:.0%}"
    if prediction.uncertain:
        return f"not sure, perhaps {prediction.label} ({score})"
    return f"{prediction.label} ({score})"


def write_error(line: str) -> str:
    """Write what went wrong."""
    return f'<p class="notice error" role="alert">{escape(line)}</p>'


def write_note(line: str) -> str:
    """Write what the visitor should know."""
    return f'<p class="notice">{escape(line)}</p>'


def write_image(data: bytes, alt: str, kind: str = "jpeg") -> str:
    """Write a picture on its own."""
    return f'<img src="{to_url(data, kind)}" alt="{escape(alt)}" width="224" height="224">'


def write_steps(steps: dict[str, tuple[str, str]]) -> str:
    """Write the steps from a picture to an answer: for each what is seen, and a sentence."""
    items = (
        f"<li><div>{shown}</div><p><strong>{number}. {name}.</strong> {escape(text)}</p></li>"
        for number, (name, (shown, text)) in enumerate(steps.items(), 1)
    )
    return f'<ol class="steps">{"".join(items)}</ol>'


def write_limits(texts: dict[str, str]) -> str:
    """Write short texts side by side, each with its first words."""
    items = (f"<p><strong>{first}</strong> {text}</p>" for first, text in texts.items())
    return f'<div class="limits">{"".join(items)}</div>'


def to_url(data: bytes, kind: str = "jpeg") -> str:
    """Return a picture as a URL that holds it."""
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def _write_frame(face: Face, size: tuple[int, int], key: str, number: int | None) -> str:
    prediction, (x, y, width, height) = face.prediction, face.box
    colour = "#fafafa" if prediction.uncertain else overlay.colour_of(prediction.label)
    ink = overlay.ink_on(ImageColor.getcolor(colour, "RGB"))  # type: ignore[arg-type]
    left, top, across, down = x / size[0], y / size[1], width / size[0], height / size[1]
    kinds = ["frame"] + ["uncertain"] * prediction.uncertain
    kinds += ["tiny"] * bool(number and across < TINY) + ["high"] * (top < 0.06)
    kinds += ["right"] * (left > 0.6)
    word = "illegible" if not prediction.legible else prediction.label
    mark = f"{word}{'?' * (prediction.uncertain and prediction.legible)}"
    score = f" {prediction.score:.2f}" if prediction.legible else ""
    place = "; ".join(
        f"{side}: {share:.2%}"
        for side, share in (("left", left), ("top", top), ("width", across), ("height", down))
    )
    return (
        f'<span class="{" ".join(kinds)}" data-face="{key}" aria-hidden="true" '
        f'style="{place}; --colour: {colour}; --ink: rgb{ink}">'
        f"<b>{f'<i>{number}</i>' if number else ''}<span>{escape(mark)}{score}</span></b></span>"
    )


def write_answer(prediction: Prediction) -> str:
    """Write the answer and how sure it is; large where there are but two labels."""
    label, score = escape(prediction.label), f"{prediction.score:.0%}"
    large = "large" if len(prediction.scores) == 2 else ""
    answer, sure = label.capitalize(), f"{score} sure"
    if prediction.uncertain:
        answer, sure = "Not sure", f"perhaps {label}, {score}"
    if not prediction.legible:
        sure = "too small or too blurred to read"
    return f'<p class="answer {large}">{answer}<small>{sure}</small></p>'


def draw_bars(shares: dict[str, float], bold: str = "") -> str:
    """Draw a bar for every label, in the given order and each label's own colour.

    Two labels share one bar.
    """
    rows = (
        f'<li class="{"bold" if label == bold else ""}" '
        f'style="--share: {share:.1%}; --colour: {overlay.colour_of(label)}">'
        f"<span>{escape(label)}</span><i></i><b>{share:.1%}</b></li>"
        for label, share in shares.items()
    )
    two = " two" if len(shares) == 2 else ""
    return f'<ul class="bars{two}">{"".join(rows)}</ul>'


def describe_model(model: Classifier, size: int) -> str:
    """List what a model file says of itself: its labels, how often it is right, its size."""
    info, metrics = model.info, model.info.metrics
    pixels = f"{info.input.width} × {info.input.height} pixels"
    facts = {"Name": info.name, "Labels": ", ".join(info.labels)}
    if {"accuracy", "images", "split"} <= metrics.keys():
        facts["Right"] = (
            f"{metrics['accuracy']:.1%} of {metrics['images']:,} faces ({metrics['split']})"
        )
    facts |= {
        "Not sure": f"when the score is below {info.uncertain_below:.0%}",
        "Learned": f"{info.trained_on}, labels of {info.label_set}",
        "Reads": f"{pixels}, {'grey' if info.input.colour == 'grey' else 'in colour'}",
        "File": f"{size / 1e6:.1f} MB, {info.precision}, version {info.version}",
        "Licence": info.licence,
    }
    rows = (f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in facts.items() if text)
    return f'<dl class="facts">{"".join(rows)}</dl>'


def write_words(looks: dict[str, str]) -> str:
    """List labels with what such a face looks like."""
    rows = (
        f'<dt style="--colour: {overlay.colour_of(label)}">{escape(label)}</dt><dd>{look}</dd>'
        for label, look in looks.items()
    )
    return f'<dl class="words">{"".join(rows)}</dl>'


def plain(text: str) -> str:
    """Escape what Markdown would take for markup."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)
