from __future__ import annotations

from typing import Any

import numpy as np

from genbounds.bounds.assumptions import (
    BOUNDED_LOSS,
    IID_SAMPLE,
    LIPSCHITZ_LOSS,
    SMOOTH_LOSS,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.membership import whole_from
from genbounds.bounds.stability._descent import DESCENT
from genbounds.bounds.stability._lipschitz import LIPSCHITZ
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


def _search(*, lipschitz: Any, smoothness: Any, step_sizes: Any, n: Any, loss_range: Any) -> dict[str, np.ndarray]:
    """The whole t0 in [0, min(n, T)] with the smallest bound, by all of them."""
    lipschitz, smoothness, n, loss_range = (np.asarray(entry, np.float64)[..., None] for entry in (lipschitz, smoothness, n, loss_range))
    with np.errstate(over="ignore", invalid="ignore"):
        growth = np.cumsum(np.log1p(step_sizes * smoothness), axis=-1)
        kicks = step_sizes * np.exp(growth[..., -1:] - growth)
        later = np.concatenate([np.cumsum(kicks[..., ::-1], axis=-1)[..., ::-1], np.zeros_like(kicks[..., :1])], axis=-1)
        first = np.arange(later.shape[-1])
        value = first * loss_range + np.where((later > 0) & (lipschitz > 0), 2 * lipschitz**2 * later, 0.0)
    return {"first": np.argmin(np.where(first <= n, value, np.inf), axis=-1).astype(np.float64)}


def _membership(math: World, *, step_sizes: Number, n: Number, first: Number, **_: Any) -> dict[str, Any]:
    """t0 is a whole number in 0..min(n, T)."""
    return {
        "first": [*whole_from(math, first, 0), math.less_equal(first, n), math.less_equal(first, math.last(math.positions(step_sizes)))]
    }


@bound(
    source=Source("hardt2016train", "Theorem 3.12, its proof evaluated at a whole t0, for any step sizes"),
    provenance=DERIVED,
    bounds_on=EXPECTED_GAP,
    mode="EXP",
    trivial="loss_range",
    assumes=(IID_SAMPLE, BOUNDED_LOSS, LIPSCHITZ_LOSS, SMOOTH_LOSS, *DESCENT),
    symbols={"lipschitz": r"\ell", "smoothness": r"\beta", "step_sizes": r"\alpha", "n": "n", "loss_range": "M"},
    domains={"lipschitz": LIPSCHITZ},
    increasing=("lipschitz", "smoothness", "step_sizes", "loss_range"),
    decreasing=("n",),
    choose=_search,
    membership=_membership,
    chosen={"first": "t_0"},
    holds_for="stochastic gradient descent with these step sizes, in any order that does not look at the data",
)
def hardt2016nonconvex_steps(
    math: World, *, lipschitz: Number, smoothness: Number, step_sizes: Number, n: Number, loss_range: Number = 1, first: Number
) -> Terms:
    r"""For Lipschitz, smooth losses in [0, M] and any step sizes, the expected gap of SGD is at most t0 M/n + (2 L^2/n) sum_{t > t0}
    alpha_t prod_{k > t} (1 + alpha_k beta), for every whole t0 in 0..min(n, T).

    This is ``hardt2016nonconvex`` for any step sizes, whose derivation does not use alpha_t = c/t: the weights agree until the replaced
    example is met, which happens within t0 steps with frequency at most t0/n over its position. Afterwards the distance grows by a factor
    of at most 1 + alpha_t beta per step and by 2 alpha_t L on that example. t0 is searched in floats; any t0 is valid, because none depends
    on the sample. With steps c/t the sum has a closed form, which ``hardt2016nonconvex`` evaluates for any T.

    Inputs: ``lipschitz`` L; ``smoothness`` beta; ``step_sizes``, one per step; ``n``; ``loss_range`` M.

    >>> from fractions import Fraction
    >>> steps = [Fraction(1, 10 * t) for t in range(1, 1001)]
    >>> round(hardt2016nonconvex_steps(lipschitz=1, smoothness=1, step_sizes=steps, n=1000).value, 13)
    0.0021948187749
    """
    late = math.let("m", math.where(math.less(math.along(first), math.positions(step_sizes)), 1, 0))
    distance = math.carried(step_sizes, math.along(smoothness), 2 * math.along(lipschitz) ** 2 * late * step_sizes)
    return {"met early": first * loss_range / n, "divergence": distance / n}
