"""The demo from a clone: `streamlit run streamlit_app.py`, or `… -- --model FILE` for your own."""

from fer_onnx.demo.page import main

main()
