"""The model files, and the modules that are imported when they are first needed."""

from PyInstaller.utils.hooks import collect_data_files, collect_submodules

datas = collect_data_files("fer_onnx")
hiddenimports = collect_submodules("fer_onnx", filter=lambda name: "__pyinstaller" not in name)
