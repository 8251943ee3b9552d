from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from genbounds.bounds.assumptions import PRIOR_CENTRE_INDEPENDENT_OF_SAMPLE
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import POSITIVE, POSITIVE_VECTOR, same_length
from genbounds.bounds.membership import whole_from
from genbounds.bounds.pac_bayes._gaussian_kl import MEANS
from genbounds.bounds.pac_bayes._gaussian_long import long_gaussian_kl_grid
from genbounds.bounds.theorem import capacity
from genbounds.bounds.worlds.protocol import Number, World


def penalty(math: World, index: Number) -> Number:
    """ln(pi^2 j^2/6): the weights 6/(pi^2 j^2), j >= 1, add up to 1."""
    return 2 * math.log(math.pi * index) - math.log(6)


def log_spread(math: World, relative: Number) -> Number:
    """x - ln(1 + x) for ln(1 + x) = ``relative``, entry by entry, without cancellation.

    The variance enters through u, which is at least -1: below that 1 + x, hence the logarithm, cancels. The sum does not depend on u.
    """
    near = math.let("u", math.maximum(relative, -1))
    excess = math.let("x", math.expm1(near))
    far = math.exp(relative) - math.exp(near) + near - relative
    return math.x_minus_log1p(excess) + far


def _search(*, mean_q: Any, std_q: Any, mean_p: Any, largest_variance: Any, precision: Any) -> dict[str, np.ndarray]:
    parameters = np.shape(std_q)[-1]
    variance = np.sum(std_q**2 + (mean_q - mean_p) ** 2, axis=-1) / parameters
    return {"index": best_index(parameters, variance, largest_variance, precision)}


def grid_membership(math: World, *, index: Number, **_: Any) -> dict[str, Any]:
    """Every whole number from 1 on is a point of the grid."""
    return {"index": whole_from(math, index, 1)}


def at_the_edge(*, index: Any, **_: Any) -> str:
    """Say so where the best point is the first of the grid: what fits best may lie outside of it."""
    if np.any(np.asarray(index) == 1):
        return "the best prior scale is the grid's largest or beyond it: a larger largest_variance, fixed before the sample, may fit better"
    return ""


def best_index(parameters: Any, variance: Any, largest_variance: Any, precision: Any) -> np.ndarray:
    """The best whole j >= 1 for so many weights of this mean square around the prior's centre: an interior minimum of the cost, or 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.log(largest_variance) - np.log(variance)
        inner = precision * scale
        for _ in range(50):  # where the derivative k (1 - (variance/c) e^(j/b))/(2b) = 2/j, approached from above
            inner = precision * (scale + np.log1p(-4 * precision / (parameters * np.maximum(inner, 1))))
        inner = np.where(np.isfinite(inner), np.maximum(np.floor(inner), 1), 1)
        candidates = np.stack([np.ones_like(inner), inner, inner + 1])
        logs = np.log(largest_variance) - candidates / precision
        costs = parameters * (variance * np.exp(-logs) + logs) / 2 + 2 * np.log(candidates)
    return np.asarray(np.take_along_axis(candidates, np.argmin(costs, axis=0)[None], axis=0)[0])


@capacity(
    source=Source("langford2001not", "the union over prior variances c exp(-j/b), as in Dziugaite and Roy 2017"),
    gives="kl",
    provenance=DERIVED,
    assumes=(PRIOR_CENTRE_INDEPENDENT_OF_SAMPLE,),
    symbols={"mean_q": r"\mu", "std_q": "s", "mean_p": r"\nu", "largest_variance": "c", "precision": "b"},
    domains={
        "mean_q": MEANS,
        "std_q": POSITIVE_VECTOR.meaning_is("a standard deviation for each weight"),
        "mean_p": MEANS,
        "largest_variance": POSITIVE.meaning_is("c: every prior variance is below it; fixed before the sample"),
        "precision": POSITIVE.meaning_is("b: number of grid points per factor of e; fixed before the sample"),
    },
    requires=(same_length("mean_q", "std_q", "mean_p", entry="weight"),),
    fixed_in_advance=("largest_variance", "precision"),
    choose=_search,
    membership=grid_membership,
    long=long_gaussian_kl_grid,
    remark=at_the_edge,
    chosen={"index": "j"},
    left_side=r"\mathrm{KL}(Q \Vert P_j) + \ln\frac{\pi^2 j^2}{6}",
)
def gaussian_kl_grid(
    math: World,
    *,
    mean_q: Number,
    std_q: Number,
    mean_p: Number,
    largest_variance: Number = Fraction(1, 10),
    precision: Number = 100,
    index: Number,
) -> Terms:
    r"""KL(Q||P_j) + ln(pi^2 j^2/6), where P_j is the isotropic prior of variance c exp(-j/b) and the best integer j >= 1 is taken: a KL
    whose prior scale is chosen on the sample and paid for.

    Derivation. For every integer j >= 1 a PAC-Bayes theorem holds for the prior P_j with failure probability delta 6/(pi^2 j^2). These
    probabilities add up to delta, so by the union bound all the statements hold together. In the theorems named below KL and ln(1/delta)
    enter only by their sum, so the price may be added to the KL: pass the result as ``kl`` to ``seeger2002``, ``mcallester``,
    ``quadratic``, ``thiemann`` or ``catoni``, with the same delta. The prior scale is always a point of the grid; to insert the real number
    b ln(c/variance) for j would be unsound. Every j is valid; the search in floats only looks for a good one.

    The KL is half the sum over the weights of x - ln(1 + x) + (mu - nu)^2/variance, where x = s^2/variance - 1.

    Inputs: ``mean_q`` mu and ``std_q`` s of the posterior, a diagonal Gaussian; ``mean_p`` nu, the centre of the prior (the
    initialisation); ``largest_variance`` c and ``precision`` b, fixed before the sample.

    >>> from genbounds.bounds.pac_bayes import gaussian_kl
    >>> inputs = dict(mean_q=[0.1] * 1000, std_q=[0.0625] * 1000, mean_p=[0] * 1000)
    >>> round(float(gaussian_kl_grid(**inputs)), 9), round(float(gaussian_kl(**inputs, std_p=[0.118] * 1000)), 9)  # the second is unpaid
    (645.946383083, 634.880679042)
    """
    log_variance = math.let(r"\ln\lambda_j", math.log(largest_variance) - index / precision)
    spread = log_spread(math, 2 * math.log(std_q) - math.along(log_variance))
    shift = math.power(mean_q - mean_p, 2) * math.exp(-math.along(log_variance))
    return {"divergence": math.sum(spread + shift) / 2, "grid": penalty(math, index)}
