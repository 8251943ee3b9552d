"""Comparison of a formula with its independent reference: never below it, and within 1e-9."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from mpmath import mp
from tests.reference.special import exact

from genbounds.bounds import get

TOLERANCE = 1e-9


def reference_of(name: str) -> Callable[..., Any]:
    """The function of the same name in tests/reference."""
    family, short = name.split(".")
    found: Callable[..., Any] = getattr(importlib.import_module(f"tests.reference.{family}"), short)
    return found


def compare(name: str, cases: Iterable[dict[str, Any]], reference: Callable[..., Any] | None = None) -> None:
    """Certificate and float against the reference, for each case."""
    formula, reference = get(name), reference or reference_of(name)
    for case in cases:
        true = reference(**case)
        certificate, plain = formula(**case).value, formula.value(**case)
        with mp.workdps(60):
            excess, scale = exact(certificate) - true, abs(true)
            assert 0 <= excess <= TOLERANCE * scale, (name, case, certificate, mp.nstr(true, 20))
            assert abs(exact(plain) - true) <= TOLERANCE * scale, (name, case, plain, mp.nstr(true, 20))


class Draws:
    """Random inputs of a test, from a fixed seed."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)

    def delta(self) -> float:
        """A failure probability, sometimes an extreme one."""
        return float(self.random.choice([1e-300, 1e-10, 0.05, 0.99, self.random.uniform(0.001, 0.999)]))

    def unit(self) -> float:
        """A risk, sometimes 0, 1 or tiny."""
        return float(self.random.choice([0.0, 1.0, 1e-9, 0.03, self.random.random()]))

    def whole(self, low: int = 1, high: float = 1e12) -> int:
        """A count, uniform in its logarithm."""
        return max(low, round(10 ** self.random.uniform(np.log10(low), np.log10(high))))

    def positive(self, low: float = -6, high: float = 6) -> float:
        """A positive number, uniform in its logarithm to base 10."""
        return float(10 ** self.random.uniform(low, high))
