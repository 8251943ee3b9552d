from __future__ import annotations

from typing import Any

import numpy as np

from genbounds.bounds.assumptions import EXCESS_OVER_REFERENCE, IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, PRIOR_INDEPENDENT_OF_SAMPLE
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import GIBBS_RISK
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import EXCESS_SEGMENTS, UNIT, Domain, Requirement, segments_fall
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World

_SHARE = Domain("lie in (0, 1]", "0 leaves no reference: call seeger2002", 0, 1, low_open=True).meaning_is(
    "share of the reference's loss that is taken off, fixed before the n examples of this step"
)


def _three(excess_segments: Any) -> bool:
    return (len(excess_segments) if isinstance(excess_segments, tuple) else np.shape(excess_segments)[-1]) == 3


_THREE = Requirement(
    ("excess_segments",),
    _three,
    "excess_segments must have three entries",
    "pass the averages of the parts between -share and 0, between 0 and 1 - share, and between 1 - share and 1",
)


@bound(
    source=Source("wu2024recursive", "one step of the recursion, with the exact moment"),
    provenance=DERIVED,
    bounds_on=GIBBS_RISK,
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, PRIOR_INDEPENDENT_OF_SAMPLE, EXCESS_OVER_REFERENCE),
    symbols={
        "excess_segments": r"\hat{p}(Q)",
        "share": r"\gamma",
        "previous_risk": "B_{t-1}",
        "kl": r"\mathrm{KL}(Q \Vert P)",
        "n": "n",
        "delta": r"\delta",
    },
    domains={
        "excess_segments": EXCESS_SEGMENTS,
        "share": _SHARE,
        "previous_risk": UNIT.meaning_is("bound on the Gibbs risk of the reference: pass the certificate of the step before"),
    },
    requires=(_THREE, segments_fall("excess_segments")),
    increasing=("excess_segments", "previous_risk", "kl"),
    takes={"previous_risk": (GIBBS_RISK,)},
    at={"previous_risk": lambda inputs: None},
    decreasing=("n", "delta"),
    fixed_in_advance=("share",),
    holds_for="every posterior at once",
)
def wu2024recursive(
    math: World, *, excess_segments: Number, share: Number, previous_risk: Number, kl: Number, n: Number, delta: Number
) -> Terms:
    r"""The Gibbs risk of every posterior is at most share * B, where B bounds the Gibbs risk of a reference posterior that was fixed before
    the n examples, plus the split-kl bound on the excess loss l - share * l', which is -share + share k(p_1) + (1 - share) k(p_2) + share
    k(p_3), where k(p) is the upper inverse of kl at (p, (KL + ln(3 xi(n)/delta))/n).

    This is one step of recursive PAC-Bayes, in which no part of the sample is spent on a prior alone. The sample is cut into T parts
    beforehand. Step 1 bounds a posterior by ``seeger2002`` on all examples. Step t takes as its prior, and as its reference, the posterior
    of step t - 1, which was fitted on the parts before part t. It is evaluated on part t and all later parts, which are its n examples and
    are independent of the prior. The examples that the prior has seen still count, through ``previous_risk``, and the excess loss is small
    where the posterior does no worse than the prior. Each certificate passes its delta on: with delta/T at each step the last one holds
    with probability at least 1 - delta.

    Derivation. R(Q) = E[l - share l'] + share R(Q'). For losses in [0, 1] the excess l - share l' lies in [-share, 1]. It is split at the
    levels -share, 0, 1 - share and 1, the values that it takes where both losses are 0 or 1: it is -share + share s_1 + (1 - share) s_2 +
    share s_3, with each s_j in [0, 1]. Averaged over the fixed reference, each s_j is a loss of the hypothesis alone. Given the earlier
    examples the n examples are an independent sample, so ``pac_bayes.split_kl`` with K = 3 bounds the Gibbs risk of the excess, for every
    posterior at once. The paper prints 2 sqrt(n) for xi(n), and spreads delta evenly over the T steps and the three segments, as is done
    here.

    Inputs: ``excess_segments``, the averages p_1, p_2, p_3 of s_1, s_2, s_3; for losses 0 and 1 these are the frequencies with which the
    excess is above -share, with which it is 1 - share or 1, and with which it is 1; ``share``, fixed in advance or a ``Choice``, which is
    paid for; ``previous_risk`` B; ``kl`` in nats, of this posterior from that of the step before; ``n``; ``delta``.

    >>> from fractions import Fraction
    >>> from genbounds.bounds.pac_bayes import seeger2002
    >>> third = Fraction(1, 60)  # 1/20 in three steps: 60 000 examples, the last 50 000 and the last 30 000 of them
    >>> found = seeger2002(empirical_risk=Fraction(9, 100), kl=1000, n=60000, delta=third)
    >>> half, p = Fraction(1, 2), (Fraction(97, 100), Fraction(4, 100), Fraction(1, 100))
    >>> found = wu2024recursive(excess_segments=p, share=half, previous_risk=found, kl=100, n=50000, delta=third)
    >>> p = (Fraction(99, 100), Fraction(2, 100), Fraction(1, 1000))
    >>> found = wu2024recursive(excess_segments=p, share=half, previous_risk=found, kl=20, n=30000, delta=third)
    >>> round(found.value, 13), found.delta
    (0.0630317857055, Fraction(1, 20))
    """
    cost = math.let("c", (kl + math.log(3) + math.log_quotient(math.xi(n), delta)) / n)
    parts = math.let("k", math.kl_inverse(excess_segments, math.along(cost)))
    outer = math.last(math.before(math.before(parts))) + math.last(parts)
    return {
        "excess": share * outer + (1 - share) * math.last(math.before(parts)) - share,
        "previous risk": share * previous_risk,
    }
