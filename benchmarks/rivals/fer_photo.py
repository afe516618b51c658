"""Ask `fer` about a picture, with its own (Haar) detector; print time and faces found, as JSON.

Run by `python -m benchmarks photo`, under whatever interpreter has `fer`; imports nothing of ours.
"""

import json
import sys
import time
from statistics import median

import cv2
from fer.fer import FER

picture, rounds = sys.argv[1], int(sys.argv[2])
cv2.setNumThreads(1)
detector = FER()
faces = detector.detect_emotions(picture)
times = []
for _ in range(rounds):
    start = time.process_time()
    detector.detect_emotions(picture)
    times.append(time.process_time() - start)
print(json.dumps({"seconds": median(times), "faces": len(faces), "opencv": cv2.__version__}))
