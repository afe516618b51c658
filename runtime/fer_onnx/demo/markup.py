"""What Streamlit does not draw by itself: answers and bars as HTML, text as plain Markdown."""

import re
from html import escape

from .. import Classifier, Prediction, overlay


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
    facts = {"Labels": ", ".join(info.labels)}
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
