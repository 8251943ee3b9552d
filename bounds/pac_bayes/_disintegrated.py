from __future__ import annotations

from genbounds.bounds.assumptions import IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, ONE_DRAW, ONE_POSTERIOR, PRIOR_INDEPENDENT_OF_SAMPLE
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import REAL
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("rivasplata2020pac", "the disintegrated form, with the exact moment; also Viallard et al. 2024"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, PRIOR_INDEPENDENT_OF_SAMPLE, ONE_DRAW, ONE_POSTERIOR),
    symbols={"empirical_risk": r"\widehat{R}_n", "log_ratio": r"\ln\frac{dQ}{dP}(h)", "n": "n", "delta": r"\delta"},
    domains={"log_ratio": REAL.meaning_is("ln (dQ/dP)(h) at the drawn hypothesis, with its sign")},
    increasing=("empirical_risk", "log_ratio"),
    decreasing=("delta",),
    holds_for="the one hypothesis drawn from the posterior, with high probability over the sample and the draw",
)
def disintegrated(math: World, *, empirical_risk: Number, log_ratio: Number, n: Number, delta: Number) -> Terms:
    r"""With probability at least 1 - delta over the sample and the draw, one hypothesis h drawn from the posterior Q has a risk of at most
    the upper kl inverse of its empirical risk at (ln dQ/dP(h) + ln(xi(n)/delta)) / n.

    Derivation. The mean over the sample and h ~ Q of (dP/dQ)(h) exp(n kl(R_n(h)||R(h))) is at most the mean over the sample of the
    P-average of exp(n kl), which is at most xi(n) because P does not depend on the sample. Markov's inequality gives the statement. A
    negative right-hand side is replaced by 0: where it is negative the statement can only fail, so nothing is lost.

    The bound holds for exactly one draw; for the best of k draws, from one posterior or from several, use delta/k for each. It increases in
    the log ratio, which may be negative. For Gaussians of equal covariance s^2 I, mean shift m and noise e, the log ratio is (2 <e, m> +
    ||m||^2)/(2 s^2).

    Inputs: ``empirical_risk`` of h; ``log_ratio`` = ln(dQ/dP)(h), with its sign; ``n``; ``delta``.

    >>> from fractions import Fraction
    >>> round(disintegrated(empirical_risk=Fraction(3, 100), log_ratio=600, n=10**4, delta=Fraction(1, 20)).value, 13)
    0.1291329608388
    """
    cost = (log_ratio + math.log_quotient(math.xi(n), delta)) / n
    return {"kl inversion": math.kl_inverse(empirical_risk, math.maximum(cost, 0))}
