"""Ask `fer` about a film, with its own (Haar) detector; print the processor time, as JSON.

Run by `python -m benchmarks video`, under whatever interpreter has `fer`; imports nothing of ours.
Nothing is drawn or saved: only the readings are timed.
"""

import json
import sys
import time

import cv2
from fer.classes import Video
from fer.fer import FER

film, every = sys.argv[1], int(sys.argv[2])
cv2.setNumThreads(1)
# asked for a key after each frame, and closed at the end; OpenCV without windows has neither
setattr(cv2, "waitKey", lambda wait: -1)  # noqa: B010
setattr(cv2, "destroyAllWindows", lambda: None)  # noqa: B010
detector = FER()
video = Video(film, outdir="fer")
start = time.process_time()
video.analyze(detector, frequency=every, save_frames=False, save_video=False, zip_images=False)
print(json.dumps({"seconds": time.process_time() - start}))
