"""How far things really move: two runs of gradient descent on a line, and the output of a network whose weights are perturbed."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from genbounds.bounds.assumptions import (
    CONVEX_LOSS,
    COUPLED_RUNS,
    LIPSCHITZ_LOSS,
    NO_BIAS,
    ONE_LIPSCHITZ_ACTIVATION,
    PLAIN_SGD,
    SMOOTH_LOSS,
    STRONGLY_CONVEX_LOSS,
)
from genbounds.verification.scenarios.scenario import Size, holding
from genbounds.verification.small_worlds.small_world import Known, SmallWorld

STEPS: dict[Size, int] = {"thumbnail": 4, "full": 7}
Gradient = Callable[[Fraction], Fraction]


def run(common: Gradient, pull: Fraction, steps: tuple[Fraction, ...], replaced: tuple[int, ...]) -> list[Fraction]:
    """Where gradient descent from 0 goes; a replaced example adds ``pull`` to the gradient of a common one.

    >>> run(lambda w: Fraction(0), Fraction(1), (Fraction(1, 2), Fraction(1)), (1, 0))
    [Fraction(0, 1), Fraction(-1, 2), Fraction(-1, 2)]
    """
    path = [Fraction(0)]
    for step, met in zip(steps, replaced, strict=True):
        path.append(path[-1] - step * (common(path[-1]) + (pull if met else 0)))
    return path


def apart(common: Gradient, pull: Fraction, steps: tuple[Fraction, ...], replaced: tuple[int, ...]) -> tuple[Fraction, Fraction]:
    """The distance of the two runs whose replaced examples pull either way, and the farthest that either was from 0."""
    one, other = run(common, pull, steps, replaced), run(common, -pull, steps, replaced)
    return abs(one[-1] - other[-1]), max(map(abs, (*one[:-1], *other[:-1])))


def _schedules(size: Size) -> Iterator[tuple[tuple[Fraction, ...], tuple[int, ...]]]:
    """Constant and falling steps, with every set of steps that meet the replaced example."""
    for count in range(1, STEPS[size] + 1):
        for met in itertools.product((0, 1), repeat=count):
            yield (Fraction(1, 4),) * count, met
            yield tuple(Fraction(1, 2 * t) for t in range(1, count + 1)), met


def on_lines(size: Size) -> Iterator[Known]:
    """Linear losses: a constant one, and one of slope 2 or -2."""
    for steps, met in _schedules(size):
        distance, _ = apart(lambda w: Fraction(0), Fraction(2), steps, met)
        yield _known({"lipschitz": 2, "smoothness": 1}, steps, met, distance)


def on_hills(size: Size) -> Iterator[Known]:
    """The common loss is -(beta/2) w^2; the other one is linear and pulls with its whole slope, the largest on the way."""
    for (steps, met), smoothness in itertools.product(_schedules(size), (Fraction(1, 2), Fraction(3))):
        distance, farthest = _mixed(smoothness, Fraction(1), steps, met)
        yield _known({"lipschitz": max(Fraction(1), smoothness * farthest), "smoothness": smoothness}, steps, met, distance)


def _mixed(smoothness: Fraction, slope: Fraction, steps: tuple[Fraction, ...], replaced: tuple[int, ...]) -> tuple[Fraction, Fraction]:
    """The runs of which a replaced step follows a linear loss of slope ``slope`` or -``slope``, and the others a hill."""
    one = other = farthest = Fraction(0)
    for step, met in zip(steps, replaced, strict=True):
        farthest = farthest if met else max(farthest, abs(one), abs(other))
        one -= step * (slope if met else -smoothness * one)
        other -= step * (-slope if met else -smoothness * other)
    return abs(one - other), farthest


def in_valleys(size: Size) -> Iterator[Known]:
    """(gamma/2) w^2, and the same with a linear loss that pulls either way; the slopes are those on the interval that the runs stay in."""
    for (steps, met), convexity in itertools.product(_schedules(size), (Fraction(1, 100), Fraction(2))):
        distance, farthest = apart(lambda w, g=convexity: g * w, Fraction(1), steps, met)  # type: ignore[misc]
        common = {"lipschitz": 1 + convexity * farthest, "smoothness": convexity, "strong_convexity": convexity}
        yield _known(common, steps, met, distance)


def _known(common: dict[str, Any], steps: tuple[Fraction, ...], met: tuple[int, ...], distance: Fraction) -> Known:
    given = ", ".join(f"{name} = {value}" for name, value in common.items())
    label = f"steps {', '.join(map(str, steps))}, replaced {', '.join(map(str, met))}, {given}"
    return Known(label, {**common, "step_sizes": steps, "replaced": met}, distance)


def perturbed_products(size: Size) -> Iterator[Known]:
    """Linear networks of one unit per layer: the output with every weight moved, less the output."""
    for depth, share, weight in itertools.product((1, 2, 3, 10, 100), (Fraction(1), Fraction(1, 8)), (Fraction(1), Fraction(3, 2))):
        noise = share * weight / depth
        change = abs((weight + noise) ** depth - weight**depth) * 4
        inputs = {"spectral_norms": (weight,) * depth, "noise_norms": (noise,) * depth, "input_radius": 4}
        yield Known(f"depth {depth}, weights {weight}, each moved by {noise}", inputs, float(change))


_RUNS = holding("run twice, with the same start, order and steps, in Fractions", COUPLED_RUNS, PLAIN_SGD)
_SLOPES = holding("measured on the way of the two runs, beyond which the loss goes on as a line", LIPSCHITZ_LOSS, SMOOTH_LOSS)
_INPUTS = frozenset({"lipschitz", "smoothness", "step_sizes", "replaced"})
WORLDS = (
    SmallWorld(
        "runs on lines",
        "two runs on linear losses that differ in one example",
        "parameter_distance",
        _INPUTS,
        _RUNS | _SLOPES | holding("linear", CONVEX_LOSS),
        on_lines,
    ),
    SmallWorld(
        "runs on hills",
        "two runs on a concave parabola that differ in one example",
        "parameter_distance",
        _INPUTS,
        _RUNS | _SLOPES,
        on_hills,
    ),
    SmallWorld(
        "runs in valleys",
        "two runs on a parabola that differ in one example",
        "parameter_distance",
        _INPUTS | {"strong_convexity"},
        _RUNS
        | holding("measured on the interval that both runs stay in, on which they could be projected", LIPSCHITZ_LOSS, SMOOTH_LOSS)
        | holding("a parabola", CONVEX_LOSS, STRONGLY_CONVEX_LOSS),
        in_valleys,
    ),
    SmallWorld(
        "perturbed products",
        "linear networks of one unit per layer whose weights are moved",
        "output_change",
        frozenset({"spectral_norms", "noise_norms", "input_radius"}),
        holding("the identity, without biases", ONE_LIPSCHITZ_ACTIVATION, NO_BIAS),
        perturbed_products,
    ),
)
