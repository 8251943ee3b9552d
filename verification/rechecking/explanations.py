"""How a printed PAC-Bayes number may have come about: departures from the theorem, tried one by one, then in pairs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations
from typing import Any, Literal

from genbounds.bounds.pac_bayes import seeger2002
from genbounds.bounds.special.kl import kl_inverse
from genbounds.bounds.special.xi import xi

MOST_DEPARTURES = 3
"""No more departures at once: with enough of them anything can be explained."""
Range = tuple[float, float]


@dataclass(frozen=True)
class Setting:
    """How a PAC-Bayes certificate is computed: kl inverse, exact moment, Monte-Carlo term, unless something departs from it.

    ``moment`` is what stands in the logarithm over delta; ``inversion`` how the bound on kl becomes one on the risk; ``draws`` None where
    the empirical risk is used as it is.

    >>> round(Setting(10**4, 0.05, moment="n + 1").value(0.03, 500), 6)
    0.118064
    """

    n: int
    delta: float
    draws: int | None = None
    draws_delta: Fraction | None = None
    moment: Literal["xi", "2 sqrt n", "n + 1"] = "xi"
    inversion: Literal["kl", "Pinsker", "quadratic"] = "kl"

    def value(self, risk: float, kl: float) -> float:
        """The bound in floats."""
        if self.draws is not None:
            assert self.draws_delta is not None
            risk = float(kl_inverse(risk, math.log(1 / self.draws_delta) / self.draws))
        if self.moment == "xi" and self.inversion == "kl":
            return float(seeger2002.value(empirical_risk=risk, kl=kl, n=self.n, delta=self.delta))
        moments = {"xi": float(xi(self.n)), "2 sqrt n": 2 * math.sqrt(self.n), "n + 1": self.n + 1}
        cost = (kl + math.log(moments[self.moment] / self.delta)) / self.n
        if self.inversion == "Pinsker":
            return risk + math.sqrt(cost / 2)
        if self.inversion == "quadratic":
            return (math.sqrt(risk + cost / 2) + math.sqrt(cost / 2)) ** 2
        return float(kl_inverse(risk, cost))


@dataclass(frozen=True)
class Explanation:
    """Departures that together give the printed number; ``sound`` if the result is still a bound, only a weaker one."""

    departures: tuple[str, ...]
    sound: bool

    def __str__(self) -> str:
        """In words."""
        return f"{' and '.join(self.departures)} ({'a bound, if a weaker one' if self.sound else 'not a bound'})"

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"departures": list(self.departures), "sound": self.sound}


@dataclass(frozen=True)
class _Departure:
    words: str
    part: str  # two departures of one part exclude each other
    sound: bool
    apply: Callable[[Setting], Setting]


def explanations(
    printed: Range, setting: Setting, *, risk: Range, kl: Range, kl_is_per_n: bool, whole: int | None
) -> tuple[Explanation, ...]:
    """The fewest departures under which some reading of the inputs gives a number that prints like ``printed``.

    All of those sets that are as small are listed, at most ``MOST_DEPARTURES`` at once: with numbers of few digits several fit, and which
    of them it was only the authors' code can say. ``kl_is_per_n`` reads ``kl`` as KL over the n that the departure uses.
    """
    departures = list(_departures(setting, whole))
    for size in range(1, MOST_DEPARTURES + 1):
        found = []
        for chosen in combinations(departures, size):
            if len({one.part for one in chosen}) < size:
                continue
            changed = setting
            for one in chosen:
                changed = one.apply(changed)
            times = changed.n if kl_is_per_n else 1
            low, high = (changed.value(at, times * cost) for at, cost in zip(risk, kl, strict=True))
            if low <= printed[1] and printed[0] <= high:
                found.append(Explanation(tuple(one.words for one in chosen), all(one.sound for one in chosen)))
        if found:
            return tuple(found)
    return ()


def _departures(setting: Setting, whole: int | None) -> Iterator[_Departure]:
    n = 2 * setting.n if whole is None else whole
    what = "twice the printed one" if whole is None else "the whole set"
    yield _Departure(f"n = {n}, {what}", "n", n <= setting.n, lambda s: replace(s, n=n))
    if setting.draws is not None:
        assert setting.draws_delta is not None
        share = setting.draws_delta
        yield _Departure("no Monte-Carlo term", "draws", False, lambda s: replace(s, draws=None, draws_delta=None))
        yield _Departure("ln(2/delta') in the Monte-Carlo term", "draws", True, lambda s: replace(s, draws_delta=share / 2))
        same = float(share)
        yield _Departure("delta' of the draws in the bound too", "delta", same <= setting.delta, lambda s: replace(s, delta=same))
    yield _Departure("half of delta for the bound", "delta", True, lambda s: replace(s, delta=s.delta / 2))
    yield _Departure("2 sqrt(n) in place of xi(n)", "moment", True, lambda s: replace(s, moment="2 sqrt n"))
    yield _Departure("n + 1 in place of xi(n)", "moment", True, lambda s: replace(s, moment="n + 1"))
    yield _Departure("Pinsker's inequality in place of the kl inverse", "inversion", True, lambda s: replace(s, inversion="Pinsker"))
    yield _Departure("the quadratic relaxation in place of the kl inverse", "inversion", True, lambda s: replace(s, inversion="quadratic"))
