"""The crowd of voters, against every function and every sample of a small domain listed by hand."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest

from genbounds.bounds.bounds_on import GIBBS_RISK
from genbounds.verification import check
from genbounds.verification.scenarios.crowd_of_voters import CrowdOfVoters


@pytest.mark.parametrize("softness", [None, 1])
@pytest.mark.parametrize(("points", "n", "p"), [(3, 2, Fraction(1, 2)), (4, 2, Fraction(9, 10)), (4, 3, Fraction(1, 10))])
def test_risk_and_divergence_are_those_of_all_functions(points: int, n: int, p: Fraction, softness: int | None) -> None:
    world = CrowdOfVoters.world(n, p, softness, Fraction(1), Fraction(1), points)
    voters = list(itertools.product((0, 1), repeat=points))  # 1: wrong on that point
    prior = {v: math.prod(p if wrong else 1 - p for wrong in v) for v in voters}
    samples = list(itertools.product(range(points), repeat=n))
    different = [s for s in samples if len(set(s)) == n]
    assert world.probabilities[0] == Fraction(len(different), len(samples))
    for sample in different:
        errors = {v: sum(v[point] for point in sample) for v in voters}
        raw = {v: float(prior[v]) * ((errors[v] == 0) if softness is None else math.exp(-errors[v] / softness)) for v in voters}
        posterior = {v: weight / sum(raw.values()) for v, weight in raw.items()}
        risk = sum(q * sum(v) / points for v, q in posterior.items())
        empirical = sum(q * errors[v] / n for v, q in posterior.items())
        divergence = sum(q * math.log(q / float(prior[v])) for v, q in posterior.items() if q)
        assert float(world.truths[GIBBS_RISK][0]) == pytest.approx(risk, rel=1e-12)
        assert float(world.inputs["empirical_risk"][0]) == pytest.approx(empirical, rel=1e-12)
        assert divergence - 1e-15 <= world.inputs["kl"][0] <= divergence + 1e-11


def test_the_kl_must_be_paid_in_full() -> None:
    found = check("seeger2002", scenarios=CrowdOfVoters(), rungs="exact")
    assert not found.refuted
    assert found.resolution > 0.99
