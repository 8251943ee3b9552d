from __future__ import annotations

from genbounds.bounds.assumptions import CLASS_FIXED_IN_ADVANCE, IID_SAMPLE, ZERO_ONE_LOSS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.theorem import bound
from genbounds.bounds.vc._double_sample import log_growth_of_double_sample
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("blumer1989learnability", "the bound for consistent hypotheses, with Sauer's lemma (en/d)^d"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, ZERO_ONE_LOSS, CLASS_FIXED_IN_ADVANCE),
    symbols={"n": "n", "vc_dimension": "d", "delta": r"\delta"},
    increasing=("vc_dimension",),
    decreasing=("n", "delta"),
    holds_for="every hypothesis of the class that makes no error on the sample",
)
def realizable(math: World, *, n: Number, vc_dimension: Number, delta: Number) -> Terms:
    r"""Every hypothesis that makes no error on the sample has risk at most (2/n)(d log2(2 e n/d) + log2(2/delta)).

    Derivation. Let e be the bound; if e > 1 there is nothing to show, and n e >= 2. If some consistent hypothesis has risk above e, it
    errs on at least n e/2 of n ghost examples with probability at least 1/2, since the median of a binomial is at least the floor of its
    mean; so the probability is at most twice that of both events. Given all 2n examples there are at most Pi(2n) patterns of errors, and
    one with k >= n e/2 errors has them all in the ghost half of a random swap of pairs with probability at most 2^-k: at most 2 Pi(2n)
    2^(-n e/2), which is delta at the stated e.

    Inputs: ``n``; ``vc_dimension`` d, a whole number; ``delta``.

    >>> from fractions import Fraction
    >>> round(realizable(n=10**4, vc_dimension=10, delta=Fraction(1, 20)).value, 13)
    0.0258813442701
    """
    growth = log_growth_of_double_sample(math, n, vc_dimension)
    return {"consistent hypotheses": 2 * (growth / math.log(2) + math.log2(2 / delta)) / n}
