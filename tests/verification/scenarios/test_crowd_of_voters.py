"""The crowd of voters, against every function and every sample of a small domain listed by hand."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

from genbounds.bounds import get
from genbounds.bounds.bounds_on import GIBBS_RISK
from genbounds.bounds.theorem import Bound
from genbounds.verification import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios.crowd_of_voters import CrowdOfVoters, FittedPrior


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


@pytest.mark.slow
def test_the_kl_must_be_paid_in_full() -> None:
    found = check("seeger2002", scenarios=CrowdOfVoters(), rungs="exact")
    assert not found.refuted
    assert found.resolution > 0.99


@pytest.mark.parametrize(("points", "prior_size", "rest", "p"), [(4, 1, 2, Fraction(1, 2)), (5, 2, 2, Fraction(9, 10))])
def test_a_fitted_prior_is_that_of_all_functions(points: int, prior_size: int, rest: int, p: Fraction) -> None:
    world = FittedPrior.world(rest, prior_size, p, None, points)
    voters = list(itertools.product((0, 1), repeat=points))
    sample = tuple(range(prior_size + rest))
    weight = {v: math.prod(p if wrong else 1 - p for wrong in v) for v in voters}
    fitted = {v: weight[v] for v in voters if not any(v[point] for point in sample[:prior_size])}
    prior = {v: w / sum(fitted.values()) for v, w in fitted.items()}
    kept = {v: w for v, w in prior.items() if not any(v[point] for point in sample)}
    posterior = {v: w / sum(kept.values()) for v, w in kept.items()}
    assert world.truths[GIBBS_RISK][0] == sum(q * sum(v) / points for v, q in posterior.items())
    divergence = sum(float(q) * math.log(q / prior[v]) for v, q in posterior.items())
    assert divergence - 1e-12 <= world.inputs["kl"][0] <= divergence + 1e-11
    assert world.common == {"n": prior_size + rest, "prior_size": prior_size}
    assert world.probabilities[0] == Fraction(math.perm(points, len(sample)), points ** len(sample))


@pytest.mark.slow
def test_the_points_of_the_prior_must_not_be_counted() -> None:
    bound = get("data_dependent_prior")
    assert isinstance(bound, Bound)

    def all_counted(math: Any, **inputs: Any) -> Mapping[str, Any]:
        return bound.forms[bound.declaration.form].formula(math, **inputs | {"prior_size": 0 * inputs["prior_size"]})

    found, world = match(bound, FittedPrior()), FittedPrior.world(50, 100, Fraction(9, 10), None)
    assert judge(found, world, Fraction(9, 10), all_counted).refuted
    assert not judge(found, world, Fraction(9, 10)).refuted
    assert check("data_dependent_prior", scenarios=FittedPrior(), rungs="exact").resolution > 0.99
    assert not check("seeger2002", scenarios=FittedPrior()).judged
