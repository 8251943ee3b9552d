from __future__ import annotations

from genbounds.bounds.assumptions import HYPOTHESIS_INDEPENDENT_OF_SAMPLE, IID_STREAM, ZERO_ONE_LOSS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import ERRORS_AT_MOST_N, Domain
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World

_LOOKED_AT = Domain(
    "be a whole number from 1 to 10^12", "the mixture of binomials is inverted by quadrature up to there", 1, 10**12, whole=True
).meaning_is("number of held-out examples looked at so far")


@bound(
    source=Source("robbins1970statistical", "confidence sequences by mixtures; the one-sided mixture over smaller risks is derived here"),
    provenance=DERIVED,
    assumes=(IID_STREAM, ZERO_ONE_LOSS, HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
    symbols={"errors": "k", "n": "n", "delta": r"\delta"},
    domains={"n": _LOOKED_AT},
    increasing=("errors",),
    decreasing=("n", "delta"),
    requires=(ERRORS_AT_MOST_N,),
    holds_for="one hypothesis fixed before the sample, for all n at once",
)
def confidence_sequence(math: World, *, errors: Number, n: Number, delta: Number) -> Terms:
    r"""The risk of one fixed hypothesis is, for all n at once, at most the p with P(Bin(n + 1, p) >= errors + 1) = (n + 1) p P(Bin(n, p) =
    errors)/delta (1 if errors = n).

    This is ``clopper_pearson`` for an observer who looks after every example and may stop at any time; the smallest of the limits seen so
    far is a bound as well. The price of looking is moderate: with 10 errors among 1000 examples the bound is .0217 instead of .0170, at
    delta = .05.

    Derivation. Let p be the risk and k_n the number of errors among the first n examples. For every q, L_n(q) = (q/p)^k_n ((1 - q)/(1 -
    p))^(n - k_n) is a martingale that starts at 1, and so is its mean M_n over q = p u, with u uniform on [0, 1]. By Ville's inequality M_n
    exceeds 1/delta for some n with probability at most delta. M_n is the integral over u in [0, 1] of u^k ((1 - p u)/(1 - p))^(n - k),
    which increases in p and in n, and decreases in k. So M_n <= 1/delta says that p is at most the root of M_n = 1/delta, and this root
    increases in k and decreases in n. With v = p u the integral becomes that of v^k (1 - v)^(n - k) over [0, p], an incomplete beta
    function and thus a binomial tail: M_n = P(Bin(n + 1, p) >= k + 1)/((n + 1) p P(Bin(n, p) = k)). The mixture contains only risks below
    p, since only an upper bound is wanted. At k = n, M_n = 1/(n + 1) for every p, and the bound is 1.

    Inputs: ``errors``, a whole number of at most ``n``; ``n``, the number of held-out examples looked at so far; ``delta`` in (0, 1).

    >>> from fractions import Fraction
    >>> round(confidence_sequence(errors=5, n=100, delta=Fraction(1, 20)).value, 13)
    0.1343893729753
    """
    return {"mixture of binomials": math.mixture_inverse(errors, n, delta)}
