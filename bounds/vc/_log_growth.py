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
    r"""ln of the number of sign vectors that a class of VC dimension d can have on n points is at most ln sum_{i <= d} C(n, i).

    Derivation. A set of sign vectors on n points shatters at least as many subsets of the points as it has members (Pajor): by induction on
    n, those that agree but for the last sign shatter, with the last point added, what the others do not. Shattered subsets have at most d
    points. Classes of all sets of at most d points attain it. The relaxation (e n/d)^d, which fails for n < d, is not used.

    Inputs: ``vc_dimension`` d, a whole number; ``n``. Feeds ``growth_function``.

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
    r"""ln of the number of sign vectors that affine halfspaces {x: <w, x> + b >= 0} in R^d have on n points is at most ln(2 sum_{i <= d}
    C(n - 1, i)).

    Derivation. Moving the threshold a little breaks ties at finitely many points, so the sign vectors are those of cells of n hyperplanes
    through the origin in the space of (w, b), of dimension d + 1. The n-th one cuts at most as many cells as the others have on it: c(n, d)
    <= c(n - 1, d) + c(n - 1, d - 1), c(1, d) = c(n, 0) = 2, which the sum solves. Equality for points in general position. It is below
    Sauer's sum at the VC dimension d + 1. For halfspaces through the origin take ``log_growth_sauer`` at d: with ties counted as positive,
    the count by one dimension less fails (the points 1 and -1 on a line have three sign vectors).

    Inputs: ``inputs`` d; ``n``. Feeds ``growth_function``.

    >>> import math
    >>> round(math.exp(float(log_growth_halfspace(inputs=2, n=4))), 9)
    14.0
    """
    return {"log growth": math.log(2) + math.log_binomial_sum(n - 1, inputs)}
