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
    "upper bound on the logarithm of how many vectors are needed such that on any 2n points the losses of every hypothesis are within 1/n "
    "of one of them at each point"
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
    r"""The risk of every hypothesis is at most R_n + 4 (c V (n - 1)/n + (ln N + ln(1/delta) + w_j + l + 65 c/16)/n)/(2 l - c), N the
    covering number of the losses at 1/n, C = 2^(j/2), l = 1 - e^-C and c = C - 1 + e^-C.

    Any whole j <= 2 is valid, and w_j = ln(1.5 (|j| + 1)(|j| + 2)) pays for the grid. For small l it is about R_n + l V + 2 L/(l n), so
    that the best j gives sqrt(8 V L/n) where the variance counts, and 5 L/n where it is 0. (Theorem 6 of Maurer and Pontil has sqrt(18 V
    L/n) + 15 L/(n - 1) at L = ln N + ln(10/delta), for n >= 16: more at all inputs that
    were tried. For losses of 0 and 1 ``maurer2009growth`` is the better form.)

    Derivation. Draw n ghost examples in addition to the sample. On the 2n points let vectors g in [0, 1]^(2n), N of them, be within 1/n of
    the losses of every hypothesis at each point, and let t be the mean of g over the 2n points, z = g - t. By the argument of
    ``unexpected_bernstein`` exp(-l z - c z^2) <= 1 - l z for z <= 1. Of the 2n points the sample is a random half: a sum over a draw
    without replacement has no larger a mean exponential than one over n draws with replacement (Hoeffding 1963, Theorem 4), so E exp(sum
    over the sample of (-l z - c z^2)) <= (mean of (1 - l z))^n = 1. The losses f of a hypothesis in place of the nearest g change the sum
    of l z = l n (R_n - R'_n)/2 by at most l and that of c z^2 by at most 4 c, as z moves by at most 2/n and |z| <= 1. So the mean of the
    largest exp(H(f)) over the class is at most N e^(l + 4c), H(f) the sum for f. Average H over the ghost examples inside the exponential
    (Jensen; the largest of means is at most the mean of the largest): with D = R - R_n and the variance v of f, -l z gives n l D/2, and the
    z^2 add up to n ((n - 1) V/n + (R_n - R'_n)^2/4), whose mean is n ((n - 1) V/n + D^2/4 + v/(4n)) with v <= 1/4. By Markov's inequality,
    but with probability delta/e^(w_j), for all hypotheses at once

        l D/2 - c D^2/4 <= c (n - 1) V/n + (ln N + ln(1/delta) + w_j + l + 4 c + c/16)/n.

    If D <= 0 there is nothing to show; else D^2 <= D, and 2 l > c for j <= 2. The union over j is paid for.

    Inputs: ``empirical_risk``; ``variance``, the unbiased one of the losses on the sample; ``n`` >= 2; ``log_cover``, of a
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
