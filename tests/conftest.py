"""What every test folder may ask for: the data set, where it is present."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def fer_data() -> Path:
    """The folder with FER2013, named by FER_DATA; tests that need it are skipped without it."""
    folder = os.environ.get("FER_DATA")
    if not folder:
        pytest.skip("needs FER2013: set FER_DATA to the folder that holds it")
    assert Path(folder).exists(), f"FER_DATA names {folder}, which does not exist"
    return Path(folder)
