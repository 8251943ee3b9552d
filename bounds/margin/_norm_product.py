from __future__ import annotations

from typing import Any

import numpy as np

from genbounds.bounds.assumptions import (
    DATA_NORM_OF_SAMPLE,
    DEPTH_AND_ACTIVATION_FIXED_IN_ADVANCE,
    HOMOGENEOUS_ACTIVATION,
    IID_SAMPLE,
    MARGIN_LOSS,
    NO_BIAS,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.grids import doubling_index, weight_of_natural
from genbounds.bounds.membership import whole_from
from genbounds.bounds.rademacher.terms import peeling_factor, uniform_confidence
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


def _search(*, norm_product: np.ndarray, margin: np.ndarray, **_: Any) -> dict[str, np.ndarray]:
    return {"level": doubling_index(norm_product, margin)}


def _membership(math: World, *, norm_product: Number, margin: Number, level: Number, **_: Any) -> dict[str, Any]:
    """2^level is at least norm_product/margin."""
    return {"level": [*whole_from(math, level, 0), math.less_equal(norm_product, math.power(2, level) * margin)]}


@bound(
    source=Source("golowich2018size", "Theorem 1 with L - 1 peeled activations; margins, norms and classes are stratified here"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, MARGIN_LOSS, DEPTH_AND_ACTIVATION_FIXED_IN_ADVANCE, HOMOGENEOUS_ACTIVATION, NO_BIAS, DATA_NORM_OF_SAMPLE),
    symbols={
        "margin_risk": r"\widehat{R}_\gamma", "margin": r"\gamma", "norm_product": r"\Pi_F", "depth": "L", "outputs": "K",
        "data_norm": r"\left\Vert X \right\Vert_F", "n": "n", "delta": r"\delta",
    },
    increasing=("margin_risk", "norm_product", "depth", "outputs", "data_norm"),
    decreasing=("n", "delta"),
    choose=_search,
    membership=_membership,
    chosen={"level": "s"},
    holds_for="every network of this depth, every norm and every margin at once",
)  # fmt: skip
def norm_product(
    math: World,
    *,
    margin_risk: Number,
    margin: Number,
    norm_product: Number,
    depth: Number,
    outputs: Number,
    data_norm: Number,
    n: Number,
    delta: Number,
    level: Number,
) -> Terms:
    r"""The risk of every network of a depth and an activation fixed in advance is at most its margin risk plus a complexity proportional to
    its product of Frobenius norms over the margin.

    Let t = norm_product / margin, and let s >= 0 be the smallest whole number with 2^s >= t. The complexity term is 2 rho(2^s) with the rho
    below, and the confidence term 2 sqrt((ln(1/delta) + ln((s+1)(s+2))) / (2n)) pays for all s at once. So neither the norms nor the margin
    have to be fixed beforehand.

    Derivation. The ramp loss of slope 1/margin lies between the error and the margin error, and is the ramp loss of f/margin at margin 1.
    Networks with positively homogeneous activations form a cone, so {t <= 2^s} is one class, with the weight 1/((s+1)(s+2)). Let rho bound
    its complexity.

    For a scalar output (``outputs`` = 1, margin y f(x)), rho = 2^s min(1 + sqrt(2 ln2 (L-1)), 2^(L-1)) ||X||_F / n, by
    ``golowich2018frobenius`` and contraction.

    For K >= 2 logits, rho = 2^s (2 sqrt K / n) ||X||_F sqrt((1 + sqrt(2 ln2 (L-1)))^2 + 1). The margin is sqrt 2-Lipschitz in the logits,
    and vector contraction (Maurer 2016) costs another sqrt 2 and gives each logit k its own signs eps_ik. Let S_k be the supremum of
    ||sum_i eps_ik z_i|| over the layers below the last, whose product of norms is Pi. The supremum of sum_k <a_k, sum_i eps_ik z_i> over
    last matrices of Frobenius norm M_L is at most M_L sqrt(sum_k S_k^2). The S_k have the same distribution, so by Jensen's inequality the
    mean is at most M_L sqrt(K E S^2), where E S^2 = (E S)^2 + Var S. The peeling of ``golowich2018frobenius`` gives E S <= (1 + sqrt(2 ln2
    (L-1))) Pi ||X||_F, and Var S <= (Pi ||X||_F)^2 because sign i changes S by at most 2 Pi ||x_i|| (Efron and Stein).

    The constant 2 of the confidence term is that of ``rademacher.uniform_deviation``.

    Inputs: ``margin_risk``, the fraction of the sample with margin at most ``margin``; ``margin`` > 0, in the units of the outputs;
    ``norm_product``, the product of the Frobenius norms of all ``depth`` matrices (of convolutions: of the induced matrices);
    ``outputs``: 1, or the number of logits; ``data_norm`` = ||X||_F of this sample; ``n``; ``delta``.

    >>> from fractions import Fraction
    >>> inputs = dict(margin_risk=0, margin=0.5, norm_product=8, depth=3, outputs=1, data_norm=100, n=10**4)
    >>> round(norm_product(**inputs, delta=Fraction(1, 20)).value, 12)  # 0.852835 + 2 sqrt(ln(20 * 30) / 20000)
    0.888603455877
    """
    size = math.power(2, level)
    factor = math.let("a", peeling_factor(math, depth))
    scalar = math.minimum(factor, math.power(2, depth - 1))
    logits = 2 * math.sqrt(outputs) * math.sqrt(factor**2 + 1)
    rho = math.let(r"\rho", size * math.where(math.less_equal(outputs, 1), scalar, logits) * data_norm / n)
    return {
        "margin risk": margin_risk,
        "complexity": 2 * rho,
        "confidence": uniform_confidence(math, math.log_quotient(1, delta) + weight_of_natural(math, level), n),
    }
