"""A4, coverage over repeated draws: does a bound fail more often than its delta allows?

V_r = 1 when the bound of draw r is below the exact risk of what was trained on draw r. Two designs:

- sequential (the default): a mixture likelihood-ratio e-process. E_t is the integral of (theta/delta)^k
  ((1-theta)/(1-delta))^(t-k)
  over m(dtheta),
  k the violations among t draws, m a Beta law restricted to (delta, 1]. If the violation rate is at most delta, E is a
  non-negative supermartingale that starts at 1, so that P(sup_t E_t >= 1/alpha) <= alpha (Ville 1939): looking after
  every
  draw costs nothing.
- fixed: reject when k reaches the smallest count whose binomial tail at rate delta is at most alpha.

The upper limit on the violation rate is Clopper and Pearson's for the draws that were made, whose number was fixed in
advance; it is not a limit for a run that was stopped by its own outcome.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from genbounds.bounds import notebook
from genbounds.bounds.special.rounding import decimal_down, decimal_up
from genbounds.verification.checks.verdicts import Verdict

ALPHA = 1e-3
"""False-alarm probability of a whole report; its studies share it (``checks/shares.py``), and their checks share theirs."""
MINIMUM_DRAWS = 300
"""A coverage row holds at least as many trained networks."""
MIXTURE = (1.0, 5.0)
"""Shape of the Beta law over violation rates: more weight on rates of a few delta, which take longest to find."""
POWER = 0.95
"""Probability with which a true rate of twice delta is to be found."""

Array = NDArray[Any]


@dataclass(frozen=True)
class Coverage:
    """What the draws say of one bound.

    ``evidence`` is the largest value of the e-process along the draws (natural logarithm in ``log_evidence``), ``stopped_at``
    the draw at which it reached 1/alpha (None: never), ``upper_limit`` the one-sided 95 % limit on the violation rate,
    and
    ``power`` the probability with which as many draws would have refuted a bound that fails at the rate 2 delta.
    """

    violations: int
    draws: int
    delta: float
    alpha: float
    log_evidence: float
    stopped_at: int | None
    upper_limit: float
    power: float
    verdict: Verdict

    def _repr_html_(self) -> str:
        """For notebooks: the summary, as it is."""
        return notebook.lines(self.summary())

    def summary(self) -> str:
        """One sentence for the report.

        >>> print(coverage([False] * 300, delta=0.05).summary())  # doctest: +NORMALIZE_WHITESPACE
        not refuted: 0 violations in 300 draws, rate at most 0.009937 at 95 %
        (a rate of 0.1 is found with probability 0.37)
        """
        text = f"{self.verdict}: {self.violations} violations in {self.draws} draws, rate at most {decimal_up(self.upper_limit, 4)} at 95 %"
        if self.stopped_at is not None:
            return f"{text} (evidence against a rate of {self.delta:g} beyond 1/{self.alpha:g} at draw {self.stopped_at})"
        return f"{text} (a rate of {2 * self.delta:g} is found with probability {decimal_down(self.power, 2)})"


def coverage(violated: Sequence[bool] | Array, delta: float, alpha: float = ALPHA, reference_delta: float = 0.0) -> Coverage:
    """Judge a bound by its violations over independent draws, in the order in which the draws were planned.

    Args:
        violated: one entry per draw, whether the bound was below the risk (strictly).
        delta: the failure probability that the bound claims.
        alpha: the false-alarm probability of this check; one of m checks of a study gets its share over m.
        reference_delta: where the risk is not an exact number, the failure probability of the lower limit that stood in
        for it.

    Raises:
        ValueError: no draws, entries other than True and False, delta or alpha outside (0, 1).

    >>> result = coverage([True] * 8 + [False] * 12, delta=0.05)
    >>> result.verdict, result.violations, result.stopped_at
    (<Verdict.REFUTED: 'refuted'>, 8, 4)
    """
    outcomes = np.asarray(violated)
    if outcomes.ndim != 1 or outcomes.size == 0 or outcomes.dtype != np.bool_:
        raise ValueError(
            "violated must be a non-empty sequence of True and False, one per draw, "
            f"got {outcomes.dtype} of shape {outcomes.shape}: compare each bound with its risk"
        )
    rate = _probability("delta", delta + reference_delta)
    _probability("alpha", alpha)
    counts = np.cumsum(outcomes)
    process = log_evidence(counts, np.arange(1, outcomes.size + 1), rate)
    # The pad is a thousand times the rounding error of the process, which so can only stop later than the exact one.
    reached = np.flatnonzero(process >= -math.log(alpha) + 1e-9)
    violations, draws = int(counts[-1]), int(outcomes.size)
    return Coverage(
        violations=violations,
        draws=draws,
        delta=rate,
        alpha=alpha,
        log_evidence=float(np.max(process)),
        stopped_at=int(reached[0]) + 1 if reached.size else None,
        upper_limit=upper_limit(violations, draws),
        power=sequential_power(draws, min(2 * rate, 1.0), rate, alpha),
        verdict=Verdict.REFUTED if reached.size else Verdict.NOT_REFUTED,
    )


def log_evidence(violations: Array | int, draws: Array | int, delta: float, shape: tuple[float, float] = MIXTURE) -> Array:
    """Natural logarithm of the e-process after ``draws`` draws with ``violations`` violations; arrays broadcast.

    ``shape`` is that of the Beta law before its restriction to (delta, 1]; it must be fixed before the draws. One draw,
    one
    violation, uniform law: E = (1 - delta^2) / (2 delta (1 - delta)) = 10.5 at delta = .05.

    >>> round(float(np.exp(log_evidence(1, 1, 0.05, shape=(1, 1)))), 10)
    10.5
    """
    a, b = shape
    successes = np.asarray(violations, dtype=float)
    failures = np.asarray(draws, dtype=float) - successes
    with np.errstate(divide="ignore"):
        # Below about 1e-308 the tail is 0 and the evidence exp(-inf): too small an e-value is never a false alarm.
        tail = np.log(special.betaincc(successes + a, failures + b, delta))
    numerator = special.betaln(successes + a, failures + b) + tail
    denominator = special.betaln(a, b) + math.log(special.betaincc(a, b, delta))
    result: Array = numerator - denominator - successes * math.log(delta) - failures * math.log1p(-delta)
    return result


def upper_limit(violations: int, draws: int, confidence: float = 0.95) -> float:
    """Clopper and Pearson's one-sided upper limit on a rate. With 0 of 300: 1 - .05^(1/300) = .0099.

    >>> round(upper_limit(0, 300), 6)
    0.009936
    """
    if violations >= draws:
        return 1.0
    return min(1.0, float(special.betaincinv(violations + 1, draws - violations, confidence)) * (1 + 1e-10))


@cache
def stopping_boundary(draws: int, delta: float, alpha: float = ALPHA) -> tuple[int, ...]:
    """For t = 1..draws, the least number of violations at which the e-process has reached 1/alpha (t + 1: none has)."""
    boundary = []
    count = 0
    threshold = -math.log(alpha) + 1e-9
    for t in range(1, draws + 1):
        # The process rises in the count at fixed t and falls in t at fixed count, so the boundary never falls.
        while count <= t and float(log_evidence(count, t, delta)) < threshold:
            count += 1
        boundary.append(count)
    return tuple(boundary)


def stopping_distribution(draws: int, rate: float, delta: float, alpha: float = ALPHA) -> Array:
    """P(the e-process reaches 1/alpha at draw t), t = 1..draws, at a true violation rate: exact (a recursion in t)."""
    boundary = stopping_boundary(draws, delta, alpha)
    alive = np.zeros(max(boundary) + 2)
    alive[0] = 1.0
    stopped = np.zeros(draws)
    for t, limit in enumerate(boundary):
        alive[1:] = alive[1:] * (1 - rate) + alive[:-1] * rate
        alive[0] *= 1 - rate
        stopped[t] = alive[limit:].sum()
        alive[limit:] = 0.0
    return stopped


def sequential_power(draws: int, rate: float, delta: float, alpha: float = ALPHA) -> float:
    """Probability that the e-process refutes a bound with that true violation rate within so many draws.

    >>> sequential_power(139, 0.2, 0.05) > 0.95
    True
    """
    return float(min(1.0, stopping_distribution(draws, rate, delta, alpha).sum()))


def draws_needed(delta: float, rate: float | None = None, alpha: float = ALPHA, power: float = POWER) -> int:
    """Draws within which the e-process refutes a bound of that true rate (default 2 delta) with the given probability.

    A coverage row is planned with ``max(MINIMUM_DRAWS, draws_needed(delta, alpha=share(study) / checks))`` draws.

    >>> draws = draws_needed(0.05, rate=0.2)
    >>> draws, sequential_power(draws - 1, 0.2, 0.05) < 0.95 <= sequential_power(draws, 0.2, 0.05)
    (121, True)
    """
    target = min(2 * delta, 1.0) if rate is None else rate
    if not _probability("delta", delta) < target <= 1:
        raise ValueError(f"rate must lie above delta = {delta} and be at most 1, got {target}: there is nothing to find")
    horizon = 64
    while True:
        cumulative = np.cumsum(stopping_distribution(horizon, target, delta, alpha))
        if cumulative[-1] >= power:
            return int(np.searchsorted(cumulative, power)) + 1
        horizon *= 2


def rejection_count(draws: int, delta: float, alpha: float = ALPHA) -> int:
    """Fixed design: the least count k with P(Bin(draws, delta) >= k) <= alpha; draws + 1 where none has.

    >>> rejection_count(300, 0.05)
    29
    """
    counts = np.arange(draws + 2)
    tails = _binomial_tail(counts, draws, delta)
    return int(np.flatnonzero(tails <= alpha)[0])


def fixed_power(draws: int, rate: float, delta: float, alpha: float = ALPHA) -> float:
    """Probability that the fixed design with so many draws refutes a bound of that true violation rate.

    Of one draw at delta = alpha = .05, which a violation refutes, it is the rate itself.

    >>> fixed_power(1, 0.2, 0.05, alpha=0.05)
    0.2
    """
    return float(_binomial_tail(np.array([rejection_count(draws, delta, alpha)]), draws, rate)[0])


def fixed_draws_needed(rate: float, delta: float, alpha: float = ALPHA, power: float = 0.99) -> int:
    """The least number of draws with which the fixed design has the given power.

    The power is a sawtooth in the number of draws: a few more draws may have slightly less.
    """
    draws = 1
    while fixed_power(draws, rate, delta, alpha) < power:
        draws += 1
    return draws


def holm(p_values: Sequence[float], alpha: float = ALPHA) -> list[bool]:
    """Which of m pre-declared hypotheses Holm's step-down rule rejects at family-wise level alpha (Holm 1979).

    >>> holm([0.01, 0.04, 0.03, 0.005], alpha=0.05)
    [True, False, False, True]
    """
    for p_value in p_values:
        if not 0 <= p_value <= 1:
            raise ValueError(f"p_values must lie in [0, 1], got {p_value}: give probabilities")
    rejected = [False] * len(p_values)
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        if p_values[index] > alpha / (len(p_values) - rank):
            break
        rejected[index] = True
    return rejected


def _binomial_tail(counts: Array, draws: int, rate: float) -> Array:
    """P(Bin(draws, rate) >= count) for each count of an array."""
    tails: Array = np.where(counts <= 0, 1.0, 0.0)
    inner = (counts > 0) & (counts <= draws)
    tails[inner] = special.betainc(counts[inner], draws - counts[inner] + 1.0, rate)
    return tails


def _probability(name: str, value: float) -> float:
    if not 0 < value < 1:
        raise ValueError(f"{name} must lie in (0, 1), got {value}: a 95 % guarantee is delta=0.05")
    return float(value)
