from __future__ import annotations

from genbounds.bounds.assumptions import HYPOTHESIS_INDEPENDENT_OF_SAMPLE, IID_SAMPLE, ZERO_ONE_LOSS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import READ, Terms
from genbounds.bounds.inputs import ERRORS_AT_MOST_N, TRIALS
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("clopper1934use", "the one-sided upper limit; as a test-set bound: Langford 2005, Theorem 3.3"),
    provenance=READ,
    assumes=(IID_SAMPLE, ZERO_ONE_LOSS, HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
    symbols={"errors": "k", "n": "n", "delta": r"\delta"},
    domains={"n": TRIALS.meaning_is("number of held-out examples")},
    increasing=("errors",),
    decreasing=("n", "delta"),
    requires=(ERRORS_AT_MOST_N,),
    holds_for="one hypothesis fixed before the sample",
)
def clopper_pearson(math: World, *, errors: Number, n: Number, delta: Number) -> Terms:
    r"""The risk of one fixed hypothesis is at most the largest p for which P(Bin(n, p) <= errors) >= delta.

    This is the tightest one-sided bound that an error count allows: the binomial tail itself is inverted, and no constant is lost. It
    equals the (1 - delta)-quantile of Beta(errors + 1, n - errors); it is 1 if errors = n, and 1 - delta^(1/n) if errors = 0. It needs
    losses that are 0 or 1; for other losses in [0, 1] use ``chernoff_kl``.

    Derivation. If the risk R exceeds this p, then P(Bin(n, R) <= errors) < delta. The number of errors has the law Bin(n, R), and its
    distribution function at the observed number is below delta with probability at most delta.

    Inputs: ``errors``, a whole number of at most ``n``; ``n``, the number of held-out examples; ``delta`` in (0, 1).

    >>> from fractions import Fraction
    >>> round(clopper_pearson(errors=5, n=100, delta=Fraction(1, 20)).value, 13)
    0.1022533776433
    """
    return {"binomial tail inversion": math.binomial_tail_inverse(errors, n, delta)}
