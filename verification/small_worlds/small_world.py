"""What a small world is: settings of one kind in which a quantity is known by brute force."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, ClassVar

from genbounds.bounds.assumptions import Audit
from genbounds.verification.scenarios.scenario import Size


@dataclass(frozen=True)
class Known:
    """One setting, with what is known of it.

    ``small_worlds`` hold them.

    Args:
        label: the setting in words from which a reader can rebuild it.
        inputs: under the catalogue's names, exactly (ints, Fractions, doubles, tuples of them for vectors).
        truth: the quantity is at least this: it was counted, averaged, integrated or run, or an example shows it. Floats are correct to
            1e-12 of themselves.
        ceiling: what the quantity is at most in any case; a capacity that says no more is vacuous here.
    """

    label: str
    inputs: Mapping[str, Any]
    truth: Fraction | float
    ceiling: float = math.inf


@dataclass(frozen=True)
class SmallWorld:
    """Settings of one kind, all with the same inputs and the same known quantity.

    Attributes:
        name: what reports call it; unique.
        description: one sentence for readers.
        gives: which quantity is known, by the name that capacities give it (``log_growth``, ``kl``, ...).
        inputs: the catalogue's names of the inputs that every setting supplies.
        audit: the assumptions that hold in every setting, with the reason.
        make: the settings at a size.
        hostile: empty, as nothing is drawn here that a choice could look at.
    """

    hostile: ClassVar[str] = ""
    name: str
    description: str
    gives: str
    inputs: frozenset[str]
    audit: Audit
    make: Callable[[Size], Iterator[Known]]
    _made: dict[Size, tuple[Known, ...]] = field(default_factory=dict, repr=False, compare=False)

    def settings(self, size: Size) -> tuple[Known, ...]:
        """The settings, made once in a process."""
        if size not in self._made:
            self._made[size] = tuple(self.make(size))
        return self._made[size]
