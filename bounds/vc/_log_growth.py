"""Growth functions of classes that are counted directly: a VC class by Sauer's lemma, affine halfspaces by Cover's theorem."""

from __future__ import annotations

from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.theorem import capacity
from genbounds.bounds.worlds.protocol import Number, World


@capacity(
    source=Source("mohri2018foundations", "Sauer's lemma (Theorem 3.17)"),
    gives="log_growth",
    provenance=DERIVED,
    symbols={"vc_dimension": "d", "n": "n"},
    increasing=("vc_dimension", "n"),
    left_side=r"\ln \Pi(n)",
)
def log_growth_sauer(math: World, *, vc_dimension: Number, n: Number) -> Terms:
    r"""The logarithm of the number of sign vectors that a class of VC dimension d can have on n points is at most ln sum_{i <= d} C(n, i).

    Derivation. A set F of sign vectors on n points shatters at least as many subsets of the points as it has members (Pajor). This is shown
    by induction on n. Leave out the last sign: let A hold the shortened vectors, and B those that come from two members of F. Then
    |F| = |A| + |B|. F shatters every subset that A shatters, and every subset that B shatters together with the last point. By the
    induction hypothesis these are at least |A| subsets without the last point and |B| subsets with it. A shattered subset has at most d
    points, which gives the sum. The class of all sets of at most d points attains it. The relaxation (e n/d)^d, which fails for n < d, is
    not used. The result is an input of ``growth_function``.

    Inputs: ``vc_dimension`` d, a whole number; ``n``.

    >>> round(float(log_growth_sauer(vc_dimension=10, n=10**4)), 12)
    76.995491022606
    """
    return {"log growth": math.log_binomial_sum(n, vc_dimension)}


@capacity(
    source=Source("cover1965geometrical", "the function-counting theorem"),
    gives="log_growth",
    provenance=DERIVED,
    symbols={"inputs": "d", "n": "n"},
    increasing=("inputs", "n"),
    left_side=r"\ln \Pi(n)",
)
def log_growth_halfspace(math: World, *, inputs: Number, n: Number) -> Terms:
    r"""The logarithm of the number of sign vectors that affine halfspaces {x: <w, x> + b >= 0} in R^d have on n points is at most
    ln(2 sum_{i <= d} C(n - 1, i)).

    Derivation. Moving the threshold a little breaks all ties at finitely many points. So the sign vectors are those of the cells of n
    hyperplanes through the origin in the space of (w, b), which has dimension d + 1. The n-th hyperplane cuts in two at most as many cells
    as the others have on it. Hence the largest number of cells satisfies c(n, d) <= c(n - 1, d) + c(n - 1, d - 1) with c(1, d) = c(n, 0) =
    2, and the sum solves this recursion. Points in general position attain it. It is at most Sauer's sum at the VC dimension d + 1. The
    result is an input of ``growth_function``.

    For halfspaces through the origin take ``log_growth_sauer`` at d. There the count with one dimension less fails, because ties count as
    positive: the points 1 and -1 on a line have three sign vectors.

    Inputs: ``inputs`` d; ``n``.

    >>> import math
    >>> round(math.exp(float(log_growth_halfspace(inputs=2, n=4))), 9)
    14.0
    """
    return {"log growth": math.log(2) + math.log_binomial_sum(n - 1, inputs)}
