"""Free memory is given back to the system: once for many calls, and only where that is needed."""

import ctypes

import pytest

from fer_onnx.demo import heap


@pytest.fixture
def timers(monkeypatch) -> list:
    """What waits to be called, in place of timers."""
    waiting = []

    class Timer:
        def __init__(self, seconds, act):
            waiting.append(act)

        def start(self):
            pass

    monkeypatch.setattr(heap, "Timer", Timer)
    return waiting


def test_it_is_given_back_once_however_often_it_is_asked_for(monkeypatch, timers):
    trimmed = []
    monkeypatch.setattr(heap, "_TRIM", trimmed.append)
    heap.trim_soon()
    heap.trim_soon()
    assert len(timers) == 1
    timers[0]()
    assert trimmed == [0]
    heap.trim_soon()
    assert len(timers) == 2
    timers[1]()


def test_where_the_c_library_has_no_such_function_nothing_waits(monkeypatch, timers):
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    assert heap.find_trim() is None
    monkeypatch.setattr(heap, "_TRIM", None)
    heap.trim_soon()
    assert timers == []
