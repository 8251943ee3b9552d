"""A study without networks: it squares numbers, and keeps a diary of what it really computed."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from genbounds.verification.runs.cells import Result, Study


@dataclass(frozen=True)
class Number:
    """One number to square."""

    value: int
    population: str = "separable"


def deaf(seconds: float) -> None:
    """Be as busy as a library in a long product: Ctrl-C does not end it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(KeyboardInterrupt):
            time.sleep(end - time.monotonic())


class Counting(Study):
    """Squares of 0..count-1, a pause for each tile; the number ``fatal`` kills its own process, ``wrong`` raises, ``endless`` never
    ends."""

    name = "counting"
    revision = 1
    description = "Squares of whole numbers."

    def __init__(
        self,
        count: int,
        diary: str,
        tile_size: int = 3,
        pause: float = 0.0,
        fatal: int | None = None,
        wrong: int | None = None,
        offset: int = 0,
        endless: int | None = None,
    ) -> None:
        """See the class."""
        self.count, self.diary, self.tile_size, self.pause = count, diary, tile_size, pause
        self.fatal, self.wrong, self.offset, self.endless = fatal, wrong, offset, endless

    def cells(self) -> Sequence[Number]:
        """The numbers."""
        return [Number(value) for value in range(self.count)]

    def run_tile(self, cells: Sequence[Number]) -> list[Result]:
        """Write the diary, then give the squares with values that are hard for JSON."""
        import torch

        time.sleep(self.pause)
        for cell in cells:
            if cell.value == self.fatal:
                os.kill(os.getpid(), signal.SIGKILL)
            if cell.value == self.wrong:
                raise ArithmeticError("a wrong number")
            if self.endless is not None and cell.value >= self.endless:
                deaf(600)
        with open(self.diary, "a") as diary:
            diary.write("".join(f"{cell.value} {torch.get_num_threads()}\n" for cell in cells))
        return [
            {
                "square": cell.value**2 + self.offset,
                "third": Fraction(cell.value, 3),
                "root": math.sqrt(cell.value),
                "infinite": math.inf,
            }
            for cell in cells
        ]
