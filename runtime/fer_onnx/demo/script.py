"""What Streamlit runs: for each visitor, and again after whatever the visitor changes."""

from fer_onnx.demo.page import main

main()
