from __future__ import annotations

from genbounds.bounds.assumptions import (
    BOUNDED_LOSS,
    IID_SAMPLE,
    LIPSCHITZ_LOSS,
    SMOOTH_LOSS,
    STEPS_OF_STRONG_CONVEXITY,
    STRONGLY_CONVEX_LOSS,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import POSITIVE
from genbounds.bounds.stability._curvature import CONVEXITY_AT_MOST_SMOOTHNESS
from genbounds.bounds.stability._descent import DESCENT
from genbounds.bounds.stability._lipschitz import LIPSCHITZ_ON_SET
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("hardt2016train", "Theorem 3.10"),
    provenance=DERIVED,
    bounds_on=EXPECTED_GAP,
    mode="EXP",
    trivial="loss_range",
    assumes=(IID_SAMPLE, BOUNDED_LOSS, STRONGLY_CONVEX_LOSS, LIPSCHITZ_LOSS, SMOOTH_LOSS, *DESCENT, STEPS_OF_STRONG_CONVEXITY),
    symbols={"lipschitz": r"\ell", "smoothness": r"\beta", "strong_convexity": r"\gamma", "n": "n", "loss_range": "M"},
    domains={
        "lipschitz": LIPSCHITZ_ON_SET,
        "strong_convexity": POSITIVE.meaning_is("strong convexity of the loss"),
    },
    requires=(CONVEXITY_AT_MOST_SMOOTHNESS,),
    increasing=("lipschitz", "smoothness", "loss_range"),
    decreasing=("strong_convexity", "n"),
    holds_for="projected stochastic gradient descent with steps 1/(strong_convexity t)",
)
def hardt2016decaying(
    math: World, *, lipschitz: Number, smoothness: Number, strong_convexity: Number, n: Number, loss_range: Number = 1
) -> Terms:
    r"""For strongly convex losses the expected gap of projected SGD with steps 1/(gamma t) is at most (2 L^2 + beta M)/(gamma n).

    Derivation, for any order that does not look at the data. Let example i be replaced. Let t0 < beta/gamma be the number of steps longer
    than 1/beta, which are the first ones. If i is met among them, the losses differ by at most M; averaged over i this gives t0 M/n <=
    beta M/(gamma n). If it is not, the weights agree after t0 steps. A later step t has the size 1/(gamma t) <= 1/beta. It contracts the
    distance by the factor 1 - 1/t, as ``hardt2016distance_strongly_convex`` proves, and adds at most 2 L/(gamma t) if it meets i. So
    t D_{t+1} <= (t - 1) D_t + (2 L/gamma) [i is met], and after T steps D <= (2 L/(gamma T)) times the number of times that i was met.
    Summed over i these numbers are at most T, so the average over i is at most 2 L/(gamma n); the loss multiplies it by L. With a constant
    step of at most 1/beta the term beta M is not needed (``hardt2016strongly_convex``).

    Inputs: ``lipschitz`` L; ``smoothness`` beta; ``strong_convexity`` gamma; ``n``; ``loss_range`` M, the loss lying in [0, M].

    >>> hardt2016decaying(lipschitz=1, smoothness=2, strong_convexity=0.5, n=1024).value
    0.0078125
    """
    return {
        "stability": 2 * lipschitz**2 / (strong_convexity * n),
        "first steps": smoothness * loss_range / (strong_convexity * n),
    }
