from __future__ import annotations

from typing import Any

import numpy as np

from genbounds.bounds.assumptions import (
    DATA_NORM_OF_SAMPLE,
    IID_SAMPLE,
    LIPSCHITZ_GRAPH,
    MARGIN_LOSS,
    REFERENCE_FIXED_IN_ADVANCE,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.grids import halving_index, quarter_power_index, weight_of_integer
from genbounds.bounds.inputs import COUNT, NONNEGATIVE_VECTOR, same_length
from genbounds.bounds.margin._cover_chain import chained_complexity, cover_counts
from genbounds.bounds.margin._spectral import grid_terms, margin_lipschitz
from genbounds.bounds.membership import whole, whole_from
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds import FLOATS
from genbounds.bounds.worlds.protocol import Number, World

_LAYERS_FIT = same_length(
    "distances_2_1", "input_lipschitz", "inputs_at_zero", "output_lipschitz", "entries", entry="layer (for every use of a weight)"
)


def _scales(math: World, distances: Number, inputs: Number, outputs: Number, unit: Number) -> Number:
    """unit b_i N_i D_i at the grid values 2^(j/4): how far, over the sample, layer i inside its (2,1) ball can move the outputs."""
    return math.along(unit) * math.power(2, distances / 4) * math.power(2, inputs / 4) * math.power(2, outputs / 4)


def _search(
    *,
    margin: Any,
    distances_2_1: Any,
    input_lipschitz: Any,
    inputs_at_zero: Any,
    output_lipschitz: Any,
    entries: Any,
    outputs: Any,
    data_norm: Any,
    n: Any,
    **_: Any,
) -> dict[str, Any]:
    """Grid indices of the data's size, the distances, the sizes of the layers' inputs, the output constants and the margin."""
    data = quarter_power_index(np.nextafter(data_norm / np.sqrt(n) * (1 + 2.0**-50), np.inf))
    with np.errstate(over="ignore"):
        at_zero = inputs_at_zero / 2.0 ** (data[..., None] / 4)
        # A positive constant counts where its quotient underflows too.
        sizes = np.where(inputs_at_zero > 0, np.nextafter((input_lipschitz + at_zero) * (1 + 2.0**-50), np.inf), input_lipschitz)
    found = {
        "halvings": halving_index(margin),
        "data_index": data,
        "distance_index": quarter_power_index(distances_2_1),
        "input_index": quarter_power_index(sizes),
        "output_index": quarter_power_index(output_lipschitz),
    }
    unit = margin_lipschitz(FLOATS, outputs) * 2.0 ** found["halvings"] * np.sqrt(n) * 2.0 ** (data / 4)
    scales = np.asarray(_scales(FLOATS, found["distance_index"], found["input_index"], found["output_index"], unit))
    return {**found, "counts": cover_counts(scales, entries, n)}


def _membership(
    math: World,
    *,
    margin: Number,
    distances_2_1: Number,
    input_lipschitz: Number,
    inputs_at_zero: Number,
    output_lipschitz: Number,
    data_norm: Number,
    n: Number,
    halvings: Number,
    data_index: Number,
    distance_index: Number,
    input_index: Number,
    output_index: Number,
    counts: Number,
    **_: Any,
) -> dict[str, Any]:
    """Each grid value is at least what it stands for, and 2^-g is at most the margin."""
    size = math.power(2, data_index / 4)
    inputs = input_lipschitz + inputs_at_zero / math.along(size)
    return {
        "halvings": [*whole(math, halvings), math.less_equal(math.power(2, -halvings), margin)],
        "data_index": [*whole(math, data_index), math.less_equal(data_norm, math.sqrt(n) * size)],
        "distance_index": [*whole(math, distance_index), math.less_equal(distances_2_1, math.power(2, distance_index / 4))],
        "input_index": [*whole(math, input_index), math.less_equal(inputs, math.power(2, input_index / 4))],
        "output_index": [*whole(math, output_index), math.less_equal(output_lipschitz, math.power(2, output_index / 4))],
        "counts": whole_from(math, counts, 1),
    }


@bound(
    source=Source("bartlett2017spectrally", "Theorem 1.1, for graphs of layers, with a class, a chain and constants derived here"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, MARGIN_LOSS, LIPSCHITZ_GRAPH, REFERENCE_FIXED_IN_ADVANCE, DATA_NORM_OF_SAMPLE),
    symbols={
        "margin_risk": r"\widehat{R}_\gamma",
        "margin": r"\gamma",
        "distances_2_1": "b",
        "input_lipschitz": r"\lambda",
        "inputs_at_zero": r"\zeta",
        "output_lipschitz": "D",
        "entries": "P",
        "outputs": "K",
        "data_norm": r"\left\Vert X \right\Vert_F",
        "n": "n",
        "delta": r"\delta",
    },
    domains={
        "distances_2_1": NONNEGATIVE_VECTOR.meaning_is(
            "(2,1) norm of the difference of each layer's own matrix (a kernel has one row per filter; a bias is one column) from its "
            "reference"
        ),
        "input_lipschitz": NONNEGATIVE_VECTOR.meaning_is(
            "l such that the norm of all that each layer's matrix multiplies, on an input x, is at most l ||x|| + inputs_at_zero"
        ),
        "inputs_at_zero": NONNEGATIVE_VECTOR.meaning_is("the constant that goes with input_lipschitz"),
        "output_lipschitz": NONNEGATIVE_VECTOR.meaning_is("Lipschitz constant from each layer's output to the logits"),
        "entries": COUNT.as_vector("number of entries of each layer's own matrix", "pass one count per layer, the bias's entries included"),
    },
    requires=(_LAYERS_FIT,),
    increasing=("margin_risk", "distances_2_1", "input_lipschitz", "inputs_at_zero", "output_lipschitz", "data_norm"),
    decreasing=("delta",),
    by_inclusion=("distances_2_1", "input_lipschitz", "inputs_at_zero", "output_lipschitz", "data_norm"),
    choose=_search,
    membership=_membership,
    chosen={
        "halvings": "g",
        "data_index": "a",
        "distance_index": "u'",
        "input_index": "v'",
        "output_index": "w'",
        "counts": "m*",
    },
    holds_for="every network of this graph, every norm and every margin at once",
)
def spectral_graph(
    math: World,
    *,
    margin_risk: Number,
    margin: Number,
    distances_2_1: Number,
    input_lipschitz: Number,
    inputs_at_zero: Number,
    output_lipschitz: Number,
    entries: Number,
    outputs: Number,
    data_norm: Number,
    n: Number,
    delta: Number,
    halvings: Number,
    data_index: Number,
    distance_index: Number,
    input_index: Number,
    output_index: Number,
    counts: Number,
) -> Terms:
    r"""The risk of every network of a graph of layers fixed in advance is at most its margin risk plus a complexity made of one product b_i
    N_i D_i for each layer.

    b_i is the (2,1) distance of the matrix of layer i from its reference, N_i bounds the norm over the sample of all that the matrix
    multiplies, and D_i is the Lipschitz constant from the output of the layer to the logits, through all branches. Networks with residual
    sums, concatenations, convolutions and normalisations are such graphs. On a chain, b_i N_i D_i is the b_i/s_i ||X||_F prod(rho s) of
    ``margin.spectral``.

    All numbers are taken at grid values: gamma = 2^-g is the margin rounded down; r = 2^(a/4) is at least ||X||_F/sqrt(n); and each layer
    has its own powers 2^(j/4) that are at least b_i, D_i and lambda_i + zeta_i/r, where the norm of what matrix i multiplies on an input x
    is at most lambda_i ||x|| + zeta_i. Each index j, and also g and a, costs ln(1.5 (|j| + 1)(|j| + 2)) in addition to ln(1/delta). So all
    these numbers may be those of the trained network on the sample.

    Derivation. (1) The class of a grid point consists of all weights of this graph with b_i <= beta_i, lambda_i r + zeta_i <= nu_i r and
    D_i <= kappa_i. It depends on the grid alone and not on the sample. Here D_i is computed from the constants of the operations and the
    spectral norms of the layers by sums over paths.

    (2) Consider a sample with ||X||_F <= sqrt(n) r. Before each layer, project its input, over the whole sample, onto the ball where what
    the matrix multiplies has norm at most sqrt(n) nu_i r. This changes no network of the class. As a projection never
    increases the distance between two points, D_i still bounds the effect of a change of the output of layer i.

    (3) Replace the outputs of the layers one after another, from the inputs on, by elements of covers. Layer i multiplies something U of
    norm at most sqrt(n) nu_i r, which is determined by the replacements before it. The difference of its output from the output with the
    reference matrix is a combination of the 2 P_i signed products of U with one entry of the matrix, scaled to length beta_i sqrt(n) nu_i
    r, with weights that add up to at most 1 (Cauchy-Schwarz in each row, then the sum of the row norms). So by Maurey's lemma, m_i samples
    give a cover of radius beta_i sqrt(n) nu_i r/sqrt(m_i) with (2 P_i)^m_i elements, and the output with the reference matrix alone is a
    cover of the radius for m_i = 1. Each replacement moves the outputs of the network by at most kappa_i times the radius, and the covers
    of the later layers do not depend on the network.

    (4) With the ramp loss of slope 1/gamma, and the margin sqrt 2-Lipschitz in the logits (1-Lipschitz for a scalar), the chain of
    ``margin.spectral`` applies with c_i = sqrt(2) beta_i sqrt(n) nu_i r kappa_i/gamma. ``rademacher.uniform_deviation`` with a union over
    the grid gives the bound. beta_i, nu_i and kappa_i have grids of their own because the covers depend on beta_i and nu_i, not on the
    product: a class that fixes only the product has no finite cover of this kind.

    Weight sharing. A kernel has one row per filter, and its U contains every patch; the norm of U is at most the norm of the image times
    the square root of the number of windows that read one entry. For a matrix that is applied to T tokens, U consists of the T tokens. A
    diagonal weight is one row. A bias is one more column, with a 1 in U wherever it is added. A weight that is used several times (in a
    recurrence) counts once for each use.

    Inputs: ``margin_risk`` at ``margin``; for each layer ``distances_2_1`` b_i, ``input_lipschitz`` lambda_i and ``inputs_at_zero`` zeta_i,
    ``output_lipschitz`` D_i (upper bounds) and ``entries`` P_i; ``outputs``; ``data_norm`` = ||X||_F; ``n``; ``delta``. ``summarize``
    measures all of them.

    >>> from fractions import Fraction
    >>> layers = dict(distances_2_1=(1, 1), input_lipschitz=(1, 1), inputs_at_zero=(0, 0), output_lipschitz=(1, 1), entries=(100, 20))
    >>> given = dict(margin_risk=0, margin=1, outputs=2, data_norm=9999, n=10**8, delta=Fraction(1, 20))
    >>> round(spectral_graph(**layers, **given).terms["complexity"], 12)  # that of margin.spectral on this chain, with ||X||_F = 10^4
    0.063040461532
    """
    unit = margin_lipschitz(math, outputs) * math.power(2, halvings) * math.sqrt(n) * math.power(2, data_index / 4)
    scales = _scales(math, distance_index, input_index, output_index, unit)
    layers = weight_of_integer(math, distance_index) + weight_of_integer(math, input_index) + weight_of_integer(math, output_index)
    grid = math.sum(layers) + weight_of_integer(math, halvings) + weight_of_integer(math, data_index)
    return grid_terms(math, margin_risk, chained_complexity(math, scales, entries, counts, n), grid, n, delta)
