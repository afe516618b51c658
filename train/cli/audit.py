"""`python -m train audit`."""

import argparse
import json

from .options import add_data, require_data

HELP = "find duplicates, contradicting labels, blanks and non-faces in a data set"


def add_options(parser: argparse.ArgumentParser) -> None:
    add_data(parser)
    parser.add_argument("--format", default="text", choices=("text", "json"))


def run(args: argparse.Namespace) -> None:
    from train.data.audit import audit, describe_audit

    found = audit(require_data(args))
    print(
        json.dumps(found, indent=1) if args.format == "json" else "\n".join(describe_audit(found))
    )
