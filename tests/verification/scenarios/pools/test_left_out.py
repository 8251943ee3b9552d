"""Examples left out of a regularised regression: losses by a loop, and faults of the bounds on its stability and on its risk."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize
from tests.verification.scenarios.pools.planted import bound, scaled, tells, times

from genbounds.bounds.bounds_on import REMOVE_ONE_STABILITY as REMOVE_ONE
from genbounds.bounds.bounds_on import RISK, STABILITY
from genbounds.verification.populations.circle import circle
from genbounds.verification.scenarios import scenario

AVERAGE = "regularised logistic regression, each example left out"
SUM = "regularised logistic regression of the sum, each example left out"
EARLY = "regularised logistic regression stopped early"


def loss(weights: np.ndarray, z: np.ndarray) -> np.ndarray:
    """ln(1 + exp(-<w, z>)) for each row z."""
    return np.logaddexp(0.0, -(z @ weights))


def trained(examples: np.ndarray, whole: int) -> np.ndarray:
    """Another solver: the objective around (8, 0) with mu = 64, its losses over so many examples."""
    start = np.array([8.0, 0.0])

    def objective(w: np.ndarray) -> float:
        return float(loss(w, examples).sum()) / whole + 32 * float((w - start) @ (w - start))

    return np.asarray(minimize(objective, start, method="BFGS", options={"gtol": 1e-9}).x)


@pytest.mark.slow
@pytest.mark.parametrize("name", [AVERAGE, SUM])
def test_examples_left_out_by_hand(name: str) -> None:
    pool, world = circle(), list(scenario(name).draws(range(1)))[2]
    signed, sample = pool.inputs * pool.labels[:, None], pool.sample(("left out", 0), 41)
    largest = math.log1p(math.exp(8 + 1 / 64))
    own = signed[sample[:40]]
    whole = trained(own, 40)
    without = [trained(np.delete(own, i, axis=0), 40 if name == SUM else 39) for i in range(40)]
    changes = [float(np.abs(loss(w, signed) - loss(whole, signed)).max()) for w in without]
    assert world.inputs["empirical_risk"][0] == pytest.approx(loss(whole, own).mean() / largest, rel=1e-6)
    left_out = np.mean([loss(w, z) for w, z in zip(without, own, strict=True)])
    assert world.inputs["leave_one_out_risk"][0] == pytest.approx(left_out / largest, rel=1e-6)
    assert float(world.truth(RISK)[0]) == pytest.approx(loss(whole, signed).mean() / largest, rel=1e-6)
    assert float(world.truth(REMOVE_ONE)[0]) == pytest.approx(max(changes) / largest, rel=1e-4)
    if name == AVERAGE:
        other = trained(signed[np.append(sample[40], sample[1:40])], 40)
        change = float(np.abs(loss(other, signed) - loss(whole, signed)).max())
        assert float(world.truth(STABILITY)[0]) == pytest.approx(change / largest, rel=1e-4)
    assert world.common["lipschitz"] == pytest.approx(1 / largest, rel=1e-9)
    assert world.common["strong_convexity"] == pytest.approx(64 / largest, rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "served", "factor"),
    [
        (AVERAGE, "regularized_erm", 0.75),
        (AVERAGE, "regularized_erm_remove_renormalized", 0.5),
        (SUM, "regularized_erm_remove", 0.95),
        (EARLY, "regularized_erm_approximate", 0.7),
    ],
)
def test_a_part_of_the_stability_is_refuted(name: str, served: str, factor: float) -> None:
    assert tells(name, bound(served), times(bound(served), factor))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "served"),
    [
        (AVERAGE, "bousquet_elisseeff2002remove"),
        (AVERAGE, "bousquet_elisseeff2002leave_one_out"),
        (SUM, "bousquet_elisseeff2002remove"),
        (SUM, "bousquet_elisseeff2002leave_one_out"),
    ],
)
def test_a_fifth_of_stability_and_deviation_is_refuted(name: str, served: str) -> None:
    assert tells(name, bound(served), scaled(bound(served), 0.2))
