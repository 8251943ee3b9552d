from __future__ import annotations

from genbounds.bounds.assumptions import (
    CONVEX_LOSS,
    IID_SAMPLE,
    LIPSCHITZ_LOSS,
    SUBGRADIENT_RULE,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.stability._descent import DESCENT
from genbounds.bounds.stability._hardt2016strongly_convex import STEP
from genbounds.bounds.stability._lipschitz import LIPSCHITZ
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("bassily2020stability", "the upper bound on the stability of SGD, with the constants derived here"),
    provenance=DERIVED,
    bounds_on=EXPECTED_GAP,
    mode="EXP",
    trivial=None,
    assumes=(IID_SAMPLE, CONVEX_LOSS, LIPSCHITZ_LOSS, *DESCENT, SUBGRADIENT_RULE),
    symbols={"lipschitz": r"\ell", "step_size": r"\eta", "steps": "T", "n": "n"},
    domains={
        "lipschitz": LIPSCHITZ,
        "step_size": STEP,
    },
    increasing=("lipschitz", "step_size", "steps"),
    decreasing=("n",),
    form="derived",
    holds_for="the last and the averaged iterate of (projected) stochastic subgradient descent with this constant step",
)
def bassily2020nonsmooth(math: World, *, lipschitz: Number, step_size: Number, steps: Number, n: Number) -> Terms:
    r"""For convex, Lipschitz losses that need not be smooth the expected gap of SGD is at most
    L^2 (2 eta sqrt T min(1, T/n) + 4 eta T / n).

    It applies to SGD with the constant step eta, in any order that does not look at the data. It does not apply to ReLU networks with a
    convex loss, which are not convex in their weights.

    Derivation. Let d_t be the distance between the weights of two runs on samples that differ in one example. On a common example
    d_{t+1}^2 <= d_t^2 + 4 eta^2 L^2, because subgradients are monotone. On the replaced one d_{t+1}^2 <= d_t^2 + 4 eta L d_t + 4 eta^2 L^2.
    Suppose that the replaced example is met k times in T steps, and let a be the largest distance. Then a^2 <= 4 eta^2 L^2 T +
    4 eta L k a, so a <= 2 eta L sqrt T + 4 eta L k. If the example is never met, the runs are the same and a = 0, because equal weights and
    a common example give equal subgradients. So a <= 2 eta L sqrt T 1[k >= 1] + 4 eta L k. Average over which of the n examples was
    replaced: the mean of k is T/n, and the share of examples with k >= 1 is at most min(1, T/n), because T steps meet at most T different
    examples. The loss is L-Lipschitz, and the expected gap is the mean change of the loss over i (see ``expected_gap``).

    ``form="printed"`` has the paper's 4 eta L (sqrt T + T/n) for the distance, which is larger.

    Inputs: ``lipschitz`` L; ``step_size`` eta; ``steps`` T; ``n``.

    >>> from fractions import Fraction
    >>> round(bassily2020nonsmooth(lipschitz=1, step_size=Fraction(1, 1000), steps=1000, n=1000).value, 13)
    0.0672455532034
    """
    return {
        "roughness": 2 * lipschitz**2 * step_size * math.sqrt(steps) * math.minimum(steps, n) / n,
        "replaced example": 4 * lipschitz**2 * step_size * steps / n,
    }


@bassily2020nonsmooth.other_form(
    "printed", provenance=DERIVED, source=Source("bassily2020stability", "the upper bound on the stability of SGD")
)
def _bassily2020nonsmooth_printed(math: World, *, lipschitz: Number, step_size: Number, steps: Number, n: Number) -> Terms:
    return {"stability": 4 * lipschitz**2 * step_size * (math.sqrt(steps) + steps / n)}
