from __future__ import annotations

from genbounds.bounds.assumptions import (
    APPROXIMATE_MINIMISER,
    CONVEX_LOSS,
    LIPSCHITZ_LOSS,
    OBJECTIVE_OF_AVERAGE,
    STRONGLY_CONVEX_OBJECTIVE,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import STABILITY
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import NONNEGATIVE
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("bousquet2002stability", "Theorem 22, in the replace-one form derived here"),
    provenance=DERIVED,
    bounds_on=STABILITY,
    mode="DET",
    trivial=None,
    assumes=(CONVEX_LOSS, LIPSCHITZ_LOSS, OBJECTIVE_OF_AVERAGE, STRONGLY_CONVEX_OBJECTIVE),
    symbols={"lipschitz": r"\ell", "strong_convexity": r"\mu", "n": "n"},
    increasing=("lipschitz",),
    decreasing=("strong_convexity", "n"),
    holds_for="the exact minimiser of the regularised empirical risk",
)
def regularized_erm(math: World, *, lipschitz: Number, strong_convexity: Number, n: Number) -> Terms:
    r"""The replace-one uniform stability of the minimiser of a mu-strongly convex regularised empirical risk is at most 2 L^2 / (mu n).

    With the penalty lambda ||w||^2, mu = 2 lambda; with (lambda/2) ||w||^2, mu = lambda. The stability also bounds the expected gap between
    risk and empirical risk (``expected_gap``). For approximate minimisers take ``regularized_erm_approximate``.

    Derivation. Let w and w' minimise the objectives F_S and F_S' of two samples that differ in one example. Strong convexity at both
    minimisers gives mu ||w - w'||^2 <= (F_S(w') - F_S(w)) + (F_S'(w) - F_S'(w')). On the right all terms cancel except the four losses at
    the two examples that were exchanged, so that mu ||w - w'||^2 <= (2 L/n) ||w - w'||. Hence ||w - w'|| <= 2 L/(mu n), and the losses
    differ by at most L times that.

    Inputs: ``lipschitz`` L of the loss in the weights; ``strong_convexity`` mu of the objective; ``n``.

    >>> regularized_erm(lipschitz=1, strong_convexity=0.25, n=1000).value >= 0.008
    True
    """
    return {"stability": 2 * lipschitz**2 / (strong_convexity * n)}


@bound(
    source=Source("bousquet2002stability", "Theorem 22, in the replace-one form for approximate minimisers derived here"),
    provenance=DERIVED,
    bounds_on=STABILITY,
    mode="DET",
    trivial=None,
    assumes=(CONVEX_LOSS, LIPSCHITZ_LOSS, OBJECTIVE_OF_AVERAGE, APPROXIMATE_MINIMISER),
    symbols={"lipschitz": r"\ell", "strong_convexity": r"\mu", "n": "n", "objective_gap": r"\epsilon"},
    domains={"objective_gap": NONNEGATIVE.meaning_is("largest excess of the objective over its minimum, for every sample")},
    increasing=("lipschitz", "objective_gap"),
    decreasing=("strong_convexity", "n"),
    holds_for="an approximate minimiser of the regularised empirical risk",
)
def regularized_erm_approximate(math: World, *, lipschitz: Number, strong_convexity: Number, n: Number, objective_gap: Number) -> Terms:
    r"""The replace-one uniform stability of an approximate minimiser of a mu-strongly convex regularised empirical risk is at most
    2 L^2/(mu n) + 2 L sqrt(2 e/mu), where e is the largest excess of the objective over its minimum.

    Derivation. By strong convexity, weights whose objective is within e of the minimum lie within sqrt(2 e/mu) of the minimiser. On each of
    the two samples this changes the loss by at most L sqrt(2 e/mu), and between the minimisers it changes as in ``regularized_erm``. The
    excess must be bounded for every sample, for example by a stopping rule: it is at most ||gradient||^2/(2 mu).

    Inputs: ``lipschitz`` L; ``strong_convexity`` mu; ``n``; ``objective_gap`` e.

    >>> regularized_erm_approximate(lipschitz=1, strong_convexity=0.5, n=2**10, objective_gap=2.0**-22).value  # 2^-8 + 2^-9
    0.005859375
    """
    return {
        "stability": 2 * lipschitz**2 / (strong_convexity * n),
        "optimisation": 2 * lipschitz * math.sqrt(2 * objective_gap / strong_convexity),
    }
