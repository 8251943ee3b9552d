"""What scenarios share: laws of counts, against Fractions."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from genbounds.verification.scenarios.scenario import just_missed, low_counts


@pytest.mark.parametrize(("n", "p"), [(2000, Fraction(1, 2)), (3000, Fraction(1, 100)), (500, Fraction(9, 10))])
def test_low_counts_are_binomial(n: int, p: Fraction) -> None:
    counts, law = low_counts(n, p)
    assert counts[-1] == math.floor(n * p)
    for k, mass in zip(counts[:: max(len(counts) // 20, 1)], law[:: max(len(counts) // 20, 1)], strict=True):
        exact = Fraction(math.comb(n, k)) * p**k * (1 - p) ** (n - k)
        assert abs(Fraction(mass) / exact - 1) < Fraction(1, 10**9)


def test_low_counts_of_very_many_examples_agree_with_stirling() -> None:
    counts, law = low_counts(10**6, Fraction(1, 2), 16)
    middle = math.exp(math.lgamma(10**6 + 1) - 2 * math.lgamma(5 * 10**5 + 1) - 10**6 * math.log(2))
    assert law[-1] == pytest.approx(middle, rel=1e-7)
    assert law[0] > 0
    assert counts[0] <= 5 * 10**5 - 16 * 500


@pytest.mark.parametrize("n", [1, 2, 7, 50])
@pytest.mark.parametrize("level", [Fraction(1, 2), Fraction(1, 20), Fraction(1, 10**6)])
def test_the_risk_that_is_just_missed(n: int, level: Fraction) -> None:
    p = just_missed(n, level)
    assert (1 - p) ** n > level >= (1 - p - Fraction(1, 10**4)) ** n
