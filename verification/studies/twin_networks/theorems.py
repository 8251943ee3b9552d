"""What the theorems say of twins, and what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from genbounds.bounds import Certificate, Quantity
from genbounds.bounds.stability import hardt2016nonconvex_steps
from genbounds.verification.checks.mean_limits import mean_interval
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.runs.cells import Result
from genbounds.verification.studies.phenomenon import Finding
from genbounds.verification.studies.twin_networks.cells import LinearTwins, NetworkTwins, Starts
from genbounds.verification.studies.twin_networks.linear import gap_bound, half_range, start_bound

ROUNDING = 1e-9
"""Allowed to distances of some 1e-3 after hundreds of additions in float64, each with a relative error of 1e-16."""

Linear = Sequence[tuple[LinearTwins, Result]]
Network = Sequence[tuple[NetworkTwins, Result]]


def recursion(found: Linear) -> Finding:
    """The largest quotient of distance and recursion, and the largest distance where the recursion is 0."""
    quotient, before = max(result["quotient"] for _, result in found), max(result["before"] for _, result in found)
    refuted = quotient > 1 + ROUNDING or before > ROUNDING
    pairs = sum(cell.pairs for cell, _ in found)
    return Finding(
        "recursion",
        Verdict.REFUTED if refuted else Verdict.NOT_REFUTED,
        f"over {pairs} pairs and {len(found[0][1]['steps'])} checkpoints each, the distance is at most {quotient:.3g} of the recursion",
        _linear_sizes(found),
    )


def expected_gap(found: Linear, delta: float) -> Finding:
    """Two-sided limits on the expected gap, compared with the bound on its absolute value."""
    return _gap("expected gap", [(cell, result, gap_bound(cell), True) for cell, result in found], delta)


def start_and_gap(found: Linear, delta: float) -> Finding:
    """The lower limit on the expected gap, compared with the bound by the curvature at the start, where the steps are small enough."""
    fits = [(cell, result) for cell, result in found if cell.loss == "sigmoid" and cell.population == "separable"]
    return _gap("start and gap", [(cell, result, start_bound(cell), False) for cell, result in fits], delta)


def _gap(name: str, found: Sequence[tuple[LinearTwins, Result, Certificate, bool]], delta: float) -> Finding:
    refuted, said = False, []
    for cell, result, bound, both in found:
        width, gaps = half_range(cell), np.array(result["gaps"])
        lower, upper = mean_interval(gaps, -width, width, delta / (2 * len(found)))
        refuted |= lower > bound.value or (both and upper < -bound.value)
        said.append(
            f"{cell.loss} loss, {cell.population}: mean gap {gaps.mean():.2g} (limits {lower:.2g}, {upper:.2g}), "
            f"bound {float(bound.value):.2g}"
        )
    sizes = _linear_sizes([(cell, result) for cell, result, _, _ in found])
    return Finding(name, Verdict.REFUTED if refuted else Verdict.NOT_REFUTED, "; ".join(said), sizes)


def network(found: Network) -> Finding:
    """The bound with what was measured in place of its constants, which are none: the loss is neither Lipschitz nor smooth."""
    lipschitz, smoothness = (max(result[name] for _, result in found) for name in ("largest_gradient", "largest_ratio"))
    cell, loss, largest = found[0][0], _largest_loss(found), max(result["gap"][-1] for _, result in found)
    with np.errstate(over="ignore"):
        bound = hardt2016nonconvex_steps.estimate(
            lipschitz=Quantity(lipschitz, "lower", "largest gradient seen"),
            smoothness=Quantity(smoothness, "lower", "largest change of a gradient over the distance of twins"),
            step_sizes=(cell.step,) * cell.n,
            n=cell.n,
            loss_range=Quantity(loss, "lower", "largest mean loss seen"),
        )
    return Finding(
        "network",
        Verdict.ASSUMPTION_VIOLATED,
        f"cross-entropy of a ReLU network is neither Lipschitz nor smooth nor bounded; with the largest gradient seen, {lipschitz:.3g}, "
        f"and the largest change of a gradient over the distance, {smoothness:.3g}, the formula gives {float(bound.value):.3g} after one "
        f"epoch, where the largest loss is {loss:.3g}; the largest gap measured, after all epochs, is {largest:.2g}",
        _network_sizes(found),
    )


def _largest_loss(found: Network) -> float:
    return max(float(gap + loss) for _, result in found for gap, loss in zip(result["gap"], result["sample_loss"], strict=True))


def first_hit(found: Network) -> Finding:
    """The largest distance at a checkpoint before the first hit: exactly 0, as twins run through the same operations until then."""
    before = max(result["before"] for _, result in found)
    return Finding(
        "first hit",
        Verdict.REFUTED if before > 0 else Verdict.NOT_REFUTED,
        f"the largest distance at a checkpoint before the first hit is exactly {before:g}",
        _network_sizes(found),
    )


def _linear_sizes(found: Linear) -> str:
    return f"linear models, n = {found[0][0].n}, as many steps, {found[0][0].pairs} pairs of each kind"


def _network_sizes(found: Network) -> str:
    counts, steps = sorted({cell.n for cell, _ in found}), max(cell.steps for cell, _ in found)
    return (
        f"64-16-10 ReLU on digits, n in {counts}, {steps} steps, {found[0][0].twins} twins, {len({cell.seed for cell, _ in found})} seeds"
    )


def made_up() -> tuple[list[Any], list[dict[str, Any]]]:
    """Small results as the study's measurements would give them, without any training: all claims hold in them."""
    cells: list[Any] = [LinearTwins("separable", "sigmoid", 200, Fraction(1, 8), 10)]
    sound: list[dict[str, Any]] = [
        {"steps": [100, 200], "distance": [0.5, 0.9], "limit": [1.0, 1.0], "quotient": 0.9, "before": 0.0, "gaps": [1e-4, 2e-4] * 5}
    ]
    steps = [50, 100, 200, 400]
    for seed in range(3):
        for n, step in ((100, Fraction(1, 20)), (400, Fraction(1, 20)), (100, Fraction(1, 80))):
            size = float(step) * 100 / n * (1 + 0.01 * seed)
            raw = [size * at**0.5 for at in steps]
            cells.append(NetworkTwins(n, step, 400, 4, seed))
            sound.append(
                {
                    "steps": steps,
                    **dict.fromkeys(("raw", "normalised", "early", "late"), raw),
                    "layers": [[value, value] for value in raw],
                    "gap": [0.1 * at**0.25 * (1 + 0.01 * seed) for at in steps],
                    "sample_loss": [1.0] * 4,
                    "before": 0.0,
                    "hits": [10, 30, 60, 90],
                    "last": [4.0, 3.0, 2.0, 1.0 + 0.01 * seed],
                    "largest_gradient": 10.0,
                    "largest_ratio": 2.0,
                }
            )
    rows = [[1.0, 2.0, 3.0], [1.0, 2.5, 3.0], [1.0, 2.0, 4.0]]
    cells.append(Starts(3, 100, Fraction(1, 20), 1, 1))
    sound.append({"curvature": rows, "risk": rows, "gap": rows})
    return cells, sound
