from __future__ import annotations

from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import READ, Terms
from genbounds.bounds.inputs import NONNEGATIVE
from genbounds.bounds.theorem import capacity
from genbounds.bounds.worlds.protocol import Number, World


@capacity(
    source=Source("massart2000some", "Lemma 5.2"),
    gives="complexity",
    provenance=READ,
    symbols={"log_cardinality": r"\ln\left|A\right|", "radius": "r", "n": "n"},
    domains={
        "log_cardinality": NONNEGATIVE.meaning_is("ln of the number of vectors"),
        "radius": NONNEGATIVE.meaning_is("largest un-normalised l2 norm of a vector of the set, in R^n"),
    },
    takes={"log_cardinality": ("log_cardinality", "log_growth")},
    increasing=("log_cardinality", "radius"),
    decreasing=("n",),
    left_side=r"\widehat{\mathfrak{R}}_n",
)
def massart(math: World, *, log_cardinality: Number, radius: Number, n: Number) -> Terms:
    r"""The empirical Rademacher complexity of a finite set A of vectors in R^n with norms at most r is at most r sqrt(2 ln |A|) / n.

    Derivation. For l > 0, exp(l E max_a <eps, a>) <= sum_a E exp(l <eps, a>) <= |A| exp(l^2 r^2/2). Take logarithms and
    l = sqrt(2 ln |A|)/r. All vectors may first be shifted by a common one, which does not change the complexity: 0-1 loss vectors shifted
    by 1/2 in every entry have r = sqrt(n)/2.

    Inputs: ``log_cardinality`` = ln |A|; ``radius`` r, the largest l2 norm (not divided by sqrt n); ``n``.

    >>> import math
    >>> round(float(massart(log_cardinality=math.log(1000), radius=math.sqrt(1000), n=1000)), 13)
    0.1175394000238
    """
    return {"complexity": radius * math.sqrt(2 * log_cardinality) / n}
