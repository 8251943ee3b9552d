"""The margin bounds for a class and a margin that were fixed before the sample was seen: without the price of the grids."""

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
from genbounds.bounds.margin._cover_chain import chained_complexity, cover_counts
from genbounds.bounds.margin._layers import DECLARED
from genbounds.bounds.margin._spectral import layer_scales, margin_lipschitz, matrix_entries
from genbounds.bounds.membership import whole_from
from genbounds.bounds.rademacher.terms import peeling_factor, uniform_confidence
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds import FLOATS
from genbounds.bounds.worlds.protocol import Number, World


def fixed_class_terms(math: World, margin_risk: Number, complexity: Number, n: Number, delta: Number) -> Terms:
    """The terms of a margin bound for one class: twice the complexity, and the confidence."""
    return {
        "margin risk": margin_risk,
        "complexity": 2 * complexity,
        "confidence": uniform_confidence(math, math.log_quotient(1, delta), n),
    }


@bound(
    source=Source("golowich2018size", "Theorem 1 with L - 1 peeled activations, in the margin bound of Bartlett and Mendelson 2002"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, MARGIN_LOSS, DEPTH_AND_ACTIVATION_FIXED_IN_ADVANCE, HOMOGENEOUS_ACTIVATION, NO_BIAS, DATA_NORM_OF_SAMPLE),
    symbols={
        "margin_risk": r"\widehat{R}_\gamma", "margin": r"\gamma", "norm_product": r"\Pi_F", "depth": "L", "outputs": "K",
        "data_norm": r"\left\Vert X \right\Vert_F", "n": "n", "delta": r"\delta",
    },
    increasing=("margin_risk", "depth", "outputs", "data_norm"),
    decreasing=("n", "delta"),
    fixed_in_advance=("margin", "norm_product"),
    holds_for="every network of this depth with at most that product of norms, at that margin",
)  # fmt: skip
def norm_product_fixed_class(
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
) -> Terms:
    r"""``norm_product`` for a margin and a bound on the product of norms that were both fixed before the sample was seen, so that no grid
    has to be paid for.

    The risk is at most margin risk + 2 rho(norm_product/margin) + 2 sqrt(ln(1/delta)/(2n)), with rho as in ``norm_product``. Passing
    observed norms or an observed margin here is the commonest error with margin bounds; for those take ``norm_product``.

    Inputs: those of ``norm_product``; ``margin`` and ``norm_product`` are constants of the class.

    >>> from fractions import Fraction
    >>> inputs = dict(margin_risk=0, margin=0.5, norm_product=8, depth=3, outputs=1, data_norm=100, n=10**4)
    >>> certificate = norm_product_fixed_class(**inputs, delta=Fraction(1, 20))
    >>> round(certificate.terms["complexity"], 12), round(certificate.value, 12)
    (0.852834951141, 0.877312419448)
    """
    factor = math.let("a", peeling_factor(math, depth))
    scalar = math.minimum(factor, math.power(2, depth - 1))
    logits = 2 * math.sqrt(outputs) * math.sqrt(factor**2 + 1)
    rho = norm_product / margin * math.where(math.less_equal(outputs, 1), scalar, logits) * data_norm / n
    return fixed_class_terms(math, margin_risk, math.let(r"\rho", rho), n, delta)


def _search(
    *, margin: Any, spectral_norms: Any, distances_2_1: Any, lipschitz: Any, widths: Any, outputs: Any, data_norm: Any, n: Any, **_: Any
) -> dict[str, Any]:
    scales = layer_scales(FLOATS, lipschitz, spectral_norms, distances_2_1, data_norm)
    scales = scales * (margin_lipschitz(FLOATS, outputs) / margin)[..., None]
    return {"counts": cover_counts(scales, np.asarray(matrix_entries(FLOATS, widths)), n)}


def _membership(math: World, *, counts: Number, **_: Any) -> dict[str, Any]:
    """The cover is one of whole numbers of samples."""
    return {"counts": whole_from(math, counts, 1)}


@bound(
    source=Source("bartlett2017spectrally", "Lemma 3.1 and Theorem 3.3, with a chain and constants derived here"),
    increasing=("margin_risk", "data_norm"),
    by_inclusion=("data_norm",),
    fixed_in_advance=("margin", "spectral_norms", "distances_2_1"),
    choose=_search,
    membership=_membership,
    chosen={"counts": "m*"},
    holds_for="every network of these widths within these norms, at that margin",
    **DECLARED,
)
def spectral_fixed_class(
    math: World,
    *,
    margin_risk: Number,
    margin: Number,
    spectral_norms: Number,
    distances_2_1: Number,
    lipschitz: Number,
    widths: Number,
    outputs: Number,
    data_norm: Number,
    n: Number,
    delta: Number,
    counts: Number,
) -> Terms:
    r"""``spectral`` for a margin and bounds on the norms of every layer that were all fixed before the sample was seen, so that no grid has
    to be paid for.

    The chain of ``spectral`` is evaluated at the given norms themselves, and the confidence term is 2 sqrt(ln(1/delta)/(2n)). The sizes of
    the covers are searched in floats, and any sizes are valid.

    Inputs: those of ``spectral``; ``margin``, ``spectral_norms`` and ``distances_2_1`` are constants of the class.

    >>> from fractions import Fraction
    >>> inputs = dict(margin_risk=0, margin=1, spectral_norms=(1, 1), distances_2_1=(1, 1), lipschitz=(1, 1), widths=(10, 10, 2), outputs=2)
    >>> spectral_fixed_class(**inputs, data_norm=10**4, n=10**8, delta=Fraction(1, 20)).terms["complexity"] < 0.0710845784577431
    True
    """
    scales = layer_scales(math, lipschitz, spectral_norms, distances_2_1, data_norm)
    scales = scales * math.along(margin_lipschitz(math, outputs) / margin)
    return fixed_class_terms(math, margin_risk, chained_complexity(math, scales, matrix_entries(math, widths), counts, n), n, delta)
