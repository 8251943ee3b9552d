from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from genbounds.bounds.assumptions import PRIOR_CENTRE_INDEPENDENT_OF_SAMPLE
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import POSITIVE, same_length
from genbounds.bounds.pac_bayes._gaussian_kl_blocks import DISTANCES, SCALES, SIZES
from genbounds.bounds.pac_bayes._gaussian_kl_grid import at_the_edge, best_index, grid_membership, log_spread, penalty
from genbounds.bounds.theorem import capacity
from genbounds.bounds.worlds.protocol import Number, World


def _search(*, distances: Any, sizes: Any, std_q: Any, largest_variance: Any, precision: Any) -> dict[str, np.ndarray]:
    """The best scale of each block by itself: cost and price are sums over the blocks."""
    largest, points = np.asarray(largest_variance)[..., None], np.asarray(precision)[..., None]
    return {"index": best_index(sizes, std_q**2 + distances**2 / sizes, largest, points)}


@capacity(
    source=Source("langford2001not", "the union over prior variances c exp(-j/b), one for each block; as in Dziugaite and Roy 2017"),
    gives="kl",
    provenance=DERIVED,
    assumes=(PRIOR_CENTRE_INDEPENDENT_OF_SAMPLE,),
    symbols={"distances": "d", "sizes": "k", "std_q": "s", "largest_variance": "c", "precision": "b"},
    domains={
        "distances": DISTANCES,
        "sizes": SIZES,
        "std_q": SCALES,
        "largest_variance": POSITIVE.meaning_is("c: every prior variance is below it; fixed before the sample"),
        "precision": POSITIVE.meaning_is("b: number of grid points per factor of e; fixed before the sample"),
    },
    requires=(same_length("distances", "sizes", "std_q", entry="block"),),
    increasing=("distances",),
    by_inclusion=("distances",),
    fixed_in_advance=("largest_variance", "precision"),
    choose=_search,
    membership=grid_membership,
    remark=at_the_edge,
    chosen={"index": "j'"},
    left_side=r"\mathrm{KL}(Q \Vert P_j) + \sum_i \ln\frac{\pi^2 j_i^2}{6}",
)
def gaussian_kl_blocks_grid(
    math: World,
    *,
    distances: Number,
    sizes: Number,
    std_q: Number,
    largest_variance: Number = Fraction(1, 10),
    precision: Number = 100,
    index: Number,
) -> Terms:
    r"""KL(Q||P_j) + sum_i ln(pi^2 j_i^2/6), where the prior P_j has the variance c exp(-j_i/b) on block i and the best integers j_i >= 1
    are taken: a KL with one prior scale per block, chosen on the sample and paid for.

    Derivation. The proof is that of ``gaussian_kl_grid``, with the union bound over all vectors j of positive integers. The weights prod_i
    6/(pi^2 j_i^2) add up to 1, and the logarithm of the price is a sum over the blocks. The divergence is that of ``gaussian_kl_blocks``.
    The result may be passed as ``kl`` to every bound in which ln(1/delta) and KL enter only by their sum. Every j is valid; the search in
    floats only looks for good ones.

    Inputs: vectors with one entry per block: ``distances`` d of the means from the prior's centre, ``sizes`` k and ``std_q`` s; the numbers
    ``largest_variance`` c and ``precision`` b, fixed before the sample.

    >>> blocks = dict(distances=[1, 3], sizes=[1000, 1000], std_q=[0.01, 0.1])
    >>> one = dict(mean_q=[1000**-0.5] * 1000 + [3 / 1000**0.5] * 1000, std_q=[0.01] * 1000 + [0.1] * 1000, mean_p=[0] * 2000)
    >>> from genbounds.bounds.pac_bayes import gaussian_kl_grid
    >>> float(gaussian_kl_blocks_grid(**blocks)) < float(gaussian_kl_grid(**one)) - 500
    True
    """
    log_variance = math.let(r"\ln\lambda", math.along(math.log(largest_variance)) - index / math.along(precision))
    spread = log_spread(math, 2 * math.log(std_q) - log_variance)
    shift = math.power(distances, 2) * math.exp(-log_variance)
    return {"divergence": math.sum(sizes * spread + shift) / 2, "grid": math.sum(penalty(math, index))}
