"""The camera as Streamlit has it: each picture runs the page again, which answers it.

Run by Streamlit, with the work of the demo's Live view and nothing else on the page.
"""

import streamlit as st

from fer_onnx.demo.cache import open_model
from fer_onnx.demo.live import Watch

shot = st.camera_input("Camera", key="camera-shot")
watch = st.session_state.setdefault("watch", Watch(open_model("emotions")[0].model))
if shot:
    answer = watch.see(shot.getvalue())
    st.image(shot)
    for face in answer["faces"] if answer else []:
        st.html(face["card"])
