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
from genbounds.bounds.declaration import PRINTED, Terms
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
    "it is the minimum of the smoothness and of the average Hessian norm at the start: pass the smoothness instead",
)
_FEW_STEPS = Requirement(
    ("steps", "n"),
    lambda steps, n: steps <= n,
    "steps must be at most n",
    "the theorem is for one pass without replacement",
)


@bound(
    source=Source("kuzborskij2018data", "the bound for non-convex losses"),
    provenance=PRINTED,
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
        "curvature": POSITIVE.meaning_is("gamma: the average Hessian norm at the start plus its correction, at most the smoothness"),
        "expected_risk": UNIT.meaning_is("expected risk of the output (a population quantity)"),
    },
    requires=(_STEP, _CURVATURE, _FEW_STEPS),
    increasing=("lipschitz", "expected_risk", "steps"),
    decreasing=("n",),
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
    r"""The on-average stability of SGD on a non-convex loss: ((1 + 1/(c g))/n) (2 c L^2)^{1/(1+c g)} (E R(w_T) T)^{c g/(1+c g)}.

    As printed, not re-read. g = min(beta, E_z ||Hessian of f(w_1, z)|| + D), with the correction D = rho (c s + sqrt(c (R(w_1) - R*))): a
    start where the loss is flat is more stable than ``hardt2016nonconvex`` knows. With g = beta and E R = 1 it is the printed closed form
    of that bound with n for n - 1. The expected risk and the average Hessian norm are population quantities: measured on the sample they
    are estimates, and so is the result.

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
