"""What others published, or what was measured elsewhere: quoted, not measured by these commands."""

from typing import NamedTuple


class Published(NamedTuple):
    """A network, as others measured it.

    Attributes:
        name: of the network.
        milliseconds: for one face on a processor, measured on another machine; None: not known.
        accuracy: in %, on the original labels of FER2013; None: not known.
        split: of FER2013, where the accuracy is known.
        source: who says so, and what is known besides.
    """

    name: str
    milliseconds: float | None
    accuracy: float | None
    split: str
    source: str

    @property
    def complete(self) -> bool:
        """Whether it has a place in a picture of accuracy against latency."""
        return self.milliseconds is not None and self.accuracy is not None


PUBLISHED = (
    Published(
        "ResMaskNet", 979.0, 74.1, "PrivateTest", "Pham et al. 2020; its latency measured elsewhere"
    ),
    Published("big_XCEPTION", None, 66.8, "split not stated", "published; no latency known"),
    Published(
        "VGG13 of FER+",
        26.0,
        None,
        "",
        "Barsoum et al. 2016, 8.8 M parameters; judged on FER+ labels alone; "
        "its latency measured elsewhere",
    ),
    Published(
        "hsemotion, EfficientNet-B0",
        37.0,
        None,
        "",
        "trained on AffectNet; no accuracy on these labels known; its latency measured elsewhere",
    ),
)
PEOPLE = (65.0, 5.0)  # % of FER2013's labels that people give again, ±: Goodfellow et al. 2013
