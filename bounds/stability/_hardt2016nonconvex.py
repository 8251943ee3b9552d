from __future__ import annotations

from typing import Any

import numpy as np

from genbounds.bounds.assumptions import (
    BOUNDED_LOSS,
    IID_SAMPLE,
    LIPSCHITZ_LOSS,
    SMOOTH_LOSS,
    STEPS_AT_MOST_C_OVER_T,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.bounds.declaration import DERIVED, READ, Terms
from genbounds.bounds.membership import whole_from
from genbounds.bounds.special.gamma import log_gamma_second_increment
from genbounds.bounds.stability._descent import DESCENT
from genbounds.bounds.stability._lipschitz import LIPSCHITZ
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


def _search(*, lipschitz: Any, smoothness: Any, step_scale: Any, steps: Any, n: Any, loss_range: Any) -> dict[str, np.ndarray]:
    """The whole t0 in [0, min(n, T)] with the smallest bound: the bound is convex in t0, so its increment is bisected for a sign change."""
    lipschitz, smoothness, step_scale, steps, n, loss_range = np.broadcast_arrays(lipschitz, smoothness, step_scale, steps, n, loss_range)
    a = smoothness * step_scale
    # Beyond 2^53 the steps may have been rounded up; the double below is at most their number, which t0 must not exceed.
    low, high = np.zeros(n.shape), np.minimum(n, np.where(steps >= 2.0**53, np.nextafter(steps, 0), steps))

    def worth_raising(t: Any) -> Any:
        """Whether t0 = t is better than t0 = t - 1."""
        growth = log_gamma_second_increment(t + 1, a, steps - t)  # a logarithm, as it can exceed any double
        return np.log(loss_range) <= np.log(2 * step_scale / t) + 2 * np.log(np.maximum(lipschitz, 1e-300)) + growth

    while np.any(high > low):
        middle = np.ceil((low + high) / 2)
        better = (middle > low) & worth_raising(np.maximum(middle, 1))
        below = np.minimum(middle - 1, np.nextafter(middle, -1))  # the same number where doubles are more than 1 apart
        low, high = np.where(better, middle, low), np.where(better, high, np.maximum(below, low))
    return {"first": low}


def _membership(math: World, *, steps: Number, n: Number, first: Number, **_: Any) -> dict[str, Any]:
    """t0 is a whole number in 0..min(n, T)."""
    return {"first": [*whole_from(math, first, 0), math.less_equal(first, n), math.less_equal(first, steps)]}


@bound(
    source=Source("hardt2016train", "Theorem 3.12, its proof evaluated at a whole t0 for any order that does not look at the data"),
    provenance=DERIVED,
    bounds_on=EXPECTED_GAP,
    mode="EXP",
    trivial="loss_range",
    assumes=(IID_SAMPLE, BOUNDED_LOSS, LIPSCHITZ_LOSS, SMOOTH_LOSS, *DESCENT, STEPS_AT_MOST_C_OVER_T),
    symbols={
        "lipschitz": r"\ell",
        "smoothness": r"\beta",
        "step_scale": "c",
        "steps": "T",
        "n": "n",
        "loss_range": "M",
    },
    domains={"lipschitz": LIPSCHITZ},
    increasing=("lipschitz", "smoothness", "step_scale", "steps", "loss_range"),
    decreasing=("n",),
    by_inclusion=("smoothness", "step_scale"),
    choose=_search,
    membership=_membership,
    chosen={"first": "t_0"},
    form="integer",
    holds_for="stochastic gradient descent with step sizes at most c/t, in any order that does not look at the data",
)
def hardt2016nonconvex(
    math: World,
    *,
    lipschitz: Number,
    smoothness: Number,
    step_scale: Number,
    steps: Number,
    n: Number,
    loss_range: Number = 1,
    first: Number,
) -> Terms:
    r"""For Lipschitz, smooth losses in [0, M] and steps of at most c/t, the expected gap of SGD is at most t0 M/n + (2 L^2/n)
    sum_{t=t0+1}^T (c/t) prod_{k=t+1}^T (1 + c beta/k), for every whole t0 in 0..min(n, T).

    The theorem does not apply to ReLU networks, which are not smooth in their weights. t0 is searched in floats; any t0 is valid, because
    none depends on the sample.

    Derivation. Take two runs on samples that differ in example i. The weights agree until i is met. For a uniform i, this happens in the
    first t0 steps with frequency at most t0/n, and then the losses differ by at most M. Otherwise the distance, which is 0 after t0 steps,
    grows by a factor of at most 1 + alpha beta per step and by 2 alpha L when i is met. Averaging over i, and not over the order, makes
    this hold for permutations and cyclic orders, too. With a = beta c the sum telescopes to (2 L^2 c / (n a)) (Gamma(T+1+a) Gamma(t0+1) /
    (Gamma(T+1) Gamma(t0+1+a)) - 1).

    ``form="printed"`` is the closed form of the paper with n - 1: (1 + 1/(beta c))/(n - 1) (2 c L^2)^{1/(beta c + 1)} T^{beta c/(beta c +
    1)} for M = 1 (for other ranges the loss is scaled). It may decrease as beta or c grows, because it stands for a real t0 that may lie
    below 1. An upper bound on beta or c may be passed all the same, since a beta-smooth loss is smooth with any larger constant, and steps
    of at most c/t are at most c'/t for any larger c'.

    Inputs: ``lipschitz`` L, over the whole domain; ``smoothness`` beta; ``step_scale`` c; ``steps`` T; ``n``; ``loss_range`` M.

    >>> from fractions import Fraction
    >>> inputs = dict(lipschitz=1, smoothness=1, step_scale=Fraction(1, 10), steps=1000, n=1000)
    >>> round(hardt2016nonconvex(**inputs).value, 13), round(hardt2016nonconvex(**inputs, form="printed").value, 13)
    (0.0021948187749, 0.0047766914942)
    """
    a = smoothness * step_scale
    growth = math.log_gamma_second_increment(first + 1, a, steps - first)
    return {
        "met early": first * loss_range / n,
        "divergence": math.where(math.less(0, lipschitz), 2 * lipschitz**2 * step_scale / n * (math.expm1(growth) / a), 0),
    }


@hardt2016nonconvex.other_form("printed", provenance=READ, source=Source("hardt2016train", "Theorem 3.12"))
def _hardt2016nonconvex_printed(
    math: World, *, lipschitz: Number, smoothness: Number, step_scale: Number, steps: Number, n: Number, loss_range: Number = 1
) -> Terms:
    q = smoothness * step_scale
    scaled = math.power(2 * step_scale * lipschitz**2 / loss_range, 1 / (q + 1))
    return {"stability": loss_range * (1 + 1 / q) / (n - 1) * scaled * math.power(steps, q / (q + 1))}
