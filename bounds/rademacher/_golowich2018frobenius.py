from __future__ import annotations

from typing import Any

from genbounds.bounds.assumptions import HOMOGENEOUS_ACTIVATION, NO_BIAS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.theorem import DERIVED, READ, Terms, capacity


def peeling_factor(math: Any, depth: Any) -> Any:
    """1 + sqrt(2 ln 2 (L - 1)): what the L - 1 activations cost."""
    return 1 + math.sqrt(2 * math.log(2) * (depth - 1))


@capacity(
    source=Source(
        "golowich2018size",
        "Theorem 1, with L - 1 peeled activations in place of L, and the smaller of it and Neyshabur et al. 2015",
    ),
    provenance=DERIVED,
    assumes=(HOMOGENEOUS_ACTIVATION, NO_BIAS),
    symbols={"norm_product": r"\Pi_F", "depth": "L", "data_norm": r"\left\Vert X \right\Vert_F", "n": "n"},
    increasing=("norm_product", "depth", "data_norm"),
    decreasing=("n",),
    form="derived",
    left_side=r"\widehat{\mathfrak{R}}_n",
)
def golowich2018frobenius(math: Any, *, norm_product: Any, depth: Any, data_norm: Any, n: Any) -> Terms:
    r"""The empirical Rademacher complexity of scalar networks with product of Frobenius norms Pi is at most Pi (1 + sqrt(2 ln2 (L-1)))
    ||X||_F / n.

    For networks without biases (or with augmented matrices) whose activation is elementwise, 1-Lipschitz and positively homogeneous.

    Derivation. For lambda > 0, n Rad <= (1/lambda) ln E sup exp(lambda M_L ||sum_i eps_i sigma(z_i)||); each of the L - 1 activations is
    peeled at a factor 2, which leaves (1/lambda) ln(2^{L-1} E exp(lambda Pi ||sum_i eps_i x_i||)). The norm has mean at most ||X||_F and
    sub-Gaussian proxy ||X||_F^2, so lambda = sqrt(2 (L-1) ln 2)/(Pi ||X||_F) gives the claim; L = 1 is ``linear_l2``. Peeling without the
    exponential gives 2^{L-1} (Neyshabur et al. 2015); both bound the same number, so the smaller is taken at no cost.
    ``form="printed"`` is Theorem 1: Pi (sqrt(2 ln2 L) + 1) ||X||_F / n.

    Inputs: ``norm_product``; ``depth`` L, the number of weight matrices; ``data_norm`` = ||X||_F; ``n``.

    >>> round(float(golowich2018frobenius(norm_product=8, depth=3, data_norm=100, n=10**4)), 12)
    0.213208737785
    >>> round(float(golowich2018frobenius(norm_product=8, depth=3, data_norm=100, n=10**4, form="printed")), 12)
    0.243146718427
    """
    factor = math.minimum(peeling_factor(math, depth), math.power(2, depth - 1))
    return {"complexity": norm_product * factor * data_norm / n}


@golowich2018frobenius.other_form("printed", provenance=READ, source=Source("golowich2018size", "Theorem 1"))
def _golowich2018frobenius_printed(math: Any, *, norm_product: Any, depth: Any, data_norm: Any, n: Any) -> Terms:
    return {"complexity": norm_product * (math.sqrt(2 * math.log(2) * depth) + 1) * data_norm / n}
