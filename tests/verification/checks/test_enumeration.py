"""Exact enumeration, against figures recomputed here with scipy from textbook formulas."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from scipy import optimize, stats

from genbounds.verification.checks.enumeration import enumerate_failures
from genbounds.verification.checks.verdicts import Verdict

N, DELTA = 50, 0.05
Formula = Callable[[int], float]


def kl(q: float, p: float) -> float:
    first = q * math.log(q / p) if q > 0 else 0.0
    second = (1 - q) * math.log((1 - q) / (1 - p)) if q < 1 else 0.0
    return first + second


def kl_inverse(q: float, c: float) -> float:
    """Smallest double found by bisection that is surely not below the inverse."""
    if q == 1:
        return 1.0
    root = optimize.brentq(lambda p: kl(q, p) - c, max(q, 1e-300), 1 - 1e-16, xtol=1e-16, rtol=1e-15)
    return float(root) * (1 + 1e-12)


def clopper_pearson(k: int, delta: float = DELTA) -> float:
    return 1.0 if k == N else float(stats.beta.ppf(1 - delta, k + 1, N - k)) * (1 + 1e-12)


def wald(k: int) -> float:
    q = k / N
    return q + stats.norm.ppf(1 - DELTA) * math.sqrt(q * (1 - q) / N)


def xi(n: int) -> float:
    return math.fsum(math.comb(n, k) * (k / n) ** k * (1 - k / n) ** (n - k) for k in range(n + 1))


SOUND: list[tuple[str, Formula, float]] = [
    ("Clopper-Pearson", clopper_pearson, 0.0500),
    ("Chernoff-kl", lambda k: kl_inverse(k / N, math.log(1 / DELTA) / N), 0.0500),
    ("Hoeffding", lambda k: k / N + math.sqrt(math.log(1 / DELTA) / (2 * N)), 0.0103),
    # At k = 0 the supremum is delta / constant exactly: .05 / (2 sqrt 50) and .05 / 9.5431.
    ("PAC-Bayes-kl at KL = 0, 2 sqrt n", lambda k: kl_inverse(k / N, math.log(2 * math.sqrt(N) / DELTA) / N), 0.0035),
    ("PAC-Bayes-kl at KL = 0, exact xi", lambda k: kl_inverse(k / N, math.log(xi(N) / DELTA) / N), 0.0052),
]
BROKEN: list[tuple[str, Formula, float]] = [
    ("Wald", wald, 1.0),
    ("kl at 2n", lambda k: kl_inverse(k / N, math.log(1 / DELTA) / (2 * N)), 0.2236),
    ("log10 for ln", lambda k: k / N + math.sqrt(math.log10(1 / DELTA) / (2 * N)), 0.0703),
    ("Hoeffding with 4n", lambda k: k / N + math.sqrt(math.log(1 / DELTA) / (4 * N)), 0.0557),
    ("Clopper-Pearson off by one", lambda k: clopper_pearson(k - 1) if k else 0.0, 1.0),
]


@pytest.mark.parametrize(("name", "formula", "figure"), SOUND, ids=[case[0] for case in SOUND])
def test_sound_bounds_are_proved_with_the_known_supremum(name: str, formula: Formula, figure: float) -> None:
    result = enumerate_failures([formula(k) for k in range(N + 1)], Fraction(1, 20))
    assert result.verdict is Verdict.PROVED_BY_ENUMERATION
    assert round(result.upper, 4) == figure
    assert result.lower <= result.upper <= 0.05 + 1e-15


@pytest.mark.parametrize(("name", "formula", "figure"), BROKEN, ids=[case[0] for case in BROKEN])
def test_broken_bounds_are_refuted_with_the_known_supremum(name: str, formula: Formula, figure: float) -> None:
    values = [formula(k) for k in range(N + 1)]
    result = enumerate_failures(values, Fraction(1, 20))
    assert result.verdict is Verdict.REFUTED
    assert round(result.lower, 4) == figure
    # The evidence itself: just above that risk, the failing counts have that probability.
    failing = [k for k in range(N + 1) if values[k] <= result.risk]
    assert stats.binom.pmf(failing, N, result.risk).sum() == pytest.approx(result.lower, rel=1e-9)


def test_a_last_place_of_a_double_decides() -> None:
    """With one trial the supremum is 1 - b(0): a double just too small is refuted, just large enough is proved."""
    low = math.nextafter(0.95, 0)  # 0.95 as a double lies below 19/20.
    assert enumerate_failures([low, 1.0], Fraction(1, 20)).verdict is Verdict.REFUTED
    assert enumerate_failures([0.95, 1.0], Fraction(1, 20)).verdict is Verdict.REFUTED
    assert enumerate_failures([math.nextafter(0.95, 1), 1.0], Fraction(1, 20)).verdict is Verdict.PROVED_BY_ENUMERATION
    assert Fraction(0.95) < Fraction(19, 20)


def test_an_exact_tie_is_no_failure() -> None:
    assert enumerate_failures([0.5, 1.0], Fraction(1, 2)).verdict is Verdict.PROVED_BY_ENUMERATION


def test_a_tie_that_no_precision_decides_is_undecided() -> None:
    """Two errors in three fail with probability 3 p^2 (1 - p): at most 4/9, at p = 2/3, which is not a double."""
    result = enumerate_failures([1.0, 1.0, 0.0, 1.0], Fraction(4, 9))
    assert result.verdict is Verdict.UNDECIDED
    assert result.lower <= 4 / 9 <= result.upper


@pytest.mark.parametrize("seed", range(6))
def test_bounds_that_are_not_monotone_agree_with_a_fine_grid(seed: int) -> None:
    generator = np.random.default_rng(seed)
    n = 12
    values = generator.uniform(-0.1, 1.1, n + 1)
    result = enumerate_failures(list(values), 0.05)
    grid = np.unique(np.concatenate([np.linspace(0, 1, 20001), np.clip(np.nextafter(values, 2), 0, 1)]))
    masses = stats.binom.pmf(np.arange(n + 1)[:, None], n, grid)
    supremum = float(np.max(np.sum(masses * (values[:, None] < grid), axis=0)))
    assert result.lower <= result.upper
    assert supremum <= result.upper + 1e-12
    assert result.lower == pytest.approx(supremum, rel=2e-3)


def test_never_failing_and_always_failing() -> None:
    assert enumerate_failures([1.0, math.inf], 0.5).upper == 0.0
    assert enumerate_failures([0.0, 0.0], 0.5).lower == pytest.approx(1.0)
    assert enumerate_failures([-1.0, -2.0], 0.5).lower == pytest.approx(1.0)


@pytest.mark.slow
def test_a_few_hundred_trials_are_quick() -> None:
    n = 400
    values = [1.0 if k == n else float(stats.beta.ppf(0.95, k + 1, n - k)) * (1 + 1e-9) for k in range(n + 1)]
    assert enumerate_failures(values, Fraction(1, 20)).verdict is Verdict.PROVED_BY_ENUMERATION


@pytest.mark.parametrize(
    ("bounds", "delta", "words"),
    [([0.5], 0.05, "n \\+ 1"), ([0.5, math.nan], 0.05, "nan for 1 errors"), ([0.5, 1.0], 5, "delta must lie")],
)
def test_bad_input(bounds: list[float], delta: float, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        enumerate_failures(bounds, delta)


def test_the_summary_prints_no_probability_below_the_largest() -> None:
    """The double above a supremum of .04 prints as .04001; what is proved to be at most delta is not printed above it."""
    found = enumerate_failures([0.96, 1.0], Fraction(1, 20))
    assert Fraction(found.upper) > Fraction(4, 100)
    assert "at most 0.04001 for" in found.summary()
    tight = enumerate_failures([0.95, 1.0], 1 - Fraction(0.95))  # the supremum is delta itself
    assert "at most delta for every true risk" in tight.summary()
    refuted = enumerate_failures([0.95, 1.0], Fraction(1, 25))
    printed = Fraction(refuted.summary().partition("probability is ")[2].split()[0])
    assert Fraction(499, 10_000) <= printed <= Fraction(refuted.lower)
