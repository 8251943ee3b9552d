from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from genbounds.bounds.assumptions import (
    BINARY_VOTES,
    PLURALITY_VOTES,
    VOTES_OF_POPULATION,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import GIBBS_RISK, MAJORITY_VOTE_RISK
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import UNIT, Domain, Requirement
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World

_GIBBS = UNIT.meaning_is("risk of a voter drawn from the posterior: pass its certificate")
_DISAGREEMENT = Domain(
    "lie in [0, 1/2)", "two voters of one posterior disagree on at most half of the points on average", 0, 0.5, high_open=True
).meaning_is("expected disagreement of two voters drawn from the posterior")


def _possible(risk: Any, disagreement: Any) -> Any:
    """d <= 2 r (1 - r) at r = min(R, 1/2): an upper bound R beyond 1/2 says nothing. Exactly for exact numbers, in floats for arrays."""
    if isinstance(risk, np.ndarray) or isinstance(disagreement, np.ndarray):
        near = np.minimum(risk, 0.5)
        return disagreement <= 2 * near * (1 - near) * (1 + 8 * np.finfo(np.float64).eps)
    exact = min(Fraction(risk), Fraction(1, 2))
    return Fraction(disagreement) <= 2 * exact * (1 - exact)


def possible_votes(risk: str) -> Requirement:
    """Two voters drawn from one posterior with a Gibbs risk of r disagree on at most 2 r (1 - r) of the points.

    On one point where a weight of W errs they disagree with probability 2 W (1 - W), which is concave in W, and r is the mean of W.
    """
    return Requirement(
        (risk, "disagreement"),
        lambda disagreement, **given: _possible(given[risk], disagreement),
        f"disagreement must be at most 2 r (1 - r), r the smaller of {risk} and 1/2",
        "measure both on the same points with the same posterior",
    )


def largest_vote_risk(math: World, risk: Number, disagreement: Number) -> Number:
    """1 - (1 - 2 R)^2/(1 - 2 d) for R <= 1/2, without cancellation, and at least 0."""
    return 2 * math.maximum(2 * risk * (1 - risk) - disagreement, 0) / (1 - 2 * disagreement)


@bound(
    source=Source("langford2002pac", "the factor two between the majority vote and the Gibbs classifier"),
    provenance=DERIVED,
    bounds_on=MAJORITY_VOTE_RISK,
    mode="DET",
    assumes=(PLURALITY_VOTES, VOTES_OF_POPULATION),
    symbols={"gibbs_risk": "R(Q)"},
    domains={"gibbs_risk": _GIBBS},
    increasing=("gibbs_risk",),
    takes={"gibbs_risk": (GIBBS_RISK,)},
    holds_for="the weighted majority vote of the voters",
)
def majority_vote_factor_two(math: World, *, gibbs_risk: Number) -> Terms:
    r"""The risk of the weighted majority vote is at most twice the Gibbs risk.

    Derivation. Where the vote errs, at least half of the weight errs. The statement follows from Markov's inequality for the share of the
    weight that errs. It holds for several classes too (plurality vote). A certificate of the Gibbs risk passes its delta on.

    Input: ``gibbs_risk``, the certificate of a PAC-Bayes bound, or a number.

    >>> majority_vote_factor_two(gibbs_risk=0.125).value
    0.25
    """
    return {"twice the Gibbs risk": 2 * gibbs_risk}


@bound(
    source=Source("germain2015risk", "the C-bound, in terms of the Gibbs risk and the expected disagreement"),
    provenance=DERIVED,
    bounds_on=MAJORITY_VOTE_RISK,
    mode="DET",
    assumes=(BINARY_VOTES, VOTES_OF_POPULATION),
    symbols={"gibbs_risk": "R(Q)", "disagreement": "d(Q)"},
    domains={"gibbs_risk": _GIBBS, "disagreement": _DISAGREEMENT},
    requires=(possible_votes("gibbs_risk"),),
    increasing=("gibbs_risk",),
    takes={"gibbs_risk": (GIBBS_RISK,)},
    decreasing=("disagreement",),
    holds_for="the weighted majority vote of binary voters",
)
def c_bound(math: World, *, gibbs_risk: Number, disagreement: Number) -> Terms:
    r"""The risk of the majority vote of binary voters is at most 1 - (1 - 2 R)^2/(1 - 2 d), where R < 1/2 is the Gibbs risk and d the
    expected disagreement; for R >= 1/2 the bound is 1.

    Derivation. Let M be the margin, the weight of the right voters minus that of the wrong ones. Then E M = 1 - 2 R and E M^2 = 1 - 2 d.
    The vote errs only where M <= 0, and there (1 - a M)^2 >= 1 for every a >= 0. So its risk is at most E (1 - a M)^2 = 1 - 2 a E M + a^2 E
    M^2, which is smallest at a = E M/E M^2.

    If the voters disagree, the bound may be far below the Gibbs risk itself. The code computes 2 (2 R (1 - R) - d)/(1 - 2 d), which does
    not cancel. This is negative only if the inputs contradict each other, and such inputs are refused.

    Inputs: ``gibbs_risk`` (or an upper bound on it) and ``disagreement`` (or a lower bound on it), both on the population.

    >>> c_bound(gibbs_risk=0.25, disagreement=0.25).value
    0.5
    """
    return {"C-bound": largest_vote_risk(math, math.minimum(gibbs_risk, math.ratio(1, 2)), disagreement)}
