"""Twin runs of gradient descent stay below the recursion of their distance, and simple losses attain it."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from genbounds.bounds import DirectionError, Quantity, stability

N, DIMENSION = 12, 3
Gradient = Callable[[np.ndarray, int, np.ndarray], np.ndarray]


def unit_inputs(random: np.random.Generator) -> np.ndarray:
    """Rows of norm at most 1: inputs times labels."""
    points = random.normal(size=(N, DIMENSION))
    return points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1)


def distances(gradient: Gradient, points: np.ndarray, other: np.ndarray, replaced: int, order: list[int], steps: Any, radius: float) -> Any:
    """The distance of two coupled runs after every step, the second with ``other`` for the replaced example, each projected on a ball."""
    exchanged = points.copy()
    exchanged[replaced] = other
    first, second = np.zeros(DIMENSION), np.zeros(DIMENSION)
    found = []
    for i, step in zip(order, steps, strict=True):
        first = project(first - step * gradient(first, i, points), radius)
        second = project(second - step * gradient(second, i, exchanged), radius)
        found.append(float(np.linalg.norm(first - second)))
    return found


def project(w: np.ndarray, radius: float) -> np.ndarray:
    return w / max(1.0, float(np.linalg.norm(w)) / radius)


def logistic(ridge: float) -> Gradient:
    """ln(1 + exp(-<w, z>)) + (ridge/2) ||w||^2."""
    return lambda w, i, points: -points[i] / (1 + math.exp(points[i] @ w)) + ridge * w


def sigmoid(w: np.ndarray, i: int, points: np.ndarray) -> np.ndarray:
    """1/(1 + exp(<w, z>)): not convex."""
    value = 1 / (1 + math.exp(points[i] @ w))
    return -value * (1 - value) * points[i]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("gradient", "bound", "constants", "largest", "radius"),
    [
        (logistic(0.0), "convex", {"lipschitz": 1, "smoothness": Fraction(1, 4)}, 8.0, math.inf),
        (logistic(0.0), "nonconvex", {"lipschitz": 1, "smoothness": Fraction(1, 4)}, 20.0, math.inf),
        (sigmoid, "nonconvex", {"lipschitz": Fraction(1, 4), "smoothness": Fraction(1, 10)}, 20.0, math.inf),
        # On ||w|| <= 2 the gradient of the penalised loss has norm at most 1 + 2/8, and 1/4 + 1/8 bounds its curvature.
        (
            logistic(0.125),
            "strongly_convex",
            {"lipschitz": Fraction(5, 4), "smoothness": Fraction(3, 8), "strong_convexity": Fraction(1, 8)},
            4.0,
            2.0,
        ),
    ],
)
def test_twin_runs_stay_below_the_recursion_after_every_step(
    gradient: Gradient, bound: str, constants: dict[str, Any], largest: float, radius: float
) -> None:
    random = np.random.default_rng(0)
    recursion = getattr(stability, f"hardt2016distance_{bound}")
    closest = 0.0
    for _ in range(20):
        points, other, replaced = unit_inputs(random), unit_inputs(random)[0], int(random.integers(N))
        order = random.integers(N, size=30).tolist()
        steps = random.random(30) * largest
        met = [int(i == replaced) for i in order]
        for length, found in enumerate(distances(gradient, points, other, replaced, order, steps, radius), 1):
            bounded = float(recursion(**constants, step_sizes=steps[:length], replaced=met[:length]))
            assert found <= bounded * (1 + 1e-12)
            closest = max(closest, found / bounded) if bounded else closest
    assert closest > 0.2  # the recursion is not an empty statement about these runs


def test_opposite_linear_losses_attain_the_convex_sum() -> None:
    """f(w) = L w and -L w for the replaced example, 0 for the others: every meeting moves the runs apart by 2 alpha L."""
    met, steps, big_l, apart = (1, 0, 1, 1, 0), (0.5, 0.25, 0.125, 1.0, 0.5), 3.0, 0.0
    for hit, step in zip(met, steps, strict=True):
        apart += 2 * step * big_l * hit
    assert float(stability.hardt2016distance_convex(lipschitz=big_l, smoothness=1, step_sizes=steps, replaced=met)) == apart


def test_a_concave_quadratic_attains_the_non_convex_recursion() -> None:
    """f(w) = -beta w^2/2, plus and minus L w for the replaced example, which is met first, at w = 0."""
    beta, big_l, steps = 0.5, 2.0, (0.25, 0.5, 1.0, 0.125)
    first = second = 0.0
    for t, step in enumerate(steps):
        slope = big_l if t == 0 else 0.0
        first, second = first - step * (slope - beta * first), second - step * (-slope - beta * second)
    recursion = stability.hardt2016distance_nonconvex(lipschitz=big_l, smoothness=beta, step_sizes=steps, replaced=(1, 0, 0, 0))
    assert float(recursion) == pytest.approx(abs(first - second), rel=1e-14)


@pytest.mark.parametrize("beta", [1.0, 2.0, 1000.0])
def test_a_flat_quadratic_attains_the_strongly_convex_recursion(beta: float) -> None:
    """f(w) = gamma w^2/2 contracts by 1 - alpha gamma, and no smoothness that is allowed for makes the recursion larger."""
    gamma, steps = 1.0, (1 / 1024,) * 500
    apart = 2 * steps[0]
    for step in steps[1:]:
        apart -= step * gamma * apart
    inputs = {"lipschitz": 1, "smoothness": beta, "strong_convexity": gamma, "step_sizes": steps, "replaced": (1,) + (0,) * 499}
    assert float(stability.hardt2016distance_strongly_convex(**inputs)) == pytest.approx(apart, rel=1e-12)


def test_a_step_of_one_over_the_curvature_forgets_all_before_it() -> None:
    """beta = gamma = 3 and alpha = 1/3, which no double is: 1 - alpha gamma is 0, in balls and in floats."""
    inputs = {"lipschitz": 1, "smoothness": 3, "strong_convexity": 3, "step_sizes": (Fraction(1, 3),) * 3}
    assert float(stability.hardt2016distance_strongly_convex(**inputs, replaced=(1, 1, 0))) <= 1e-30
    assert float(stability.hardt2016distance_strongly_convex(**inputs, replaced=(1, 0, 1))) == pytest.approx(2 / 3, rel=1e-15)
    floats = {**inputs, "step_sizes": [1 / 3] * 3}
    assert stability.hardt2016distance_strongly_convex.value(**floats, replaced=[1, 0, 1]) == pytest.approx(2 / 3, rel=1e-15)


def test_quadratics_of_every_curvature_contract_by_the_factor_and_a_longer_step_may_not() -> None:
    """A gradient step of (1/2) <w, H w>, H with eigenvalues gamma and beta, is ||I - alpha H||: 1 - alpha gamma up to 2/(beta + gamma)."""
    beta, gamma = 5.0, 1.0
    last = 2 / (beta + gamma)
    for alpha in (last / 10, last / 2, last):
        assert max(abs(1 - alpha * gamma), abs(1 - alpha * beta)) <= (1 - alpha * gamma) * (1 + 1e-15)
    longer = 1.1 * last
    assert abs(1 - longer * beta) > 1 - longer * gamma
    with pytest.raises(ValueError, match="smoothness \\+ strong_convexity"):
        stability.hardt2016distance_strongly_convex(
            lipschitz=1, smoothness=beta, strong_convexity=gamma, step_sizes=(longer,), replaced=(1,)
        )


def test_the_mean_over_the_replaced_example_is_the_expected_gap() -> None:
    """One pass: the recursions of all positions, averaged, times L."""
    steps = [Fraction(1, 10 * t) for t in range(1, 41)]
    inputs = {"lipschitz": Fraction(3, 2), "smoothness": 2, "step_sizes": steps}
    each = [stability.hardt2016distance_nonconvex(**inputs, replaced=[int(t == i) for t in range(40)]).value for i in range(40)]
    gap = stability.hardt2016nonconvex_steps(**inputs, n=40, loss_range=10**6)
    assert gap.choices["first"] == 0
    assert gap.value == pytest.approx(1.5 * np.mean(np.array(each, dtype=float)), rel=1e-13)
    flat = {**inputs, "smoothness": Fraction(1, 2)}
    each = [stability.hardt2016distance_convex(**flat, replaced=[int(t == i) for t in range(40)]).value for i in range(40)]
    assert stability.hardt2016convex(**flat, n=40).value == pytest.approx(1.5 * np.mean(np.array(each, dtype=float)), rel=1e-13)


def test_any_step_sizes_agree_with_the_closed_form_for_c_over_t() -> None:
    for scale, steps, n in ((Fraction(1, 10), 300, 1000), (Fraction(2), 200, 50), (Fraction(1, 2), 40, 1000)):
        sizes = [scale / t for t in range(1, steps + 1)]
        general = stability.hardt2016nonconvex_steps(lipschitz=1, smoothness=1, step_sizes=sizes, n=n)
        closed = stability.hardt2016nonconvex(lipschitz=1, smoothness=1, step_scale=scale, steps=steps, n=n)
        assert general.value == pytest.approx(closed.value, rel=1e-12)


def test_refusals() -> None:
    runs = {"lipschitz": 1, "step_sizes": (0.5, 1), "replaced": (0, 1)}
    with pytest.raises(ValueError, match="step_sizes must be at most 2/smoothness"):
        stability.hardt2016distance_convex(**runs, smoothness=2.5)
    with pytest.raises(ValueError, match="smoothness \\+ strong_convexity"):
        stability.hardt2016distance_strongly_convex(**runs, smoothness=1.5, strong_convexity=0.75)
    with pytest.raises(ValueError, match="strong_convexity must be at most smoothness"):
        stability.hardt2016distance_strongly_convex(**runs, smoothness=0.5, strong_convexity=0.75)
    with pytest.raises(ValueError, match="same length"):
        stability.hardt2016distance_convex(**{**runs, "replaced": (1,)}, smoothness=1)
    with pytest.raises(ValueError, match="0 and 1 only"):
        stability.hardt2016distance_nonconvex(**{**runs, "replaced": (1, 2)}, smoothness=1)
    with pytest.raises(ValueError, match="0 and 1 only"):
        stability.hardt2016distance_nonconvex.value(**{**runs, "replaced": (1, 2)}, smoothness=1)
    seen = stability.hardt2016distance_convex(**{**runs, "lipschitz": Quantity(0.5, "lower", "largest gradient seen")}, smoothness=1)
    assert seen.kind == "estimate"


def test_an_expected_gap_takes_a_stability_and_no_measured_lower_bound() -> None:
    proved = stability.regularized_erm(lipschitz=1, strong_convexity=0.25, n=1000)
    gap = stability.expected_gap(stability=proved)
    assert gap.value == proved.value
    assert gap.mode == "EXP"
    assert {entry.assumption.name for entry in gap.assumptions} >= {entry.assumption.name for entry in proved.assumptions}
    with pytest.raises(DirectionError, match="stability"):
        stability.expected_gap(stability=Quantity(0.001, "lower", "largest change over 50 twin runs"))
