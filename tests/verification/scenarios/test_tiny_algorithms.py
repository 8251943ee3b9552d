"""Tiny algorithms and memories against brute force over all samples, pairs and choices; planted faults in what they judge."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from fractions import Fraction
from typing import Any

import pytest

from genbounds.bounds import Bound, get
from genbounds.bounds.bounds_on import EXPECTED_GAP, EXPECTED_RISK
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios import scenario
from genbounds.verification.scenarios.tiny_algorithms import FAIR, THREE, Algorithm, blurred, chooser, gibbs, marks, memoriser, noisy_copy
from genbounds.verification.small_worlds import informations

BOUNDS = ("xu_raginsky2017", "steinke_zakynthinou2020", "harutyunyan2021", "hellstrom_durisi2022", "interpolating")


def entropy(law: dict[Any, float]) -> float:
    return -math.fsum(p * math.log(p) for p in law.values() if p > 0)


def information_of(triples: list[tuple[Any, Any, Any, float]]) -> float:
    """I(X; Y | Z) from all (z, x, y, probability), by four entropies."""
    laws: list[dict[Any, float]] = [defaultdict(float) for _ in range(4)]
    for z, x, y, p in triples:
        for law, key in zip(laws, ((z, x), (z, y), (z, x, y), (z,)), strict=True):
            law[key] += p
    return entropy(laws[0]) + entropy(laws[1]) - entropy(laws[2]) - entropy(laws[3])


ALGORITHMS = [
    Algorithm("copy", FAIR, 1, noisy_copy(Fraction(3, 4))),
    Algorithm("memory", THREE, 2, memoriser(3)),
    Algorithm("draw", FAIR, 2, gibbs(marks(2), 2)),
    Algorithm("choice", FAIR, 2, chooser(marks(2)[1:])),
    Algorithm("blurred", THREE, 1, blurred(3, Fraction(3, 5))),
]


@pytest.mark.parametrize("one", ALGORITHMS, ids=lambda one: one.label)
def test_risks_and_informations_by_brute_force(one: Algorithm) -> None:
    k, n = len(one.points), one.n
    p = [float(entry) for entry in one.points]
    joint, risk, shown = [], 0.0, 0.0
    for sample in itertools.product(range(k), repeat=n):
        for output, share in one.learner(sample).items():
            chance = math.prod(p[z] for z in sample) * float(share)
            joint.append((0, sample, output, chance))
            risk += chance * sum(q * float(loss) for q, loss in zip(p, output, strict=True))
            shown += chance * sum(float(output[z]) for z in sample) / n
    by_pairs = []
    on_pair: list[list[tuple[Any, Any, Any, float]]] = [[] for _ in range(n)]
    for pairs in itertools.product(range(k), repeat=2 * n):
        for choice in itertools.product((0, 1), repeat=n):
            sample = tuple(pairs[2 * i + choice[i]] for i in range(n))
            for output, share in one.learner(sample).items():
                chance = math.prod(p[z] for z in pairs) * float(share) / 2**n
                by_pairs.append((pairs, choice, output, chance))
                for i in range(n):
                    on_pair[i].append((0, choice[i], (output[pairs[2 * i]], output[pairs[2 * i + 1]]), chance))
    world = one.world()
    weights = world.weights()
    assert float(weights @ world.truth(EXPECTED_RISK)) == pytest.approx(risk)
    assert float(weights @ world.truth(EXPECTED_GAP)) == pytest.approx(risk - shown)
    assert float(world.common["expected_empirical_risk"]) == pytest.approx(shown)
    assert world.common["mutual_information"] == pytest.approx(information_of(joint), abs=1e-12)
    assert world.common["conditional_information"] == pytest.approx(information_of(by_pairs), abs=1e-12)
    assert world.common["evaluated_information"] == pytest.approx(sum(map(information_of, on_pair)) / n, abs=1e-12)
    assert world.exact


def test_informations_are_ordered_as_they_must_be() -> None:
    for one in ALGORITHMS:
        world = one.world().common
        assert one.n * world["evaluated_information"] <= world["conditional_information"] * (1 + 1e-12)
        assert world["conditional_information"] <= min(world["mutual_information"], one.n * math.log(2)) * (1 + 1e-12)


@pytest.mark.slow
def test_a_blurred_memory_of_many_points_is_one_of_an_interval_nearly() -> None:
    """Of 40 equally likely points, one of which is seen: the informations on a pair come near those of an interval."""
    share = Fraction(3, 5)
    pool = Algorithm("blurred", (Fraction(1, 40),) * 40, 1, blurred(40, share))
    (world,) = [
        one for one in scenario("blurred memory").listed("thumbnail") if one.label == "n = 1, right on the sample with probability 3/5"
    ]
    assert float(world.weights() @ world.truth(EXPECTED_GAP)) == pytest.approx(0.2)
    assert world.common["evaluated_information"] == pytest.approx(math.log(2) - entropy({0: 0.6, 1: 0.4}), rel=1e-12)
    assert pool.evaluated_information() == pytest.approx(world.common["evaluated_information"] * 39 / 40, rel=1e-9)
    assert world.common["conditional_information"] == pytest.approx(math.log(2))


@pytest.mark.parametrize("name", BOUNDS)
def test_every_bound_is_judged_and_one_smaller_by_a_fifth_is_refuted(name: str) -> None:
    """A fifth, which no resolution here is below."""
    bound = get(f"information.{name}")
    assert isinstance(bound, Bound)
    best = 0.0
    refuted = []
    for place in ("tiny algorithms", "tiny interpolants", "blurred memory", "sharp memory"):
        found = match(bound, scenario(place))
        if not found.judged:
            continue
        for world in scenario(place).listed("thumbnail"):
            judged = judge(found, world, None)
            assert not judged.refuted, judged.evidence()
            best = max(best, judged.resolution)
            form = bound.forms[found.form].formula
            smaller = lambda math, form=form, **given: {key: value * 0.8 for key, value in form(math, **given).items()}  # noqa: E731
            refuted.append(judge(found, world, None, formula=smaller).refuted)
    assert best >= 0.84
    assert any(refuted)


def planted_variance(math: Any, *, mutual_information: Any, subgaussian: Any, n: Any) -> Any:
    """The scale for a loss in [0, 1] taken as 1/4."""
    return {"deviation": subgaussian * math.sqrt(mutual_information / n)}


def planted_constant(math: Any, *, evaluated_information: Any) -> Any:
    """The constant of the logarithm to base e."""
    return {"expected risk": evaluated_information}


@pytest.mark.parametrize(
    ("name", "place", "formula"),
    [("xu_raginsky2017", "tiny algorithms", planted_variance), ("interpolating", "sharp memory", planted_constant)],
)
def test_a_lost_constant_is_noticed(name: str, place: str, formula: Any) -> None:
    bound = get(f"information.{name}")
    assert isinstance(bound, Bound)
    found = match(bound, scenario(place))
    assert any(judge(found, world, None, formula=formula).refuted for world in scenario(place).listed("thumbnail"))


def test_patterns_of_small_worlds_are_those_that_can_occur() -> None:
    """Every output of every run is on the list that the number of outputs, and of patterns, is taken from."""
    for one, outputs in informations.with_outputs("thumbnail"):
        assert {output for _, output, _ in one.runs()} <= set(outputs)
        assert 1 <= informations.patterns(outputs, 2 * one.n) <= len(outputs)


def test_pools_know_the_gap_of_the_best_of_a_sweep() -> None:
    (world, *_) = scenario("best parity on the cube").draws(range(0, 40, 4))
    gaps, risks, shown = world.truths[EXPECTED_GAP], world.truths[EXPECTED_RISK], world.inputs["empirical_risk"]
    assert [float(g) for g in gaps] == pytest.approx([float(r) - float(e) for r, e in zip(risks, shown, strict=True)])
    # On labels that say nothing every parity has about the same risk: the mean of the fewest errors is well below the least risk.
    assert sum(map(float, shown)) / len(shown) < world.common["expected_empirical_risk"]
