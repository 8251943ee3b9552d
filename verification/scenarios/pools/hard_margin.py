"""The hard-margin machine on draws from the separable pool, found as the point of a convex hull that is nearest to 0."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.optimize import nnls

from genbounds.bounds.bounds_on import EXPECTED_RISK
from genbounds.verification.populations import population
from genbounds.verification.populations.protocol import Array
from genbounds.verification.scenarios.hard_margin import TOLD, audit_of_machines
from genbounds.verification.scenarios.scenario import Scenario, World

SIZES = (8, 120)
THINNING = 2
"""A machine for every second key."""
SLACK = 1e-9
"""The conditions of Karush, Kuhn and Tucker hold to this, and an example so close to the plane counts as right."""


def machine(signed: Array) -> Array:
    """The direction of least norm with <w, z> >= 1 for every row z = y x: the point of the rows' convex hull nearest to 0, scaled.

    Raises:
        ArithmeticError: the conditions of Karush, Kuhn and Tucker do not hold to 1e-9 (the rows are not separable through the origin).

    >>> machine(np.array([[2.0, 0.0], [0.0, 1.0], [3.0, 3.0]])).round(9).tolist()
    [0.5, 1.0]
    """
    # Least squares of sum a_i z_i = 0 and sum a_i = 1 over a >= 0, as in the populations' margins.
    system = np.vstack([signed.T, np.ones(len(signed))])
    target = np.zeros(len(system))
    target[-1] = 1.0
    weights, _ = nnls(system, target, maxiter=50 * len(signed))
    direction = weights @ signed
    nearest = float((signed @ direction).min())
    if not nearest > 0:
        raise ArithmeticError(f"signed must be separable through the origin, got a least product of {nearest}: no machine has a margin")
    found = direction / nearest
    active = weights > 0
    if not np.abs(signed[active] @ found - 1).max() <= SLACK:
        raise ArithmeticError("the machine's examples must lie at margin 1: the solver stopped short of it")
    return np.asarray(found)


class HardMarginOnPool(Scenario):
    """In d dimensions d examples at most hold a machine through the origin: the others may be left out, whatever the sample."""

    name = "hard margin on the separable pool"
    description = "the hard-margin machine through the origin on draws from the separable pool of 20 dimensions"
    inputs, truths = TOLD, frozenset({EXPECTED_RISK})
    audit = audit_of_machines(
        examples="draws with replacement from the pool",
        separable="one vector separates the whole pool, in fractions",
        features="the pool's own inputs",
        solved="the conditions of Karush, Kuhn and Tucker are checked to 1e-9 on every sample",
        expected="w is a combination of d examples with weights above 0 (Caratheodory): no others change it",
    )

    def draws(self, keys: range) -> Iterator[World]:
        """Few and more examples."""
        pool = population("separable")
        assert pool.margin is not None
        signed = pool.inputs * pool.labels[:, None]
        for n in SIZES:
            drawn = [pool.sample(("hard margin", n, key), n) for key in keys[::THINNING]]
            vectors = np.stack([machine(signed[np.unique(sample)]) for sample in drawn])
            risks = (vectors @ signed.T <= -SLACK).mean(axis=1)
            common = {"n": n, "radius": pool.input_radius, "margin": pool.margin, "expected_support_vectors": min(pool.features, n + 1)}
            yield World(f"separable pool, n = {n}", common, {}, {EXPECTED_RISK: risks})
