"""The unexpected Bernstein inequality: what the bounds on held-out losses and on Gibbs risks share."""

from __future__ import annotations

from typing import Any

import numpy as np

from genbounds.bounds.declaration import Terms
from genbounds.bounds.grids import rate_index, weight_of_integer
from genbounds.bounds.inputs import NONNEGATIVE, POSITIVE, REAL, Requirement, product_at_most
from genbounds.bounds.membership import whole, whole_from
from genbounds.bounds.worlds import FLOATS
from genbounds.bounds.worlds.protocol import Number, World

LARGEST_RATE = 8.0
"""Rates above are not looked at: 1 - e^-C is within 4e-4 of 1, and its logarithm would lose digits in floats."""

DOMAINS = {
    "empirical_risk": REAL.meaning_is("average loss on the sample, of either sign, at most `highest`"),
    "second_moment": NONNEGATIVE.meaning_is("average of the squared losses on the sample (not of the squared distances from their mean)"),
    "highest": POSITIVE.meaning_is("the loss is at most this"),
}


def _jensen(empirical_risk: Any, second_moment: Any) -> Any:
    if isinstance(empirical_risk, np.ndarray) or isinstance(second_moment, np.ndarray):
        return np.square(empirical_risk) <= second_moment * (1 + 8 * np.finfo(np.float64).eps)
    return -second_moment <= 0 and product_at_most(empirical_risk, empirical_risk, second_moment)


REQUIRES = (
    Requirement(
        ("empirical_risk", "highest"),
        lambda empirical_risk, highest: empirical_risk <= highest,
        "empirical_risk must be at most highest",
        "highest is an upper limit of every loss, and so of their average: pass a larger one",
    ),
    Requirement(
        ("empirical_risk", "second_moment"),
        _jensen,
        "second_moment must be at least empirical_risk^2",
        "it is the average of the squared losses, not their variance: add the square of the average to a variance (ddof=0)",
    ),
)
SYMBOLS = {"second_moment": r"\widehat{M}_n", "highest": "b", "n": "n", "delta": r"\delta"}


def inversion(math: World, risk: Number, second: Number, highest: Number, rate: Number, cost: Number) -> Number:
    """(1 - exp(-(l R + (C - 1 + e^-C) M/b^2 + cost))) / l with l = (1 - e^-C)/b."""
    share = math.one_minus_exp(rate)
    curvature = math.x_minus_log1p(-share)
    return highest * math.one_minus_exp(share * risk / highest + curvature * second / highest**2 + cost) / share


def terms(math: World, empirical_risk: Number, second_moment: Number, highest: Number, paid: Number, n: Number, index: Number) -> Terms:
    """The inversion at the rate C = 2^(j/2), the weight of j added to what is ``paid``."""
    rate = math.let("C", math.power(2, index / 2))
    cost = (paid + weight_of_integer(math, index)) / n
    return {"inversion": inversion(math, empirical_risk, second_moment, highest, rate, cost)}


def search(*, empirical_risk: Any, second_moment: Any, highest: Any, n: Any, delta: Any, kl: Any = 0.0) -> dict[str, np.ndarray]:
    """The j of the smallest bound."""

    def level(rate: Any, paid: Any) -> Any:
        known = np.minimum(rate, LARGEST_RATE)
        found: Any = inversion(FLOATS, empirical_risk, second_moment, highest, known, (kl + paid - np.log(delta)) / n)
        return np.where(rate <= LARGEST_RATE, found, np.inf)

    return {"index": rate_index(level, empirical_risk, second_moment, highest, n, delta, kl)}


def membership(math: World, *, index: Number, **_: Any) -> dict[str, Any]:
    """Every whole number is a point of the grid."""
    return {"index": whole(math, index)}


def linear_terms(
    math: World, empirical_risk: Number, second_moment: Number, highest: Number, paid: Number, n: Number, index: Number
) -> Terms:
    """R + psi M/(l b^2) + (paid + ln(i (i + 1)))/(n l) with l b = 2^-i and psi = -l b - ln(1 - l b)."""
    share = math.let("s", math.power(2, -index))
    return {
        "empirical risk": empirical_risk,
        "second moment": math.x_minus_log1p(-share) / share * second_moment / highest,  # share * highest would be subnormal
        "deviation": highest * (paid + math.log(index * (index + 1))) / (n * share),
    }


def linear_search(*, empirical_risk: Any, second_moment: Any, highest: Any, n: Any, delta: Any, kl: Any = 0.0) -> dict[str, np.ndarray]:
    """The i of the smallest bound among 1, ..., 60."""
    shape = np.broadcast_shapes(*(np.shape(entry) for entry in (empirical_risk, second_moment, highest, n, delta, kl)))
    best, found = np.full(shape, np.inf), np.ones(shape)
    for index in range(1, 61):
        terms_of_index = linear_terms(FLOATS, empirical_risk, second_moment, highest, kl - np.log(delta), n, np.float64(index))
        value = np.broadcast_to(terms_of_index["second moment"] + terms_of_index["deviation"], shape)
        found = np.where(value < best, index, found)
        best = np.minimum(value, best)
    return {"index": found}


def linear_membership(math: World, *, index: Number, **_: Any) -> dict[str, Any]:
    """i is one of 1, 2, ..."""
    return {"index": whole_from(math, index, 1)}
