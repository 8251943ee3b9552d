"""The perceptron's scenarios: against a second implementation, and with faults that must be seen."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from genbounds.bounds import Bound, get
from genbounds.bounds.bounds_on import EXPECTED_RISK, MISTAKES
from genbounds.verification import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios.perceptron_run import (
    NOISY_POINTS,
    PerceptronOnNoise,
    PerceptronRun,
    PerceptronToConvergence,
    basis,
)

SERVED = {
    PerceptronRun: ["novikoff", "novikoff_run", "freund_schapire1999", "perceptron.hinge", "random_iterate", "random_iterate_mistakes"],
    PerceptronToConvergence: ["novikoff", "novikoff_run", "freund_schapire1999", "perceptron.hinge", "leave_one_out"],
    PerceptronOnNoise: ["freund_schapire1999", "perceptron.hinge", "random_iterate_mistakes", "progressive_validation"],
}


def by_numpy(sequence: list[np.ndarray]) -> tuple[int, list[np.ndarray]]:
    """One pass, written with arrays: the number of mistakes and the weights before each round."""
    w, mistakes, before = np.zeros_like(sequence[0]), 0, []
    for z in sequence:
        before.append(w.copy())
        if w @ z <= 0:
            w, mistakes = w + z, mistakes + 1
    return mistakes, before


@pytest.mark.parametrize(("population", "n"), [(basis(3), 3), (NOISY_POINTS[0], 3), (NOISY_POINTS[1], 4)])
def test_mistakes_and_risks_are_those_of_a_second_implementation(population: Any, n: int) -> None:
    scenario = PerceptronRun() if population == basis(3) else PerceptronOnNoise()
    world = scenario.world(population, n, Fraction(1))
    points = [np.array(z) for z in population.points]
    for index, sequence in enumerate(itertools.product(points, repeat=n)):
        mistakes, before = by_numpy(list(sequence))
        risk = np.mean([np.mean([w @ z <= 0 for z in points]) for w in before])
        assert world.inputs["online_risk"][index] == Fraction(mistakes, n)
        assert float(world.truths[EXPECTED_RISK][index]) == pytest.approx(risk, abs=1e-15)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in SERVED.items() for name in names])
def test_the_bounds_of_runs_are_judged_and_hold(kind: Any, name: str) -> None:
    found = check(name, scenarios=kind(), rungs="exact")
    assert found.judged
    assert not found.refuted, found.sentence()


def test_novikoff_is_attained_and_a_smaller_radius_is_refuted() -> None:
    novikoff = get("novikoff")
    assert isinstance(novikoff, Bound)
    found, world = match(novikoff, PerceptronRun()), PerceptronRun().world(basis(2), 4, Fraction(1))
    assert judge(found, world, None).resolution == pytest.approx(1)

    def missing_square(math: Any, *, radius: Any, margin: Any) -> Mapping[str, Any]:
        return {"mistakes": radius / margin}

    assert judge(found, world, None, missing_square).refuted
    assert max(world.truths[MISTAKES]) == 2


def test_the_iterates_bound_is_not_judged_on_final_weights() -> None:
    random_iterate = get("random_iterate")
    assert isinstance(random_iterate, Bound)
    assert not match(random_iterate, PerceptronToConvergence()).judged


@pytest.mark.parametrize("name", ["freund_schapire1999", "perceptron.hinge"])
def test_a_shortfall_of_every_round_counts_in_full(name: str) -> None:
    """Where 1 and -1 alternate every round is a mistake, and at a large margin D^2 or the hinge loss is all that the bound has."""
    bound = get(name)
    assert isinstance(bound, Bound)
    found, world = match(bound, PerceptronOnNoise()), PerceptronOnNoise().world(NOISY_POINTS[-1], 6, Fraction(1))
    assert max(world.inputs["online_risk"]) == 1
    assert not judge(found, world, None).refuted

    def halved(math: Any, **inputs: Any) -> Mapping[str, Any]:
        smaller = {key: value / 2 if key in ("deviation", "hinge_loss") else value for key, value in inputs.items()}
        return bound.forms[bound.declaration.form].formula(math, **smaller)  # type: ignore[no-any-return]

    assert judge(found, world, None, halved).refuted
