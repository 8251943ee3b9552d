"""What no data, no loss and no posterior can have is refused, and what lies at the edge of the possible is not."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from genbounds.bounds import get

DELTA = Fraction(1, 20)
STRONG = {"lipschitz": 1, "smoothness": 1, "n": 100}
VOTES = {"kl": 1, "n": 100, "delta": DELTA}

# name, the inputs at the edge, the change beyond it, the rule
CASES: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("perceptron.novikoff", {"radius": 1, "margin": 1}, {"margin": 10}, "margin must be at most radius"),
    ("perceptron.random_iterate", {"radius": 1, "margin": 1, "n": 9}, {"margin": 1.5}, "margin must be at most radius"),
    ("perceptron.leave_one_out", {"radius": 1, "margin": 1, "n": 9}, {"margin": 1.5}, "margin must be at most radius"),
    ("perceptron.vapnik1998margin", {"radius": 1, "margin": 1, "n": 9}, {"margin": 1.5}, "margin must be at most radius"),
    (
        "perceptron.freund_schapire1999",
        {"radius": 1, "margin": 3, "deviation": 2},
        {"margin": 3.5},
        r"margin must be at most radius \+ deviation",
    ),
    ("perceptron.hinge", {"radius_times_norm": 0.25, "hinge_loss": 0.75}, {"hinge_loss": 0.5}, "must be at least 1"),
    (
        "stability.hardt2016strongly_convex",
        {**STRONG, "strong_convexity": 1, "step_size": 0.5},
        {"strong_convexity": 2},
        "strong_convexity must be at most smoothness",
    ),
    (
        "stability.hardt2016decaying",
        {**STRONG, "strong_convexity": 1, "loss_range": 1},
        {"strong_convexity": 2},
        "strong_convexity must be at most smoothness",
    ),
    (
        "pac_bayes.c_bound",
        {"gibbs_risk": 0.25, "disagreement": 0.375},
        {"disagreement": 0.4375},
        r"disagreement must be at most 2 r \(1 - r\)",
    ),
    (
        "pac_bayes.germain2015pac_bound_1",
        {**VOTES, "empirical_risk": 0.25, "disagreement": 0.375},
        {"disagreement": 0.4375},
        r"disagreement must be at most 2 r \(1 - r\)",
    ),
    (
        "pac_bayes.germain2015pac_bound_2",
        {**VOTES, "empirical_risk": 0.25, "disagreement": 0.375},
        {"disagreement": 0.4375},
        r"disagreement must be at most 2 r \(1 - r\)",
    ),
    (
        "pac_bayes.tolstikhin_seldin_empirical_bernstein",
        {**VOTES, "n": 2, "empirical_risk": 0.5, "variance": 0.5},
        {"n": 3},
        r"variance must be at most n/\(4 \(n - 1\)\)",
    ),
    ("pac_bayes.seeger2002", {**VOTES, "empirical_risk": 0.5, "kl": 0}, {"kl": -1e-9}, "kl must be finite and at least 0"),
]


@pytest.mark.parametrize(("name", "edge", "beyond", "rule"), CASES, ids=[case[0] for case in CASES])
def test_the_edge_is_admitted_and_what_lies_beyond_is_refused(name: str, edge: dict[str, Any], beyond: dict[str, Any], rule: str) -> None:
    formula: Any = get(name)
    assert formula(**edge).value >= 0
    assert formula.value(**{key: float(value) for key, value in edge.items()}) >= 0
    with pytest.raises(ValueError, match=rule):
        formula(**{**edge, **beyond})
    with pytest.raises(ValueError, match=rule):
        formula.value(**{key: np.array([float(value)] * 2) for key, value in {**edge, **beyond}.items()})


def test_voters_disagree_at_most_as_the_rule_says() -> None:
    """Weights of the erring voters at random: the mean of 2 W (1 - W) is at most 2 r (1 - r), and equal to it for a constant W."""
    random = np.random.default_rng(0)
    for _ in range(200):
        wrong = random.random(random.integers(1, 10))
        risk, disagreement = wrong.mean(), (2 * wrong * (1 - wrong)).mean()
        assert disagreement <= 2 * risk * (1 - risk) * (1 + 1e-12)
    assert get("pac_bayes.c_bound")(gibbs_risk=0.9, disagreement=0.45).value == 1  # an upper bound on the risk that says nothing
