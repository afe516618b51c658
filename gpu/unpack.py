"""Make a checkpoint of a network that was taught on a GPU: `python -m gpu.unpack`."""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from fer_onnx.metadata import InputSpec
from train.backend import import_keras


def main() -> int:
    """Write the checkpoint, measured on PublicTest and on the posed faces."""
    parser = argparse.ArgumentParser(prog="python -m gpu.unpack", description=__doc__)
    parser.add_argument("arrays", type=Path, help="student.npz; run.json lies beside it")
    parser.add_argument("pack", type=Path, help="the folder that python -m gpu.pack wrote")
    parser.add_argument("--data", type=Path, required=True, help="FER2013; nhfi.zip beside it")
    parser.add_argument("--out", type=Path, required=True, metavar="CHECKPOINT")
    given = parser.parse_args()
    import_keras()
    from train.data.development import NHFI
    from train.data.formats import read_dataset, read_parts
    from train.data.targets import HEADS
    from train.expression.evaluate import evaluate_heads, measure_recall
    from train.expression.networks import build_residual
    from train.runs.checkpoint import write_checkpoint
    from train.runs.record import Record

    from .weights import count_blocks, put_arrays

    pack = json.loads((given.pack / "pack.json").read_text(encoding="utf-8"))
    run = json.loads((given.arrays.parent / "run.json").read_text(encoding="utf-8"))
    spec = InputSpec(**pack["input"])
    heads = {head: tuple(labels) for head, labels in pack["heads"].items()}
    with np.load(given.arrays) as arrays:
        model = build_residual(spec, heads, blocks=count_blocks(arrays))
        put_arrays(model, arrays)
    home = read_dataset(given.data, spec).split("PublicTest")
    row = evaluate_heads(model, home.images, home, {head: heads[head] for head in HEADS})
    posed = read_parts(given.data / NHFI, spec).split("test")
    row["nhfi_accuracy"] = measure_recall(model, posed, "nhfi", heads["nhfi"])
    row["mean_accuracy"] = float(np.mean([row[f"{head}_accuracy"] for head in heads]))
    record = Record.from_json(
        json.dumps(
            pack
            | {
                "preset": "taught",
                "seed": run["seed"],
                "epochs": run["epochs"],
                "batch": run["batch"],
                "tools": {"torch": run["torch"], "gpu": run["gpu"]},
                "teacher_weight": run["teacher_weight"],
                "kind": "fit",
                "sources": [],
                "history": [
                    {"epoch": run["epochs"], "side": spec.height, "seconds": run["seconds"], **row}
                ],
            }
        )
    )
    write_checkpoint(model, record, given.out)
    print(given.out, {name: round(value, 4) for name, value in row.items()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
