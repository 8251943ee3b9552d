"""A0, exact enumeration: is the failure probability of a bound on (errors, n) at most delta for *every* true risk?

With K ~ Bin(n, p) errors, the certificate b(K) fails when b(K) < p. Between two consecutive values of b the set of
failing counts is fixed, so the failure probability is a polynomial there, and its supremum over all p is the largest
of at most n + 1 suprema over intervals. Where the failing counts are {0, ..., m}, as for every bound that increases
in the errors, the polynomial decreases in p and the supremum sits just above the left end. Other sets (of a broken
bound) are split into runs of consecutive counts: the probability of a run rises to one known peak and falls, which
bounds it on any interval; intervals are halved until the comparison with delta is decided.

All comparisons are of balls: the verdict carries no rounding error. Precision doubles until each is decided.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import arb, ctx, fmpq

from genbounds.bounds import notebook
from genbounds.bounds.special.precision import precision
from genbounds.bounds.special.rounding import decimal_down, decimal_up
from genbounds.verification.checks.verdicts import Verdict

FIRST_PRECISION = 64
LAST_PRECISION = 4096
HALVINGS = 256
"""Sub-intervals looked at, per interval and precision, where the failing counts are no single run."""
TOLERANCE = 1e-3
"""Relative width at which the enclosure of a refuted supremum over several runs is narrow enough."""

Run = tuple[int, int]
"""First and last of a run of consecutive counts."""


@dataclass(frozen=True)
class Enumeration:
    """The decided question "is sup_p P_p(b(K) < p) <= delta?".

    ``lower`` and ``upper`` enclose the supremum (doubles, rounded outward); ``risk`` is the true risk p just above which the
    largest value was found; ``bits`` the precision at which the last comparison was decided.
    """

    n: int
    delta: Fraction
    lower: float
    upper: float
    risk: float
    bits: int
    verdict: Verdict

    def _repr_html_(self) -> str:
        """For notebooks: the summary, as it is."""
        return notebook.lines(self.summary())

    def summary(self) -> str:
        """One sentence for the report.

        >>> enumerate_failures([0.96, 1.0], Fraction(1, 20)).summary()
        'proved by enumeration: the failure probability is at most 0.04001 for every true risk (n = 1, delta = 0.05)'
        """
        about = f"(n = {self.n}, delta = {float(self.delta):g})"
        if self.verdict is Verdict.PROVED_BY_ENUMERATION:
            shown = decimal_up(self.upper, 4)
            shown = shown if Fraction(shown) <= self.delta else "delta"
            return f"{self.verdict}: the failure probability is at most {shown} for every true risk {about}"
        if self.verdict is Verdict.REFUTED:
            shown = decimal_down(self.lower, 4)
            return f"{self.verdict}: at true risk {self.risk:.6g} the failure probability is {shown} or more {about}"
        return f"{self.verdict}: the supremum lies in [{self.lower:.17g}, {self.upper:.17g}] {about}"


def enumerate_failures(bounds: Sequence[float], delta: Fraction | float) -> Enumeration:
    """Decide whether a bound on the risk, as issued, fails with probability at most delta at every true risk.

    Args:
        bounds: the n + 1 values b(0), ..., b(n) of the certificate, as doubles; b(k) is what is issued after k errors
            in n independent trials. Values of 1 or more never fail; infinity is allowed.
        delta: the failure probability claimed, taken exactly as given (``Fraction(1, 20)``, or the double .05 itself).

    Returns:
        an ``Enumeration``: ``proved by enumeration``, ``refuted``, or ``undecided`` where a tie remains at 4096 bits.

    Raises:
        ValueError: fewer than two bounds, a bound that is NaN, delta outside (0, 1).

    Example: with one trial, "risk at most .95 after no error" fails with probability 1 - p for every p > .95.

    >>> enumerate_failures([0.95, 1.0], 0.06).verdict
    <Verdict.PROVED_BY_ENUMERATION: 'proved by enumeration'>
    >>> result = enumerate_failures([0.95, 1.0], 0.04)
    >>> result.verdict, result.risk, round(result.lower, 12)
    (<Verdict.REFUTED: 'refuted'>, 0.95, 0.05)
    """
    values = [float(value) for value in bounds]
    if len(values) < 2:
        raise ValueError(f"bounds must hold b(0), ..., b(n) for n >= 1, got {len(values)} value(s): give n + 1 numbers")
    for errors, value in enumerate(values):
        if math.isnan(value):
            raise ValueError(f"bounds must be numbers, got nan for {errors} errors: a bound must exist for each count")
    exact_delta = Fraction(delta)
    if not 0 < exact_delta < 1:
        raise ValueError(f"delta must lie in (0, 1), got {delta}: a 95 % guarantee is delta=0.05")
    return _decide(values, exact_delta)


@dataclass(frozen=True)
class _Interval:
    """True risks from ``left`` to ``right`` between which exactly the counts in ``runs`` fail."""

    left: float
    right: float
    runs: tuple[Run, ...]


@dataclass(frozen=True)
class _Supremum:
    """An enclosure [lower, upper] of the supremum over one interval; ``lower`` is reached at the risk ``where``."""

    lower: arb
    upper: arb
    where: float
    bits: int = 0
    decided: bool = True


def _decide(values: list[float], delta: Fraction) -> Enumeration:
    """Take the largest supremum over the intervals; proved only if each of them was."""
    n = len(values) - 1
    target = fmpq(delta.numerator, delta.denominator)
    found = [_over(n, interval, target) for interval in _intervals(values)]
    if not found:
        return Enumeration(n, delta, 0.0, 0.0, 1.0, 0, Verdict.PROVED_BY_ENUMERATION)
    with precision(LAST_PRECISION):
        largest = max(found, key=lambda one: one.lower)
        upper = max(one.upper for one in found)
        if largest.lower > target:
            verdict = Verdict.REFUTED
        elif all(one.decided for one in found):
            verdict = Verdict.PROVED_BY_ENUMERATION
        else:
            verdict = Verdict.UNDECIDED
        low = max(0.0, math.nextafter(float(largest.lower), -math.inf))
        high = min(1.0, math.nextafter(float(upper), math.inf))
    return Enumeration(n, delta, low, high, largest.where, max(one.bits for one in found), verdict)


def _intervals(values: list[float]) -> list[_Interval]:
    """The intervals of true risk on which the set of failing counts is fixed, and not empty."""
    by_value = sorted(range(len(values)), key=values.__getitem__)
    failing = [False] * len(values)
    intervals = []
    for position, errors in enumerate(by_value):
        failing[errors] = True
        left = max(values[errors], 0.0)
        following = values[by_value[position + 1]] if position + 1 < len(values) else 1.0
        right = min(following, 1.0)
        if left < right:
            intervals.append(_Interval(left, right, tuple(_runs(failing))))
    return intervals


def _runs(failing: list[bool]) -> list[Run]:
    """The failing counts as runs of consecutive ones."""
    runs = []
    start = None
    for errors, fails in enumerate([*failing, False]):
        if fails and start is None:
            start = errors
        elif not fails and start is not None:
            runs.append((start, errors - 1))
            start = None
    return runs


def _over(n: int, interval: _Interval, delta: fmpq) -> _Supremum:
    """Double the precision until the supremum over the interval is known to be above delta, or not above it."""
    bits = FIRST_PRECISION
    while True:
        with precision(bits):
            found = _search(n, interval, arb(delta))
            decided = bool(found.upper <= arb(delta)) or bool(found.lower > arb(delta))
        if decided or bits >= LAST_PRECISION:
            return _Supremum(found.lower, found.upper, found.where, bits, decided)
        bits *= 2


def _search(n: int, interval: _Interval, delta: arb) -> _Supremum:
    """Enclose the supremum, halving the part of the interval with the largest upper bound.

    A single run needs no halving: its maximum over an interval is at an end or at its peak.
    """
    peaks = [_peak(n, run) for run in interval.runs]
    lower, where = arb(-1), interval.left

    def look(left: float, right: float) -> tuple[float, float, float, arb]:
        nonlocal lower, where
        upper = sum((_run_maximum(n, run, peak, left, right) for run, peak in zip(interval.runs, peaks, strict=True)), arb(0)).upper()
        inside = [float(peak.mid()) for peak in peaks]
        for risk in [left, right, *(point for point in inside if left < point < right)]:
            value = sum((_run_probability(n, run, arb(risk)) for run in interval.runs), arb(0)).lower()
            if value > lower:
                lower, where = value, risk
        return (-float(upper), left, right, upper)

    parts = [look(interval.left, interval.right)]
    for _ in range(HALVINGS if len(interval.runs) > 1 else 0):
        _, left, right, upper = parts[0]
        narrow = bool(upper - lower <= upper * TOLERANCE)
        middle = left + (right - left) / 2
        if bool(upper <= delta) or (bool(lower > delta) and narrow) or not left < middle < right:
            break
        heapq.heapreplace(parts, look(left, middle))
        heapq.heappush(parts, look(middle, right))
    upper = parts[0][3]
    for part in parts:
        upper = upper if upper >= part[3] else part[3]
    return _Supremum(lower, upper, where)


def _peak(n: int, run: Run) -> arb:
    """The risk at which the probability of a run is largest: where (p / (1 - p))^length = C(n-1, a-1) / C(n-1, b)."""
    first, last = run
    if first == 0:
        return arb(0)
    if last == n:
        return arb(1)
    odds = arb(fmpq(math.comb(n - 1, first - 1), math.comb(n - 1, last))) ** (arb(1) / (last - first + 1))
    return odds / (1 + odds)


def _run_maximum(n: int, run: Run, peak: arb, left: float, right: float) -> arb:
    """The largest probability of a run for risks in [left, right]: it rises up to its peak and falls after it."""
    if peak <= left:
        return _run_probability(n, run, arb(left))
    if peak >= right:
        return _run_probability(n, run, arb(right))
    return _run_probability(n, run, peak)


def _run_probability(n: int, run: Run, risk: arb) -> arb:
    """P(first <= Bin(n, risk) <= last), summed downward; a tail that no longer matters is enclosed, not summed."""
    first, last = run
    if risk == 0:
        return arb(int(first == 0))
    if risk == 1:
        return arb(int(last == n))
    mass = math.comb(n, last) * risk**last * (1 - risk) ** (n - last)
    total = mass
    odds = (1 - risk) / risk
    negligible = arb(2) ** (-ctx.prec - 8)
    for errors in range(last, first, -1):
        ratio = errors * odds / (n - errors + 1)
        if ratio < 0.5 and mass < total * negligible:
            # The ratios only shrink from here, so that the rest is below a geometric series: mass * ratio / (1 -
            # ratio).
            return total + (mass * ratio / (1 - ratio)).union(arb(0))
        mass = mass * ratio
        total = total + mass
    return total
