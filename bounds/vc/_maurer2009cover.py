from __future__ import annotations

from typing import Any

import numpy as np

from genbounds.bounds.assumptions import CLASS_FIXED_IN_ADVANCE, IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, UNBIASED_VARIANCE
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.grids import rate_index, weight_of_integer
from genbounds.bounds.inputs import AT_LEAST_TWO, NONNEGATIVE, SAMPLE_VARIANCE
from genbounds.bounds.membership import whole
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds import FLOATS
from genbounds.bounds.worlds.protocol import Number, World

_LARGEST_INDEX = 2  # C = 2; from C = 2.83 on, which is about 2^(3/2), nothing is left of 2 l - c
LOG_COVER = NONNEGATIVE.meaning_is(
    "upper bound on the logarithm of the number of vectors that are needed so that, on any 2n points, the losses of every hypothesis are "
    "within 1/n of one of these vectors at each point"
)


def _terms(math: World, empirical_risk: Number, variance: Number, n: Number, paid: Number, rate: Number) -> Terms:
    """The three terms at the rate C, ``paid`` being ln N + ln(1/delta) + w_j."""
    share = math.let("l", math.one_minus_exp(rate))
    curve = math.let("c", math.x_minus_log1p(-share))
    scale = 4 / (2 * share - curve)
    return {
        "empirical risk": empirical_risk,
        "variance": scale * curve * variance * (n - 1) / n,
        "deviation": scale * (paid + share + 65 * curve / 16) / n,
    }


def _search(*, empirical_risk: Any, variance: Any, n: Any, log_cover: Any, delta: Any) -> dict[str, np.ndarray]:
    """The j of the smallest bound, among those up to 2."""

    def level(rate: Any, weight: Any) -> Any:
        known = np.minimum(rate, 2.0)
        found = _terms(FLOATS, empirical_risk, variance, n, log_cover - np.log(delta) + weight, known)
        return np.where(rate <= 2.0, sum(found.values()), np.inf)

    return {"index": rate_index(level, empirical_risk, variance, n, log_cover, delta)}


def _membership(math: World, *, index: Number, **_: Any) -> dict[str, Any]:
    """j is a whole number, and at most 2."""
    return {"index": [*whole(math, index), math.less_equal(index, _LARGEST_INDEX)]}


@bound(
    source=Source("maurer2009empirical", "Theorem 6, the empirical Bernstein bound of a class, with constants derived here"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, CLASS_FIXED_IN_ADVANCE, UNBIASED_VARIANCE),
    symbols={"empirical_risk": r"\widehat{R}_n", "variance": "V_n", "n": "n", "log_cover": r"\ln N", "delta": r"\delta"},
    domains={"variance": SAMPLE_VARIANCE, "n": AT_LEAST_TWO, "log_cover": LOG_COVER},
    increasing=("empirical_risk", "variance", "log_cover"),
    decreasing=("n", "delta"),
    choose=_search,
    membership=_membership,
    chosen={"index": "j"},
    holds_for="every hypothesis of the class at once",
)
def maurer2009cover(
    math: World, *, empirical_risk: Number, variance: Number, n: Number, log_cover: Number, delta: Number, index: Number
) -> Terms:
    r"""The risk of every hypothesis of a class fixed in advance is at most R_n + 4 (c V (n - 1)/n + (ln N + ln(1/delta) + w_j + l + 65
    c/16)/n)/(2 l - c), where N is the covering number of the losses at 1/n, C = 2^(j/2), l = 1 - e^-C and c = C - 1 + e^-C.

    Any whole j <= 2 is valid, and may be chosen on the sample: w_j = ln(1.5 (|j| + 1)(|j| + 2)) pays for all of them. Write L for ln N +
    ln(1/delta) and the small terms. For small l the bound is about R_n + l V + 2 L/(l n). So the best j gives about R_n + sqrt(8 V L/n)
    where the variance counts, and about R_n + 4.5 L/n where it is 0. (Theorem 6 of Maurer and Pontil has sqrt(18 V L/n) + 15 L/(n - 1) with
    L = ln N + ln(10/delta), for n >= 16. It was larger at all inputs that were tried. For losses of 0 and 1 ``maurer2009growth`` is the
    better form.)

    Derivation. Draw n ghost examples in addition to the sample. Let N vectors g in [0, 1]^(2n) come within 1/n of the losses of every
    hypothesis at each of the 2n points. For one g let t be its mean over the 2n points and z = g - t. By the argument of
    ``holdout.unexpected_bernstein``, exp(-l z - c z^2) <= 1 - l z for z <= 1. Given the 2n points, the sample is a random half of them. A
    sum over a draw without replacement has no larger a mean exponential than a sum over n draws with replacement (Hoeffding 1963, Theorem
    4). So the mean of exp(H), where H is the sum of -l z - c z^2 over the sample, is at most (mean of (1 - l z))^n = 1.

    Now put the losses f of a hypothesis in place of the nearest g. The sum of l z, which is l n (R_n - R'_n)/2 with the risk R'_n on the
    ghost examples, changes by at most l. The sum of c z^2 changes by at most 4 c, since z changes by at most 2/n and |z| <= 1. So the mean
    of the largest exp(H(f)) over the class is at most N e^(l + 4c). By Jensen's inequality, H may be replaced by its average over the ghost
    examples, since the largest of the means is at most the mean of the largest. Let D = R - R_n, and let v <= 1/4 be the variance of the
    loss. The first part of the average is n l D/2. The z^2 add up to n ((n - 1) V/n + (R_n - R'_n)^2/4), of average n ((n - 1) V/n + D^2/4
    + v/(4n)). By Markov's inequality, with probability at least 1 - delta/e^(w_j), for all hypotheses at once

        l D/2 - c D^2/4 <= c (n - 1) V/n + (ln N + ln(1/delta) + w_j + l + 4 c + c/16)/n.

    If D <= 0 there is nothing to show. Otherwise D^2 <= D, and the claim follows, as 2 l > c for j <= 2. The weights e^(-w_j) add up to at
    most 1, so that the inequality holds for all j at once with probability at least 1 - delta.

    Inputs: ``empirical_risk``; ``variance``, the unbiased sample variance of the losses; ``n`` >= 2; ``log_cover``, the result of a
    ``log_cover_...`` capacity; ``delta``.

    >>> from fractions import Fraction
    >>> from genbounds.bounds.vc import log_cover_finite_class
    >>> log_cover = log_cover_finite_class(class_size=1000)
    >>> inputs = dict(empirical_risk=Fraction(1, 10), n=60000, log_cover=log_cover, delta=Fraction(1, 20))
    >>> round(maurer2009cover(**inputs, variance=Fraction(1, 100)).value, 9), round(maurer2009cover(**inputs, variance=0).value, 9)
    (0.104981757, 0.100976446)
    """
    rate = math.let("C", math.power(2, index / 2))
    return _terms(math, empirical_risk, variance, n, log_cover + math.log_quotient(1, delta) + weight_of_integer(math, index), rate)
