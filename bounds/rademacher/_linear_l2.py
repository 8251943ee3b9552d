from __future__ import annotations

from genbounds.bounds.assumptions import DATA_NORM_OF_SAMPLE
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import READ, Terms
from genbounds.bounds.theorem import capacity
from genbounds.bounds.worlds.protocol import Number, World


@capacity(
    source=Source("bartlett2002rademacher", "Lemma 22, without the factor 2 of its definition"),
    gives="complexity",
    provenance=READ,
    assumes=(DATA_NORM_OF_SAMPLE,),
    symbols={"norm": "B", "data_norm": r"\left\Vert X \right\Vert_F", "n": "n"},
    increasing=("norm", "data_norm"),
    decreasing=("n",),
    left_side=r"\widehat{\mathfrak{R}}_n",
)
def linear_l2(math: World, *, norm: Number, data_norm: Number, n: Number) -> Terms:
    r"""The empirical Rademacher complexity of {x -> <w, x>: ||w||_2 <= B} is at most B ||X||_F / n.

    The complexity is equal to (B/n) E ||sum_i eps_i x_i||. By Jensen's inequality the mean is at most sqrt(sum ||x_i||^2) = ||X||_F, and by
    Khintchine's inequality (with the constant 1/sqrt 2) this loses no more than a factor sqrt 2. For a kernel, ||X||_F^2 is the trace of
    the kernel matrix.

    Inputs: ``norm`` B; ``data_norm`` = ||X||_F of the n inputs; ``n``.

    >>> float(linear_l2(norm=10, data_norm=100, n=10**4)) >= 0.1
    True
    """
    return {"complexity": norm * data_norm / n}
