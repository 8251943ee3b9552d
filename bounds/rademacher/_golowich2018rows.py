from __future__ import annotations

from genbounds.bounds.assumptions import (
    CONSTANT_KEPT,
    LARGEST_COLUMN_OF_SAMPLE,
    LAYER_NORMS_FIXED_IN_ADVANCE,
    NO_BIAS,
    ONE_LIPSCHITZ_ACTIVATION,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import NONNEGATIVE
from genbounds.bounds.rademacher._linear_l1 import LARGEST_COLUMN
from genbounds.bounds.theorem import capacity
from genbounds.bounds.worlds.protocol import Number, World


@capacity(
    source=Source("golowich2018size", "Theorem 2, with the constants derived here"),
    gives="complexity",
    provenance=DERIVED,
    assumes=(NO_BIAS, CONSTANT_KEPT, ONE_LIPSCHITZ_ACTIVATION, LAYER_NORMS_FIXED_IN_ADVANCE, LARGEST_COLUMN_OF_SAMPLE),
    symbols={
        "norm_product": r"\Pi_{1,\infty}",
        "depth": "L",
        "data_norm": r"\max_j \Vert x_{\cdot j}\Vert_2",
        "inputs": "d",
        "n": "n",
    },
    domains={
        "norm_product": NONNEGATIVE.meaning_is("product of the class's bounds, one for each layer, on the largest l1 norm of a row"),
        "data_norm": LARGEST_COLUMN,
    },
    increasing=("norm_product", "depth", "data_norm", "inputs"),
    decreasing=("n",),
    form="derived",
    left_side=r"\widehat{\mathfrak{R}}_n",
)
def golowich2018rows(math: World, *, norm_product: Number, depth: Number, data_norm: Number, inputs: Number, n: Number) -> Terms:
    r"""The empirical Rademacher complexity of scalar networks whose layers have rows of l1 norm at most M_1, ..., M_L, of product Pi, is at
    most Pi max_j ||x_.j|| sqrt(2 (L ln2 + ln d)) / n.

    The networks have no biases, and each activation applies one 1-Lipschitz function s with s(0) = 0 to every entry. A bound on the product
    of the norms alone is not enough where s is not homogeneous: the class of all a s(v x) with |a v| <= 1 contains s at every scale, and
    for a suitable s these are all 1-Lipschitz functions with value 0 at 0. On the points +-k^(-1/2), k <= n/2, their complexity is of order
    ln(n)/n, while this bound is of order sqrt(ln n)/n; the quotient is 1.05 at n = 1000. If
    every unit had an activation of its own, the class would be the same.

    Derivation. For l > 0, n Rad <= (1/l) ln E exp(l sup). A row of l1 norm M_j on top of the activations of layer j - 1 gives at most M_j
    times the largest |sum_i eps_i s(<a, z_i>)| over the rows a below. The inequality exp|t| <= exp(t) + exp(-t) and the symmetry of the
    signs cost a factor 2, and contraction removes s. What remains is of the same form with one layer less. After L - 1 such steps there
    remains (1/l) ln(2^(L-1) sum over the 2 d signed columns of E exp(l Pi <eps, x_.j>)). This is at most (1/l) ln(2^L d) +
    l Pi^2 max_j ||x_.j||^2/2, which is smallest at l = sqrt(2 ln(2^L d))/(Pi max_j ||x_.j||).

    ``form="printed"`` is Theorem 2: 2 Pi sqrt(L + 1 + ln d) max_j ||x_.j|| / n. It is larger, as 4 (L + 1 + ln d) >= 2 (L ln2 + ln d).

    Inputs: ``norm_product`` Pi, the product of the class's bounds on the l1 norms of the rows; ``depth`` L; ``data_norm``, the largest l2
    norm of a column of the data matrix; ``inputs`` d; ``n``. With biases, a row (a, b) has the norm ||a|| + |b|, every layer but the last
    has a bound of at least 1, and d is the number of columns with a constant column 1. If s(1) is not 1, count that column twice: the
    constant then enters every layer anew, and the sum over signed columns becomes at most 2^L (d + 2) terms for d inputs.

    >>> inputs = dict(norm_product=8, depth=3, data_norm=10, inputs=784, n=10**4)
    >>> round(float(golowich2018rows(**inputs)), 13), round(float(golowich2018rows(**inputs, form="printed")), 13)
    (0.0334546390197, 0.0522502508052)
    """
    return {"complexity": norm_product * data_norm * math.sqrt(2 * (depth * math.log(2) + math.log(inputs))) / n}


@golowich2018rows.other_form("printed", provenance=DERIVED, source=Source("golowich2018size", "Theorem 2"))
def _golowich2018rows_printed(math: World, *, norm_product: Number, depth: Number, data_norm: Number, inputs: Number, n: Number) -> Terms:
    return {"complexity": 2 * norm_product * data_norm * math.sqrt(depth + 1 + math.log(inputs)) / n}
