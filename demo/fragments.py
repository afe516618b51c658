"""What Streamlit does not draw by itself: answers and bars as HTML, text as plain Markdown."""

import re
from html import escape

from fer_onnx import Prediction, overlay


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
    """Draw a bar for every label, in the given order and each label's own colour."""
    rows = (
        f'<li class="{"bold" if label == bold else ""}" '
        f'style="--share: {share:.1%}; --colour: {overlay.colour_of(label)}">'
        f"<span>{escape(label)}</span><i></i><b>{share:.1%}</b></li>"
        for label, share in shares.items()
    )
    return f'<ul class="bars">{"".join(rows)}</ul>'


def plain(text: str) -> str:
    """Escape what Markdown would take for markup."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)
