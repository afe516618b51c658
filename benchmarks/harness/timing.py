"""Time inside this process: tasks take turns, the median counts."""

import time
from collections.abc import Callable, Mapping
from statistics import median


def take_turns(
    tasks: Mapping[str, Callable[[], object]],
    rounds: int,
    calls: int,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, float]:
    """Time tasks in turns, so that whatever else the machine does falls on all alike.

    A turn is one call that does not count, which brings the task's data back into the caches,
    and then those that do.

    Args:
        tasks: what to call, by name.
        rounds: turns of each task.
        calls: timed calls in a turn.
        clock: wall time by default; `time.process_time` counts processor time.

    Returns:
        The median seconds of one call, by name.
    """
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            task()
            for _ in range(calls):
                start = clock()
                task()
                times[name].append(clock() - start)
    return {name: median(values) for name, values in times.items()}
