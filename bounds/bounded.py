"""What theorems bound: the risk of one network, of a random one, of a vote, an expected gap, a number of mistakes; never mixed silently."""

from __future__ import annotations

RISK = "risk"
GIBBS_RISK = "Gibbs risk"
MAJORITY_VOTE_RISK = "majority vote risk"
EMPIRICAL_GIBBS_RISK = "empirical Gibbs risk"
EXPECTED_RISK = "expected risk"
EXPECTED_GAP = "expected gap between risk and empirical risk"
MISTAKES = "number of mistakes"
MEAN_RISK_OF_ITERATES = "mean risk of the iterates"
STABILITY = "uniform stability"
LEFT_SIDE = {
    RISK: "R(h)",
    GIBBS_RISK: "R(Q)",
    MAJORITY_VOTE_RISK: r"R(\mathrm{MV}_Q)",
    EMPIRICAL_GIBBS_RISK: r"\widehat{R}_n(Q)",
    EXPECTED_RISK: r"\mathbb{E}\, R(h)",
    EXPECTED_GAP: r"\left|\mathbb{E}\left[R(h) - \widehat{R}_n(h)\right]\right|",
    MISTAKES: "M",
    MEAN_RISK_OF_ITERATES: r"\frac{1}{n}\sum_{t=1}^{n} R(h_{t-1})",
    STABILITY: r"\beta",
}

BOUNDED_BY_INPUT = {
    "stability": STABILITY,
    "empirical_risk": EMPIRICAL_GIBBS_RISK,
    "expected_risk": EXPECTED_RISK,
    "expected_mistakes": MISTAKES,
}
"""What a certificate must bound to stand for an input of this name."""
