"""Worker processes: each computes one tile at a time, and all of them end with their driver, however it ends."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from genbounds.verification.runs.interrupts import uninterrupted

_SPAWN = multiprocessing.get_context("spawn")
T = TypeVar("T")
_LONGEST_END = 1.0
"""Seconds to wait for a killed process: the system has it end at once."""


class WorkersLostError(RuntimeError):
    """What was to do the work is gone: a worker process, or a cluster. What was finished is kept."""


class Workers:
    """So many spawned processes, started as there is work for them. Use it in a ``with`` statement; at its end they are killed.

    A process holds one tile and has a pipe of its own to the driver: whatever kills it takes one tile along, and nothing that another
    one would wait for.

    Attributes:
        number: how many processes there are at most.

    >>> with Workers(1) as workers:
    ...     asked = workers.submit(pow, 2, 10)
    ...     [future.result() for future in workers.finished()], workers.each([(pow, (2, 3)), (abs, (-1,))])
    ([1024], [8, 1])
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self._started = 0
        self._idle: list[_Worker] = []
        self._busy: dict[Any, tuple[_Worker, Future[Any]]] = {}

    @property
    def next_worker(self) -> int:
        """Which worker the next call goes to, as a number that stays its own; a call may go where what it needs is at hand."""
        return self._idle[-1].number if self._idle else self._started

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """Give a call to an idle worker; ``RuntimeError`` if there is none. Its future is done when ``finished`` says so.

        Raises:
            ValueError: the call can't be pickled.
        """
        if not self._idle:
            if len(self._busy) >= self.number:
                raise RuntimeError(f"at most {self.number} calls may be out, one for each worker: wait for one")
            with uninterrupted():
                self._idle.append(_Worker(self._started))
                self._started += 1
        worker, future = self._idle.pop(), Future[Any]()
        self._busy[worker.pipe] = worker, future
        with suppress(BrokenPipeError):  # it has died meanwhile, which `finished` sees
            worker.pipe.send((function, arguments))
        return future

    def finished(self, timeout: float | None = None) -> list[Future[Any]]:
        """Wait until a call is done (or for so many seconds), and give the futures of all that are.

        The future of a call whose worker died has a ``WorkersLostError``.
        """
        done = []
        for pipe in wait(list(self._busy), timeout):
            with uninterrupted():  # a result that is half read would be lost
                worker, future = self._busy.pop(pipe)
                done.append(future)
                try:
                    result, error, trace = worker.pipe.recv()
                except (EOFError, OSError):
                    worker.end()
                    future.set_exception(_died(worker))
                    continue
                except Exception as unread:  # an answer that can't be unpickled here
                    result, error, trace = None, unread, ""
                self._idle.append(worker)
                if error is None:
                    future.set_result(result)
                else:
                    error.__cause__ = _RemoteError(trace)
                    future.set_exception(error)
        return done

    def each(self, calls: Sequence[tuple[Callable[..., T], tuple[Any, ...]]]) -> list[T]:
        """What several calls give, in their order; every worker takes the next call as soon as it is idle.

        Raises:
            ValueError: a call can't be pickled.
            WorkersLostError: a worker died. What a call raises is raised here.
        """
        waiting, out, found = list(enumerate(calls)), dict[Future[Any], int](), dict[int, T]()
        while waiting or out:
            while waiting and len(out) < self.number:
                place, (function, arguments) = waiting.pop(0)
                out[self.submit(function, *arguments)] = place
            for future in self.finished():
                found[out.pop(future)] = future.result()
        return [found[place] for place in range(len(calls))]

    def __enter__(self) -> Workers:
        """Nothing is started before there is work."""
        return self

    def __exit__(self, *error: object) -> None:
        """End every process at once: what has not finished is dropped."""
        with uninterrupted():
            workers = [*self._idle, *(worker for worker, _ in self._busy.values())]
            self._idle, self._busy = [], {}
            for worker in workers:
                worker.process.kill()
            for worker in workers:
                worker.end()


class _Worker:
    """A process, with its number, and the pipe to it."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.pipe, theirs = _SPAWN.Pipe()
        self.process = _SPAWN.Process(target=_serve, args=(theirs,), name="genbounds worker")
        self.process.start()
        theirs.close()

    def end(self) -> None:
        self.pipe.close()
        self.process.join(_LONGEST_END)


def _died(worker: _Worker) -> WorkersLostError:
    status = worker.process.exitcode
    how = f"by signal {-status}" if status is not None and status < 0 else f"with status {status}"
    return WorkersLostError(
        f"a worker process died ({how}), perhaps for want of memory; what was finished is kept: run again with fewer workers"
    )


class _RemoteError(Exception):
    """The traceback of an error in its worker, as text."""


def _serve(pipe: Connection) -> None:
    """Compute what comes until nothing more can come. Ctrl-C is left to the driver."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_driver, daemon=True, name="driver watch").start()
    while True:
        try:
            function, arguments = pipe.recv()
            answer: tuple[Any, Exception | None, str] = function(*arguments), None, ""
        except EOFError:
            return  # the driver is gone
        except Exception as error:
            answer = None, _sendable(error), traceback.format_exc()
        try:
            pipe.send(answer)
        except OSError:
            return
        except Exception as error:  # a result that can't be pickled
            pipe.send((None, _sendable(error), traceback.format_exc()))


def _sendable(error: Exception) -> Exception:
    """The error with its notes, or its words in another one, where it can't be read back in another process."""
    with suppress(Exception):
        if type(pickle.loads(pickle.dumps(error))) is type(error):
            return error
    words = RuntimeError(f"{type(error).__name__}: {error}")
    for note in getattr(error, "__notes__", ()):
        words.add_note(note)
    return words


def _end_with_driver() -> None:
    """End when the driver is gone, even by kill -9."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
