from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from genbounds.bounds.assumptions import (
    CURVATURE_AT_START,
    EXPECTED_RISK_OF_OUTPUT,
    IID_SAMPLE,
    LIPSCHITZ_HESSIAN,
    LIPSCHITZ_LOSS,
    LOSS_IN_UNIT_INTERVAL,
    ONE_PASS,
    SMOOTH_LOSS,
    STEPS_AT_MOST_C_OVER_T,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import POSITIVE, UNIT, Requirement, product_at_most
from genbounds.bounds.special.precision import precision
from genbounds.bounds.stability._descent import DESCENT
from genbounds.bounds.stability._lipschitz import LIPSCHITZ
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.balls import lift_scalar
from genbounds.bounds.worlds.protocol import Number, World

_ROUNDING = 1e-14


def _small_step(step_scale: Any, smoothness: Any, steps: Any) -> Any:
    """c <= min(1/beta, 1/(4 (2 beta ln T)^2)): the second in balls for exact numbers, in floats on the safe side for arrays."""
    if not any(isinstance(entry, np.ndarray) for entry in (step_scale, smoothness, steps)):
        with precision(128):
            least = lift_scalar(step_scale) * (4 * lift_scalar(smoothness) * lift_scalar(steps).log()) ** 2
        return product_at_most(step_scale, smoothness, 1) and bool(least <= 1)
    logarithm = np.log(np.asarray(steps, dtype=np.float64))
    scale = np.asarray(step_scale, dtype=np.float64) * (4 * np.asarray(smoothness, dtype=np.float64) * logarithm) ** 2
    return product_at_most(step_scale, smoothness, 1) & (scale <= 1 - _ROUNDING)


def _below(curvature: Any, smoothness: Any) -> Any:
    arrays = isinstance(curvature, np.ndarray) or isinstance(smoothness, np.ndarray)
    return curvature <= smoothness if arrays else Fraction(curvature) <= Fraction(smoothness)


_STEP = Requirement(
    ("step_scale", "smoothness", "steps"),
    _small_step,
    "step_scale must be at most min(1/smoothness, 1/(4 (2 smoothness ln steps)^2))",
    "the theorem is for smaller steps: see hardt2016nonconvex",
)
_CURVATURE = Requirement(
    ("curvature", "smoothness"),
    _below,
    "curvature must be at most smoothness",
    "the smoothness itself is always a valid curvature: pass it instead",
)
_FEW_STEPS = Requirement(
    ("steps", "n"),
    lambda steps, n: steps <= n,
    "steps must be at most n",
    "the theorem is for one pass without replacement",
)


@bound(
    source=Source("kuzborskij2018data", "the bound for non-convex losses, with a curvature whose constants are derived here"),
    provenance=DERIVED,
    bounds_on=EXPECTED_GAP,
    mode="EXP",
    assumes=(
        IID_SAMPLE,
        LOSS_IN_UNIT_INTERVAL,
        LIPSCHITZ_LOSS,
        SMOOTH_LOSS,
        LIPSCHITZ_HESSIAN,
        CURVATURE_AT_START,
        *DESCENT,
        STEPS_AT_MOST_C_OVER_T,
        ONE_PASS,
        EXPECTED_RISK_OF_OUTPUT,
    ),
    symbols={
        "lipschitz": r"\ell",
        "smoothness": r"\beta",
        "curvature": r"\gamma",
        "step_scale": "c",
        "expected_risk": r"\mathbb{E}R(w_T)",
        "steps": "T",
        "n": "n",
    },
    domains={
        "lipschitz": LIPSCHITZ,
        "curvature": POSITIVE.meaning_is(
            "g, at least the smoothness, or at least the mean Hessian norm at the start plus rho L c (1 + ln T)"
        ),
        "expected_risk": UNIT.meaning_is("expected risk of the output (a population quantity)"),
    },
    requires=(_STEP, _CURVATURE, _FEW_STEPS),
    increasing=("lipschitz", "expected_risk", "steps"),
    decreasing=("n",),
    left_side=r"\mathbb{E}\left[R(w_T) - \widehat{R}_n(w_T)\right]",
    holds_for="stochastic gradient descent with steps c/t, one pass without replacement, from a fixed start",
)
def kuzborskij_lampert2018(
    math: World,
    *,
    lipschitz: Number,
    smoothness: Number,
    curvature: Number,
    step_scale: Number,
    expected_risk: Number,
    steps: Number,
    n: Number,
) -> Terms:
    r"""The expected gap E[R - R_n] of SGD on a non-convex loss is at most ((1 + 1/(c g))/n) (2 c L^2)^{1/(1+c g)}
    (E R(w_T) T)^{c g/(1+c g)}.

    It bounds E[R - R_n], but not its absolute value. The curvature g is at least the smoothness beta, or at least E_z ||Hessian of
    f(w_0, z)|| + rho L c (1 + ln T), where the mean is over the population, w_0 is the start and rho is the Lipschitz constant of the
    Hessian. So a start where the loss is flat gives a smaller bound than ``hardt2016nonconvex``. (The correction of the paper,
    rho (c s + sqrt(c (R(w_0) - R*))), holds up to constants and logarithms that are not stated, so no number can be computed from it.)

    Derivation. Exchange example i, which is met at step p, for a fresh one. If p <= t0, the loss at the old example grows by at most its
    loss for the output on the other sample. For that output it is a fresh example, so that the mean growth is at most E R. Otherwise the
    weights part at step p, by at most 2 L c/p. At a later step t the example z is common to both runs and independent of both weights, as
    each example is met once. The weights are within L c (1 + ln T) of the start, so the step expands the distance by a factor of at most
    1 + (c/t) (||Hessian of f(w_0, z)|| + rho L c (1 + ln T)), whose mean, given the weights, is at most 1 + c g/t. With q = c g and
    K = 2 c L^2, averaging over i gives n E[R - R_n] <= t0 E R + K sum_{t > t0} (1/t) prod_{k > t} (1 + q/k), for every whole t0 <= T. The
    product is at most (T/t)^q.

    It remains to choose t0. Let s^{1+q} = K T^q/E R. For s >= T take t0 = T; then the right side is T E R <= s E R. Otherwise let
    m = t0 + 1 be the whole number with m - 1 <= s < m. The sum is at most T^q (m^{-1-q} + m^{-q}/q), and then the right side is at most
    s E R (1 + 1/q), which is the bound. To see this, let r = s/m. The difference is E R times m (r + r/q - r^{1+q}/q - 1) + 1 - r^{1+q}.
    It is concave in r, 0 at r = 1, and not negative at r = 1 - 1/m, where this says (1 + 1/t0)^q >= 1 + q/m.

    With g = beta and E R = 1 the bound is the printed closed form of ``hardt2016nonconvex`` with n in place of n - 1. The expected risk and
    the mean Hessian norm are population quantities: measured on the sample they are estimates, and so is the result.

    Inputs: ``lipschitz`` L; ``smoothness`` beta; ``curvature`` g <= beta; ``step_scale`` c, at most
    min(1/beta, 1/(4 (2 beta ln T)^2)); ``expected_risk``; ``steps`` T <= n; ``n``.

    >>> from fractions import Fraction
    >>> inputs = dict(lipschitz=1, smoothness=1, curvature=1, step_scale=Fraction(1, 1000), steps=1000, n=1000)
    >>> round(kuzborskij_lampert2018(**inputs, expected_risk=Fraction(3, 10)).value, 15)
    0.002025979252155
    """
    q = math.let("q", step_scale * curvature)
    scaled = math.power(2 * step_scale * lipschitz**2, 1 / (1 + q))
    return {"stability": (1 + 1 / q) / n * scaled * math.power(expected_risk * steps, q / (1 + q))}
