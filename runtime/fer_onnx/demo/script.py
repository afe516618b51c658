"""The page as `fer-onnx demo` starts it: what Streamlit serves, and runs for each visitor."""

from streamlit.starlette import App

from fer_onnx.demo.live import ROUTE
from fer_onnx.demo.page import main

if __name__ == "__main__":  # for each visitor, and again after whatever the visitor changes
    main()
else:  # once, by the server, which finds it by this name
    app = App(__file__, routes=[ROUTE])
