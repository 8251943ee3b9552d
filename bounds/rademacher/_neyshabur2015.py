from __future__ import annotations

from genbounds.bounds.assumptions import DATA_NORM_OF_SAMPLE, HOMOGENEOUS_ACTIVATION, NO_BIAS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.theorem import capacity
from genbounds.bounds.worlds.protocol import Number, World


@capacity(
    source=Source("neyshabur2015norm", "Theorem 1, with p = q = 2"),
    gives="complexity",
    provenance=DERIVED,
    assumes=(HOMOGENEOUS_ACTIVATION, NO_BIAS, DATA_NORM_OF_SAMPLE),
    symbols={"norm_product": r"\Pi_F", "depth": "L", "data_norm": r"\left\Vert X \right\Vert_F", "n": "n"},
    increasing=("norm_product", "depth", "data_norm"),
    decreasing=("n",),
    left_side=r"\widehat{\mathfrak{R}}_n",
)
def neyshabur2015(math: World, *, norm_product: Number, depth: Number, data_norm: Number, n: Number) -> Terms:
    r"""The empirical Rademacher complexity of scalar ReLU networks whose Frobenius norms have a product of at most Pi is at most
    2^(L-1) Pi ||X||_F / n.

    Derivation. By homogeneity, the supremum of ||sum_i eps_i s(A z_i)|| over ||A||_F <= M is attained by a single row, so that its mean is
    M E sup |sum_i eps_i s(<a, z_i>)| over unit vectors a. The absolute value costs a factor 2, and contraction removes s. This leaves
    2 M E sup ||sum_i eps_i z_i||, which is of the same form one layer below: each hidden layer costs the factor 2 M.
    ``golowich2018frobenius`` takes the smaller of the factor 2^(L-1) and its own factor 1 + sqrt(2 ln2 (L-1)).

    Inputs: ``norm_product`` Pi; ``depth`` L, the number of weight matrices; ``data_norm`` = ||X||_F; ``n``. No biases.

    >>> neyshabur2015(norm_product=8, depth=3, data_norm=64, n=2**14).value
    0.125
    """
    return {"complexity": math.power(2, depth - 1) * norm_product * data_norm / n}
