from __future__ import annotations

from genbounds.bounds.assumptions import CLASS_FIXED_IN_ADVANCE, IID_SAMPLE, ZERO_ONE_LOSS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.theorem import bound
from genbounds.bounds.vc._double_sample import log_growth_of_double_sample
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("shalevshwartz2014understanding", "Theorem 6.11, its constant mended, with the exact sum of Sauer's lemma at 2n"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, ZERO_ONE_LOSS, CLASS_FIXED_IN_ADVANCE),
    symbols={"empirical_risk": r"\widehat{R}_n", "n": "n", "vc_dimension": "d", "delta": r"\delta"},
    increasing=("empirical_risk", "vc_dimension"),
    decreasing=("n", "delta"),
    holds_for="every hypothesis of the class at once",
)
def shalev_shwartz2014growth(math: World, *, empirical_risk: Number, n: Number, vc_dimension: Number, delta: Number) -> Terms:
    r"""The risk of every hypothesis of a class fixed in advance is at most its empirical risk plus (4 + 2 sqrt(ln S(2n))) / (delta sqrt(2
    n)), where S(2n) is the sum of the binomials C(2n, i), i <= d.

    The bound comes from the mean of the supremum by Markov's inequality, hence 1/delta in place of its logarithm. It is here for comparison
    only.

    The book prints (4 + sqrt(ln Pi(2n)))/(delta sqrt(2n)), which is false: its proof applies Hoeffding's inequality for variables of range
    1 to differences of losses, which lie in [-1, 1]. A counterexample has x uniform on [0, 1], every label 1 and the class of all sets of
    at most n points. Some set contains the sample, and its hypothesis has R_n = 0 and R = 1. The printed bound is below 1 there for every
    delta above .833 once n is large (it is .9565 at n = 10^4 and delta = .9).

    Derivation. By symmetrisation, the mean of sup |R - R_n| is at most the mean of the largest |(1/n) sum_i eps_i (l'_i - l_i)| over the
    Pi(2n) patterns of losses on a double sample. One of these numbers exceeds t with probability at most 2 exp(-n t^2/2) (Hoeffding,
    range 2). So with a = sqrt(2/n) the mean of their maximum is at most a sqrt(ln Pi) plus the integral over t > a sqrt(ln Pi) of
    2 Pi exp(-t^2/a^2), and hence at most a (sqrt(ln Pi) + sqrt(pi)) <= (4 + 2 sqrt(ln Pi))/sqrt(2 n). Markov's inequality divides by delta,
    and Pi(2n) <= S(2n) is Sauer's lemma.

    Inputs: ``empirical_risk``; ``n``; ``vc_dimension`` d, a whole number; ``delta``.

    >>> from fractions import Fraction
    >>> round(shalev_shwartz2014growth(empirical_risk=0, n=10**4, vc_dimension=10, delta=Fraction(1, 20)).value, 12)
    3.156881487329
    """
    growth = log_growth_of_double_sample(math, n, vc_dimension)
    return {"empirical risk": empirical_risk, "deviation": (4 + 2 * math.sqrt(growth)) / (delta * math.sqrt(2 * n))}
