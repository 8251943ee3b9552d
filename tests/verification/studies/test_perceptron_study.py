"""The perceptron study against a perceptron in fractions, and what would refute its bounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch
from tests.reference import perceptron as reference

from genbounds.models.ensemble import IndexSamples, one_pass
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.populations import FinitePool, population
from genbounds.verification.rows.bound_row import BoundRow
from genbounds.verification.rows.interval import Interval
from genbounds.verification.rows.kinds import Row
from genbounds.verification.runs.cells import canonical_json, digest, parse_json
from genbounds.verification.studies.perceptron import (
    Perceptron,
    PerceptronCell,
    broken_inequalities,
    check_exact,
    measure,
)

ONE = PerceptronCell("digits_0_vs_rest", 40, "one", 3, "realistic")
ALL = PerceptronCell("separable", 60, "all", 3, "realistic")


def by_hand(cell: PerceptronCell, draw: int) -> tuple[int, int, int]:
    """Mistakes, the sum of the pool errors of the iterates of the first pass, and those of the last weights, in exact whole numbers."""
    pool = population(cell.population)
    scale = 16 if cell.population.startswith("digits") else 2**20
    signed = [[int(v * scale) for v in row] for row in (pool.inputs * pool.labels[:, None]).tolist()]
    weights, mistakes, iterate_errors = [0] * len(signed[0]), 0, 0

    def score(row: int) -> int:
        return sum(w * x for w, x in zip(weights, signed[row], strict=True))

    while True:
        before = mistakes
        for row in pool.sample((digest(cell), draw), cell.n):
            if cell.passes == "one":
                iterate_errors += sum(score(other) <= 0 for other in range(pool.size))
            if score(row) <= 0:
                weights = [w + x for w, x in zip(weights, signed[row], strict=True)]
                mistakes += 1
        if cell.passes == "one" or mistakes == before:
            return mistakes, iterate_errors, sum(score(row) <= 0 for row in range(pool.size))


@pytest.mark.slow
def test_one_pass_is_that_of_a_perceptron_in_whole_numbers() -> None:
    found, expected = measure(ONE), by_hand(ONE, 1)
    assert (found["mistakes"][1], found["iterate_errors"][1], found["pool_errors"][1]) == expected
    assert found["runs_breaking_an_inequality"] == 0


def test_cycling_is_that_of_a_perceptron_in_whole_numbers() -> None:
    found = measure(ALL)
    for draw in range(ALL.draws):
        mistakes, _, errors = by_hand(ALL, draw)
        assert (found["mistakes"][draw], found["pool_errors"][draw]) == (mistakes, errors)
    assert found["converged"]
    assert found["iterate_errors"] is None


def test_a_run_that_breaks_an_inequality_is_counted() -> None:
    pool = population("separable")
    samples = IndexSamples(torch.from_numpy(np.stack([pool.sample(("test", k), 50) for k in range(4)])))
    run = one_pass(torch.tensor(pool.inputs), torch.tensor(pool.labels), samples)
    assert broken_inequalities(run, pool) == 0
    assert broken_inequalities(replace(run, mistakes=run.mistakes * 100), pool) == 4
    assert broken_inequalities(replace(run, squared_norms=run.squared_norms / 100), pool) == 4
    assert broken_inequalities(replace(run, weights=-run.weights), pool) == 4


def rows_of(cell: PerceptronCell, **changes: object) -> list[BoundRow]:
    result = {**measure(cell), **changes}
    found = Perceptron().rows([cell], [parse_json(canonical_json(result))])
    assert all(isinstance(row, BoundRow) for row in found)
    return list(found)  # type: ignore[arg-type]


@pytest.mark.slow
def test_rows_hold_the_bounds_at_the_population_s_radius_and_margin() -> None:
    pool = population("digits_0_vs_rest")
    assert (pool.input_radius / pool.margin) ** 2 < 900  # type: ignore[operator]
    novikoff, iterate = rows_of(ONE)
    geometry = {"radius": Fraction(pool.input_radius), "margin": Fraction(pool.margin or 0)}
    assert novikoff.certificate.value == pytest.approx(float(reference.novikoff(**geometry)), rel=1e-12)
    assert iterate.certificate.value == pytest.approx(float(reference.random_iterate(**geometry, n=40)), rel=1e-12)
    assert novikoff.risk == max(measure(ONE)["mistakes"])
    for row in (novikoff, iterate, *rows_of(ALL)):
        assert {entry.status for entry in row.certificate.assumptions} <= {"by construction", "checked"}
        assert row.verdict is Verdict.NOT_REFUTED
    mean = sum(measure(ONE)["iterate_errors"]) / (3 * 40 * pool.size)
    assert isinstance(iterate.risk, Interval)
    assert iterate.risk.lower < mean < iterate.risk.upper


@pytest.mark.slow
def test_one_run_with_too_many_mistakes_or_a_broken_inequality_refutes() -> None:
    assert rows_of(ONE, mistakes=[3, 784, 4])[0].verdict is Verdict.REFUTED
    assert rows_of(ONE, mistakes=[3, 783, 4])[0].verdict is Verdict.NOT_REFUTED
    assert rows_of(ONE, runs_breaking_an_inequality=1)[0].verdict is Verdict.REFUTED


def test_a_mean_risk_refutes_only_when_its_lower_limit_is_above_the_bound() -> None:
    cell = replace(ONE, n=20_000)
    result = {"mistakes": [1], "converged": True, "most_passes": 1, "runs_breaking_an_inequality": 0, "pool_errors": [0]}
    for draws, verdict in ((2, Verdict.NOT_REFUTED), (200, Verdict.REFUTED)):
        high = {**result, "iterate_errors": [int(0.1 * cell.n * 1797)] * draws}
        assert Perceptron().rows([cell], [high])[1].verdict is verdict


def test_a_run_that_did_not_converge_violates_an_assumption() -> None:
    assert rows_of(ALL, converged=False)[1].verdict is Verdict.ASSUMPTION_VIOLATED


def test_seeds_are_merged_into_one_row_and_share_no_sample() -> None:
    cells = [replace(ONE, seed=seed) for seed in (0, 1)]
    results = [measure(cell) for cell in cells]
    assert results[0] != results[1]
    (novikoff, iterate) = Perceptron().rows(cells, results)
    assert "6 runs" in novikoff.risk_what  # type: ignore[union-attr]
    assert "6 samples" in iterate.risk_what  # type: ignore[union-attr]


def test_inputs_that_float64_does_not_hold_exactly_are_refused() -> None:
    check_exact(population("digits_0_vs_rest"))
    check_exact(population("separable"))
    with pytest.raises(ValueError, match="multiples"):
        check_exact(FinitePool("thirds", np.array([[1 / 3], [-1.0]]), np.array([1, -1]), "none"))
    with pytest.raises(ValueError, match="separable"):
        check_exact(FinitePool("both", np.array([[1.0], [1.0]]), np.array([1, -1]), "none"))


@pytest.mark.slow
@pytest.mark.shipped
def test_the_shipped_cells_are_not_vacuous_and_nothing_is_refuted(shipped: Callable[[str], list[Row]]) -> None:
    found = shipped("perceptron")
    assert {row.verdict for row in found} == {Verdict.NOT_REFUTED}
    for row in found:
        assert isinstance(row, BoundRow)
        assert not row.certificate.vacuous
        if isinstance(row.risk, Interval):
            assert row.risk.upper < row.certificate.value
