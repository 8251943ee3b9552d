"""How far a run has come, on stderr: a bar per study in a terminal, and lines in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from genbounds.verification.commands.terminal import say

if TYPE_CHECKING:
    from genbounds.verification.runs.run import Progress

__all__ = ["progress_lines", "progress_shown"]

EVERY = 30.0
"""Seconds from one line of an unfinished study to the next."""


def progress_shown(*, silent: bool) -> AbstractContextManager[Callable[[Progress], None] | None]:
    """What a run is to call after each tile; None where a program reads the output."""
    if silent:
        return nullcontext()
    return _bars() if sys.stderr.isatty() else nullcontext(progress_lines())


def progress_lines(clock: Callable[[], float] = time.monotonic) -> Callable[[Progress], None]:
    """A line for each study when its work is finished, and one every ``EVERY`` seconds until then: a silent run looks like a dead one."""
    last = clock()
    begun: set[str] = set()

    def update(progress: Progress) -> None:
        nonlocal last
        finished = progress.done >= progress.total
        if not finished:
            begun.add(progress.study)
        if (finished and progress.study in begun) or (not finished and clock() - last >= EVERY):
            last = clock()
            say(f"genbounds: {progress.study}: {progress.done} of {progress.total} cells, {progress.seconds:.0f} s", err=True)
        if finished:
            begun.discard(progress.study)

    return update


@contextmanager
def _bars() -> Iterator[Callable[[Progress], None]]:
    """A bar per study, as soon as there is work to do."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    bars = Bars(*columns, console=Console(stderr=True), transient=True)
    tasks: dict[str, Any] = {}
    visible = False

    def update(progress: Progress) -> None:
        nonlocal visible
        if progress.study not in tasks:
            tasks[progress.study] = bars.add_task(progress.study, total=progress.total)
        bars.update(tasks[progress.study], completed=progress.done, total=progress.total)
        if not visible and progress.done < progress.total:
            visible = True
            bars.start()

    try:
        yield update
    finally:
        if visible:
            bars.stop()
