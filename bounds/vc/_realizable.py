from __future__ import annotations

from genbounds.bounds.assumptions import CLASS_FIXED_IN_ADVANCE, IID_SAMPLE, NO_ERROR_ON_SAMPLE, ZERO_ONE_LOSS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.theorem import bound
from genbounds.bounds.vc._double_sample import LOG_GROWTH_2N, log_growth_of_double_sample, printed_log_growth_of_double_sample
from genbounds.bounds.worlds.protocol import Number, World


def _terms(math: World, n: Number, growth: Number, delta: Number) -> Terms:
    return {"consistent hypotheses": 2 * (growth + math.log_quotient(2, delta)) / (n * math.log(2))}


@bound(
    source=Source("blumer1989learnability", "the bound for consistent hypotheses, with the exact sum of Sauer's lemma at 2n"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, ZERO_ONE_LOSS, CLASS_FIXED_IN_ADVANCE, NO_ERROR_ON_SAMPLE),
    symbols={"n": "n", "vc_dimension": "d", "delta": r"\delta"},
    increasing=("vc_dimension",),
    decreasing=("n", "delta"),
    holds_for="every hypothesis of the class that makes no error on the sample",
)
def realizable(math: World, *, n: Number, vc_dimension: Number, delta: Number) -> Terms:
    r"""Every hypothesis of a class fixed in advance that makes no error on the sample has a risk of at most (2/n)(log2 S(2n) +
    log2(2/delta)), where S(2n) is the sum of the binomials C(2n, i), i <= d.

    Derivation. Let e be the bound. If e > 1 there is nothing to show, and n e >= 2 in any case. A consistent hypothesis of risk above e
    errs on at least n e/2 of n ghost examples with probability at least 1/2, since the median of a binomial is at least the floor of its
    mean. So the probability that there is one is at most twice the probability that some hypothesis errs on no example of the sample and on
    at least n e/2 ghost examples. Given all 2n examples there are at most Pi(2n) patterns of errors. Swap the two examples of each pair at
    random: a pattern with k >= n e/2 errors has them all in the ghost half with probability at most 2^-k. So the probability is at most
    2 Pi(2n) 2^(-n e/2), which is at most delta at the stated e, because Pi(2n) <= S(2n) by Sauer's lemma.

    ``form="printed"`` bounds Pi(2n) by the relaxation (2 e n/d)^d, or by 2^(2n) where that is smaller or d > 2n. Where the growth function
    itself is bounded, as for a network, take ``realizable_growth``.

    Inputs: ``n``; ``vc_dimension`` d, a whole number; ``delta``.

    >>> from fractions import Fraction
    >>> inputs = dict(n=10**4, vc_dimension=10, delta=Fraction(1, 20))
    >>> round(realizable(**inputs).value, 13), round(realizable(**inputs, form="printed").value, 13)
    (0.0252810932029, 0.0258813442701)
    """
    return _terms(math, n, log_growth_of_double_sample(math, n, vc_dimension), delta)


@realizable.other_form(
    "printed",
    provenance=DERIVED,
    source=Source("blumer1989learnability", "the bound for consistent hypotheses, with Sauer's lemma (en/d)^d"),
)
def _realizable_printed(math: World, *, n: Number, vc_dimension: Number, delta: Number) -> Terms:
    return _terms(math, n, printed_log_growth_of_double_sample(math, n, vc_dimension), delta)


@bound(
    source=Source("blumer1989learnability", "the bound for consistent hypotheses, with the growth function at 2n"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, ZERO_ONE_LOSS, CLASS_FIXED_IN_ADVANCE, NO_ERROR_ON_SAMPLE),
    symbols={"n": "n", "log_growth_2n": "g(2n)", "delta": r"\delta"},
    domains={"log_growth_2n": LOG_GROWTH_2N},
    takes={"log_growth_2n": ("log_growth",)},
    at={"log_growth_2n": lambda inputs: 2 * inputs["n"]},
    increasing=("log_growth_2n",),
    decreasing=("n", "delta"),
    holds_for="every hypothesis of the class that makes no error on the sample",
)
def realizable_growth(math: World, *, n: Number, log_growth_2n: Number, delta: Number) -> Terms:
    r"""Every hypothesis of a class fixed in advance that makes no error on the sample has a risk of at most (2/n)(g(2n)/ln 2 +
    log2(2/delta)), where g is the logarithm of the growth function.

    The derivation is that of ``realizable``, which counts the patterns of errors on the 2n examples and uses nothing else of the class. For
    a multiclass network the growth function counts loss vectors. A growth function at n would be wrong here.

    Inputs: ``n``; ``log_growth_2n``, an upper bound on the logarithm of the growth function *at 2n*; ``delta``.

    >>> from fractions import Fraction
    >>> from genbounds.bounds.vc import log_growth_relu_network
    >>> lng = log_growth_relu_network(widths=(2, 3, 1), n=2 * 60000)
    >>> round(realizable_growth(n=60000, log_growth_2n=lng, delta=Fraction(1, 20)).value, 12)
    0.012762989584
    """
    return _terms(math, n, log_growth_2n, delta)
