"""The spectral margin bound in closed form: Dudley's integral over the layerwise cover, to compare with the chain of ``spectral``."""

from __future__ import annotations

from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import Terms
from genbounds.bounds.margin._fixed_class import fixed_class_terms
from genbounds.bounds.margin._layers import DECLARED
from genbounds.bounds.margin._spectral import (
    grid_indices,
    grid_membership,
    grid_price,
    grid_scales,
    grid_terms,
    layer_scales,
    margin_lipschitz,
)
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


def closed_complexity(math: World, scales: Number, widths: Number, n: Number) -> Number:
    """(12 Q/n)(1 + ln(n/(6 Q))) for Q < n/6, at most 1/2 as for any class; Q = sqrt(2 ln(2 W^2)) (sum_i
    c_i^(2/3))^(3/2), c_i the ``layer_scales``."""
    scales = math.let("c", scales)
    total = math.power(math.sum(math.power(scales, math.ratio(2, 3))), math.ratio(3, 2))
    q = math.let("Q", math.sqrt(2 * math.log(2 * math.largest(widths) ** 2)) * total)
    share = math.let("u", 6 * q / n)
    inside = math.where(math.less_equal(share, 0), 1, share)  # the logarithm is not read at 0
    integral = math.where(math.less(share, 1), 2 * share * (1 - math.log(inside)), 2)
    closed = math.minimum(integral, math.ratio(1, 2))
    return math.let(r"\mathfrak{R}", closed)


@bound(
    source=Source("bartlett2017spectrally", "Theorem 1.1 by Dudley's integral, with covers and constants derived here"),
    increasing=("margin_risk", "spectral_norms", "distances_2_1", "lipschitz", "data_norm"),
    by_inclusion=("spectral_norms", "distances_2_1", "lipschitz", "data_norm"),
    choose=grid_indices,
    membership=grid_membership,
    chosen={"norm_index": "u'", "distance_index": "v'", "halvings": "g"},
    holds_for="every network of these widths, every norm and every margin at once",
    **DECLARED,
)
def spectral_closed(
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
    norm_index: Number,
    distance_index: Number,
    halvings: Number,
) -> Terms:
    r"""The risk of every network of an architecture fixed in advance is at most the bound of ``spectral`` with a closed form in place of
    the numeric chain: twice (12 Q/n)(1 + ln(n/(6 Q))) for Q < n/6, and at most twice 1/2.

    Q = (2/gamma) ||X||_F prod(rho_i s_i) (sum_i (b_i/s_i)^(2/3))^(3/2) sqrt(ln(2 W^2)), where W is the largest width (for a scalar output,
    sqrt(2)/gamma stands in place of 2/gamma). It is evaluated at the grid values of ``spectral``, and the same price of the grid is added
    to ln(1/delta). The chain of ``spectral`` is about 2.5 times smaller.

    Derivation. Take the layerwise cover of ``spectral``, and share the radius e among the layers in proportion to (b_i/s_i)^(2/3). Layer i
    needs ceil(x_i) samples at its radius e_i, where x_i = (c_i/e_i)^2; if x_i <= 1, the reference alone is a cover. As ceil(x) 1[x > 1] <=
    2 x, the logarithm of the covering number at radius e is at most Q^2/e^2. Dudley's integral bounds the complexity by Rad <= 4 a/sqrt(n)
    + (12/n) int_a^{sqrt(n)/2} sqrt(ln N(e)) de for every a <= sqrt(n)/2. (Its chain of radii halves from sqrt(n)/2, the radius of the cover
    by the constant 1/2, and each link is Massart's lemma.) At a = 3 Q/sqrt(n), which is at most sqrt(n)/2 where Q < n/6, this is (12 Q/n)(1
    + ln(n/(6 Q))).

    Inputs: those of ``spectral``.

    >>> from fractions import Fraction
    >>> inputs = dict(margin_risk=0, margin=1, spectral_norms=(1, 1), distances_2_1=(1, 1), lipschitz=(1, 1), widths=(10, 10, 2), outputs=2)
    >>> round(spectral_closed(**inputs, data_norm=10**4, n=10**8, delta=Fraction(1, 20)).terms["complexity"], 12)
    0.182877758997
    """
    scales = grid_scales(math, norm_index, distance_index, halvings, lipschitz, outputs, data_norm)
    price = grid_price(math, norm_index, distance_index, halvings)
    return grid_terms(math, margin_risk, closed_complexity(math, scales, widths, n), price, n, delta)


@bound(
    source=Source("bartlett2017spectrally", "Lemma 3.1 and Theorem 3.3 by Dudley's integral, with covers and constants derived here"),
    increasing=("margin_risk", "data_norm"),
    by_inclusion=("data_norm",),
    fixed_in_advance=("margin", "spectral_norms", "distances_2_1"),
    holds_for="every network of these widths within these norms, at that margin",
    **DECLARED,
)
def spectral_closed_fixed_class(
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
) -> Terms:
    r"""``spectral_closed`` for a margin and bounds on the norms of every layer that were all fixed before the sample was seen, so that no
    grid has to be paid for.

    The closed form is evaluated at the given norms themselves, and the confidence term is 2 sqrt(ln(1/delta)/(2n)). It is differentiable in
    the data norm and needs no search; ``spectral_fixed_class`` is smaller.

    Inputs: those of ``spectral``; ``margin``, ``spectral_norms`` and ``distances_2_1`` are constants of the class.

    >>> from fractions import Fraction
    >>> inputs = dict(margin_risk=0, margin=1, spectral_norms=(1, 1), distances_2_1=(1, 1), lipschitz=(1, 1), widths=(10, 10, 2), outputs=2)
    >>> round(spectral_closed_fixed_class(**inputs, data_norm=10**5, n=10**10, delta=Fraction(1, 20)).terms["complexity"], 12)
    0.025483440365
    """
    scales = layer_scales(math, lipschitz, spectral_norms, distances_2_1, data_norm)
    scales = scales * math.along(margin_lipschitz(math, outputs) / margin)
    return fixed_class_terms(math, margin_risk, closed_complexity(math, scales, widths, n), n, delta)
