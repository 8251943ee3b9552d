"""The stability study: gaps against a loop, certificates against independent formulas, and what would refute them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from tests.reference import stability as reference

from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.learners.linear_models import minimise
from genbounds.verification.populations import population
from genbounds.verification.rows.bound_row import BoundRow
from genbounds.verification.rows.interval import Interval
from genbounds.verification.rows.kinds import Row
from genbounds.verification.runs.cells import Cell, canonical_json, digest, parse_json
from genbounds.verification.studies import regularised, twins
from genbounds.verification.studies.stability import (
    CONTRADICTION,
    DESCENTS,
    DescentCell,
    Stability,
    bound_of_descent,
    half_range,
    measure,
    usual_gap,
)

LOGISTIC = replace(DESCENTS[1], n=50, draws=6)
SIGMOID = replace(DESCENTS[2], n=50, draws=6)
TWIN = twins.TwinCell("digits", 60, (64, 8, 10), Fraction(1, 20), 4, "realistic")
ERM = regularised.RegularisedCell("separable", 300, Fraction(1, 10), "realistic")


def rows(cells: list[Cell], results: list[Any] | None = None) -> list[BoundRow]:
    study = Stability()
    given = study.run_tile(cells) if results is None else results
    found = study.rows(cells, [parse_json(canonical_json(result)) for result in given])
    assert all(isinstance(row, BoundRow) for row in found)
    return list(found)  # type: ignore[arg-type]


@pytest.mark.parametrize("cell", [LOGISTIC, SIGMOID])
def test_a_gap_is_the_exact_loss_over_the_pool_minus_that_on_the_sample(cell: DescentCell) -> None:
    pool, result = population(cell.population), measure(cell)
    gaps = np.array(result["gaps"])
    assert gaps.shape == (6,)
    assert np.abs(gaps).max() <= half_range(cell)
    assert gaps.mean() == pytest.approx(result["mean_pool_loss"] - result["mean_sample_loss"], abs=1e-12)
    # The mean over the pool of losses weighted by their counts: the gap of a constant predictor is 0, and here it is not.
    counts = np.stack([pool.counts(pool.sample((digest(cell), draw), cell.n)) for draw in range(6)])
    assert (counts.sum(axis=1) == cell.n).all()
    assert len(set(result["gaps"])) == 6
    assert np.abs(result["differences"]).max() <= result["half"] <= bound_of_descent(cell).value * (1 + 1e-8)


def test_a_logistic_network_is_that_of_a_plain_loop() -> None:
    """One network by hand: gradient steps on single examples, each followed by the projection."""
    from genbounds.models.ensemble import IndexSamples
    from genbounds.models.randomness.streams import Stream

    cell, pool = LOGISTIC, population(LOGISTIC.population)
    drawn = pool.sample((digest(cell), 2), cell.n)
    stream = Stream(f"descent {digest(cell)}", "training")
    order = stream.sub("batches").sub("permutation").permutation([2], 0, cell.n)[0].tolist()
    assert sorted(order) == list(range(cell.n))
    samples = IndexSamples(torch.from_numpy(drawn))
    assert samples.networks == 1
    weights = np.zeros(20)  # inside the ball, as the theorem asks
    for position in order:
        example = pool.inputs[drawn[position]] * pool.labels[drawn[position]]
        weights = weights + float(cell.step) * example / (1 + math.exp(weights @ example))
        weights *= min(1.0, float(cell.radius) / np.linalg.norm(weights))
    losses = np.log1p(np.exp(-pool.labels * (pool.inputs @ weights)))
    assert measure(cell)["gaps"][2] == pytest.approx(losses.mean() - losses[drawn].mean(), abs=1e-10)


@pytest.mark.slow
def test_certificates_are_those_of_the_references() -> None:
    for cell in DESCENTS:
        radius = Fraction(population(cell.population).input_radius)
        if cell.loss == "logistic":
            expected = reference.hardt2016convex(lipschitz=radius, smoothness=radius**2 / 4, step_sizes=(cell.step,) * cell.n, n=cell.n)
        else:
            expected = reference.hardt2016nonconvex(
                lipschitz=radius / 4,
                smoothness=radius**2 * Fraction(962251, 10**7),
                step_scale=cell.step,
                steps=cell.n,
                n=cell.n,
            )
        found = bound_of_descent(cell)
        assert float(expected) <= found.value <= float(expected) * (1 + 1e-9)
        assert {entry.status for entry in found.assumptions} <= {"by construction", "checked"}


@pytest.mark.slow
def test_a_gap_refutes_only_when_its_limit_is_above_the_bound_on_either_side() -> None:
    cell = replace(DESCENTS[2], draws=4000)
    for gap, draws, verdict in ((0.5, 3, "not refuted"), (0.5, 4000, "refuted"), (-0.5, 4000, "refuted"), (0.005, 4000, "not refuted")):
        differences = [math.copysign(min(abs(gap), 1.0), gap)] * draws
        given = {"gaps": [gap] * draws, "differences": differences, "half": 1.0, "mean_pool_loss": 0.5, "mean_sample_loss": 0.0}
        (row,) = rows([cell], [given])
        assert row.verdict == verdict


@pytest.mark.slow
def test_gaps_that_their_twins_contradict_are_refuted() -> None:
    """Gaps of 0.1 and differences around 0.001: a leak, or draws that are not draws, is what such numbers mean."""
    cell = replace(DESCENTS[1], draws=4000)
    for gap, verdict in ((0.02, "refuted"), (-0.02, "refuted"), (0.001, "not refuted")):
        given = {"gaps": [gap] * 4000, "differences": [0.001] * 4000, "half": 0.03, "mean_pool_loss": 0.5, "mean_sample_loss": 0.0}
        (row,) = rows([cell], [given])
        assert row.verdict == verdict
        assert (CONTRADICTION in row.note) == (verdict == "refuted")


def test_the_twins_of_a_network_are_described() -> None:
    """By hand: the loss at each replaced example, of the twin without it less that of the network."""
    result = twins.measure(TWIN)
    assert len(result["loss_differences"]) == len(result["entropy_differences"]) == 4
    assert max(map(abs, result["loss_differences"])) <= result["largest_change"]
    mean = np.mean(result["entropy_differences"])
    assert f"expected gap {mean:.2g} by the twins" in rows([TWIN], [result])[1].note


def test_the_ball_and_the_loss_range_hold_for_every_minimiser_that_was_tried() -> None:
    pool = population("separable")
    for mu in (Fraction(1, 1000), Fraction(1, 10), Fraction(4)):
        ball, most = regularised.norm_bound(pool.input_radius, mu), regularised.loss_range(pool.input_radius, mu)
        for seed in range(5):
            found = minimise(pool.inputs, pool.labels, pool.sample_counts(("ball", seed), 30), float(mu), pool.input_radius)
            assert np.linalg.norm(found.weights) <= ball
            assert np.log1p(np.exp(-pool.labels * (pool.inputs @ found.weights))).max() <= most


def test_the_certificate_of_a_minimiser_is_that_of_the_references() -> None:
    pool = population("separable")
    (row,) = rows([ERM])
    radius, mu = Fraction(pool.input_radius), ERM.strong_convexity
    beta = reference.regularized_erm(lipschitz=radius, strong_convexity=mu, n=ERM.n)
    most = math.log1p(math.exp(float(radius) * min(float(radius / mu), math.sqrt(2 * math.log(2) / mu))))
    assert row.empirical is not None
    expected = reference.bousquet_elisseeff2002(
        empirical_risk=Fraction(row.empirical), stability=Fraction(float(beta)), n=ERM.n, delta=Fraction(1, 20), loss_range=most
    )
    assert row.certificate.value == pytest.approx(float(expected), rel=1e-9)
    assert row.certificate.value > float(expected)
    assert {entry.status for entry in row.certificate.assumptions} == {"by construction", "checked"}
    assert isinstance(row.risk, Interval)
    assert row.risk.upper - row.risk.lower < 1e-9
    assert row.risk.upper < row.certificate.value


def test_held_out_points_are_the_least_that_reach_the_bound() -> None:
    from genbounds.bounds.holdout import chernoff_kl

    (row,) = rows([replace(ERM, n=5000)])
    most, points = float(row.certificate.trivial or 0), row.held_out_equivalent
    assert isinstance(row.risk, Interval)
    assert points is not None

    def held_out(n: int) -> float:
        return most * chernoff_kl.value(empirical_risk=row.risk.middle / most, n=n, delta=0.05)  # type: ignore[union-attr,no-any-return]

    assert held_out(points) <= row.certificate.value < held_out(points - 1)


def test_minimisers_below_their_risk_too_often_refute() -> None:
    cells = [replace(ERM, n=5000, seed=seed) for seed in range(6)]
    good = regularised.measure(cells[0])
    bad = {**good, "pool_risk": 3.0}
    assert {row.verdict for row in rows(list(cells), [good] * 5 + [bad])} == {Verdict.NOT_REFUTED}
    assert {row.verdict for row in rows(list(cells), [bad] * 5 + [good])} == {Verdict.REFUTED}


def test_a_deeper_network_reads_assumption_violated_and_is_no_certificate() -> None:
    uniform, descent = rows([TWIN])
    assert {uniform.verdict, descent.verdict} == {Verdict.ASSUMPTION_VIOLATED}
    assert {uniform.certificate.kind, descent.certificate.kind} == {"estimate"}
    assert [entry.assumption.name for entry in uniform.certificate.violated] == ["uniform stability"]
    assert "smooth loss" in [entry.assumption.name for entry in descent.certificate.violated]
    assert uniform.held_out_equivalent is None


def test_the_note_of_the_twins_rounds_outward() -> None:
    """Measured extremes: "up to" is no smaller, "at least" no larger."""
    result = {**Stability().run_tile([TWIN])[0], "largest_gradient": 12.341, "largest_ratio": 7.6789}
    note = rows([TWIN], [result])[1].note
    assert "gradient norm up to 12.4, smoothness at least 7.67, as measured" in note


@pytest.mark.parametrize(("samples", "powerless"), [(1, True), (2, True), (4, False)])
def test_one_sample_of_a_minimiser_says_that_it_could_refute_nothing(samples: int, powerless: bool) -> None:
    """Its bound fails with probability .05; .05^2 is above the level .000125 of a setting, .05^4 below."""
    cells: list[Cell] = [replace(ERM, seed=seed) for seed in range(samples)]
    found = rows(cells)
    assert len(found) == samples
    assert all(("no power" in row.note) is powerless for row in found)


def test_gradients_of_examples_are_those_of_a_loop() -> None:
    from genbounds.models.networks import DenseNetwork

    network = DenseNetwork([3, 4, 2], dtype=torch.float64)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
    inputs, labels = torch.randn(5, 3, generator=generator, dtype=torch.float64), torch.tensor([0, 1, 1, 0, 1])
    found = twins.per_example_gradients(network, inputs, labels)
    for row in range(5):
        network.zero_grad()
        torch.nn.functional.cross_entropy(network(inputs[row : row + 1]), labels[row : row + 1]).backward()
        expected = torch.cat([parameter.grad.flatten() for parameter in network.parameters()])  # type: ignore[union-attr]
        assert torch.allclose(found[row], expected, atol=1e-12)


@pytest.mark.slow
def test_a_cell_gives_the_same_result_twice_and_another_seed_another() -> None:
    study = Stability()
    for cell in (LOGISTIC, SIGMOID, TWIN, ERM):
        first, second, other = (canonical_json(study.run_tile([c])[0]) for c in (cell, cell, replace(cell, seed=1)))
        assert first == second != other


@pytest.mark.slow
@pytest.mark.shipped
def test_the_shipped_rows_are_below_what_is_trivial_and_not_refuted(shipped: Callable[[str], list[Row]]) -> None:
    found = [row for row in shipped("stability") if isinstance(row, BoundRow)]
    certified = [row for row in found if row.verdict is not Verdict.ASSUMPTION_VIOLATED]
    assert len(found) - len(certified) == 2
    assert {row.verdict for row in certified} == {Verdict.NOT_REFUTED}
    assert not any(row.certificate.vacuous for row in certified)
    gaps = [row for row in certified if row.certificate.mode == "EXP"]
    assert len(gaps) == len(DESCENTS)
    assert all(isinstance(row.risk, Interval) and row.risk.lower > 0 for row in gaps)  # told from 0, all of them
    large = [row for row in certified if row.scale == "non-vacuous"]
    assert large
    assert all(row.certificate.value < math.log(2) for row in large)  # below the loss of weights 0


@pytest.mark.parametrize("cell", DESCENTS)
def test_no_gap_of_the_ball_is_seen_beyond_where_it_usually_lies(cell: DescentCell) -> None:
    """Weights that look at the sample: along the mean of the pool less that of the sample, either way, as long as the ball allows."""
    pool, usual = population(cell.population), usual_gap(cell)
    signed = pool.inputs * pool.labels[:, None]
    slope = cell.loss == "logistic"
    ball = float(cell.radius) if slope else float(cell.step) * pool.input_radius / 4 * (1 + np.log(cell.n))
    largest = 0.0
    for key in range(50):
        drawn = pool.sample(("usual gap", key), cell.n)
        direction = signed.mean(axis=0) - signed[drawn].mean(axis=0)
        for sign in (1, -1):
            margins = signed @ (sign * ball * direction / np.linalg.norm(direction))
            losses = np.logaddexp(0, -margins) if slope else 1 / (1 + np.exp(margins))
            largest = max(largest, abs(losses.mean() - losses[drawn].mean()))
    assert 0 < largest <= usual.half
    assert usual.half < half_range(cell) / 2
