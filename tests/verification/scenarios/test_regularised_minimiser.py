"""The regularised minimisers, against an optimiser on every sample listed by hand, and with faults that must be seen."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy import optimize

from genbounds.bounds import Bound, get
from genbounds.bounds.bounds_on import EXPECTED_GAP, REMOVE_ONE_STABILITY, RISK, STABILITY
from genbounds.verification import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios.regularised_minimiser import (
    ApproximateMinimiser,
    FreshWeights,
    MinimiserOfTheSum,
    RegularisedMinimiser,
    Setting,
)
from genbounds.verification.scenarios.scenario import Scenario

SERVED: dict[type[Scenario], list[str]] = {
    RegularisedMinimiser: [
        "bousquet_elisseeff2002",
        "feldman_vondrak2018",
        "bousquet_klochkov_zhivotovskiy2020",
        "expected_gap",
        "bousquet_elisseeff2002remove",
        "bousquet_elisseeff2002leave_one_out",
        "regularized_erm",
        "regularized_erm_remove_renormalized",
    ],
    ApproximateMinimiser: ["bousquet_elisseeff2002", "expected_gap", "regularized_erm_approximate", "regularized_erm_remove_renormalized"],
    MinimiserOfTheSum: ["bousquet_elisseeff2002remove", "bousquet_elisseeff2002leave_one_out", "regularized_erm_remove"],
    FreshWeights: ["bousquet_elisseeff2002", "feldman_vondrak2018", "bousquet_klochkov_zhivotovskiy2020", "expected_gap"],
}
SLOPE, CONVEXITY, COIN = Fraction(1, 4), Fraction(1, 2), Fraction(1, 10)


def by_optimiser(sample: Sequence[tuple[int, int]], whole: int | None, radius: float) -> float:
    """The weight that is returned: the objective is minimised numerically, then left by the radius."""

    def objective(w: float) -> float:
        losses = [-float(SLOPE) * s * w for s, _ in sample]
        return sum(losses) / (whole or max(len(losses), 1)) + float(CONVEXITY) / 2 * w * w

    found = optimize.minimize_scalar(objective, bounds=(-2, 2), method="bounded", options={"xatol": 1e-12}).x
    return float(found) + (radius if sum(s for s, _ in sample) > 0 else -radius)


@pytest.mark.parametrize(
    ("scenario", "radius"),
    [
        (RegularisedMinimiser(), 0),
        (ApproximateMinimiser(), Fraction(1, 8)),
        (MinimiserOfTheSum(), 0),
        (MinimiserOfTheSum(), Fraction(1, 8)),
    ],
)
def test_every_number_is_that_of_all_samples_trained_by_an_optimiser(scenario: Any, radius: Fraction) -> None:
    n = 3
    setting = Setting(n, SLOPE, CONVEXITY, COIN, Fraction(radius))
    world = scenario.world(setting)
    whole = n if isinstance(scenario, MinimiserOfTheSum) else None
    g, h, reach = float(SLOPE), float(setting.height), float(setting.reach)
    points = list(itertools.product((1, -1), (0, 1)))

    def loss(w: float, point: tuple[int, int]) -> float:
        return h * point[1] + g * (reach - point[0] * w)

    def train(sample: Sequence[tuple[int, int]]) -> float:
        return by_optimiser(sample, whole, float(radius))

    law: dict[tuple[float, ...], float] = defaultdict(float)
    replaced, left_out = 0.0, 0.0
    for sample in itertools.product(points, repeat=n):
        chance = np.prod([0.5 * float(COIN if y else 1 - COIN) for _, y in sample])
        w, without = train(sample), [train(sample[:i] + sample[i + 1 :]) for i in range(n)]
        empirical = np.mean([loss(w, z) for z in sample])
        risk = sum(0.5 * float(COIN if z[1] else 1 - COIN) * loss(w, z) for z in points)
        loo = np.mean([loss(v, z) for v, z in zip(without, sample, strict=True)])
        law[round(float(empirical), 6), round(float(loo), 6), round(risk, 6)] += float(chance)
        others = [train((z, *sample[1:])) for z in points]
        replaced = max(replaced, max(abs(loss(w, z) - loss(v, z)) for v in others for z in points))
        twice = [(without[0], train(sample[2:]))]
        left_out = max(left_out, max(abs(loss(a, z) - loss(b, z)) for a, b in [(w, without[0]), *twice] for z in points))
    listed: dict[tuple[float, ...], float] = defaultdict(float)
    for i, mass in enumerate(world.probabilities):
        entry = (world.inputs["empirical_risk"][i], world.inputs["leave_one_out_risk"][i], world.truths[RISK][i])
        listed[tuple(round(float(x), 6) + 0.0 for x in entry)] += float(mass)
        assert world.truths[EXPECTED_GAP][i] == entry[2] - entry[0]
    assert sum(listed.values()) == pytest.approx(1)
    assert {key: pytest.approx(mass) for key, mass in law.items()} == dict(listed)
    if STABILITY in scenario.truths:
        assert float(world.truths[STABILITY][0]) == pytest.approx(replaced, abs=1e-6)
    assert float(world.truths[REMOVE_ONE_STABILITY][0]) == pytest.approx(left_out, abs=1e-6)


def test_fresh_weights_are_the_minimisers_of_few_points_listed_by_hand() -> None:
    n, m, effect, coin = 2, 3, Fraction(1, 2), Fraction(1, 4)
    world = FreshWeights.world(n, effect, coin, m)
    g, mu, h = 1.0, 2.0, 0.5
    different = 0.0
    for sample in itertools.product(itertools.product(range(m), (0, 1)), repeat=n):
        chance = np.prod([float(coin if y else 1 - coin) / m for _, y in sample])
        indices = np.array([i for i, _ in sample])

        def objective(w: np.ndarray, indices: np.ndarray = indices) -> float:
            return float(-g * w[indices].mean() + mu / 2 * w @ w)

        start = optimize.minimize(objective, np.zeros(m), options={"gtol": 1e-9}).x
        if len(set(indices.tolist())) == n:
            different += float(chance)
            errors = sum(y for _, y in sample)
            empirical = np.mean([h * y + g * (g / mu - start[i]) for i, y in sample])
            assert float(world.inputs["empirical_risk"][errors]) == pytest.approx(empirical, abs=1e-6)
            risk = h * float(coin) + g * (g / mu - start.mean())
            # Of three points two are in the sample; among 10^30 all but two are fresh, which is what the world counts.
            assert float(world.truths[RISK][errors]) == pytest.approx(risk + g * start.mean(), abs=1e-6)
    assert float(1 - world.probabilities[-1]) == pytest.approx(different)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in SERVED.items() for name in names])
def test_the_bounds_are_judged_and_hold(kind: Any, name: str) -> None:
    found = check(name, scenarios=kind(), rungs="exact")
    assert found.judged
    assert not found.refuted, found.sentence()
    assert found.resolution > 0.06


def _shrunk(name: str, kind: type[Scenario], world: Any, delta: Fraction | None, formula: Any) -> tuple[bool, bool]:
    bound = get(name)
    assert isinstance(bound, Bound)
    found = match(bound, kind())
    return judge(found, world, delta).refuted, judge(found, world, delta, formula).refuted


def test_a_stability_a_tenth_too_small_is_refuted() -> None:
    def smaller(math: Any, *, lipschitz: Any, strong_convexity: Any, n: Any) -> Mapping[str, Any]:
        return {"stability": 1.8 * lipschitz**2 / (strong_convexity * n)}

    world = RegularisedMinimiser().world(Setting(9, SLOPE, CONVEXITY, COIN))
    assert _shrunk("regularized_erm", RegularisedMinimiser, world, None, smaller) == (False, True)


def test_a_gap_that_is_not_the_stability_is_refuted() -> None:
    def half(math: Any, *, stability: Any) -> Mapping[str, Any]:
        return {"stability": 0.5 * stability}

    world = FreshWeights.world(50, Fraction(1, 10), Fraction(1, 2))
    assert _shrunk("expected_gap", FreshWeights, world, None, half) == (False, True)


def test_a_bound_without_its_stability_is_refuted_where_it_is_not_vacuous() -> None:
    def without(math: Any, *, empirical_risk: Any, stability: Any, n: Any, delta: Any, loss_range: Any) -> Mapping[str, Any]:
        deviation = (2 * n * stability + loss_range) * math.sqrt(math.log_quotient(1, delta) / (2 * n))
        return {"empirical risk": empirical_risk, "confidence": deviation}

    world = FreshWeights.world(1, Fraction(9, 10), Fraction(0))
    assert _shrunk("bousquet_elisseeff2002", FreshWeights, world, Fraction("0.9999"), without) == (False, True)
    bound = get("bousquet_elisseeff2002")
    assert isinstance(bound, Bound)
    assert bound(empirical_risk=0, stability=Fraction(9, 10), n=1, delta=Fraction("0.9999")).value < 1
