"""TensorFlow is silent about how it was built; what comes after its import is heard."""

import os
import subprocess
import sys
from pathlib import Path

from train.backend import _silence

ROOT = Path(__file__).parents[2]


def test_the_import_of_keras_says_nothing():
    program = (
        "import sys; from train.backend import import_keras; import_keras(); "
        "assert 'keras' in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_only_what_is_written_meanwhile_is_dropped(capfd):
    with _silence(2):
        os.write(2, b"dropped")
    os.write(2, b"heard")
    assert capfd.readouterr().err == "heard"


def test_a_closed_descriptor_is_left_alone():
    read, write = os.pipe()
    os.close(read)
    os.close(write)
    with _silence(write):
        pass
