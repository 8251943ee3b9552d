"""Certificates of trained networks: every assumption audited, inputs and values recomputed independently."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from tests.reference import margin as margin_reference
from tests.reference import rademacher as rademacher_reference
from tests.reference import vc as vc_reference

from genbounds.models.certifying.margin_search import candidate_margins
from genbounds.verification.populations import population
from genbounds.verification.studies.certifying import CERTIFIERS, DELTA, class_norm, entries_of_network, leading_digits, ramp_risk
from genbounds.verification.studies.entries import Entry
from genbounds.verification.studies.trained_network import NetworkCell, TrainedNetwork, train

COUNTED = ("holdout.hoeffding", "holdout.chernoff_kl", "holdout.clopper_pearson", "vc.growth_function", "vc.sauer")
MARGIN = ("margin.norm_product", "margin.spectral", "margin.spectral:homogeneous", "margin.bartlett2017spectral")
CELL = NetworkCell("breast_cancer", (30, 4, 1), 400, (*COUNTED, *MARGIN), steps=300, held_out=500)
BALL = replace(CELL, bounds=("rademacher.uniform_deviation", *MARGIN), bias=False, radius=2.0, held_out=0)


@pytest.fixture(scope="module")
def plain() -> TrainedNetwork:
    return train([CELL])[0]


@pytest.fixture(scope="module")
def ball() -> TrainedNetwork:
    return train([BALL])[0]


def of(entries: list[Entry], bound: str) -> Entry:
    return next(entry for entry in entries if entry.certificate.bound == bound)


def test_every_certifier_is_tried_here() -> None:
    assert set(CERTIFIERS) == {*CELL.bounds, *BALL.bounds}


@pytest.mark.slow
def test_no_assumption_is_left_open_and_no_bound_is_below_the_risk(plain: TrainedNetwork, ball: TrainedNetwork) -> None:
    for entry in [*entries_of_network(plain), *entries_of_network(ball)]:
        statuses = {found.status for found in entry.certificate.assumptions}
        assert statuses <= {"by construction", "checked"}, entry.certificate.summary()
        assert entry.certificate.delta == DELTA
        assert entry.violated is False  # each may fail with probability .05 over the draws, which are fixed here


@pytest.mark.slow
def test_held_out_certificates_are_of_the_held_out_draws(plain: TrainedNetwork) -> None:
    entry = of(entries_of_network(plain), "holdout.hoeffding")
    assert entry.n == 500
    assert entry.empirical == Fraction(plain.held_out_errors, 500)
    assert entry.certificate.value == pytest.approx(plain.held_out_errors / 500 + math.sqrt(math.log(20) / 1000), rel=1e-12)


@pytest.mark.slow
def test_counting_bounds_equal_the_references(plain: TrainedNetwork) -> None:
    entries, risk = entries_of_network(plain), plain.summary.empirical_risk
    growth = vc_reference.log_growth_relu_network(widths=(30, 4, 1), n=400)
    expected = vc_reference.growth_function(empirical_risk=risk, n=400, log_growth=growth, delta=DELTA)
    assert of(entries, "vc.growth_function").certificate.value == pytest.approx(float(expected), rel=1e-12)
    dimension = vc_reference.dimension_relu_network(widths=(30, 4, 1))
    expected = vc_reference.sauer(empirical_risk=risk, n=400, vc_dimension=int(dimension), delta=DELTA)
    assert of(entries, "vc.sauer").certificate.value == pytest.approx(float(expected), rel=1e-12)


@pytest.mark.slow
def test_the_ramp_bound_equals_its_reference(ball: TrainedNetwork) -> None:
    pool, counts = population("breast_cancer"), ball.summary.counts
    assert counts is not None
    data_norm = math.sqrt(float((counts * (pool.inputs**2).sum(axis=1)).sum()))
    ramp = float((counts * np.clip(1 - ball.summary.margins, 0, 1)).sum() / 400)
    complexity = rademacher_reference.golowich2018frobenius(norm_product=2, depth=2, data_norm=data_norm, n=400)
    expected = rademacher_reference.uniform_deviation(empirical_risk=ramp, complexity=complexity, n=400, delta=DELTA)
    assert of(entries_of_network(ball), "rademacher.uniform_deviation").certificate.value == pytest.approx(float(expected), rel=1e-9)


@pytest.mark.slow
def test_the_norm_product_bound_equals_its_reference(ball: TrainedNetwork) -> None:
    certificate = of(entries_of_network(ball), "margin.norm_product").certificate
    pool, counts = population("breast_cancer"), ball.summary.counts
    assert counts is not None
    chosen = certificate.inputs["margin"]
    expected = margin_reference.norm_product(
        margin_risk=Fraction(int(counts[ball.summary.margins <= chosen].sum()), 400),
        margin=chosen,
        norm_product=math.prod(ball.summary.frobenius_norms.value),
        depth=2,
        outputs=1,
        data_norm=math.sqrt(float((counts * (pool.inputs**2).sum(axis=1)).sum())),
        n=400,
        delta=DELTA,
    )
    assert certificate.value == pytest.approx(float(expected), rel=1e-9)


@pytest.mark.parametrize("name", MARGIN)
def test_the_margin_is_the_best_of_the_candidates(ball: TrainedNetwork, name: str) -> None:
    claim = CERTIFIERS[name](ball)
    value = claim.certificate().value
    assert float(np.min(claim.values_at(claim.n))) == pytest.approx(value, rel=1e-9)
    assert len(candidate_margins(ball.summary)) > 20


@pytest.mark.slow
def test_networks_with_biases_are_measured_with_the_biases_absorbed(plain: TrainedNetwork) -> None:
    certificate = of(entries_of_network(plain), "margin.norm_product").certificate
    absorbed = plain.summary.augmented()
    assert certificate.inputs["norm_product"] == absorbed.norm_product()
    assert absorbed.widths == (31, 5, 1)
    assert float(absorbed.data_norm) == pytest.approx(math.sqrt(float(plain.summary.data_norm) ** 2 + 400))


def test_a_network_outside_the_class_is_no_certificate(ball: TrainedNetwork) -> None:
    outside = replace(ball, cell=replace(BALL, radius=1.0, bounds=("rademacher.uniform_deviation",)))
    (entry,) = entries_of_network(outside)
    assert [found.assumption.name for found in entry.certificate.violated] == ["class fixed in advance"]
    assert entry.violated is None


@pytest.mark.slow
def test_vacuous_bounds_say_from_which_n_they_would_inform(plain: TrainedNetwork) -> None:
    for name in ("vc.growth_function", "margin.norm_product"):
        claim = CERTIFIERS[name](plain)
        assert claim.certificate().vacuous
        n = claim.informative_n()
        assert n is not None
        assert float(np.min(claim.values_at(n))) < 1 <= float(np.min(claim.values_at(n - 1)))
        assert f"informative from n = {leading_digits(n)}" in of(entries_of_network(plain), name).note


def test_the_ramp_loss_is_rounded_up(ball: TrainedNetwork) -> None:
    summary = ball.summary
    assert summary.counts is not None
    exact = sum(
        (int(c) * min(Fraction(1), max(Fraction(0), 1 - Fraction(float(m)))) for c, m in zip(summary.counts, summary.margins, strict=True)),
        start=Fraction(0),
    )
    found = Fraction(ramp_risk(summary))
    assert exact / 400 <= found <= exact / 400 * (1 + Fraction(1, 2**52))
    assert found >= summary.empirical_risk


def test_cells_that_a_bound_cannot_take_are_refused(plain: TrainedNetwork, ball: TrainedNetwork) -> None:
    with pytest.raises(ValueError, match="scalar network without biases"):
        CERTIFIERS["rademacher.uniform_deviation"](plain)
    with pytest.raises(ValueError, match="held_out must be at least 1"):
        CERTIFIERS["holdout.hoeffding"](ball)


def test_class_norms() -> None:
    assert class_norm(3.0, 1) == 3.0
    assert class_norm(2.0, 2) == 2.0


@pytest.mark.parametrize(("n", "text"), [(9999, "9999"), (10**5, "1e5"), (100_001, "1.1e5"), (99_500, "1e5"), (12_000, "1.2e4")])
def test_leading_digits_round_up(n: int, text: str) -> None:
    assert leading_digits(n) == text
    assert float(text) >= n
