from __future__ import annotations

from typing import Any

from genbounds.bounds.assumptions import NO_BIAS, ONE_LIPSCHITZ_ACTIVATION
from genbounds.bounds.bibliography import Source
from genbounds.bounds.inputs import NONNEGATIVE
from genbounds.bounds.theorem import DERIVED, Terms, capacity


@capacity(
    source=Source("bartlett2002rademacher", "Theorem 18, with the constant derived here"),
    provenance=DERIVED,
    assumes=(NO_BIAS, ONE_LIPSCHITZ_ACTIVATION),
    symbols={"output_norm": "A", "hidden_norm": "V", "data_norm": r"\left\Vert X \right\Vert_F", "n": "n"},
    domains={
        "output_norm": NONNEGATIVE.meaning_is("l1 norm of the output weights"),
        "hidden_norm": NONNEGATIVE.meaning_is("largest l2 norm of the incoming weights of a hidden unit"),
    },
    increasing=("output_norm", "hidden_norm", "data_norm"),
    decreasing=("n",),
    left_side=r"\widehat{\mathfrak{R}}_n",
)
def two_layer(math: Any, *, output_norm: Any, hidden_norm: Any, data_norm: Any, n: Any) -> Terms:
    r"""The empirical Rademacher complexity of two-layer networks with output weights of l1 norm A and hidden rows of l2 norm V is at most
    2 A V ||X||_F / n.

    For x -> sum_j a_j s(<v_j, x>) with an activation s that is 1-Lipschitz with s(0) = 0, any number of units. Derivation. By l1 duality
    n Rad = A E sup_v |sum_i eps_i s(<v, x_i>)|, at most 2 A E sup_v sum_i eps_i s(<v, x_i>): the supremum is not negative (v = 0), and the
    signs are symmetric (for odd s the factor 2 drops). Contraction leaves E sup_v sum eps_i <v, x_i> <= V ||X||_F.

    Inputs: ``output_norm`` A (l1); ``hidden_norm`` V (l2, the largest row); ``data_norm`` = ||X||_F; ``n``.

    >>> two_layer(output_norm=2, hidden_norm=0.5, data_norm=64, n=2**10).value
    0.125
    """
    return {"complexity": 2 * output_norm * hidden_norm * data_norm / n}
