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
from genbounds.bounds.declaration import PRINTED, Terms
from genbounds.bounds.inputs import POSITIVE
from genbounds.bounds.stability._descent import DESCENT
from genbounds.bounds.stability._lipschitz import LIPSCHITZ_ON_SET
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("hardt2016train", "Theorem 3.10"),
    provenance=PRINTED,
    bounds_on=EXPECTED_GAP,
    mode="EXP",
    trivial="loss_range",
    assumes=(IID_SAMPLE, BOUNDED_LOSS, STRONGLY_CONVEX_LOSS, LIPSCHITZ_LOSS, SMOOTH_LOSS, *DESCENT, STEPS_OF_STRONG_CONVEXITY),
    symbols={"lipschitz": r"\ell", "smoothness": r"\beta", "strong_convexity": r"\gamma", "n": "n", "loss_range": "M"},
    domains={
        "lipschitz": LIPSCHITZ_ON_SET,
        "strong_convexity": POSITIVE.meaning_is("strong convexity of the loss"),
    },
    increasing=("lipschitz", "smoothness", "loss_range"),
    decreasing=("strong_convexity", "n"),
    holds_for="projected stochastic gradient descent with steps 1/(strong_convexity t)",
)
def hardt2016decaying(
    math: World, *, lipschitz: Number, smoothness: Number, strong_convexity: Number, n: Number, loss_range: Number = 1
) -> Terms:
    r"""For strongly convex losses the expected gap of projected SGD with steps 1/(gamma t) is at most (2 L^2 + beta M)/(gamma n).

    As printed. The first beta/gamma steps are too long to contract; the term beta M pays for meeting the replaced example among them.
    With a constant step of at most 1/beta it falls away: ``hardt2016strongly_convex``.

    Inputs: ``lipschitz`` L; ``smoothness`` beta; ``strong_convexity`` gamma; ``n``; ``loss_range`` M, the loss lying in [0, M].

    >>> hardt2016decaying(lipschitz=1, smoothness=2, strong_convexity=0.5, n=1024).value
    0.0078125
    """
    return {
        "stability": 2 * lipschitz**2 / (strong_convexity * n),
        "first steps": smoothness * loss_range / (strong_convexity * n),
    }
