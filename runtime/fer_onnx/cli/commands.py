"""The commands themselves, each imported with what it needs when it runs."""

import argparse


def run_predict(args: argparse.Namespace) -> int:
    """Answer pictures; return the exit code."""
    from .predict import predict

    return predict(args)


def run_info(args: argparse.Namespace) -> int:
    """Show a model file's metadata; return the exit code."""
    import sys

    from ..classifier import DEFAULT, load
    from ..modelfile import FINDER, bundled_models
    from .writers import MODEL_WRITERS

    write = MODEL_WRITERS[args.format]
    if args.model == FINDER:
        from ..detector import FaceFinder

        sys.stdout.write(write(FaceFinder().info, None, bundled_models()))
    else:
        model = load(args.model or DEFAULT)
        sys.stdout.write(write(model.info, model.has_evidence, bundled_models()))
    return 0


def run_bench(args: argparse.Namespace) -> int:
    """Measure a model on this machine; return the exit code."""
    import sys

    from ..bench import WRITERS, measure
    from ..classifier import DEFAULT

    sys.stdout.write(WRITERS[args.format](measure(args.model or DEFAULT)))
    return 0
