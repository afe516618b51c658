"""The command `python -m benchmarks`: lists the benchmarks, or runs one.

Arguments, errors and exit codes of all of them are dealt with here.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from importlib import import_module

from fer_onnx.errors import FerOnnxError
from train.errors import TrainError, describe_error

from .harness.catalogue import Benchmark, find_benchmarks, list_lines
from .harness.machine import read_machine
from .harness.report import Report, print_report

OURS = ("benchmarks", "export", "fer_onnx", "train")
UNUSABLE, INTERRUPTED = 2, 130
FOLDERS = re.compile(r"(?<![^=])/\S*/")  # of this machine, at the start of a word or a value


def main(argv: Sequence[str] | None = None) -> int:
    """List the benchmarks, or run one.

    Returns:
        The exit code: 0; 1 if what was measured is wrong; 2, with one line on stderr, if nothing
        could be measured or written.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        if not words or words[0] in ("-h", "--help"):
            print("\n".join(list_lines()))
            return 0
        if words == ["--render"]:
            return render()
        known = find_benchmarks()
        if words[0] not in known:
            raise ValueError(f"no benchmark {words[0]!r}; there are {', '.join(known)}")
        return run(known[words[0]], words[1:])
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return INTERRUPTED
    except (TrainError, FerOnnxError, OSError, ValueError) as exc:
        print(f"error: {describe_error(exc)}", file=sys.stderr)
        return UNUSABLE


def run(benchmark: Benchmark, words: Sequence[str]) -> int:
    """Run one benchmark: print what it found, and keep its figures if `--write` says so.

    Raises:
        ValueError: it needs a package that is not installed.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m benchmarks {benchmark.name}", description=benchmark.description
    )
    try:
        module = import_module(benchmark.module)
        module.add_options(parser)
        parser.add_argument(
            "--write",
            action="store_true",
            help=f"keep the figures in docs/figures/{benchmark.name}.json, and put them into the "
            "documents that quote them",
        )
        options = parser.parse_args(words)
        report = module.measure(options)
    except ModuleNotFoundError as exc:
        if exc.name is None or exc.name.split(".")[0] in OURS:
            raise
        needs = f"{benchmark.name} needs {benchmark.needs}"
        raise ValueError(f"{exc.name} is not installed; {needs}") from exc
    print_report(report)
    if options.write:
        keep(benchmark.name, [parser.prog, *words], report)
    return int(report.failed)


def keep(name: str, words: Sequence[str], report: Report) -> None:
    """Keep what a benchmark found, with the command that found it, and render the documents."""
    from .documents.figures import keep_figures
    from .documents.record import make_record

    command = " ".join(FOLDERS.sub("", word) for word in words if word != "--write")
    keep_figures(name, make_record(command, read_machine(), report.versions, report.figures))


def render() -> int:
    """Render the figures that are kept into the documents again."""
    from .documents.figures import read_records, update_documents

    update_documents(read_records())
    return 0


if __name__ == "__main__":
    sys.exit(main())
