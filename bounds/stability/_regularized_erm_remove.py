from __future__ import annotations

from typing import Any

from genbounds.bounds.assumptions import (
    CONVEX_LOSS,
    LIPSCHITZ_LOSS,
    OBJECTIVE_OF_AVERAGE,
    OBJECTIVE_OF_SUM,
    STRONGLY_CONVEX_OBJECTIVES,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import REMOVE_ONE_STABILITY
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import NONNEGATIVE, Domain
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World

_COMMON: dict[str, Any] = {
    "provenance": DERIVED,
    "bounds_on": REMOVE_ONE_STABILITY,
    "mode": "DET",
    "trivial": None,
    "symbols": {"lipschitz": r"\ell", "strong_convexity": r"\mu", "n": "n", "objective_gap": r"\epsilon"},
    "increasing": ("lipschitz", "objective_gap"),
    "decreasing": ("strong_convexity", "n"),
}
_GAP = NONNEGATIVE.meaning_is("largest excess of the objective over its minimum, for every sample")
_AT_LEAST_TWO = Domain("be a whole number of at least 2", "when one example is left out one must be left", 2, whole=True).meaning_is(
    "number of examples of the whole sample"
)


@bound(
    source=Source("bousquet2002stability", "Theorem 22, in its remove-one form"),
    assumes=(CONVEX_LOSS, LIPSCHITZ_LOSS, OBJECTIVE_OF_SUM, STRONGLY_CONVEX_OBJECTIVES),
    domains={"objective_gap": _GAP},
    holds_for="the minimiser of the regularised risk, every example at its weight 1/n when one is left out",
    **_COMMON,
)
def regularized_erm_remove(math: World, *, lipschitz: Number, strong_convexity: Number, n: Number, objective_gap: Number = 0) -> Terms:
    r"""The remove-one uniform stability of the minimiser of a mu-strongly convex regularised risk is at most L^2/(mu n), if the other
    examples keep their weight 1/n.

    This is the convention of the paper and of ``ridge_leave_one_out``: the penalty stays the same relative to the *sum* of the losses.
    Outputs whose objective is only within e of the minimum add 2 L sqrt(2 e/mu), because they lie within sqrt(2 e/mu) of the minimisers.

    Derivation. Let w minimise F, and let v minimise F without the term l/n of one example. Strong convexity at both gives mu ||w - v||^2 <=
    (F(v) - F(w)) + (F(w) - l(w)/n - F(v) + l(v)/n) = (l(v) - l(w))/n <= (L/n) ||w - v||. So ||w - v|| <= L/(mu n), and the losses differ by
    at most L times that. The same holds when one more example is left out and the others keep their weight 1/n, so that the stability holds
    for samples of n and of n - 1 examples.

    Inputs: ``lipschitz`` L of the loss in the weights; ``strong_convexity`` mu of the objective, with and without the examples;
    ``n``, of the whole sample; ``objective_gap`` e.

    >>> regularized_erm_remove(lipschitz=1, strong_convexity=0.25, n=2**10).value  # half of the replace-one stability
    0.00390625
    """
    return {
        "stability": lipschitz**2 / (strong_convexity * n),
        "optimisation": 2 * lipschitz * math.sqrt(2 * objective_gap / strong_convexity),
    }


@bound(
    source=Source("bousquet2002stability", "Theorem 22, in a remove-one form with averages over those left, derived here"),
    assumes=(CONVEX_LOSS, LIPSCHITZ_LOSS, OBJECTIVE_OF_AVERAGE, STRONGLY_CONVEX_OBJECTIVES),
    domains={"objective_gap": _GAP, "n": _AT_LEAST_TWO},
    holds_for="the minimiser of the regularised average loss, over n - 1 examples when one is left out",
    **_COMMON,
)
def regularized_erm_remove_renormalized(
    math: World, *, lipschitz: Number, strong_convexity: Number, n: Number, objective_gap: Number = 0
) -> Terms:
    r"""The remove-one uniform stability of the minimiser of a mu-strongly convex regularised average loss is at most
    2 L^2/(mu (n - 1)), if the average without an example is over the n - 1 others.

    The penalty then stays the same relative to the *average* of the losses, as it does when the training is run again without the example.
    Outputs whose objective is only within e of the minimum add 2 L sqrt(2 e/mu), as in ``regularized_erm_remove``.

    Derivation. The objectives with and without example i differ by l_i/n - sum_{j != i} l_j/(n (n - 1)), which is 2 L/n-Lipschitz. So the
    minimisers differ by at most 2 L/(mu n), as in ``regularized_erm_remove``, and the losses by at most L times that. From n - 1 examples
    to n - 2 the same argument gives 2 L^2/(mu (n - 1)), the larger of the two; a leave-one-out bound needs both. (If n = 2, the second
    removal leaves no example, and the objectives differ by l_1, which is L-Lipschitz.)

    Inputs: ``lipschitz`` L of the loss in the weights; ``strong_convexity`` mu of the objective, with and without the examples;
    ``n`` >= 2, of the whole sample; ``objective_gap`` e.

    >>> regularized_erm_remove_renormalized(lipschitz=1, strong_convexity=0.25, n=2**10 + 1).value
    0.0078125
    """
    return {
        "stability": 2 * lipschitz**2 / (strong_convexity * (n - 1)),
        "optimisation": 2 * lipschitz * math.sqrt(2 * objective_gap / strong_convexity),
    }
