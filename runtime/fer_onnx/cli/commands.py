"""The commands themselves, each imported with what it needs when it runs."""

import argparse


def run_predict(args: argparse.Namespace) -> int:
    """Read the expressions in pictures; return the exit code."""
    from .predict import predict

    return predict(args)


def run_video(args: argparse.Namespace) -> int:
    """Read the expressions in films or from a camera; return the exit code."""
    from .video import read_films

    return read_films(args)


def run_evaluate(args: argparse.Namespace) -> int:
    """Measure one model on labelled pictures, or compare two; return the exit code."""
    from .evaluate import evaluate

    return evaluate(args)


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


def run_demo(args: argparse.Namespace) -> int:
    """Serve the demo until it is interrupted; return the exit code."""
    from ..classifier import load
    from .parser import UsageError

    try:
        from ..demo.server import serve
    except ModuleNotFoundError as exc:
        raise UsageError("the demo needs Streamlit: pip install 'fer-onnx[demo]'") from exc
    if args.model:
        load(args.model)  # one that cannot be used is an error at once
    serve(args.address, args.port, [args.model] if args.model else [])
    return 0
