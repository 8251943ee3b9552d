"""Descent from the top of a hill: the closed forms compared with runs in plain Python, and that each assumption matters there."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest

from genbounds.bounds import Bound, get
from genbounds.bounds import assumptions as a
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.verification.checks.assumptions_matter import assumptions_matter
from genbounds.verification.scenarios import scenario
from genbounds.verification.scenarios.hostile.hills import MANY, OneExampleAgain, SteeperStart, largest_scale
from genbounds.verification.scenarios.scenario import World

NAMES = ("hostile: the curvature that is passed", "hostile: how often an example is met")


def bound_named(name: str) -> Bound:
    found = get(name)
    assert isinstance(found, Bound)
    return found


def truth(world: World) -> float:
    return float(world.truth(EXPECTED_GAP)[0])


def run(kinds: tuple[bool, ...], order: dict[int, int], scale: Fraction, slope: Fraction) -> list[Fraction]:
    """The weights on the coordinates of examples that are hills or not, after steps c/t on ``order[t]``."""
    weights = [Fraction(0)] * len(kinds)
    for t, met in sorted(order.items()):
        if kinds[met]:
            weights = [entry * (1 + Fraction(1, t)) for entry in weights]
        else:
            weights[met] += scale / t * slope
    return weights


def test_one_pass_from_the_top_of_a_hill_step_by_step() -> None:
    """Every example is a hill and a slope at its own coordinate; the risk of fresh coordinates is that of the hill."""
    steps, first = 60, 12
    world = SteeperStart.world(steps, first)
    scale, smoothness, lipschitz = (Fraction(world.common[name]) for name in ("step_scale", "smoothness", "lipschitz"))
    weights: list[Fraction] = []
    steepest = Fraction(0)
    slope = _slope_of(lipschitz, steps, first)
    for t in range(first, steps + 1):
        weights = [entry * (1 + scale / t * smoothness) for entry in weights] + [scale / t * slope]
    squared = sum(entry**2 for entry in weights)
    edge = max(weights)
    steepest = smoothness * Fraction(float(squared) ** 0.5) + slope
    assert steepest <= lipschitz * (1 + Fraction(1, 10**9))
    height = smoothness * squared / 2 + slope * edge
    assert height <= 1 + Fraction(1, 10**12)
    on_sample = slope * sum(weights) / steps  # below the risk, which a fresh coordinate has
    assert truth(world) == pytest.approx(float(on_sample), rel=1e-9)
    assert world.common["expected_risk"] >= float(slope * edge)


def _slope_of(lipschitz: Fraction, steps: int, first: int) -> Fraction:
    """k, of L = k (1 + y): y^2 = (T + 1)^2 (1/(3 (first - 1)^3) - 1/(3 T^3))."""
    y = (steps + 1) * (1 / (3 * (first - 1) ** 3) - 1 / (3 * steps**3)) ** 0.5
    return lipschitz / Fraction(1 + y)


@pytest.mark.parametrize("first", [5, 6])
def test_the_example_that_is_met_again_in_every_sample_of_kinds(first: int) -> None:
    """All 2^(first + 1) kinds of the examples that are met: no run leaves the ball and the box, and the gap is at least what is said."""
    world = OneExampleAgain.world(first)
    steps, scale, slope = int(world.common["steps"]), Fraction(world.common["step_scale"]), Fraction(world.common["lipschitz"])
    share = OneExampleAgain.hills
    order = {first + i: i for i in range(first)} | dict.fromkeys(range(2 * first, steps + 1), first)
    edge = scale * slope * Fraction(steps + 1, first * (first + 1))
    gap = risk = Fraction(0)
    for kinds in itertools.product((True, False), repeat=first + 1):
        weights = [min(entry, edge) for entry in run(kinds, order, scale, slope)]
        squared = sum(entry**2 for entry in weights)
        assert squared <= (scale * slope) ** 2
        assert not kinds[first] or max(weights) <= edge
        hill = scale * slope**2 / 2 - squared / (2 * scale)  # F - |w|^2/(2 c)
        losses = [hill if kind else slope * (edge - entry) for kind, entry in zip(kinds, weights, strict=True)]
        law = share ** sum(kinds) * (1 - share) ** (first + 1 - sum(kinds))
        fresh = share * hill + (1 - share) * slope * edge
        gap += law * sum(fresh - loss for loss in losses) / steps
        risk += law * fresh
    assert truth(world) <= float(gap)
    assert float(risk) <= world.common["expected_risk"]


def test_hills_are_as_steep_and_steps_as_long_as_the_theorem_allows() -> None:
    for name in NAMES:
        for world in scenario(name).listed("thumbnail"):
            common = world.common
            assert common["step_scale"] * common["smoothness"] == 1
            assert common["steps"] <= common["n"]
            assert largest_scale(common["steps"]) == common["step_scale"]
            assert common["steps"] ** 2 < MANY / 10**30


def test_both_assumptions_matter_and_the_theorem_stands_beside_them() -> None:
    bound = bound_named("stability.kuzborskij_lampert2018")
    rows = {row.assumption: row for row in assumptions_matter(bound, [scenario(name) for name in NAMES])}
    for name, assumption in zip(NAMES, (a.CURVATURE_AT_START, a.ONE_PASS), strict=True):
        assert (rows[assumption.name].hurts, rows[assumption.name].scenario) == ("yes", name)
        for world in scenario(name).listed("thumbnail"):
            inputs = {key: world.common[key] for key in bound.inputs}
            assert bound(**inputs).value < truth(world) / 1.5
            assert bound(**{**inputs, "curvature": inputs["smoothness"]}).value > 4 * truth(world)


@pytest.mark.parametrize("form", ["integer", "printed"])
def test_a_smoothness_that_is_too_small_makes_the_bound_of_hardt_recht_and_singer_false(form: str) -> None:
    bound = bound_named("stability.hardt2016nonconvex")
    place = scenario("hostile: the smoothness that is passed")
    rows = {row.assumption: row for row in assumptions_matter(bound, [place], form=form)}
    assert (rows[a.SMOOTH_LOSS.name].hurts, rows[a.SMOOTH_LOSS.name].scenario) == ("yes", place.name)
    for world in place.listed("thumbnail"):
        inputs = {key: world.common[key] for key in ("n", "lipschitz", "smoothness", "step_scale", "steps")}
        assert bound(**inputs, form=form).value < truth(world) / 2
        assert bound(**{**inputs, "smoothness": 16 * inputs["smoothness"]}, form=form).value > 4 * truth(world)
