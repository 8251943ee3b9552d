from __future__ import annotations

from genbounds.bounds.assumptions import DATA_NORM_OF_SAMPLE, HOMOGENEOUS_ACTIVATION, NO_BIAS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, READ, Terms
from genbounds.bounds.rademacher.terms import peeling_factor
from genbounds.bounds.theorem import capacity
from genbounds.bounds.worlds.protocol import Number, World


@capacity(
    source=Source(
        "golowich2018size",
        "Theorem 1, with L - 1 peeled activations in place of L, and the smaller of it and Neyshabur et al. 2015",
    ),
    gives="complexity",
    provenance=DERIVED,
    assumes=(HOMOGENEOUS_ACTIVATION, NO_BIAS, DATA_NORM_OF_SAMPLE),
    symbols={"norm_product": r"\Pi_F", "depth": "L", "data_norm": r"\left\Vert X \right\Vert_F", "n": "n"},
    increasing=("norm_product", "depth", "data_norm"),
    decreasing=("n",),
    form="derived",
    left_side=r"\widehat{\mathfrak{R}}_n",
)
def golowich2018frobenius(math: World, *, norm_product: Number, depth: Number, data_norm: Number, n: Number) -> Terms:
    r"""The empirical Rademacher complexity of scalar networks whose Frobenius norms have a product of at most Pi is at most
    Pi min(1 + sqrt(2 ln2 (L-1)), 2^(L-1)) ||X||_F / n.

    The networks have no biases (or augmented matrices), and their activation is elementwise, 1-Lipschitz and positively homogeneous.

    Derivation. Let z_i be the input of the last activation s, and M_L the norm of the last matrix. For lambda > 0 Jensen's inequality gives
    n Rad <= (1/lambda) ln E sup exp(lambda M_L ||sum_i eps_i s(z_i)||). Now the activations are peeled off one by one. By homogeneity, the
    supremum of ||sum_i eps_i s(A z_i)|| over ||A||_F <= M is attained by a single row a of norm M. The inequality exp|t| <= exp(t) +
    exp(-t) and the symmetry of the signs cost a factor 2. Contraction, for the increasing convex exponential, removes s, and
    <a, sum_i eps_i z_i> is at most M ||sum_i eps_i z_i||. After all L - 1 activations there remains (1/lambda) ln(2^{L-1} E exp(lambda Pi
    Z)) with Z = ||sum_i eps_i x_i||. Z has mean at most ||X||_F, and changes by at most 2 ||x_i|| with sign i, so that E exp(t Z) <=
    exp(t ||X||_F + t^2 ||X||_F^2/2). The choice lambda = sqrt(2 (L-1) ln 2)/(Pi ||X||_F) gives the first number; L = 1 is ``linear_l2``.
    Peeling without the exponential gives the factor 2^(L-1) (``neyshabur2015``). Both bound the same number, so the smaller is taken at no
    cost.

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
def _golowich2018frobenius_printed(math: World, *, norm_product: Number, depth: Number, data_norm: Number, n: Number) -> Terms:
    return {"complexity": norm_product * (math.sqrt(2 * math.log(2) * depth) + 1) * data_norm / n}
