"""What one visitor has asked and given: one object, of which every view is a function."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st

from .cache import Memory, open_memory
from .pictures import Reading, Source

EXPRESSION, HAPPY_OR_SAD = "expression", "happy-or-sad"
UPLOAD, CAMERA, LIVE, SAMPLES = "Upload", "Snapshot", "Live", "Samples"
FACES, TABLE, EXPLANATION = "faces", "table", "how-it-works"


@dataclass
class State:
    """What one visitor has asked and given.

    Attributes:
        question: EXPRESSION or HAPPY_OR_SAD.
        origin: where pictures come from: UPLOAD, CAMERA, LIVE or SAMPLES.
        view: how answers are shown: FACES, TABLE or EXPLANATION.
        model: name of a bundled model, or a file.
        min_score: the score from which an answer counts as certain; None for what the model says.
        evidence: whether to show where the model looked.
        pixels: whether to show the pixels that the model gets.
        uploads: the pictures that were given.
        shot: the snapshot that was taken.
        sample: the sample that was chosen.
        stopped: whether the visitor has stopped the reading of the pictures.
        memory: what was read.
    """

    question: str = EXPRESSION
    origin: str = UPLOAD
    view: str = FACES
    model: str = ""
    min_score: float | None = None
    evidence: bool = False
    pixels: bool = False
    uploads: Sequence[Source] = field(default_factory=list)
    shot: Source | None = None
    sample: Source | None = None
    stopped: bool = False
    memory: Memory = field(default_factory=open_memory)

    @property
    def given(self) -> Sequence[Source]:
        """The visitor's own pictures, from where they come now."""
        if self.origin == UPLOAD:
            return self.uploads
        return [self.shot] if self.origin == CAMERA and self.shot else []

    @property
    def sources(self) -> Sequence[Source]:
        """The pictures to answer: the visitor's own, or else the sample."""
        return self.given or ([self.sample] if self.sample else [])

    def find(self, source: Source) -> Reading | None:
        """Return what was read of a picture, or None if it is still to be read."""
        return self.memory.find(source, self.model)


def open_state() -> State:
    """Return the state of this visit."""
    state: State = st.session_state.setdefault("state", State())
    state.memory = open_memory()  # a visitor whose connection was lost starts with a new one
    return state
