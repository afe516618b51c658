"""Parts of the demo that the page `streamlit_app.py` is put together from."""
