"""The perceptron's theorems: bounds of runs by hand, an order that nothing can shorten, and faults that each claim must fail on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.populations import FinitePool, population
from genbounds.verification.runs.cells import Cell, Result
from genbounds.verification.studies.perceptron import PerceptronCell
from genbounds.verification.studies.perceptron_risk.cells import BasisCell, NoisyCell, bounds_of, on_basis, on_noisy
from genbounds.verification.studies.perceptron_risk.study import PerceptronRisk

STUDY = PerceptronRisk("thumbnail")


def outcomes(cells: list[Cell], results: list[Result]) -> dict[str, str]:
    return {found.claim: str(found.outcome) for found in STUDY.findings(cells, results)}


def changed(kind: type, **values: Any) -> dict[str, str]:
    """What is found of the trap's sound results if those of one kind of cell are changed."""
    trap = STUDY.trap()
    results = [{**result, **values} if isinstance(cell, kind) else result for cell, result in zip(trap.cells, trap.sound, strict=True)]
    return outcomes(list(trap.cells), results)


def test_basis_vectors_make_as_many_mistakes_as_the_theorem_allows() -> None:
    found = on_basis(BasisCell(9, 4))
    assert found == {"mistakes": [9, 9, 9, 9], "broken": 0, "bound": 9.0}


def test_the_two_bounds_are_the_least_over_the_grid_as_written_in_the_papers() -> None:
    pool = FinitePool("line", np.array([[1.0, 0.0], [-0.5, 0.5], [0.0, 1.0]]), np.array([1, -1, 1]), "none", separator=np.array([1.0, 0.2]))
    rows = np.random.default_rng(0).integers(3, size=40)
    signed = (pool.inputs * pool.labels[:, None])[rows]
    signed[::7] *= -1
    by_hand = [np.inf, np.inf]
    for direction in (np.array([1.0, 0.2]), np.linalg.lstsq(signed, np.ones(40), rcond=None)[0]):
        unit = direction / np.linalg.norm(direction)
        for margin in np.geomspace(0.01, 1, 80):
            deviation = sum(max(0.0, margin - float(x @ unit)) ** 2 for x in signed) ** 0.5
            loss = sum(max(0.0, 1 - float(x @ unit) / margin) for x in signed)
            by_hand[0] = min(by_hand[0], (1 + deviation) ** 2 / margin**2)
            by_hand[1] = min(by_hand[1], ((1 / margin + (1 / margin**2 + 4 * loss) ** 0.5) / 2) ** 2)
    assert bounds_of(signed, pool) == (np.floor(by_hand[0]), np.floor(by_hand[1]))


def test_without_turned_labels_both_bounds_are_at_most_that_of_the_margin_and_hold() -> None:
    found, pool = on_noisy(NoisyCell("separable", 0.0, 200, 3)), population("separable")
    assert pool.margin is not None
    # The grid of margins has steps of 6 per cent, so the bound is at most 12 per cent above that of the margin.
    assert all(bound <= 1.13 * (pool.input_radius / pool.margin) ** 2 for bound in (*found["freund_schapire"], *found["hinge"]))
    assert all(m <= bound for m, bound in zip(found["mistakes"], found["hinge"], strict=True))


def test_labels_are_turned_as_often_as_the_cell_says() -> None:
    # Every label turned is a separable problem again; half of them leave nothing to learn: about half of the rounds are mistakes.
    turned, half = on_noisy(NoisyCell("separable", 1.0, 200, 3)), on_noisy(NoisyCell("separable", 0.5, 400, 5))
    assert max(turned["mistakes"]) <= 100
    # Binomial(2000, 1/2): six deviations, false alarm below 1e-8.
    assert abs(sum(half["mistakes"]) - 1000) < 6 * 500**0.5


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "values", "claims"),
    [
        (BasisCell, {"mistakes": [3, 4]}, {"attained"}),
        (BasisCell, {"broken": 1}, {"two sides"}),
        (PerceptronCell, {"mistakes": [1000]}, {"mistakes"}),
        (PerceptronCell, {"runs_breaking_an_inequality": 1}, {"two sides"}),
        (NoisyCell, {"mistakes": [20, 42]}, {"Freund and Schapire", "hinge loss"}),
        (NoisyCell, {"hinge": [19.0, 40.0]}, {"hinge loss"}),
    ],
)
def test_each_fault_refutes_its_own_claims(kind: type, values: dict[str, Any], claims: set[str]) -> None:
    refuted = {claim for claim, outcome in changed(kind, **values).items() if outcome == Verdict.REFUTED}
    assert refuted == claims


@pytest.mark.slow
def test_a_run_that_did_not_converge_violates_an_assumption_and_refutes_nothing() -> None:
    found = changed(PerceptronCell, converged=False, pool_errors=[1000] * 200)
    assert found["last weights"] == Verdict.ASSUMPTION_VIOLATED


@pytest.mark.slow
def test_last_weights_above_their_bound_are_refuted() -> None:
    trap = STUDY.trap()
    results = [
        {**result, "pool_errors": [1500] * 200} if isinstance(cell, PerceptronCell) and cell.population == "separable" else result
        for cell, result in zip(trap.cells, trap.sound, strict=True)
    ]
    assert outcomes(list(trap.cells), results)["last weights"] == Verdict.REFUTED
