"""The demo in the browser; it needs Streamlit (`fer-onnx[demo]`), and nothing else imports it."""
