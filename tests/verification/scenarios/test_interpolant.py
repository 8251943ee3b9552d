"""The interpolants of least norm, against the pseudo-inverse of the kernel's matrix, and with a fault that must be seen."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from genbounds.bounds import Bound, get
from genbounds.bounds.bounds_on import EXPECTED_RISK
from genbounds.verification import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios.interpolant import POOLS, Interpolant, Pool, identity, interpolants


def by_kernel(pool: Pool, sample: tuple[int, ...]) -> tuple[float, float]:
    """Risk and squared norm of the interpolant, from the matrix K alone: f(x) = k(x)^T K^+ y and ||f||^2 = y^T K^+ y."""
    x, y = np.array(pool.inputs, dtype=float), np.array(pool.targets, dtype=float)
    rows, picked = x[list(sample)], y[list(sample)]
    inverse = np.linalg.pinv(rows @ rows.T)
    predicted = (x @ rows.T) @ inverse @ picked if sample else np.zeros(len(x))
    return float(np.mean((y - predicted) ** 2)), float(picked @ inverse @ picked) if sample else 0.0


@pytest.mark.slow
@pytest.mark.parametrize("pool", POOLS, ids=lambda pool: pool.name)
def test_risks_and_norms_are_those_of_the_kernel_matrix(pool: Pool) -> None:
    n = 3
    world = Interpolant.world(pool, n)
    samples = list(itertools.product(range(len(pool.inputs)), repeat=n))
    means = [np.mean([by_kernel(pool, sample[:k])[0] for sample in samples]) for k in range(n)]
    assert float(np.mean([float(entry) for entry in world.truths[EXPECTED_RISK]])) == pytest.approx(min(means), abs=1e-9)
    norm = np.mean([by_kernel(pool, sample)[1] for sample in samples])
    assert float(world.common["expected_squared_norm"]) == pytest.approx(norm)
    assert all(sum(a * a for a in x) <= pool.radius**2 for x in pool.inputs)


def test_targets_that_no_function_gives_are_refused() -> None:
    line = Pool("a line", POOLS[-1].inputs, (*POOLS[-1].targets[:2], POOLS[-1].targets[0]), POOLS[-1].radius)
    with pytest.raises(ValueError, match="no interpolant"):
        interpolants(line, [0, 2])


@pytest.mark.slow
def test_the_bound_is_judged_and_holds_and_half_of_it_is_refuted() -> None:
    bound = get("minimum_norm_interpolation")
    assert isinstance(bound, Bound)
    checked = check(bound, scenarios=Interpolant(), rungs="exact")
    assert checked.judged
    assert not checked.refuted, checked.sentence()
    found, world = match(bound, Interpolant()), Interpolant.world(identity(6, [1] * 6), 3)
    assert judge(found, world, None).resolution > 0.8

    def of_one_more(math: Any, *, radius: Any, expected_squared_norm: Any, n: Any) -> Mapping[str, Any]:
        return {"squared error": radius**2 * expected_squared_norm / (n + 1)}

    assert judge(found, world, None, of_one_more).refuted
