from __future__ import annotations

from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import POSITIVE, REAL, same_length
from genbounds.bounds.pac_bayes._gaussian_long import long_gaussian_kl
from genbounds.bounds.theorem import capacity
from genbounds.bounds.worlds.protocol import Number, World

MEANS = REAL.as_vector("a mean for each weight", "pass one finite number for each weight")
_POSITIVE_VECTOR = POSITIVE.as_vector(
    "a standard deviation for each weight", "pass one positive standard deviation (not variance) for each weight"
)


def spread(math: World, std_q: Number, std_p: Number) -> Number:
    """x - ln(1 + x) for x = s^2/S^2 - 1, entry by entry, without cancellation.

    std_q enters through m, which is at least std_p / 2: below that 1 + x, hence the logarithm, cancels. The sum does not depend on m.
    """
    near = math.let("m", math.maximum(std_q, std_p / 2))
    excess = math.let("x", (near - std_p) / std_p * ((near + std_p) / std_p))
    far = (std_q - near) / std_p * ((std_q + near) / std_p) + 2 * math.log(near / std_q)
    return math.x_minus_log1p(excess) + far


@capacity(
    source=Source("kullback1951information", "the closed form for normal distributions with diagonal covariances"),
    gives="kl",
    provenance=DERIVED,
    long=long_gaussian_kl,
    symbols={"mean_q": r"\mu", "std_q": "s", "mean_p": r"\nu", "std_p": "S"},
    domains={"mean_q": MEANS, "std_q": _POSITIVE_VECTOR, "mean_p": MEANS, "std_p": _POSITIVE_VECTOR},
    requires=(same_length("mean_q", "std_q", "mean_p", "std_p", entry="weight"),),
    left_side=r"\mathrm{KL}(Q \Vert P)",
    relation="=",
)
def gaussian_kl(math: World, *, mean_q: Number, std_q: Number, mean_p: Number, std_p: Number) -> Terms:
    r"""KL(Q||P) of two Gaussians with diagonal covariances is half the sum over the weights of x - ln(1 + x) + ((mu - nu)/S)^2, where x =
    s^2/S^2 - 1.

    The form x - ln(1 + x) does not cancel where the two standard deviations are close; x itself is computed as (s - S)(s + S)/S^2. It is
    evaluated at m = max(s, S/2) in place of s, and the difference (s^2 - m^2)/S^2 + 2 ln(m/s), which is 0 unless s < S/2, is added. For
    vectors of at least 4096 doubles the sum is taken in floats, with a proved error bound: the result lies above the exact value by at most
    2e-12 of that value.

    Inputs: vectors with one entry per weight: ``mean_q`` mu and ``std_q`` s of the posterior, ``mean_p`` nu and ``std_p`` S of the prior;
    standard deviations, not variances. The result is in nats.

    >>> import math
    >>> kl = gaussian_kl(mean_q=[2] + [0] * 9, std_q=[0.5] * 10, mean_p=[0] * 10, std_p=[1] * 10)
    >>> round(float(kl), 13) == round(10 * math.log(2) - 1.75, 13)
    True
    """
    shift = math.power((mean_q - mean_p) / std_p, 2)  # not **: equal means that are not doubles make a ball around 0
    return {"divergence": math.sum(spread(math, std_q, std_p) + shift) / 2}
