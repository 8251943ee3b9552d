from __future__ import annotations

import numpy as np

from genbounds.bounds.assumptions import (
    CONVEX_LOSS,
    IID_SAMPLE,
    LIPSCHITZ_LOSS,
    SMOOTH_LOSS,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import Requirement, product_at_most
from genbounds.bounds.stability._descent import DESCENT
from genbounds.bounds.stability._lipschitz import LIPSCHITZ
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World

STEPS_SMALL = Requirement(
    ("smoothness", "step_sizes"),
    lambda smoothness, step_sizes: (
        product_at_most(max(step_sizes), smoothness, 2) if isinstance(step_sizes, tuple) else np.max(step_sizes, axis=-1) * smoothness <= 2
    ),
    "step_sizes must be at most 2/smoothness",
    "a gradient step is non-expansive only then: take smaller steps, or use hardt2016nonconvex",
)


@bound(
    source=Source("hardt2016train", "Theorem 3.8"),
    provenance=DERIVED,
    bounds_on=EXPECTED_GAP,
    mode="EXP",
    trivial=None,
    assumes=(IID_SAMPLE, CONVEX_LOSS, LIPSCHITZ_LOSS, SMOOTH_LOSS, *DESCENT),
    symbols={"lipschitz": r"\ell", "smoothness": r"\beta", "step_sizes": r"\alpha", "n": "n"},
    domains={"lipschitz": LIPSCHITZ},
    requires=(STEPS_SMALL,),
    increasing=("lipschitz", "smoothness", "step_sizes"),
    decreasing=("n",),
    holds_for="stochastic gradient descent with these steps, in any order that does not look at the data",
)
def hardt2016convex(math: World, *, lipschitz: Number, smoothness: Number, step_sizes: Number, n: Number) -> Terms:
    r"""For convex, Lipschitz, smooth losses the expected gap of SGD is at most (2 L^2 / n) times the sum of its step sizes.

    Derivation. Take two runs on samples that differ in example i. A step alpha on a common example does not increase the distance of the
    weights, as alpha <= 2/smoothness (proved at ``hardt2016distance_convex``). A step on the replaced example adds at most 2 alpha L to it.
    On average over i, a given step meets the replaced example with frequency 1/n. The loss is L-Lipschitz in the weights, and the expected
    gap is the mean over i of the expected change of the loss (see ``expected_gap``).

    Inputs: ``lipschitz`` L, the supremum of the gradient norm over the domain (not the largest norm seen); ``smoothness``; ``step_sizes``,
    one per step; ``n``.

    >>> round(hardt2016convex(lipschitz=1, smoothness=1, step_sizes=(0.0078125,) * 1000, n=1000).value, 6)
    0.015625
    """
    return {"stability": 2 * lipschitz**2 * math.sum(step_sizes) / n}
