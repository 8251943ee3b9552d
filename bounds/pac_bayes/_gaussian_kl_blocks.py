from __future__ import annotations

from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import COUNT, NONNEGATIVE, POSITIVE, same_length
from genbounds.bounds.pac_bayes._gaussian_kl import spread
from genbounds.bounds.theorem import capacity
from genbounds.bounds.worlds.protocol import Number, World

DISTANCES = NONNEGATIVE.as_vector("l2 distance of each block's mean from the prior's", "pass one distance per block")
SIZES = COUNT.as_vector("number of weights of each block", "pass one count per block")
SCALES = POSITIVE.as_vector("a standard deviation for each block", "pass one positive standard deviation (not variance) per block")


@capacity(
    source=Source("kullback1951information", "the closed form for normal distributions, block by block"),
    gives="kl",
    provenance=DERIVED,
    symbols={"distances": "d", "sizes": "k", "std_q": "s", "std_p": "S"},
    domains={
        "distances": DISTANCES,
        "sizes": SIZES,
        "std_q": SCALES,
        "std_p": SCALES,
    },
    requires=(same_length("distances", "sizes", "std_q", "std_p", entry="block"),),
    increasing=("distances",),
    left_side=r"\mathrm{KL}(Q \Vert P)",
)
def gaussian_kl_blocks(math: World, *, distances: Number, sizes: Number, std_q: Number, std_p: Number) -> Terms:
    r"""KL(Q||P) of two Gaussians with one standard deviation per block (such as a layer) is half the sum over the blocks of k (x - ln(1 +
    x)) + d^2/S^2, where x = s^2/S^2 - 1.

    This is ``gaussian_kl`` for weights that are alike within a block. Only the number k of the weights and the distance d of the means
    enter, so that a certified upper bound on the distance may stand for it.

    Derivation. The divergence of a product is the sum of the divergences, and that of one block is (k s^2/S^2 - k + d^2/S^2 + k
    ln(S^2/s^2))/2. A single block is the isotropic case. Where s < S/2 the logarithm is evaluated at S/2 and the rest is added, as in
    ``gaussian_kl``.

    Inputs: vectors with one entry per block: ``distances`` d of the means (from the initialisation, say), ``sizes`` k, and the standard
    deviations ``std_q`` s of the posterior and ``std_p`` S of the prior. The result is in nats. ``std_p`` must not depend on the sample
    (``gaussian_kl_blocks_grid`` pays for prior scales that do).

    >>> import math
    >>> kl = gaussian_kl_blocks(distances=[2], sizes=[10], std_q=[0.5], std_p=[1])
    >>> round(float(kl), 13) == round(10 * math.log(2) - 1.75, 13)
    True
    """
    return {"divergence": math.sum(sizes * spread(math, std_q, std_p) + math.power(distances / std_p, 2)) / 2}
