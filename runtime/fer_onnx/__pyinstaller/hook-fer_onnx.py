"""The model files, and the modules that are imported when they are first needed."""

from PyInstaller.utils.hooks import collect_data_files, collect_submodules

LEFT_OUT = ("fer_onnx.__pyinstaller", "fer_onnx.demo")  # the demo would bring Streamlit along

datas = collect_data_files("fer_onnx", excludes=["demo"])
hiddenimports = collect_submodules("fer_onnx", filter=lambda name: not name.startswith(LEFT_OUT))
