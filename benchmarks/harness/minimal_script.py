"""The shortest script that asks a model file about a picture: the floor for `fer-onnx predict`."""

import os
import sys

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # as fer_onnx does; before the next import

import numpy as np
import onnxruntime as ort
from PIL import Image

model, picture = sys.argv[1:]
face = np.asarray(Image.open(picture).convert("L").resize((48, 48)))
print(ort.InferenceSession(model).run(["probabilities"], {"image": face[None, ..., None]})[0])
