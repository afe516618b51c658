"""How much memory and work a model takes at most, known before it runs."""

from collections import Counter

from ..errors import ModelError
from ..metadata import MAX_SIDE
from .fields import show
from .guard import MOST_AXES, PAGE, Contents
from .operators import OPERATORS
from .spans import Span, Tensor

MOST_VALUES = 2**28  # of all tensors of one run together: 1 GB in float32
MOST_WORK = 10**11  # multiply-adds of one run
BATCHES = (32, 8, 1)  # faces in one run: more gain nothing on a CPU


def choose_batch(contents: Contents, name: str) -> int:
    """Return how many faces a model may be asked about at once.

    Args:
        contents: of the model file.
        name: what it is called in errors.

    Raises:
        ModelError: even one face takes more memory or work than is allowed, or how much it takes
            depends on what is in the picture.
    """
    for batch in BATCHES:
        values, work = count(contents, name, batch)
        if values <= MOST_VALUES and work <= MOST_WORK:
            return batch
    raise ModelError(
        f"{name}: takes more than {MOST_VALUES:,} values or {MOST_WORK:,} multiply-adds for one "
        f"picture, which is not allowed; {PAGE} says why"
    )


def count(contents: Contents, name: str, batch: int) -> tuple[int, int]:
    """Return the values that a run makes at most, and the multiply-adds.

    Args:
        contents: of the model file.
        name: what it is called in errors.
        batch: the most pictures in the run, where their number is free; free sides of pictures
            are of up to `MAX_SIDE` pixels.

    Raises:
        ModelError: they depend on what is in the picture.
    """
    known = dict(contents.constants)
    for key, array in contents.inputs.items():
        free = [Span(1, MAX_SIDE if place else batch) for place in range(len(array.dims))]
        dims = zip(array.dims, free, strict=True)
        known[key] = Tensor(tuple(Span(d, d) if isinstance(d, int) else span for d, span in dims))
    uses = Counter(each for node in contents.nodes for each in node.inputs)
    uses.update(list(contents.outputs))
    values = work = 0
    for node in contents.nodes:
        operator = OPERATORS[node.kind]
        inputs = [known.get(each, Tensor(())) for each in node.inputs]
        try:
            output = operator.rule(node.attributes, inputs)
            if len(output.dims) > MOST_AXES:
                raise ValueError(f"it has more than {MOST_AXES} axes")
            # onnxruntime repeats these for every use
            times = max(uses[node.outputs[0]], 1) if node.kind == "DequantizeLinear" else 1
            work += times * operator.work(node.attributes, inputs, output)
            values += times * output.elements * len(node.outputs)
        except (ValueError, IndexError, TypeError) as exc:
            raise ModelError(
                f"{name}: its {node.kind} {show(node.outputs[0])} is not allowed: {exc}; "
                f"{PAGE} says why"
            ) from exc
        known |= {each: output for each in node.outputs if each}
        if values > MOST_VALUES or work > MOST_WORK:
            break
    return values, work
