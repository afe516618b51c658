"""Recipes of training: one module each, found by its name.

A preset is Python: its docstring gives the source, the command, the time it takes and the result.
To list them needs no Keras; to load one does.
"""

import ast
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..preset import Preset


def preset_names() -> list[str]:
    """List the presets."""
    return sorted(module.name.replace("_", "-") for module in iter_modules(__path__))


def describe_preset(name: str) -> str:
    """Return the first line of a preset's docstring, read without importing it."""
    source = Path(__path__[0], f"{name.replace('-', '_')}.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]


def load_preset(name: str) -> "Preset":
    """Load a preset by name.

    Raises:
        ValueError: no preset of that name.
    """
    if name not in preset_names():
        raise ValueError(f"no preset {name!r}; there are {', '.join(preset_names())}")
    from ..preset import Preset

    preset = import_module(f"{__name__}.{name.replace('-', '_')}").PRESET
    assert isinstance(preset, Preset)
    return preset
