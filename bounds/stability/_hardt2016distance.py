"""Bounds on the distance of two coupled runs of gradient descent, by the steps that met the replaced example: for each path, no average."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from genbounds.bounds.assumptions import CONVEX_LOSS, COUPLED_RUNS, LIPSCHITZ_LOSS, PLAIN_SGD, SMOOTH_LOSS, STRONGLY_CONVEX_LOSS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import NATURAL, POSITIVE, Requirement, product_at_most, same_length
from genbounds.bounds.stability._curvature import CONVEXITY_AT_MOST_SMOOTHNESS
from genbounds.bounds.stability._hardt2016convex import STEPS_SMALL
from genbounds.bounds.stability._lipschitz import LIPSCHITZ
from genbounds.bounds.theorem import capacity
from genbounds.bounds.worlds.protocol import Number, World

_ZERO_OR_ONE = Requirement(
    ("replaced",),
    lambda replaced: np.all((np.asarray(replaced) == 0) | (np.asarray(replaced) == 1)),
    "replaced must hold 0 and 1 only",
    "pass 1 for a step that met the replaced example, else 0",
)
_ONE_ENTRY_A_STEP = same_length("step_sizes", "replaced", entry="step")


def _contract(smoothness: Any, strong_convexity: Any, step_sizes: Any) -> Any:
    if isinstance(step_sizes, tuple):
        both = Fraction(smoothness) + Fraction(strong_convexity)
        return all(product_at_most(step, both, 2) for step in step_sizes)
    return np.max(step_sizes, axis=-1) * (smoothness + strong_convexity) <= 2


_STEPS_CONTRACT = Requirement(
    ("smoothness", "strong_convexity", "step_sizes"),
    _contract,
    "step_sizes must be at most 2/(smoothness + strong_convexity)",
    "a gradient step contracts by this factor only then: take smaller steps, or use hardt2016distance_convex",
)
_COMMON: dict[str, Any] = {
    "gives": "parameter_distance",
    "provenance": DERIVED,
    "left_side": r"\left\Vert w_T - w'_T \right\Vert",
}
_SYMBOLS = {"lipschitz": r"\ell", "smoothness": r"\beta", "step_sizes": r"\alpha", "replaced": "m"}
_DOMAINS = {
    "lipschitz": LIPSCHITZ,
    "replaced": NATURAL.as_vector("1 for each step that met the replaced example, else 0", "pass one 0 or 1 per step"),
}
_ASSUMES = (COUPLED_RUNS, LIPSCHITZ_LOSS, SMOOTH_LOSS, PLAIN_SGD)


@capacity(
    source=Source("hardt2016train", "the growth recursion, with the expansion of gradient steps of smooth losses"),
    assumes=_ASSUMES,
    symbols=_SYMBOLS,
    domains=_DOMAINS,
    requires=(_ZERO_OR_ONE, _ONE_ENTRY_A_STEP),
    increasing=("lipschitz", "smoothness", "step_sizes"),
    **_COMMON,
)
def hardt2016distance_nonconvex(math: World, *, lipschitz: Number, smoothness: Number, step_sizes: Number, replaced: Number) -> Terms:
    r"""Two runs of SGD from one start, on samples that differ in one example, are at most D_T apart, where D_{t+1} is (1 + alpha_t beta)
    D_t on a common example and D_t + 2 alpha_t L on the replaced one.

    This holds for any beta-smooth loss and on every path. Multiplied by L, it bounds how much the losses of the two outputs differ at any
    point.

    Derivation. On a common example ||w - alpha grad(w) - w' + alpha grad(w')|| <= (1 + alpha beta) ||w - w'||. On the replaced example each
    run moves by at most alpha L. Solved, the recursion says that D_T is the sum, over the steps t that meet the replaced example, of
    2 alpha_t L times the product of (1 + alpha_k beta) over the later common steps k.

    Inputs: ``lipschitz`` L; ``smoothness`` beta; ``step_sizes`` alpha_t, one per step; ``replaced`` m_t, 1 where the step met the replaced
    example, else 0.

    >>> runs = dict(step_sizes=(0.25, 0.5, 0.25), replaced=(1, 0, 1))
    >>> round(float(hardt2016distance_nonconvex(lipschitz=1, smoothness=2, **runs)), 12)  # 2 (1/2) + 1/2
    1.5
    """
    common = (1 - replaced) * step_sizes
    return {"distance": math.carried(common, math.along(smoothness), 2 * math.along(lipschitz) * step_sizes * replaced)}


@capacity(
    source=Source("hardt2016train", "the growth recursion, with the expansion of gradient steps of smooth convex losses"),
    assumes=(*_ASSUMES, CONVEX_LOSS),
    symbols=_SYMBOLS,
    domains=_DOMAINS,
    requires=(_ZERO_OR_ONE, _ONE_ENTRY_A_STEP, STEPS_SMALL),
    increasing=("lipschitz", "smoothness", "step_sizes"),
    **_COMMON,
)
def hardt2016distance_convex(math: World, *, lipschitz: Number, smoothness: Number, step_sizes: Number, replaced: Number) -> Terms:
    r"""The distance of two runs of SGD on a convex loss, from one start, on samples that differ in one example, is at most 2 L times the
    sum of the sizes of the steps that met the replaced example.

    Derivation. Let g be the difference of the two gradients and d the difference of the two points. A step of at most 2/smoothness on a
    common example does not increase the distance, as <g, d> >= ||g||^2/smoothness. On the replaced example each run moves by at most
    alpha L. This holds on every path, and projections on a convex set do not increase the distance. Averaged over the position of the
    replaced example it gives ``hardt2016convex``.

    Inputs: ``lipschitz`` L; ``smoothness``; ``step_sizes``, each at most 2/smoothness; ``replaced``, 1 where the step met the replaced
    example, else 0.

    >>> hardt2016distance_convex(lipschitz=1, smoothness=2, step_sizes=(0.25, 0.5, 0.25), replaced=(1, 0, 1)).value
    1
    """
    return {"distance": 2 * lipschitz * math.sum(step_sizes * replaced)}


@capacity(
    source=Source("hardt2016train", "the growth recursion, with the expansion of gradient steps of smooth strongly convex losses"),
    assumes=(*_ASSUMES, STRONGLY_CONVEX_LOSS),
    symbols={**_SYMBOLS, "strong_convexity": r"\gamma"},
    domains={**_DOMAINS, "strong_convexity": POSITIVE.meaning_is("strong convexity of the loss")},
    requires=(_ZERO_OR_ONE, _ONE_ENTRY_A_STEP, CONVEXITY_AT_MOST_SMOOTHNESS, _STEPS_CONTRACT),
    increasing=("lipschitz", "smoothness"),
    decreasing=("strong_convexity",),
    **_COMMON,
)
def hardt2016distance_strongly_convex(
    math: World, *, lipschitz: Number, smoothness: Number, strong_convexity: Number, step_sizes: Number, replaced: Number
) -> Terms:
    r"""Two runs of SGD on a strongly convex loss, from one start, on samples that differ in one example, are at most D_T apart, where
    D_{t+1} is (1 - alpha_t gamma) D_t, plus 2 alpha_t L on the replaced example.

    Derivation. Let d = w - w', let g be the difference of the gradients of one example at w and w', and h = g - gamma d. The loss minus
    (gamma/2) ||w||^2 is convex and (beta - gamma)-smooth, so <h, d> >= ||h||^2/(beta - gamma) (h = 0 if beta = gamma). Then
    ||d - alpha g||^2 = ||(1 - alpha gamma) d - alpha h||^2 <= (1 - alpha gamma)^2 ||d||^2 - alpha (2 (1 - alpha gamma)/(beta - gamma) -
    alpha) ||h||^2. Here 1 - alpha gamma >= 0, and the last bracket is not negative if and only if alpha <= 2/(beta + gamma). So such a step
    contracts the distance by the factor 1 - alpha gamma, which quadratics attain. (The weaker factor 1 - alpha beta gamma/(beta + gamma) is
    common.) For the replaced example, compare with the step that both runs would make on the same example: the actual step of one run
    differs from it by at most 2 alpha L. This holds on every path, and projections on a convex set do not increase the distance.

    Inputs: ``lipschitz`` L on the set that is projected on; ``smoothness`` beta, which only limits the steps; ``strong_convexity`` gamma;
    ``step_sizes``, each at most 2/(beta + gamma); ``replaced``, 1 where the step met the replaced example, else 0.

    >>> runs = dict(step_sizes=(0.5, 0.25, 0.25), replaced=(1, 0, 1))  # 1 (1/2) (1/2) + 1/2
    >>> float(hardt2016distance_strongly_convex(lipschitz=1, smoothness=2, strong_convexity=2, **runs))
    0.75
    """
    return {"distance": math.carried(-step_sizes, math.along(strong_convexity), 2 * math.along(lipschitz) * step_sizes * replaced)}
