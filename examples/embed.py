"""Name the expression of a face: python examples/embed.py samples/faces/astronaut.png."""

import sys

import fer_onnx

model = fer_onnx.load()  # once; safe to use from many threads
for path in sys.argv[1:]:
    answer = model.predict(path)
    print(path, answer.label, f"{answer.score:.2f}", "(uncertain)" if answer.uncertain else "")
