from __future__ import annotations

from genbounds.bounds import second_moment as second
from genbounds.bounds.assumptions import IID_SAMPLE, LOSS_AT_MOST_HIGHEST, PRIOR_INDEPENDENT_OF_SAMPLE
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import EMPIRICAL_GIBBS_RISK, GIBBS_RISK
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("mhammedi2019pac", "the un-expected Bernstein inequality for posteriors, inverted without a relaxation"),
    provenance=DERIVED,
    bounds_on=GIBBS_RISK,
    assumes=(IID_SAMPLE, LOSS_AT_MOST_HIGHEST, PRIOR_INDEPENDENT_OF_SAMPLE),
    symbols={
        "empirical_risk": r"\widehat{R}_n(Q)",
        "kl": r"\mathrm{KL}(Q \Vert P)",
        **second.SYMBOLS,
        "second_moment": r"\widehat{M}_n(Q)",
    },
    domains=second.DOMAINS,
    requires=second.REQUIRES,
    increasing=("empirical_risk", "second_moment", "kl"),
    takes={"empirical_risk": (EMPIRICAL_GIBBS_RISK,)},
    decreasing=("n", "delta"),
    trivial="highest",
    choose=second.search,
    membership=second.membership,
    chosen={"index": "j"},
    holds_for="every posterior at once",
)
def unexpected_bernstein(
    math: World, *, empirical_risk: Number, second_moment: Number, highest: Number = 1, kl: Number, n: Number, delta: Number, index: Number
) -> Terms:
    r"""The Gibbs risk of every posterior is at most (1 - exp(-(l R_n(Q) + (C - 1 + e^-C) M(Q)/b^2 + (KL(Q||P) + ln(1/delta) + w_j)/n)))/l,
    where M(Q) is the average of the *squared* losses over the sample and the posterior, l = (1 - e^-C)/b and C = 2^(j/2).

    The loss is at most b = ``highest``, and may be negative, as an excess loss may be. Every integer j is valid, as w_j = ln(1.5 (|j| +
    1)(|j| + 2)) pays for the choice of j. At the same j, the bound equals ``catoni_grid`` for losses 0 and 1, and is never above it for
    losses in [0, 1], where M <= R_n.

    Derivation. As shown for ``holdout.unexpected_bernstein``, exp(n (-l R_n(h) - c M(h) - ln(1 - l R(h)))) has a mean of at most 1 for
    every hypothesis h, where c = (C - 1 + e^-C)/b^2. The inequalities of Donsker and Varadhan and of Markov and the convexity of -ln(1 - l
    x) give -ln(1 - l R(Q)) <= l R_n(Q) + c M(Q) + (KL + ln(1/delta))/n, which is solved for R(Q). The union bound over j is paid for.

    ``form="linear"`` is R_n(Q) + psi M(Q)/(l b^2) + (KL + ln(1/delta) + ln(i (i + 1)))/(l n), over the grid of Wu and Seldin (2022); see
    ``holdout.unexpected_bernstein``.

    Inputs: ``empirical_risk``; ``second_moment`` M(Q); ``highest`` b; ``kl`` in nats; ``n``; ``delta``.

    >>> from fractions import Fraction
    >>> inputs = dict(n=10**4, kl=100, delta=Fraction(1, 20), empirical_risk=Fraction(1, 100), second_moment=Fraction(3, 100))
    >>> round(unexpected_bernstein(**inputs).value, 9), round(unexpected_bernstein(**inputs, form="linear").value, 9)
    (0.04214061, 0.042326607)
    """
    return second.terms(math, empirical_risk, second_moment, highest, kl + math.log_quotient(1, delta), n, index)


@unexpected_bernstein.other_form(
    "linear",
    provenance=DERIVED,
    choose=second.linear_search,
    membership=second.linear_membership,
)
def _unexpected_bernstein_linear(
    math: World, *, empirical_risk: Number, second_moment: Number, highest: Number = 1, kl: Number, n: Number, delta: Number, index: Number
) -> Terms:
    return second.linear_terms(math, empirical_risk, second_moment, highest, kl + math.log_quotient(1, delta), n, index)
