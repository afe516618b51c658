"""The demo from a clone: `streamlit run streamlit_app.py`, or `… -- --model FILE` for your own."""

from streamlit.starlette import App

from fer_onnx.demo.page import main
from fer_onnx.demo.routes import ROUTES

if __name__ == "__main__":  # for each visitor, and again after whatever the visitor changes
    main()
else:  # once, by the server, which finds it by this name
    app = App(__file__, routes=ROUTES)
