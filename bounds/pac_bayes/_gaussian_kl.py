from __future__ import annotations

from typing import Any

import numpy as np

from genbounds.bounds.bibliography import Source
from genbounds.bounds.inputs import POSITIVE, REAL, Requirement
from genbounds.bounds.theorem import Terms, capacity

_NAMES = ("mean_q", "std_q", "mean_p", "std_p")
_REAL_VECTOR = REAL.as_vector("a mean for each weight", "pass one finite number a weight")
_POSITIVE_VECTOR = POSITIVE.as_vector(
    "a standard deviation for each weight", "pass one positive standard deviation (not variance) a weight"
)
_SAME_LENGTH = Requirement(
    _NAMES,
    lambda **vectors: len({np.shape(vector)[-1] for vector in vectors.values()}) == 1,
    "mean_q, std_q, mean_p and std_p must have the same length",
    "pass one entry a weight in each",
)


@capacity(
    source=Source("kullback1951information", "the closed form for normal distributions with diagonal covariances"),
    symbols={"mean_q": r"\mu", "std_q": "s", "mean_p": r"\nu", "std_p": "S"},
    domains={"mean_q": _REAL_VECTOR, "std_q": _POSITIVE_VECTOR, "mean_p": _REAL_VECTOR, "std_p": _POSITIVE_VECTOR},
    requires=(_SAME_LENGTH,),
    left_side=r"\mathrm{KL}(Q \Vert P)",
    relation="=",
)
def gaussian_kl(math: Any, *, mean_q: Any, std_q: Any, mean_p: Any, std_p: Any) -> Terms:
    r"""KL(Q||P) of two Gaussians with diagonal covariances: half the sum over weights of x - ln(1 + x) + ((mu - nu)/S)^2, x = s^2/S^2 - 1.

    The form x - ln(1 + x) does not cancel where the two standard deviations are close; x itself is (s - S)(s + S)/S^2. It is evaluated at
    m = max(s, S/2) in place of s, and (s^2 - m^2)/S^2 + 2 ln(m/s), which is 0 unless s < S/2, is added.

    Inputs: vectors with one entry a weight; standard deviations, not variances. In nats.

    >>> import math
    >>> kl = gaussian_kl(mean_q=[2] + [0] * 9, std_q=[0.5] * 10, mean_p=[0] * 10, std_p=[1] * 10)
    >>> round(float(kl), 13) == round(10 * math.log(2) - 1.75, 13)
    True
    """
    # std_q enters through m, which is at least std_p / 2: below that 1 + x, hence the logarithm, cancels. The sum does not depend on m.
    near = math.let("m", math.maximum(std_q, std_p / 2))
    excess = math.let("x", (near - std_p) / std_p * ((near + std_p) / std_p))
    far = (std_q - near) / std_p * ((std_q + near) / std_p) + 2 * math.log(near / std_q)
    shift = math.power((mean_q - mean_p) / std_p, 2)  # not **: equal means that are no doubles make a ball around 0
    return {"divergence": math.sum(math.x_minus_log1p(excess) + far + shift) / 2}
