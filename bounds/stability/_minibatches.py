"""Stability of gradient descent with minibatches: each step follows the average gradient of its batch."""

from __future__ import annotations

from genbounds.bounds.assumptions import (
    CONVEX_LOSS,
    IID_SAMPLE,
    LIPSCHITZ_LOSS,
    MINIBATCH_SGD,
    OBLIVIOUS_ORDER,
    SMOOTH_LOSS,
    START_FIXED_IN_ADVANCE,
    STEPS_FIXED_IN_ADVANCE,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.stability._hardt2016convex import STEPS_SMALL
from genbounds.bounds.stability._lipschitz import LIPSCHITZ
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World

_RUN = (MINIBATCH_SGD, START_FIXED_IN_ADVANCE, STEPS_FIXED_IN_ADVANCE, OBLIVIOUS_ORDER)


@bound(
    source=Source("hardt2016train", "Theorem 3.8, for batches of any sizes"),
    provenance=DERIVED,
    bounds_on=EXPECTED_GAP,
    mode="EXP",
    trivial=None,
    assumes=(IID_SAMPLE, CONVEX_LOSS, LIPSCHITZ_LOSS, SMOOTH_LOSS, *_RUN),
    symbols={"lipschitz": r"\ell", "smoothness": r"\beta", "step_sizes": r"\alpha", "n": "n"},
    domains={"lipschitz": LIPSCHITZ},
    requires=(STEPS_SMALL,),
    increasing=("lipschitz", "smoothness", "step_sizes"),
    decreasing=("n",),
    holds_for="gradient descent with these steps on batches that do not look at the data",
)
def minibatch_convex(math: World, *, lipschitz: Number, smoothness: Number, step_sizes: Number, n: Number) -> Terms:
    r"""For convex, Lipschitz, smooth losses the expected gap of gradient descent with minibatches is at most (2 L^2/n) times the sum of its
    step sizes, whatever the sizes of the batches.

    Derivation. Replace example i. A step of at most 2/smoothness along the average gradient of a batch does not increase distances, because
    the average loss of the batch is convex and smooth, too. Suppose that a batch of b examples contains example i h times. Then h of its b
    gradients differ, by at most 2 L each, which adds at most 2 alpha L h/b to the distance. The numbers h of a batch add up to b over i =
    1, ..., n, so that the mean over i of the final distance is at most the sum of 2 alpha L/n. The loss is L-Lipschitz, and the expected
    gap is the mean over i of the expected change of the loss (see ``expected_gap``). With b = 1 this is ``hardt2016convex``; b may change
    from step to step, up to the whole sample.

    Inputs: ``lipschitz`` L; ``smoothness``; ``step_sizes``, one per step; ``n``.

    >>> round(minibatch_convex(lipschitz=1, smoothness=1, step_sizes=(0.0078125,) * 1000, n=1000).value, 6)
    0.015625
    """
    return {"stability": 2 * lipschitz**2 * math.sum(step_sizes) / n}


@bound(
    source=Source("hardt2016train", "the growth recursion, for batches of any sizes"),
    provenance=DERIVED,
    bounds_on=EXPECTED_GAP,
    mode="EXP",
    trivial=None,
    assumes=(IID_SAMPLE, LIPSCHITZ_LOSS, SMOOTH_LOSS, *_RUN),
    symbols={"lipschitz": r"\ell", "smoothness": r"\beta", "step_sizes": r"\alpha", "n": "n"},
    domains={"lipschitz": LIPSCHITZ},
    increasing=("lipschitz", "smoothness", "step_sizes"),
    decreasing=("n",),
    holds_for="gradient descent with these steps on batches that do not look at the data",
)
def minibatch_nonconvex(math: World, *, lipschitz: Number, smoothness: Number, step_sizes: Number, n: Number) -> Terms:
    r"""For Lipschitz, smooth losses the expected gap of gradient descent with minibatches is at most (2 L^2/n) times the sum of alpha_t
    prod_{k > t} (1 + alpha_k beta), whatever the sizes of the batches.

    Derivation. As for ``minibatch_convex``, except that without convexity a step may increase the distance by the factor 1 + alpha beta,
    whether it follows one gradient or the average of a batch. The mean over i of the distance is then at most v_t = (1 + alpha_t beta)
    v_(t-1) + 2 alpha_t L/n with v_0 = 0. (For single examples ``hardt2016nonconvex_steps`` also uses that the runs agree until the replaced
    example is met. In batches an example is met sooner, so that less would be gained.)

    Inputs: ``lipschitz`` L; ``smoothness`` beta; ``step_sizes``, one per step; ``n``.

    >>> round(minibatch_nonconvex(lipschitz=1, smoothness=1, step_sizes=(0.5, 0.25), n=10).value, 13)
    0.175
    """
    return {"divergence": math.carried(step_sizes, math.along(smoothness), 2 * math.along(lipschitz) ** 2 * step_sizes) / n}
