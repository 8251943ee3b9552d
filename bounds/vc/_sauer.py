from __future__ import annotations

from genbounds.bounds.assumptions import CLASS_FIXED_IN_ADVANCE, IID_SAMPLE, ZERO_ONE_LOSS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import READ, Terms
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("mohri2018foundations", "Corollary 3.19, with the exact sum of Sauer's lemma in place of (en/d)^d"),
    provenance=READ,
    assumes=(IID_SAMPLE, ZERO_ONE_LOSS, CLASS_FIXED_IN_ADVANCE),
    symbols={"empirical_risk": r"\widehat{R}_n", "n": "n", "vc_dimension": "d", "delta": r"\delta"},
    increasing=("empirical_risk", "vc_dimension"),
    decreasing=("n", "delta"),
    holds_for="every hypothesis of the class at once",
)
def sauer(math: World, *, empirical_risk: Number, n: Number, vc_dimension: Number, delta: Number) -> Terms:
    r"""The risk of every hypothesis of a class fixed in advance is at most its empirical risk plus sqrt(2 ln S(n) / n) + sqrt(ln(1/delta) /
    (2 n)), where S(n) is the sum of the binomials C(n, i), i <= d.

    This is ``growth_function`` with the growth function bounded by Sauer's sum. The sum itself is used and not its relaxation (e n/d)^d,
    which fails for n < d; there the sum is 2^n. The class is binary, or it is the loss class of a multiclass one, whose VC dimension is
    then to be given.

    Inputs: ``empirical_risk``; ``n``; ``vc_dimension`` d, a whole number (take the floor of a closed-form bound); ``delta``.

    >>> from fractions import Fraction
    >>> round(sauer(empirical_risk=0, n=10**4, vc_dimension=10, delta=Fraction(1, 20)).value, 13)
    0.1363318371226
    """
    return {
        "empirical risk": empirical_risk,
        "capacity": math.sqrt(2 * math.log_binomial_sum(n, vc_dimension) / n),
        "confidence": math.sqrt(math.log_quotient(1, delta) / (2 * n)),
    }
