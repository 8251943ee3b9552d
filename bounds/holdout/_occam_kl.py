from __future__ import annotations

from genbounds.bounds.assumptions import IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, PRIOR_CODE_FIXED_IN_ADVANCE
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import NONNEGATIVE
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World

LOG_INVERSE_PRIOR = NONNEGATIVE.meaning_is("ln(1/p(h)), p(h) the prior weight of the hypothesis: bits of its code times ln 2")


@bound(
    source=Source("langford2005tutorial", "Theorem 4.1, relaxed by Chernoff's inequality; Occam's razor of Blumer et al. 1987"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, PRIOR_CODE_FIXED_IN_ADVANCE),
    symbols={"empirical_risk": r"\widehat{R}_n", "n": "n", "log_inverse_prior": r"\ln\frac{1}{p(h)}", "delta": r"\delta"},
    domains={"log_inverse_prior": LOG_INVERSE_PRIOR},
    increasing=("empirical_risk", "log_inverse_prior"),
    decreasing=("n", "delta"),
    holds_for="every hypothesis of a countable class at once",
)
def occam_kl(math: World, *, empirical_risk: Number, n: Number, log_inverse_prior: Number, delta: Number) -> Terms:
    r"""The risk of every hypothesis h of a countable class is at most the upper kl inverse of its empirical risk at (ln(1/p(h)) +
    ln(1/delta)) / n, for prior weights p fixed in advance.

    Derivation. This is ``chernoff_kl`` for hypothesis h at delta p(h). The prior weights add up to at most 1, so the union bound over the
    class costs delta in total. For a prefix code of l bits ln(1/p) = l ln 2; a code that is not prefix-free pays ln(l (l + 1)) more. Unlike
    a PAC-Bayes bound this bound has no term ln xi(n), and it holds for single hypotheses, not for randomised ones.

    Inputs: ``empirical_risk`` in [0, 1]; ``n``; ``log_inverse_prior`` = ln(1/p(h)) >= 0, in nats; ``delta``.

    >>> from fractions import Fraction
    >>> import math
    >>> certificate = occam_kl(empirical_risk=Fraction(1, 50), n=60000, log_inverse_prior=1000 * math.log(2), delta=Fraction(1, 20))
    >>> round(certificate.value, 13)
    0.0491386931614
    """
    return {"kl inversion": math.kl_inverse(empirical_risk, (log_inverse_prior + math.log_quotient(1, delta)) / n)}
