from __future__ import annotations

from genbounds.bounds.assumptions import (
    IID_SAMPLE,
    LIPSCHITZ_LOSS,
    SMOOTH_LOSS,
    STRONGLY_CONVEX_LOSS,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import POSITIVE, Requirement, product_at_most
from genbounds.bounds.stability._curvature import CONVEXITY_AT_MOST_SMOOTHNESS
from genbounds.bounds.stability._descent import DESCENT
from genbounds.bounds.stability._lipschitz import LIPSCHITZ_ON_SET
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World

STEP = POSITIVE.meaning_is("constant step size")
_STEP_SMALL = Requirement(
    ("smoothness", "step_size"),
    lambda smoothness, step_size: product_at_most(smoothness, step_size, 1),
    "step_size must be at most 1/smoothness",
    "take a smaller step (a double such as 0.1 is a little above 1/10: pass Fraction(1, 10) for the exact number)",
)


@bound(
    source=Source("hardt2016train", "Theorem 3.9"),
    provenance=DERIVED,
    bounds_on=EXPECTED_GAP,
    mode="EXP",
    trivial=None,
    assumes=(IID_SAMPLE, STRONGLY_CONVEX_LOSS, LIPSCHITZ_LOSS, SMOOTH_LOSS, *DESCENT),
    symbols={
        "lipschitz": r"\ell",
        "smoothness": r"\beta",
        "strong_convexity": r"\gamma",
        "step_size": r"\alpha",
        "n": "n",
    },
    domains={
        "lipschitz": LIPSCHITZ_ON_SET,
        "strong_convexity": POSITIVE.meaning_is("strong convexity of the loss"),
        "step_size": STEP,
    },
    requires=(CONVEXITY_AT_MOST_SMOOTHNESS, _STEP_SMALL),
    increasing=("lipschitz", "smoothness", "step_size"),
    decreasing=("strong_convexity", "n"),
    holds_for="projected stochastic gradient descent with this constant step, any number of steps",
)
def hardt2016strongly_convex(
    math: World, *, lipschitz: Number, smoothness: Number, strong_convexity: Number, step_size: Number, n: Number
) -> Terms:
    r"""For gamma-strongly convex, Lipschitz, smooth losses the expected gap of projected SGD with a constant step is at most 2 L^2 /
    (gamma n).

    The bound does not depend on the number of steps. A strongly convex loss is Lipschitz on bounded sets only, hence the projection.

    Derivation. Take two runs on samples that differ in one example. Each step contracts the distance by the factor 1 - alpha gamma (proved
    at ``hardt2016distance_strongly_convex`` for alpha <= 1/smoothness), and projection does not increase it. A step on the replaced
    example, which is met with frequency 1/n on average over its position, adds at most 2 alpha L. The geometric series sums to at most
    2 L/(gamma n), which the Lipschitz constant of the loss multiplies by L.

    Inputs: ``lipschitz`` L on that set; ``smoothness``; ``strong_convexity`` gamma of the loss, regulariser included; ``step_size`` alpha,
    at most 1/smoothness; ``n``.

    >>> from fractions import Fraction
    >>> inputs = dict(lipschitz=1, smoothness=1, strong_convexity=Fraction(1, 10), step_size=Fraction(1, 100), n=1000)
    >>> round(hardt2016strongly_convex(**inputs).value, 15)
    0.02
    """
    return {"stability": 2 * lipschitz**2 / (strong_convexity * n)}
