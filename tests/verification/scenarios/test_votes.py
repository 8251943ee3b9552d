"""Votes, against every function of a small domain listed by hand."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

from genbounds.bounds import get
from genbounds.bounds.bounds_on import GIBBS_RISK, MAJORITY_VOTE_RISK
from genbounds.bounds.theorem import Bound
from genbounds.verification import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios.votes import CoinsOnHardPoints, ListedVotes


def test_two_voters_on_two_points_by_hand() -> None:
    world = ListedVotes.world((Fraction(2, 3), Fraction(1, 3)), (Fraction(3, 4), Fraction(1, 4)))
    rows = set(zip(world.inputs["gibbs_risk"], world.inputs["disagreement"], world.truths[MAJORITY_VOTE_RISK], strict=True))
    # The heavy voter errs on the likely point alone, the light one on the other alone.
    assert (Fraction(2, 3) * Fraction(3, 4) + Fraction(1, 3) * Fraction(1, 4), Fraction(4, 9), Fraction(3, 4)) in rows
    assert len(world) == 16


@pytest.mark.parametrize("wrong", [Fraction(1, 2), Fraction(1, 4), Fraction(0)])
def test_coins_are_those_of_all_functions(wrong: Fraction) -> None:
    """Three hard points and one easy one of probability 1/4, two examples: every voter is a function on the hard points."""
    n, points, hard = 2, 3, Fraction(3, 4)
    world = CoinsOnHardPoints.world(n, hard, wrong, points)
    domain = range(points + 1)  # the last is easy
    masses = [Fraction(0)] * (n + 2)
    for sample in itertools.product(domain, repeat=n):
        met = [point for point in sample if point < points]
        h = len(met)
        masses[h if len(set(met)) == h else n + 1] += Fraction(1, len(domain) ** n)
        if len(set(met)) < h:
            continue
        chance = [wrong if i in met else Fraction(1, 2) for i in range(points)] + [Fraction(0)]
        voters = {
            v: math.prod(c if error else 1 - c for c, error in zip(chance, v, strict=False))
            for v in itertools.product((0, 1), repeat=points)
        }
        full = {(*v, 0): weight for v, weight in voters.items()}
        share = [sum(w for v, w in full.items() if v[point]) for point in domain]
        assert world.inputs["empirical_risk"][h] == sum(share[point] for point in sample) / n
        assert world.inputs["disagreement"][h] == sum(2 * share[point] * (1 - share[point]) for point in sample) / n
        assert world.inputs["tandem_risk"][h] == sum(share[point] ** 2 for point in sample) / n
        variance = sum(w * _unbiased([v[point] for point in sample]) for v, w in full.items())
        assert world.inputs["variance"][h] == variance
        divergence = sum(float(w) * math.log(float(w) * 2**points) for w in voters.values() if w)
        assert divergence - 1e-15 <= world.inputs["kl"][h] <= divergence + 1e-12
        assert world.truths[MAJORITY_VOTE_RISK][h] == sum(Fraction(2 * s >= 1) for s in share) / len(domain)
        assert world.truths[GIBBS_RISK][h] == sum(share) / len(domain)
    assert list(world.probabilities) == masses


def _unbiased(losses: list[int]) -> Fraction:
    mean = Fraction(sum(losses), len(losses))
    return sum(((loss - mean) ** 2 for loss in losses), Fraction(0)) / (len(losses) - 1)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "reached"), [("majority_vote_factor_two", 0.999), ("c_bound", 0.999)])
def test_votes_of_a_population_attain_their_bounds(name: str, reached: float) -> None:
    found = check(name, scenarios=ListedVotes(), rungs="exact")
    assert not found.refuted
    assert found.resolution > reached


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "reached"), [("germain2015pac_bound_1", 0.7), ("germain2015pac_bound_2", 0.9), ("masegosa2020tandem", 0.9)]
)
def test_votes_on_a_sample_are_judged(name: str, reached: float) -> None:
    found = check(name, scenarios=CoinsOnHardPoints(), rungs="exact")
    assert not found.refuted
    assert found.resolution > reached


def test_a_tandem_bound_with_two_for_four_is_refuted() -> None:
    bound = get("masegosa2020tandem")
    assert isinstance(bound, Bound)
    world = CoinsOnHardPoints.world(10**4, Fraction(1, 3), Fraction(1, 2))

    def halved(math: Any, **inputs: Any) -> Mapping[str, Any]:
        return {name: term / 2 for name, term in bound.forms[bound.declaration.form].formula(math, **inputs).items()}

    found = match(bound, CoinsOnHardPoints())
    assert judge(found, world, Fraction(1, 10**6), halved).refuted
    assert not judge(found, world, Fraction(1, 10**6)).refuted
