from __future__ import annotations

from genbounds.bounds import second_moment as second
from genbounds.bounds.assumptions import HYPOTHESIS_INDEPENDENT_OF_SAMPLE, IID_SAMPLE, LOSS_AT_MOST_HIGHEST
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("mhammedi2019pac", "the un-expected Bernstein inequality, inverted without a relaxation"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, LOSS_AT_MOST_HIGHEST, HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
    symbols={"empirical_risk": r"\widehat{R}_n", **second.SYMBOLS},
    domains=second.DOMAINS,
    requires=second.REQUIRES,
    increasing=("empirical_risk", "second_moment"),
    decreasing=("n", "delta"),
    trivial="highest",
    choose=second.search,
    membership=second.membership,
    chosen={"index": "j"},
    holds_for="one hypothesis fixed before the sample",
)
def unexpected_bernstein(
    math: World, *, empirical_risk: Number, second_moment: Number, highest: Number = 1, n: Number, delta: Number, index: Number
) -> Terms:
    r"""The risk of one fixed hypothesis is at most (1 - exp(-(l R_n + (C - 1 + e^-C) M/b^2 + (ln(1/delta) + w_j)/n)))/l, where M is the
    average of the *squared* losses, l = (1 - e^-C)/b and C = 2^(j/2).

    The loss is at most b = ``highest``, and may be negative. Every integer j is valid, as w_j = ln(1.5 (|j| + 1)(|j| + 2)) pays for the
    choice of j. The bound is better than ``empirical_bernstein`` where the losses are close to 0, of either sign; for losses 0 and 1 it is
    not below ``chernoff_kl``.

    Derivation. The quotient (y - ln(1 + y))/y^2 decreases in y > -1. So for 0 < l < 1/b and a loss z <= b, where y = -l z >= -l b, we have
    ln(1 - l z) >= -l z - c z^2 with c = (-l b - ln(1 - l b))/b^2, that is, exp(-l z - c z^2) <= 1 - l z. The mean of the left side is
    therefore at most 1 - l R. Over n independent losses, exp(sum(-l z_i - c z_i^2))/(1 - l R)^n has a mean of at most 1, and Markov's
    inequality gives -ln(1 - l R) <= l R_n + c M + ln(1/delta)/n, which is solved for R. With l b = 1 - e^-C, c b^2 = C - 1 + e^-C, and the
    union bound over j is paid for.

    The papers relax 1 - l R <= exp(-l R), which is ``form="linear"``: R_n + psi M/(l b^2) + (ln(1/delta) + ln(i (i + 1)))/(l n), with psi =
    -l b - ln(1 - l b), at the best point l = 1/(2^i b), i >= 1, of the grid of Wu and Seldin (2022). They take k =
    ceil(log2(sqrt(n/ln(1/delta))/2)) points and pay ln k for each, which would let the bound rise with delta and with n. The weights 1/(i
    (i + 1)) used here add up to 1, and for large n they cost less at i = 1 and 2. As the two forms have different grids and weights, either
    can be the smaller one.

    Inputs: ``empirical_risk``; ``second_moment`` M; ``highest`` b; ``n``; ``delta``.

    >>> from fractions import Fraction
    >>> inputs = dict(n=1000, delta=Fraction(1, 20), empirical_risk=Fraction(1, 100), second_moment=Fraction(3, 100))  # -1, 0 and 1
    >>> round(unexpected_bernstein(**inputs).value, 9), round(unexpected_bernstein(**inputs, form="linear").value, 9)
    (0.031830609, 0.02896659)
    """
    return second.terms(math, empirical_risk, second_moment, highest, math.log_quotient(1, delta), n, index)


@unexpected_bernstein.other_form(
    "linear",
    provenance=DERIVED,
    choose=second.linear_search,
    membership=second.linear_membership,
)
def _unexpected_bernstein_linear(
    math: World, *, empirical_risk: Number, second_moment: Number, highest: Number = 1, n: Number, delta: Number, index: Number
) -> Terms:
    return second.linear_terms(math, empirical_risk, second_moment, highest, math.log_quotient(1, delta), n, index)
