from __future__ import annotations

from genbounds.bounds.assumptions import (
    CLASS_FIXED_IN_ADVANCE,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    UNBIASED_VARIANCE,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import AT_LEAST_TWO, COUNT, SAMPLE_VARIANCE
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("maurer2009empirical", "Theorem 4"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, HYPOTHESIS_INDEPENDENT_OF_SAMPLE, UNBIASED_VARIANCE),
    symbols={"empirical_risk": r"\widehat{R}_n", "variance": r"\widehat{V}_n", "n": "n", "delta": r"\delta"},
    domains={"n": AT_LEAST_TWO, "variance": SAMPLE_VARIANCE},
    increasing=("empirical_risk", "variance"),
    decreasing=("n", "delta"),
    holds_for="one hypothesis fixed before the sample",
)
def empirical_bernstein(math: World, *, empirical_risk: Number, variance: Number, n: Number, delta: Number) -> Terms:
    r"""The risk of one fixed hypothesis is at most its empirical risk plus sqrt(2 V ln(2/delta) / n) + 7 ln(2/delta) / (3 (n - 1)), where V
    is the unbiased sample variance of the losses.

    The variance V divides by n - 1 (``ddof=1``). The bound is better than ``hoeffding`` where the variance is small. For finitely many
    hypotheses see ``maurer2009finite_class``.

    Derivation. Let L = ln(2/delta), and let s^2 be the true variance. (1) R - loss has variance s^2 and is at most 1, so its logarithmic
    moment generating function at l is at most s^2 l^2/(2 - 2 l/3), and R - R_n <= sqrt(2 s^2 L/n) + L/(3 n) except with probability delta/2
    (Bernstein). (2) V is the mean, over all orders of the sample, of the average of m = floor(n/2) independent terms h = (x - x')^2/2,
    which have values in [0, 1/2] and mean s^2. By Jensen's inequality E e^(-l V) is at most the same expectation for one such average.
    Since e^-u <= 1 - u + u^2/2 and E h^2 <= s^2/2, it follows that P(V <= s^2 - t) <= exp(-m t^2/s^2). As m >= (n - 1)/2, s^2 - V <= sqrt(2
    s^2 L/(n - 1)) except with probability delta/2, and solving for s gives s <= sqrt(V) + sqrt(2 L/(n - 1)). (3) Inserting this into (1)
    gives the statement: the constants 1/3 and 2 add up to 7/3, as n (n - 1) >= (n - 1)^2.

    Inputs: ``empirical_risk`` and ``variance`` of losses in [0, 1]; ``n`` >= 2; ``delta``.

    >>> from fractions import Fraction
    >>> v = Fraction(90, 999)  # of 1000 zero-one losses, 100 of them errors
    >>> round(empirical_bernstein(empirical_risk=Fraction(1, 10), variance=v, n=1000, delta=Fraction(1, 20)).value, 13)
    0.1343970596485
    """
    return _terms(math, empirical_risk, variance, n, math.log_quotient(2, delta))


@bound(
    source=Source("maurer2009empirical", "Corollary 5"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, CLASS_FIXED_IN_ADVANCE, UNBIASED_VARIANCE),
    symbols={
        "empirical_risk": r"\widehat{R}_n",
        "variance": r"\widehat{V}_n",
        "n": "n",
        "class_size": r"\left|H\right|",
        "delta": r"\delta",
    },
    domains={"n": AT_LEAST_TWO, "variance": SAMPLE_VARIANCE, "class_size": COUNT.meaning_is("number of hypotheses")},
    increasing=("empirical_risk", "variance", "class_size"),
    decreasing=("n", "delta"),
    holds_for="every hypothesis of the class at once",
)
def maurer2009finite_class(math: World, *, empirical_risk: Number, variance: Number, n: Number, class_size: Number, delta: Number) -> Terms:
    r"""The risk of every hypothesis of a finite class fixed in advance is at most its empirical risk plus sqrt(2 V ln(2 |H|/delta) / n) + 7
    ln(2 |H|/delta) / (3 (n - 1)), where V is the unbiased sample variance of its losses.

    Derivation. This is ``empirical_bernstein`` at delta/|H| for each hypothesis, with the union bound over the class. So the hypothesis
    with the smallest bound may be picked on the sample.

    Inputs: ``empirical_risk`` and ``variance`` of the losses of the picked hypothesis, in [0, 1]; ``n`` >= 2; ``class_size`` |H|;
    ``delta``.

    >>> from fractions import Fraction
    >>> inputs = dict(empirical_risk=Fraction(1, 10), variance=Fraction(90, 999), n=1000)
    >>> round(maurer2009finite_class(**inputs, class_size=10, delta=Fraction(1, 2)).value, 13)  # empirical_bernstein at 1/20
    0.1343970596485
    """
    return _terms(math, empirical_risk, variance, n, math.log_quotient(2, delta) + math.log(class_size))


def _terms(math: World, empirical_risk: Number, variance: Number, n: Number, cost: Number) -> Terms:
    return {
        "empirical risk": empirical_risk,
        "deviation": math.sqrt(2 * variance * cost / n),
        "estimated variance": 7 * cost / (3 * (n - 1)),
    }
