from __future__ import annotations

from typing import Any

import numpy as np

from genbounds.bounds.assumptions import (
    IID_SAMPLE,
    KERNEL_FIXED_IN_ADVANCE,
    KERNEL_TRACE_OF_SAMPLE,
    LIPSCHITZ_LOSS_IN_OUTPUT,
    LOSS_IN_UNIT_INTERVAL,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.grids import doubling_index, weight_of_natural
from genbounds.bounds.inputs import NONNEGATIVE
from genbounds.bounds.membership import whole_from
from genbounds.bounds.rademacher.terms import uniform_confidence
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


def _search(*, norm: np.ndarray, **_: Any) -> dict[str, np.ndarray]:
    return {"level": doubling_index(norm, 1)}


def _membership(math: World, *, norm: Number, level: Number, **_: Any) -> dict[str, Any]:
    """2^level is at least the norm."""
    return {"level": [*whole_from(math, level, 0), math.less_equal(norm, math.power(2, level))]}


@bound(
    source=Source("bartlett2002rademacher", "Lemma 22 and contraction, every norm at once as derived here"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, LIPSCHITZ_LOSS_IN_OUTPUT, KERNEL_FIXED_IN_ADVANCE, KERNEL_TRACE_OF_SAMPLE),
    symbols={
        "empirical_risk": r"\widehat{R}_n",
        "lipschitz": r"\ell",
        "norm": r"\left\Vert f \right\Vert_H",
        "data_norm": r"\sqrt{\mathrm{tr} K}",
        "n": "n",
        "delta": r"\delta",
    },
    domains={
        "lipschitz": NONNEGATIVE.meaning_is("Lipschitz constant of the loss in the prediction"),
        "norm": NONNEGATIVE.meaning_is("norm of the predictor in the kernel's space, perhaps observed: sqrt(y^T K^-1 y) of an interpolant"),
        "data_norm": NONNEGATIVE.meaning_is("sqrt(tr K) of the Gram matrix of this sample"),
    },
    increasing=("empirical_risk", "lipschitz", "norm", "data_norm"),
    decreasing=("n", "delta"),
    choose=_search,
    membership=_membership,
    chosen={"level": "s"},
    holds_for="every function of the kernel's space at once",
)
def kernel_predictor(
    math: World, *, empirical_risk: Number, lipschitz: Number, norm: Number, data_norm: Number, n: Number, delta: Number, level: Number
) -> Terms:
    r"""The risk of every function f of the space of a kernel fixed in advance is at most its empirical risk plus 2 L 2^s sqrt(tr K)/n plus
    a confidence term, where 2^s is the least of 1, 2, 4, ... that is at least ||f||_H.

    The confidence term 2 sqrt((ln(1/delta) + ln((s + 1)(s + 2)))/(2n)) pays for all s at once, so the norm may be that of the trained
    predictor.

    Derivation. The ball {||f||_H <= 2^s} has complexity at most 2^s sqrt(tr K)/n (``linear_l2``), and by contraction its loss class has at
    most L times that. Apply ``uniform_deviation`` to every s at the level delta/((s + 1)(s + 2)); these levels add up to delta. This is an
    explicit counterpart, for the kernel's own predictor, of the bounds of the form sqrt(2 y^T K^-1 y/n) for wide networks (Arora et al.
    2019): with L = 1, tr K = n/2 and the norm itself in place of 2^s, the main term is that number.

    Inputs: ``empirical_risk`` of a loss in [0, 1]; ``lipschitz`` L of the loss in the prediction; ``norm`` ||f||_H; ``data_norm`` =
    sqrt(tr K); ``n``; ``delta``. The kernel must be fixed before the sample is seen.

    >>> from fractions import Fraction
    >>> certificate = kernel_predictor(empirical_risk=0, lipschitz=1, norm=7, data_norm=20, n=800, delta=Fraction(1, 20))
    >>> round(certificate.terms["complexity"], 12), certificate.choices["level"]
    (0.4, 3.0)
    """
    return {
        "empirical risk": empirical_risk,
        "complexity": 2 * lipschitz * math.power(2, level) * data_norm / n,
        "confidence": uniform_confidence(math, math.log_quotient(1, delta) + weight_of_natural(math, level), n),
    }
