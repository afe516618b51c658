"""Nothing phones home: predictions leave nothing behind and open no socket."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FACE = ROOT / "samples" / "faces" / "astronaut.png"
PHOTO = ROOT / "samples" / "hopper.jpg"
COMMAND = (sys.executable, "-m", "fer_onnx")
LIBRARY = f"""
import fer_onnx
print(fer_onnx.load().predict({str(FACE)!r}).label, len(fer_onnx.read_faces({str(PHOTO)!r})))
"""
HOST_FIRST = """
import onnxruntime
onnxruntime.disable_telemetry_events = lambda: print("events are off")
import fer_onnx
"""
TELL = "import os, fer_onnx; print(os.environ['ORT_DISABLE_TELEMETRY'])"


class TestTheInstrument:
    def test_it_notes_a_socket(self, watch):
        program = watch("none")
        program.run(
            sys.executable,
            "-c",
            "import socket\ntry: socket.socket()\nexcept PermissionError: print('refused')",
        )
        assert any("socket.__new__" in line for line in program.contacts)

    def test_it_notes_what_goes_beyond_loopback(self, watch):
        program = watch("loopback")
        program.run(
            sys.executable,
            "-c",
            "import socket\n"
            "one = socket.socket(type=socket.SOCK_DGRAM)\n"
            "one.sendto(b'', ('127.0.0.1', 9))\n"
            "try: one.sendto(b'', ('192.0.2.1', 9))\n"
            "except PermissionError: print('refused')",
        )
        (line,) = program.contacts
        assert line.startswith("socket.sendto")
        assert "192.0.2.1" in line

    @pytest.mark.parametrize(
        ("line", "leaves"),
        [
            (
                '7 connect(8, {sa_family=AF_INET, sin_addr=inet_addr("192.0.2.1")}, 16',
                True,
            ),
            ('7 connect(8, {sa_family=AF_INET, sin_addr=inet_addr("127.0.0.1")}, 16) = 0', False),
            (
                'bind(3, {sa_family=AF_INET6, inet_pton(AF_INET6, "::1", &sin6_addr)}, 28) = 0',
                False,
            ),
            ('bind(3, {sa_family=AF_INET6, inet_pton(AF_INET6, "::", &sin6_addr)}, 28) = 0', True),
            ('7 connect(9, {sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"}, 110) = 0', False),
            ("7 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3", False),
        ],
    )
    def test_it_reads_system_calls(self, watch, line, leaves):
        assert watch("loopback")._leaves(line) == leaves

    def test_it_notes_files(self, watch):
        program = watch("none")
        program.run(
            sys.executable,
            "-c",
            "import pathlib, tempfile; pathlib.Path.home().joinpath('a').touch(); "
            "tempfile.mkstemp('b')",
        )
        assert program.left[0] == "home/a"
        assert len(program.left) == 2


@pytest.mark.parametrize(
    "command",
    [
        (*COMMAND, "predict", FACE, PHOTO),
        (*COMMAND, "predict", ROOT / "samples", "--workers", "2", "--format", "csv"),
        (*COMMAND, "info"),
        (sys.executable, "-c", LIBRARY),
        (sys.executable, ROOT / "examples" / "embed.py", FACE),
    ],
    ids=["command", "workers", "info", "library", "example"],
)
def test_nothing_is_left_and_no_socket_is_opened(watch, command):
    program = watch("none")
    assert program.run(*command)
    assert program.left == []
    assert program.contacts == []


def test_the_shortest_script_of_the_benchmarks_is_as_quiet(watch):
    model = ROOT / "runtime" / "fer_onnx" / "models" / "emotions.onnx"
    program = watch("none")
    program.run(sys.executable, ROOT / "benchmarks" / "harness" / "minimal_script.py", model, FACE)
    assert (program.left, program.contacts) == ([], [])


class TestSetting:
    """`import fer_onnx` sets ORT_DISABLE_TELEMETRY, which onnxruntime reads when it is imported."""

    def test_it_is_off_unless_the_user_has_said_otherwise(self):
        assert tell({}) == "1"

    @pytest.mark.parametrize("value", ["0", "1", ""])
    def test_a_value_of_the_user_is_left_alone(self, value):
        assert tell({"ORT_DISABLE_TELEMETRY": value}) == value

    def test_where_the_host_imported_onnxruntime_first_its_events_are_switched_off(self):
        assert tell({}, HOST_FIRST) == "events are off"

    def test_but_not_where_the_user_has_said_otherwise(self):
        assert tell({"ORT_DISABLE_TELEMETRY": "0"}, HOST_FIRST) == ""

    def test_a_host_that_imports_the_package_first_is_as_quiet(self, watch):
        program = watch("none")
        program.run(sys.executable, "-c", "import fer_onnx, onnxruntime")
        assert (program.left, program.contacts) == ([], [])

    def test_so_is_one_that_sets_the_variable_itself(self, watch):
        program = watch("none")
        script = f"import onnxruntime{LIBRARY}"
        program.run(sys.executable, "-c", script, environment={"ORT_DISABLE_TELEMETRY": "1"})
        assert (program.left, program.contacts) == ([], [])


def tell(environment: dict[str, str], script: str = TELL) -> str:
    """Run a script with these variables, ORT_DISABLE_TELEMETRY not among the others."""
    others = {k: v for k, v in os.environ.items() if k != "ORT_DISABLE_TELEMETRY"}
    command = [sys.executable, "-c", script]
    return subprocess.check_output(command, text=True, env=others | environment).rstrip("\n")
