"""Garbage is collected on the window's thread, and what waits for a job is held by no other."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from linkage_gui.ahead import Ahead
from linkage_gui.garbage import Garbage
from linkage_gui.window import Window


class Cycle:
    """Something that only collecting frees, and that says on which thread."""

    def __init__(self, freed_on: list[threading.Thread]) -> None:
        self.itself = self
        self._freed_on = freed_on

    def __del__(self) -> None:
        self._freed_on.append(threading.current_thread())


@pytest.fixture
def garbage() -> Iterator[Garbage]:
    """The keeper. The one of all window tests goes on after it."""
    gc.collect()
    made = Garbage()
    yield made
    made.end()
    gc.disable()


def test_cycles_made_on_another_thread_are_freed_on_the_windows(garbage: Garbage, qtbot: QtBot) -> None:
    freed_on: list[threading.Thread] = []

    def work() -> None:
        for _ in range(20 * gc.get_threshold()[0]):
            Cycle(freed_on)

    other = threading.Thread(target=work)
    other.start()
    other.join()
    assert freed_on == []
    qtbot.waitUntil(lambda: bool(freed_on))
    assert set(freed_on) == {threading.main_thread()}


def test_at_the_end_python_collects_by_itself_again(garbage: Garbage) -> None:
    assert not gc.isenabled()
    garbage.end()
    assert gc.isenabled()


def test_the_workers_thread_holds_nobody_who_waits(window: Window, qtbot: QtBot) -> None:
    freed_on: list[threading.Thread] = []
    going, let_go = threading.Event(), threading.Event()

    class Waiting(QObject):
        def __del__(self) -> None:
            freed_on.append(threading.current_thread())

        def told(self, _: object) -> None:
            """Wait for an answer."""

    def hold(_: object) -> None:
        going.set()
        let_go.wait(30)

    waiting = Waiting()
    gone = weakref.ref(waiting)
    window._worker.run(hold, waiting.told, waiting.told)
    assert going.wait(30)
    thread = window._worker._thread
    assert thread is not None
    window._worker.abandon()
    del waiting
    assert gone() is None, "the worker's thread holds it"
    assert freed_on == [threading.main_thread()]
    let_go.set()
    window._worker._jobs.put(None)
    thread.join()
    QApplication.processEvents()  # what it gives at last is told to nobody


def test_looking_ahead_holds_nobody_who_waits(qtbot: QtBot) -> None:
    ahead = Ahead()
    ahead.start()
    going, let_go = threading.Event(), threading.Event()
    freed_on: list[threading.Thread] = []

    class Waiting(QObject):
        def __del__(self) -> None:
            freed_on.append(threading.current_thread())

        def told(self, _: object) -> None:
            """Wait for an answer."""

    def hold() -> None:
        going.set()
        let_go.wait(30)

    waiting = Waiting()
    ahead.ask(hold, waiting.told)
    assert going.wait(30)
    ahead.forget()
    del waiting
    assert freed_on == [threading.main_thread()]
    let_go.set()
    for thread in threading.enumerate():
        if thread.name == "linkage-gui-ahead":  # else it may be the last to hold what the window's thread tells by
            thread.join(30)
