"""Two-layer networks with an l1 output layer and hidden rows in an l2 or an l1 ball; odd activations have half the bound."""

from __future__ import annotations

from genbounds.bounds.assumptions import (
    CONSTANT_KEPT,
    DATA_NORM_OF_SAMPLE,
    LARGEST_COLUMN_OF_SAMPLE,
    NO_BIAS,
    ODD_ACTIVATION,
    ONE_LIPSCHITZ_ACTIVATION,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.declared import Declared
from genbounds.bounds.inputs import NONNEGATIVE
from genbounds.bounds.rademacher._linear_l1 import LARGEST_COLUMN
from genbounds.bounds.theorem import capacity
from genbounds.bounds.worlds.protocol import Number, World

_OUTPUT = NONNEGATIVE.meaning_is("l1 norm of the output weights")


def _declaration(rows: str, *, odd: bool) -> Declared:
    columns = {"data_norm": r"\max_j \Vert x_{\cdot j}\Vert_2", "inputs": "d"} if rows == "l1" else {}
    return {
        "source": Source("bartlett2002rademacher", "Theorem 18, with the constant derived here"),
        "gives": "complexity",
        "provenance": DERIVED,
        "assumes": (
            NO_BIAS,
            CONSTANT_KEPT,
            ONE_LIPSCHITZ_ACTIVATION,
            *((ODD_ACTIVATION,) if odd else ()),
            LARGEST_COLUMN_OF_SAMPLE if columns else DATA_NORM_OF_SAMPLE,
        ),
        "symbols": {"output_norm": "A", "hidden_norm": "V", "data_norm": r"\left\Vert X \right\Vert_F", "n": "n", **columns},
        "domains": {
            "output_norm": _OUTPUT,
            "hidden_norm": NONNEGATIVE.meaning_is(f"largest {rows} norm of the incoming weights of a hidden unit"),
            **({"data_norm": LARGEST_COLUMN} if columns else {}),
        },
        "increasing": ("output_norm", "hidden_norm", "data_norm", *(("inputs",) if columns else ())),
        "decreasing": ("n",),
        "left_side": r"\widehat{\mathfrak{R}}_n",
    }


@capacity(**_declaration("l2", odd=False))
def two_layer(math: World, *, output_norm: Number, hidden_norm: Number, data_norm: Number, n: Number) -> Terms:
    r"""The empirical Rademacher complexity of two-layer networks with output weights of l1 norm at most A and hidden rows of l2 norm at
    most V is at most 2 A V ||X||_F / n.

    The networks are x -> sum_j a_j s(<v_j, x>) with any number of units and one 1-Lipschitz activation s with s(0) = 0. A and V each bound
    the class: a bound on their product alone would fix a larger class where s is not homogeneous (``golowich2018rows``). Biases of the
    hidden units are entries of their rows, on inputs (x, 1). A bias of the output is the weight of one more unit with the row (0, 1), which
    needs s(1) = 1; it counts in A, and V is at least 1.

    Derivation. By l1 duality n Rad <= A E sup_v |sum_i eps_i s(<v, x_i>)|. This is at most 2 A E sup_v sum_i eps_i s(<v, x_i>), because the
    supremum is not negative (v = 0) and the signs are symmetric. Contraction leaves E sup_v sum eps_i <v, x_i> <= V ||X||_F. For odd
    activations ``two_layer_odd`` is half as large.

    Inputs: ``output_norm`` A (l1); ``hidden_norm`` V (l2, the largest row); ``data_norm`` = ||X||_F; ``n``.

    >>> two_layer(output_norm=2, hidden_norm=0.5, data_norm=64, n=2**10).value
    0.125
    """
    return {"complexity": 2 * output_norm * hidden_norm * data_norm / n}


@capacity(**_declaration("l2", odd=True))
def two_layer_odd(math: World, *, output_norm: Number, hidden_norm: Number, data_norm: Number, n: Number) -> Terms:
    r"""For an odd activation the empirical Rademacher complexity of two-layer networks, with norms as in ``two_layer``, is at most
    A V ||X||_F / n.

    Derivation. If s is odd (tanh, the identity; not ReLU), replacing v by -v changes the sign of sum_i eps_i s(<v, x_i>), and the ball of
    the rows is symmetric. So the supremum of the absolute value is that of the sum, and the factor 2 of ``two_layer`` is not needed.

    Inputs: those of ``two_layer``.

    >>> two_layer_odd(output_norm=2, hidden_norm=0.5, data_norm=64, n=2**10).value
    0.0625
    """
    return {"complexity": output_norm * hidden_norm * data_norm / n}


@capacity(**_declaration("l1", odd=False))
def two_layer_l1(math: World, *, output_norm: Number, hidden_norm: Number, data_norm: Number, inputs: Number, n: Number) -> Terms:
    r"""The empirical Rademacher complexity of two-layer networks with output weights of l1 norm at most A and hidden rows of l1 norm at
    most V is at most 2 A V max_j ||x_.j|| sqrt(2 ln(2d)) / n.

    Derivation. As for ``two_layer`` up to 2 A E sup_v sum_i eps_i <v, x_i>. Over ||v||_1 <= V the mean of this supremum is n times the
    complexity that ``linear_l1`` bounds.

    Inputs: ``output_norm`` A (l1); ``hidden_norm`` V (l1, the largest row); ``data_norm``, the largest l2 norm of a column of the n x d
    data matrix; ``inputs`` d; ``n``.

    >>> round(float(two_layer_l1(output_norm=2, hidden_norm=2.5, data_norm=100, inputs=100, n=10**4)), 12)
    0.325524726144
    """
    return {"complexity": 2 * output_norm * hidden_norm * data_norm * math.sqrt(2 * math.log(2 * inputs)) / n}


@capacity(**_declaration("l1", odd=True))
def two_layer_l1_odd(math: World, *, output_norm: Number, hidden_norm: Number, data_norm: Number, inputs: Number, n: Number) -> Terms:
    r"""For an odd activation the empirical Rademacher complexity of two-layer networks, with norms as in ``two_layer_l1``, is at most
    A V max_j ||x_.j|| sqrt(2 ln(2d)) / n.

    Derivation. The l1 ball is symmetric, too, so that the factor 2 is not needed, as in ``two_layer_odd``.

    Inputs: those of ``two_layer_l1``.

    >>> round(float(two_layer_l1_odd(output_norm=2, hidden_norm=5, data_norm=100, inputs=100, n=10**4)), 12)
    0.325524726144
    """
    return {"complexity": output_norm * hidden_norm * data_norm * math.sqrt(2 * math.log(2 * inputs)) / n}
