"""The PAC-Bayes study: a certificate for each predictor, with the exact risk or an interval."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Literal

import numpy as np
import pytest
import torch
from tests.reference import pac_bayes as reference

from genbounds.models.networks import DenseNetwork
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic import GaussianDenseNetwork
from genbounds.verification.populations import population
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.rows.bound_row import BoundRow
from genbounds.verification.rows.interval import Interval
from genbounds.verification.rows.kinds import Row
from genbounds.verification.runs.cells import canonical_json, parse_json
from genbounds.verification.studies.pac_bayes.cell import DATA_FREE, HALF, NOISE, SUBSPACE
from genbounds.verification.studies.pac_bayes.certificates import DELTA, entries_of_cell
from genbounds.verification.studies.pac_bayes.study import PacBayes
from genbounds.verification.studies.posteriors.label_noise import noisy_risk
from genbounds.verification.studies.posteriors.pool_draws import flipped
from genbounds.verification.studies.posteriors.vote_risk import predicted, vote_risk

SMALL = {
    "data-free": replace(DATA_FREE, steps=60, n=300, widths=(64, 8, 10), pairs=4000, fit_steps=40),
    "half": replace(HALF, steps=40, n=300, widths=(64, 8, 10), pairs=4000, fit_steps=40),
}


@pytest.mark.slow
@pytest.mark.parametrize("prior", ["data-free", "half"])
def test_both_certificates_hold_at_the_whole_delta_with_every_assumption_audited(prior: Literal["data-free", "half"]) -> None:
    seeger, mcallester, *rest = entries_of_cell(SMALL[prior])
    for entry in (seeger, mcallester):
        certificate = entry.certificate
        assert certificate.delta == DELTA
        assert {found.status for found in certificate.assumptions} == {"by construction"}
        assert entry.n == certificate.inputs["n"] == (300 if prior == "data-free" else 150)
        assert entry.violated is False
    assert seeger.certificate.value <= mcallester.certificate.value
    inputs = seeger.certificate.inputs
    risk, kl = (Fraction(inputs[name].value) for name in ("empirical_risk", "kl"))
    assert inputs["delta"] == DELTA * Fraction(4, 5)
    expected = reference.seeger2002(empirical_risk=risk, kl=kl, n=seeger.n, delta=inputs["delta"])
    assert seeger.certificate.value == pytest.approx(float(expected), rel=1e-9)
    expected = reference.mcallester(empirical_risk=risk, kl=kl, n=seeger.n, delta=inputs["delta"])
    assert mcallester.certificate.value == pytest.approx(float(expected), rel=1e-9)
    assert [entry.certificate.bound for entry in rest] == ([] if prior == "data-free" else ["holdout.clopper_pearson"])


@pytest.mark.slow
def test_a_cell_gives_the_same_result_twice_and_another_seed_another() -> None:
    cell = SMALL["half"]
    first, second, other = (canonical_json([e.to_dict() for e in entries_of_cell(c)]) for c in (cell, cell, replace(cell, seed=1)))
    assert first == second != other


@pytest.mark.slow
def test_rows_stand_beside_an_interval() -> None:
    study, cell = PacBayes(), SMALL["half"]
    (result,) = study.run_tile([cell])
    rows = study.rows([cell], [parse_json(canonical_json(result))])
    assert [row.bound for row in rows] == ["pac_bayes.seeger2002", "pac_bayes.mcallester", "holdout.clopper_pearson"]
    for row in rows[:2]:
        assert isinstance(row.risk, Interval)
        assert "8000 independent" in row.risk.method
        assert row.baseline is not None


@pytest.mark.slow
def test_derandomised_predictors_have_rows_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genbounds.verification.studies.posteriors.pool_draws.VOTERS", 50)
    study, cell = PacBayes(), replace(SMALL["half"], derandomised=True)
    rows = {row.bound: row for row in study.rows([cell], study.run_tile([cell])) if isinstance(row, BoundRow)}
    assert rows["pac_bayes.disintegrated"].risk_what == "risk of one drawn network on the pool"
    assert isinstance(rows["pac_bayes.disintegrated"].risk, Fraction)
    for name in ("pac_bayes.majority_vote_factor_two", "pac_bayes.masegosa2020tandem"):
        assert rows[name].certificate.bounds_on == "majority vote risk"
        assert rows[name].baseline is not None
        assert rows[name].n == 150
    twice = 2 * rows["pac_bayes.seeger2002"].certificate.value
    assert rows["pac_bayes.majority_vote_factor_two"].certificate.value == pytest.approx(twice, rel=1e-12)
    assert all(found.status == "by construction" for row in rows.values() for found in row.certificate.assumptions)


@pytest.mark.slow
def test_a_posterior_in_a_subspace_is_certified_by_the_kl_of_its_coordinates() -> None:
    seeger = entries_of_cell(replace(SUBSPACE, steps=20, n=300, dimension=5, pairs=2000))[0]
    assert 0 < float(seeger.certificate.inputs["kl"].value) < 100
    assert seeger.violated is False


# --- label noise --------------------------------------------------------------------------------------------------------------------------


def test_flipped_labels_are_another_class_uniformly() -> None:
    """At 20 000 labels each of the ten counts is within five standard deviations: a false alarm in 2e6 runs, and the seed is fixed."""
    labels = torch.full((20_000,), 3)
    found = np.bincount(flipped(labels, Fraction(2, 5), 10, Stream("noise", "experiment"), 0).numpy(), minlength=10)
    shares = np.full(10, 0.4 / 9)
    shares[3] = 0.6
    assert np.all(np.abs(found - 20_000 * shares) <= 5 * np.sqrt(20_000 * shares * (1 - shares)))
    assert bool((flipped(labels, Fraction(0), 10, Stream("noise", "experiment"), 0) == labels).all())


@pytest.mark.parametrize("noise", NOISE)
def test_the_risk_against_flipped_labels_by_enumeration(noise: Fraction) -> None:
    """Four classes: every prediction against every flipped label, with its probability."""
    truth, predictions = (0, 1, 2, 3, 0), (0, 1, 3, 3, 2)
    clean = Fraction(sum(a != b for a, b in zip(truth, predictions, strict=True)), 5)
    noisy = Fraction(0)
    for (label, guess), seen in product(zip(truth, predictions, strict=True), range(4)):
        probability = 1 - noise if seen == label else noise / 3
        noisy += probability * (seen != guess) / 5
    assert noisy_risk(clean, noise, 4) == noisy


@pytest.mark.slow
def test_a_certificate_under_label_noise_is_above_the_noise() -> None:
    """A certificate of a predictor whose risk is at least the noise rate; it fails with probability .05 at most, and the seed is fixed."""
    seeger = entries_of_cell(replace(SMALL["half"], label_noise=Fraction(2, 5)))[0]
    assert isinstance(seeger.risk, Interval)
    assert seeger.risk.lower >= 0.4
    assert seeger.certificate.value > seeger.risk.upper


# --- the vote -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_interval_of_a_vote_closes_on_a_point_posterior() -> None:
    """Nearly no variance: every network votes alike, so the vote is the network at the means."""
    pool = population("digits")
    means = DenseNetwork((64, 10)).initialise(Stream("vote", "training"), 0)
    posterior = GaussianDenseNetwork(means, std=1e-9)
    with torch.no_grad():
        logits = means.double()(torch.tensor(pool.inputs))
    exact = pool.risk(logits.argmax(dim=1).numpy())
    found = vote_risk(posterior, pool, 100, Stream("vote", "experiment"), delta=0.001)
    assert found.lower <= float(exact) <= found.upper
    assert found.upper - found.lower < 1e-9


@pytest.mark.slow
def test_where_all_networks_are_noise_the_vote_is_open() -> None:
    pool = FinitePool("tiny votes", np.eye(4), np.arange(4) % 2, "none")
    posterior = GaussianDenseNetwork(DenseNetwork((4, 2)).initialise(Stream("vote", "training"), 0), std=1e3)
    found = vote_risk(posterior, pool, 200, Stream("vote", "experiment"), delta=0.001)
    assert (found.lower, found.upper) == pytest.approx((0.0, 1.0))
    assert "at 4 of 4 points the vote is open" in found.method


@pytest.mark.slow
def test_a_tie_and_a_number_that_is_none_are_votes_for_a_wrong_class() -> None:
    """Noise far below the last bit of the means: every network gives both classes the score 2, so the vote is wrong at every point."""
    means = DenseNetwork((4, 2))
    with torch.no_grad():
        for parameter in means.parameters():
            parameter.fill_(1.0)
    pool = FinitePool("tied votes", np.eye(4), np.arange(4) % 2, "none")
    posterior = GaussianDenseNetwork(means, std=1e-30)
    found = vote_risk(posterior, pool, 200, Stream("vote", "experiment"), delta=0.001)
    assert (found.lower, found.upper) == pytest.approx((1.0, 1.0))
    least = -torch.finfo(torch.float64).max
    scores = torch.tensor([[torch.nan] * 3, [torch.inf, torch.inf, 0], [-torch.inf] * 3, [least] * 3], dtype=torch.float64)
    for label in range(3):
        assert not bool((predicted(scores, torch.full((4,), label)) == label)[[0, 2, 3]].any())


@pytest.mark.slow
@pytest.mark.shipped
def test_the_shipped_cells_are_non_vacuous(shipped: Callable[[str], list[Row]]) -> None:
    rows = shipped("pac_bayes")
    for row in rows:
        assert isinstance(row, BoundRow)
        least = row.risk.lower if isinstance(row.risk, Interval) else row.risk
        assert least < row.certificate.value
        if row.bound == "pac_bayes.seeger2002" and "flipped" not in row.population:
            assert row.certificate.value < (0.15 if "half" in row.training else 0.5)
        elif "tandem" not in row.bound:
            assert not row.certificate.vacuous
    noisy = [row for row in rows if isinstance(row, BoundRow) and "flipped" in row.population]
    assert len(noisy) == 2 * len(NOISE)
    for row, noise in zip(noisy[::2], NOISE, strict=True):
        assert row.certificate.value > noise
