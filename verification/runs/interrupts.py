"""Ctrl-C: what must not be cut in two waits for its end, and a program that was told to end does."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

PATIENCE = 1.5
"""Seconds that a program has for an orderly end after Ctrl-C."""


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let Ctrl-C wait until the block has ended, and let the processes that the block starts never see it.

    For short blocks: a finished tile is on its way to the disk. Outside the main thread, which alone is interrupted, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked: list[Any] = []
    before = signal.getsignal(signal.SIGINT)
    if not callable(before):  # ignored, or not set by Python: nothing is raised anyway
        yield
        return
    signal.signal(signal.SIGINT, lambda number, frame: asked.append(frame))
    masked = _mask()
    try:
        yield
    finally:
        if masked is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, masked)
        signal.signal(signal.SIGINT, before)
        if asked:
            before(signal.SIGINT, asked[0])


def _mask() -> Any:
    """Block the signal in this thread, which processes inherit that are started from it; the mask before, or None where there is none."""
    return signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if hasattr(signal, "pthread_sigmask") else None


@contextmanager
def ends_soon_after_interrupt(status: int, patience: float = PATIENCE, last_words: str = "genbounds: interrupted") -> Iterator[None]:
    """End the process with this status where Ctrl-C has not ended it after so many seconds. For programs, not for libraries.

    Python raises ``KeyboardInterrupt`` between two of its own steps: a long product or a solver of a library keeps it waiting, and an
    orderly end may hang on a network. The store stands such an end at any time: a tile that is half written does not count. Further Ctrl-C
    are ignored, so that they do not disturb an orderly end.
    """
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    ended, (told, teller) = threading.Event(), socket.socketpair()
    teller.setblocking(False)
    watch = threading.Thread(target=_watch, args=(told, ended, status, patience, last_words), daemon=True, name="interrupt watch")
    watch.start()
    # The signal's number is written to the socket at once, whatever the main thread is busy with; the handler in Python may wait.
    before = signal.set_wakeup_fd(teller.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGINT, _interrupt_once)
    try:
        yield
    except (SystemExit, KeyboardInterrupt):
        if signal.getsignal(signal.SIGINT) is _interrupt_once:
            raise
        _flush()  # it was interrupted, and what is left to do is done: the interpreter's own end can take a second
        os._exit(status)
    finally:
        ended.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.set_wakeup_fd(before)
        teller.close()
        watch.join()
        told.close()


def _interrupt_once(number: int, frame: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()


def _watch(told: socket.socket, ended: threading.Event, status: int, patience: float, last_words: str) -> None:
    while signals := told.recv(64):
        if signal.SIGINT in signals:
            if not ended.wait(patience):
                _end(status, last_words)
            return


def _end(status: int, last_words: str) -> None:
    """Leave without any more of Python; a hidden cursor comes back."""
    with suppress(Exception):
        cursor = "\x1b[?25h" if sys.stderr.isatty() else ""
        os.write(2, f"{cursor}{last_words}\n".encode())
    os._exit(status)
