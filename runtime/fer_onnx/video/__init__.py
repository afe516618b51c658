"""Films and cameras → the faces in them, moment by moment. Needs the extra `video` (PyAV).

>>> from fer_onnx import video
>>> for moment in video.read("talk.mp4", every=0.2):
...     print(moment.t, [(face.track, face.label, face.score) for face in moment.steadied])
"""

from .camera import watch as watch
from .follower import Moment as Moment
from .reading import read as read

__all__ = ["Moment", "read", "watch"]
