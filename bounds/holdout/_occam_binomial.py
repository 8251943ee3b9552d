from __future__ import annotations

from genbounds.bounds.assumptions import IID_SAMPLE, PRIOR_CODE_FIXED_IN_ADVANCE, ZERO_ONE_LOSS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.holdout._occam_kl import LOG_INVERSE_PRIOR
from genbounds.bounds.inputs import ERRORS_AT_MOST_N, TRIALS
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("langford2005tutorial", "Theorem 4.1"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, ZERO_ONE_LOSS, PRIOR_CODE_FIXED_IN_ADVANCE),
    symbols={"errors": "k", "n": "n", "log_inverse_prior": r"\ln\frac{1}{p(h)}", "delta": r"\delta"},
    domains={"log_inverse_prior": LOG_INVERSE_PRIOR, "n": TRIALS.meaning_is("number of examples of the sample")},
    requires=(ERRORS_AT_MOST_N,),
    increasing=("errors", "log_inverse_prior"),
    decreasing=("n", "delta"),
    holds_for="every hypothesis of a countable class at once",
)
def occam_binomial(math: World, *, errors: Number, n: Number, log_inverse_prior: Number, delta: Number) -> Terms:
    r"""The risk of every hypothesis h of a countable class is at most the binomial tail inversion of its errors at the probability delta
    p(h), for prior weights p fixed in advance.

    Derivation. This is ``clopper_pearson`` for hypothesis h at delta p(h), with the union bound over the class: the prior weights add up to
    at most 1. The bound is never above ``occam_kl``. The probability is passed by its logarithm, so that codes of a million bits do not
    underflow.

    Inputs: ``errors``, a whole number of at most ``n``; ``n``; ``log_inverse_prior`` = ln(1/p(h)) >= 0, in nats (ln |H| for equal weights);
    ``delta``.

    >>> from fractions import Fraction
    >>> import math
    >>> certificate = occam_binomial(errors=20, n=1000, log_inverse_prior=math.log(1000), delta=Fraction(1, 20))
    >>> round(certificate.value, 13)
    0.0431766698834
    """
    return {"binomial tail inversion": math.binomial_tail_inverse_log(errors, n, log_inverse_prior + math.log_quotient(1, delta))}
