"""`python -m train presets`."""

import argparse

HELP = "list the presets"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Take no options."""


def run(args: argparse.Namespace) -> None:
    from train.expression.presets import describe_preset, preset_names

    for name in preset_names():
        print(f"{name:28} {describe_preset(name)}")
