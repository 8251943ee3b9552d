"""What theorems bound: the risk of one network, of a random one, of a vote, an expected gap, a number of mistakes; never mixed silently."""

from __future__ import annotations

RISK = "risk"
GIBBS_RISK = "Gibbs risk"
MAJORITY_VOTE_RISK = "majority vote risk"
EMPIRICAL_GIBBS_RISK = "empirical Gibbs risk"
EXPECTED_RISK = "expected risk"
EXPECTED_GAP = "expected gap between risk and empirical risk"
MISTAKES = "number of mistakes"
MISTAKES_OF_RUN = "number of mistakes of one observed run"
MEAN_RISK_OF_ITERATES = "mean risk of the iterates"
STABILITY = "uniform stability"
REMOVE_ONE_STABILITY = "remove-one uniform stability"
LEFT_SIDE = {
    RISK: "R(h)",
    GIBBS_RISK: "R(Q)",
    MAJORITY_VOTE_RISK: r"R(\mathrm{MV}_Q)",
    EMPIRICAL_GIBBS_RISK: r"\widehat{R}_n(Q)",
    EXPECTED_RISK: r"\mathbb{E}\, R(h)",
    EXPECTED_GAP: r"\left|\mathbb{E}\left[R(h) - \widehat{R}_n(h)\right]\right|",
    MISTAKES: "M",
    MISTAKES_OF_RUN: "M",
    MEAN_RISK_OF_ITERATES: r"\frac{1}{n}\sum_{t=1}^{n} R(h_{t-1})",
    STABILITY: r"\beta",
    REMOVE_ONE_STABILITY: r"\beta",
}

INSTEAD = {
    (
        MISTAKES_OF_RUN,
        MISTAKES,
    ): "it holds for the one sequence that was run and says nothing about the mean over samples; pass novikoff with a "
    "radius and a margin of the population, or count the mistakes and call progressive_validation",
    (STABILITY, REMOVE_ONE_STABILITY): "the output on n - 1 examples may be far from that on n, however little replacing one changes; pass "
    "regularized_erm_remove or regularized_erm_remove_renormalized",
    (REMOVE_ONE_STABILITY, STABILITY): "replacing one example may change the loss by twice as much; pass a replace-one stability, or call "
    "bousquet_elisseeff2002remove",
}
"""Why a certificate of the one is none of the other, for which it is easily taken, and what to pass."""
