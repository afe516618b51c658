"""Make checkpoints with Keras: `python -m train`. Part of the clone, not of the wheel."""

import os
from pathlib import Path

import fer_onnx  # noqa: F401  before anything imports onnxruntime: it sees to it that nothing is sent

# Keras imports matplotlib, which would keep its list of fonts in ~/.cache and ~/.config
_keras = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
os.environ.setdefault("MPLCONFIGDIR", str(_keras / "matplotlib"))
