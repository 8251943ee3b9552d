from __future__ import annotations

from typing import Any

from genbounds.bounds.assumptions import CONVEX_LOSS, LIPSCHITZ_LOSS, STRONGLY_CONVEX_OBJECTIVE
from genbounds.bounds.bibliography import Source
from genbounds.bounds.theorem import DERIVED, STABILITY, Terms, bound


@bound(
    source=Source("bousquet2002stability", "Theorem 22, in the replace-one form derived here"),
    provenance=DERIVED,
    bounds_on=STABILITY,
    mode="DET",
    trivial=None,
    assumes=(CONVEX_LOSS, LIPSCHITZ_LOSS, STRONGLY_CONVEX_OBJECTIVE),
    symbols={"lipschitz": r"\ell", "strong_convexity": r"\mu", "n": "n"},
    increasing=("lipschitz",),
    decreasing=("strong_convexity", "n"),
    holds_for="the exact minimiser of the regularised empirical risk",
)
def regularized_erm(math: Any, *, lipschitz: Any, strong_convexity: Any, n: Any) -> Terms:
    r"""The replace-one uniform stability of the minimiser of a mu-strongly convex regularised empirical risk is at most 2 L^2 / (mu n).

    Derivation. Let w, w' minimise the objectives of two samples that differ in one example. Strong convexity at both minimisers gives mu
    ||w - w'||^2 <= (F_S(w') - F_S(w)) + (F_S'(w) - F_S'(w')), in which everything cancels but the one example's four losses: mu ||w -
    w'||^2 <= (2 L/n) ||w - w'||. So ||w - w'|| <= 2 L/(mu n), and losses differ by at most L times that. With the penalty lambda ||w||^2,
    mu = 2 lambda; with (lambda/2) ||w||^2, mu = lambda. It also bounds the expected gap between risk and empirical risk. Approximate
    minimisers with objective gap e lie within sqrt(2 e/mu) of the exact ones, and add 2 L sqrt(2 e/mu).

    Inputs: ``lipschitz`` L of the loss in the weights; ``strong_convexity`` mu of the objective; ``n``.

    >>> regularized_erm(lipschitz=1, strong_convexity=0.25, n=1000).value >= 0.008
    True
    """
    return {"stability": 2 * lipschitz**2 / (strong_convexity * n)}
