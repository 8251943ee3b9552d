from __future__ import annotations

from typing import Any

import numpy as np

from genbounds.bounds.assumptions import (
    ARCHITECTURE_FIXED_IN_ADVANCE,
    DATA_NORM_OF_SAMPLE,
    HOMOGENEOUS_LIPSCHITZ_ACTIVATION,
    IID_SAMPLE,
    MARGIN_LOSS,
    NO_BIAS,
    REFERENCE_ZERO,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.grids import (
    ceiling_of_multiple,
    doubling_index_of_product,
    halving_index,
    quarter_power_index,
    weight_of_integer,
    weight_of_natural,
)
from genbounds.bounds.margin._cover_chain import chained_complexity, cover_counts
from genbounds.bounds.margin._layers import DECLARED
from genbounds.bounds.membership import whole, whole_from
from genbounds.bounds.rademacher.terms import uniform_confidence
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds import FLOATS
from genbounds.bounds.worlds.protocol import Number, World


def layer_scales(math: World, lipschitz: Number, spectral_norms: Number, distances: Number, data_norm: Number) -> Number:
    """||X||_F prod(rho s) b_i / s_i: how far, over the sample, moving layer i inside its (2,1) ball can move the outputs.

    By logarithms, and their exponential in two halves: neither a part of the product nor its quotient with one norm leaves the doubles.
    """
    others = math.along(math.sum(math.log(lipschitz) + math.log(spectral_norms))) - math.log(spectral_norms)
    half = math.exp(others / 2)
    return math.along(data_norm) * half * distances * half


def matrix_entries(math: World, widths: Number) -> Number:
    """The number of entries of each layer's matrix."""
    return math.before(widths) * math.after(widths)


def margin_lipschitz(math: World, outputs: Number) -> Number:
    """The l2 Lipschitz constant of the margin in the outputs: 1 for a scalar, sqrt 2 for logits."""
    return math.where(math.less_equal(outputs, 1), 1, math.sqrt(2))


def grid_indices(*, margin: Any, spectral_norms: Any, distances_2_1: Any, **_: Any) -> dict[str, Any]:
    """Where the grid of ``spectral`` has the norms, the distances and the margin."""
    layers = spectral_norms.shape[-1]
    return {
        "norm_index": np.maximum(ceiling_of_multiple(layers, spectral_norms), 1),
        "distance_index": ceiling_of_multiple(layers, distances_2_1),
        "halvings": halving_index(margin),
    }


def grid_membership(
    math: World,
    *,
    margin: Number,
    spectral_norms: Number,
    distances_2_1: Number,
    norm_index: Number,
    distance_index: Number,
    halvings: Number,
    **_: Any,
) -> dict[str, Any]:
    """The grid values j/L and k/L are at least the norms and the distances, and 2^-g is at most the margin."""
    layers = math.last(math.positions(spectral_norms))
    return {
        "norm_index": [*whole_from(math, norm_index, 1), math.less_equal(layers * spectral_norms, norm_index)],
        "distance_index": [*whole_from(math, distance_index, 0), math.less_equal(layers * distances_2_1, distance_index)],
        "halvings": [*whole(math, halvings), math.less_equal(math.power(2, -halvings), margin)],
    }


def _membership(math: World, *, counts: Number, **named: Any) -> dict[str, Any]:
    """The grid point contains the network, and the cover is one of whole numbers of samples."""
    return {**grid_membership(math, **named), "counts": whole_from(math, counts, 1)}


def _search(
    *,
    margin: Any,
    spectral_norms: Any,
    distances_2_1: Any,
    lipschitz: Any,
    widths: Any,
    outputs: Any,
    data_norm: Any,
    n: Any,
    **_: Any,
) -> dict[str, Any]:
    """Grid indices of the norms and the margin, then the cover sizes at the grid values."""
    found, layers = grid_indices(margin=margin, spectral_norms=spectral_norms, distances_2_1=distances_2_1), spectral_norms.shape[-1]
    scales = layer_scales(FLOATS, lipschitz, found["norm_index"] / layers, found["distance_index"] / layers, data_norm)
    scales = scales * np.asarray(margin_lipschitz(FLOATS, outputs) * 2.0 ** found["halvings"])[..., None]
    return {**found, "counts": cover_counts(np.asarray(scales), np.asarray(matrix_entries(FLOATS, widths)), n)}


@bound(
    source=Source("bartlett2017spectrally", "Theorem 1.1, with a chain and constants derived here"),
    increasing=("margin_risk", "spectral_norms", "distances_2_1", "lipschitz", "data_norm"),
    by_inclusion=("spectral_norms", "distances_2_1", "lipschitz", "data_norm"),
    choose=_search,
    membership=_membership,
    chosen={
        "norm_index": "u'",
        "distance_index": "v'",
        "halvings": "g",
        "counts": "m*",
        "ratio_index": "q'",
        "most": "w'",
        "level": "s",
    },
    form_argument="homogeneous",
    form=False,
    holds_for="every network of these widths, every norm and every margin at once",
    **DECLARED,
)
def spectral(
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
    counts: Number,
) -> Terms:
    r"""The risk of every network of an architecture fixed in advance is at most its margin risk plus a complexity made of its spectral
    norms and its (2,1) distances from a reference fixed in advance.

    The complexity is evaluated at grid values: s_i = j_i/L with j_i = ceil(L ||A_i||) (at least 1), b_i = k_i/L with k_i =
    ceil(L ||A_i^T - M_i^T||_{2,1}), and gamma = 2^-g, the margin rounded down to a power of two. The confidence term pays for the grid by
    sum ln(j_i (j_i + 1)) + sum ln((k_i + 1)(k_i + 2)) + ln(1.5 (|g| + 1)(|g| + 2)) in addition to ln(1/delta). So the norms, the distances
    and the margin may be those of the trained network.

    Derivation. (1) The ramp loss of slope 1/gamma is taken. The margin is sqrt 2-Lipschitz in the logits in l2 (1-Lipschitz for a scalar),
    so a cover of the outputs at radius e gamma / sqrt 2 covers the losses at radius e.

    (2) A change of layer i inside its (2,1) ball moves the outputs on the sample by at most c_i = ||X||_F prod_l(rho_l s_l) b_i/s_i. By
    Maurey's lemma, m samples give a cover of radius c_i/sqrt(m) with (2 d_{i-1} d_i)^m elements (which are projected on the Frobenius ball
    that contains the outputs of the layer, so that their norms stay bounded). The reference alone is a cover of radius c_i.

    (3) Chain over covers of radii e_j with N_j elements, where the constant 1/2 is a cover of radius e_0 = sqrt(n)/2. Write f = (f - v_J) +
    sum_j (v_j - v_{j-1}) + v_0. Massart's lemma on the N_j N_{j-1} differences of norm at most e_j + e_{j-1} gives Rad <= e_J/sqrt(n) +
    (1/n) sum_j (e_j + e_{j-1}) sqrt(2 (ln N_j + ln N_{j-1})). Also, Rad is at most 1/2 for any class. The numbers of samples m_ji are whole
    numbers chosen by a search in floats. Any choice is valid, and the radii that enter are those of the chosen numbers.

    (4) ``rademacher.uniform_deviation`` with a union over the grid gives the bound.

    ``homogeneous=True`` is for positively homogeneous activations and references 0, so that ``distances_2_1`` are the (2,1) norms of the
    weights. Layers can then be rescaled, so that only the ratios r_i = b_i/s_i, on the grid 2^(m/4), and t = prod(rho_i s_i)/gamma, on the
    grid 2^s, matter. Derivation: multiplying each layer i by an a_i > 0, where the product of the a_i is 1/gamma, turns f into f/gamma and
    leaves the r_i as they are. The radii of step (2) become c_i = ||X||_F t r_i. So {t <= 2^s, r_i <= 2^(m_i/4) for all i} is one class.
    The weight of s is 1/((s + 1)(s + 2)), and the m_i from 0 to ceil(4 log2 d_i) have equal weights, because a matrix with d_i rows has a
    (2,1) norm between its spectral norm and d_i times its spectral norm.

    Inputs: ``margin_risk`` at ``margin``; for each layer ``spectral_norms`` (upper bounds), ``distances_2_1`` (the sum over the output
    units of the l2 norms of the rows of A - M) and ``lipschitz`` of the activation after it; ``widths`` = (inputs, hidden..., outputs);
    ``outputs``; ``data_norm`` = ||X||_F; ``n``; ``delta``. For layers with biases pass augmented matrices.

    >>> from fractions import Fraction
    >>> inputs = dict(margin_risk=0, margin=1, spectral_norms=(1, 1), distances_2_1=(1, 1), lipschitz=(1, 1), widths=(10, 10, 2), outputs=2)
    >>> certificate = spectral(**inputs, data_norm=10**4, n=10**8, delta=Fraction(1, 20))
    >>> certificate.terms["complexity"] < 0.0710845784577431  # the chain of halved radii, without the actual radii
    True
    """
    scales = grid_scales(math, norm_index, distance_index, halvings, lipschitz, outputs, data_norm)
    price = grid_price(math, norm_index, distance_index, halvings)
    return grid_terms(math, margin_risk, chained_complexity(math, scales, matrix_entries(math, widths), counts, n), price, n, delta)


def grid_scales(
    math: World, norm_index: Number, distance_index: Number, halvings: Number, lipschitz: Number, outputs: Number, data_norm: Number
) -> Number:
    """``layer_scales`` at the grid values of norms, distances and margin, in units of the loss."""
    layers = math.last(math.positions(norm_index))
    scales = layer_scales(math, lipschitz, norm_index / layers, distance_index / layers, data_norm)
    return scales * math.along(margin_lipschitz(math, outputs) * math.power(2, halvings))


def grid_price(math: World, norm_index: Number, distance_index: Number, halvings: Number) -> Number:
    """ln of 1/weight of the grid point: sum ln(j (j + 1)) + sum ln((k + 1)(k + 2)) + ln(1.5 (|g| + 1)(|g| + 2))."""
    norms = math.sum(math.log(norm_index * (norm_index + 1)))
    return norms + math.sum(weight_of_natural(math, distance_index)) + weight_of_integer(math, halvings)


def grid_terms(math: World, margin_risk: Number, complexity: Number, grid: Number, n: Number, delta: Number) -> Terms:
    """The terms of a margin bound with the grid's price added to ln(1/delta)."""
    return {
        "margin risk": margin_risk,
        "complexity": 2 * complexity,
        "confidence": uniform_confidence(math, math.log_quotient(1, delta) + grid, n),
    }


def _ratio_index(distances: Any, norms: Any, outputs_of_layer: Any) -> Any:
    """The smallest m >= 0 with 2^(m/4) >= b/s, at most ceil(4 log2 d): b <= d s holds for every matrix with d rows."""
    ratio = np.divide(distances, norms)
    index = np.maximum(np.ceil(4 * np.log2(np.maximum(ratio, 1.0)) + 1e-9), 0)
    lower = np.floor((index - 1) / 4)  # the power of two just below, where a tie is possible
    exact_tie = (np.mod(index - 1, 4) == 0) & (distances <= np.ldexp(norms, lower.astype(int)))
    index = np.where(exact_tie, index - 1, index)
    return np.minimum(index, _last_ratio(outputs_of_layer))


def _last_ratio(outputs_of_layer: np.ndarray) -> np.ndarray:
    """The last point of the grid of ratios, ceil(4 log2 d)."""
    return np.asarray(np.maximum(quarter_power_index(outputs_of_layer), 0.0))


def _search_homogeneous(
    *,
    margin: Any,
    spectral_norms: Any,
    distances_2_1: Any,
    lipschitz: Any,
    widths: Any,
    outputs: Any,
    data_norm: Any,
    n: Any,
    **_: Any,
) -> dict[str, Any]:
    ratios = _ratio_index(distances_2_1, spectral_norms, widths[..., 1:])
    level = doubling_index_of_product(np.concatenate(np.broadcast_arrays(lipschitz, spectral_norms), axis=-1), margin)
    scales = np.asarray(data_norm)[..., None] * np.asarray(2.0**level * margin_lipschitz(FLOATS, outputs))[..., None] * 2.0 ** (ratios / 4)
    return {
        "ratio_index": ratios,
        "most": _last_ratio(widths[..., 1:]) + 1,
        "level": level,
        "counts": cover_counts(scales, np.asarray(matrix_entries(FLOATS, widths)), n),
    }


def _membership_homogeneous(
    math: World,
    *,
    margin: Number,
    spectral_norms: Number,
    distances_2_1: Number,
    lipschitz: Number,
    widths: Number,
    ratio_index: Number,
    most: Number,
    level: Number,
    counts: Number,
    **_: Any,
) -> dict[str, Any]:
    """2^level is at least prod(rho s)/margin; each 2^(m/4) is at least b/s, or m is the last point, beyond which no matrix has a ratio."""
    above = distances_2_1 - math.power(2, ratio_index / 4) * spectral_norms
    last = most - 1
    return {
        "ratio_index": [*whole_from(math, ratio_index, 0), math.less_equal(math.minimum(above, last - ratio_index), 0)],
        "most": [
            *whole_from(math, most, 1),
            math.less_equal(math.after(widths), math.power(2, last / 4)),
            math.less_equal(ratio_index, last),
        ],
        "level": [*whole_from(math, level, 0), math.less_equal(math.prod(lipschitz * spectral_norms), math.power(2, level) * margin)],
        "counts": whole_from(math, counts, 1),
    }


@spectral.other_form(
    True,
    provenance=DERIVED,
    assumes=(
        IID_SAMPLE,
        MARGIN_LOSS,
        ARCHITECTURE_FIXED_IN_ADVANCE,
        HOMOGENEOUS_LIPSCHITZ_ACTIVATION,
        NO_BIAS,
        REFERENCE_ZERO,
        DATA_NORM_OF_SAMPLE,
    ),
    choose=_search_homogeneous,
    membership=_membership_homogeneous,
)
def _spectral_homogeneous(
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
    ratio_index: Number,
    most: Number,
    level: Number,
    counts: Number,
) -> Terms:
    scales = math.along(data_norm * margin_lipschitz(math, outputs) * math.power(2, level)) * math.power(2, ratio_index / 4)
    grid = math.sum(math.log(most)) + weight_of_natural(math, level)
    return grid_terms(math, margin_risk, chained_complexity(math, scales, matrix_entries(math, widths), counts, n), grid, n, delta)
