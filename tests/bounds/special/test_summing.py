"""Sums and products whose rounding is magnified later, against exact ones."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from genbounds.bounds.special.summing import product_and_rest, sums_after


@pytest.mark.parametrize("terms", [np.full(50_000, 0.0123), np.random.default_rng(1).lognormal(0, 9, 20_000), np.array([1e9, 1e-9, 3.0])])
def test_sums_are_right_to_the_last_place(terms: np.ndarray) -> None:
    got = sums_after(np.stack([terms, terms[::-1]]))
    for start in (0, 1, len(terms) // 2, len(terms) - 1):
        assert math.isclose(got[0, start], math.fsum(terms[start + 1 :]), rel_tol=3e-16)
    assert math.isclose(got[1, 0], math.fsum(terms[-2::-1]), rel_tol=3e-16)


def test_a_plain_running_sum_is_not() -> None:
    """Why it is not taken: the same side is rounded to each time."""
    terms = np.full(50_000, 0.0123)
    assert abs(np.cumsum(terms)[-1] / math.fsum(terms) - 1) > 1e-13


def test_endless_terms_stay_so() -> None:
    assert sums_after(np.array([1.0, -np.inf, 2.0])).tolist() == [-np.inf, 2.0, 0.0]


def test_products_are_exact_with_their_rest() -> None:
    x, y = np.random.default_rng(2).normal(size=(2, 300))
    product, rest = product_and_rest(x, y)
    for entries in zip(x, y, product, rest, strict=True):
        left, right, head, tail = map(Fraction, entries)
        assert left * right == head + tail
