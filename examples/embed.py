"""Name the expression of each face of a picture: python examples/embed.py samples/hopper.jpg."""

import sys

import fer_onnx

model = fer_onnx.load()  # once; safe to use from many threads
for path in sys.argv[1:]:
    for face in fer_onnx.read_faces(path, model=model):
        print(path, face.label, f"{face.score:.2f}", "(uncertain)" if face.uncertain else "")
