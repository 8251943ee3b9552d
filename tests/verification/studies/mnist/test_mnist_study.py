"""The studies of MNIST and Fashion-MNIST on a stand-in that needs no files: scikit-learn's digits, drawn on 28 x 28 pixels."""

from __future__ import annotations

import os
from dataclasses import replace
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import torch
from scipy.stats import beta
from sklearn.datasets import load_digits
from tests.reference import pac_bayes as reference

from genbounds.models.randomness.streams import Stream
from genbounds.verification import studies
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.idx_pool import VARIABLE
from genbounds.verification.rows.interval import Interval
from genbounds.verification.runs.cells import canonical_json, digest, parse_json
from genbounds.verification.studies.mnist import certificates, picked_certificate
from genbounds.verification.studies.mnist.cell import (
    CLOTHES,
    CONVOLUTIONAL,
    CONVOLUTIONAL_FREE,
    DENSE,
    DENSE_FREE,
    NOISY,
    SUBSPACE_FREE,
    MnistCell,
)
from genbounds.verification.studies.mnist.certificates import ALTERNATIVES, DELTA, FILES, entries_of_cell
from genbounds.verification.studies.mnist.picked_certificate import picked_entry
from genbounds.verification.studies.mnist.picking import PICKED, PICKED_CLOTHES, PickedCell
from genbounds.verification.studies.mnist.study import FashionMnist, Mnist
from genbounds.verification.studies.posteriors.image_files import flipped
from genbounds.verification.studies.posteriors.label_noise import noisy_interval

SAMPLE, TEST = 400, 150
REPEATED = (3, 77)
ROUTES = {
    "dense": replace(DENSE, widths=(16, 16), epochs=1, steps=3, pairs=800),
    "convolutional": replace(CONVOLUTIONAL, widths=(2, 3, 8), epochs=1, steps=2, pairs=400),
    "dense, no data": replace(DENSE_FREE, widths=(8,), steps=5, pairs=400),
    "convolutional, no data": replace(CONVOLUTIONAL_FREE, widths=(2, 3), steps=3, pairs=200, batch_size=16),
    "subspace": replace(SUBSPACE_FREE, widths=(2, 3), dimension=20, steps=3, pairs=200, batch_size=16),
    "clothes": replace(CLOTHES, widths=(2, 2, 3, 8), epochs=1, steps=2, pairs=200, population="fashion_mnist"),
    "noisy": replace(NOISY, widths=(8,), epochs=1, steps=2, pairs=400, label_noise=Fraction(1, 5)),
}


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Digits of 8 x 8 pixels, each three times as wide and high, with a margin of two pixels."""
    data, labels = load_digits(return_X_y=True)
    images = np.kron(data[: SAMPLE + TEST].reshape(-1, 8, 8) / 16, np.ones((1, 3, 3)))
    padded = np.pad(images, ((0, 0), (2, 2), (2, 2))).reshape(SAMPLE + TEST, 784)
    pool = FinitePool("mnist", padded, labels[: SAMPLE + TEST], "a stand-in")
    for module in (certificates, picked_certificate):
        monkeypatch.setattr(module, "population", lambda name: pool)
        monkeypatch.setattr(module, "TRAINING", SAMPLE)
    monkeypatch.setitem(FILES, "fashion_mnist", replace(FILES["fashion_mnist"], repeated=REPEATED))


@pytest.mark.slow
@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize("route", ROUTES)
def test_every_route_certifies_what_it_says_at_the_whole_delta(route: str) -> None:
    cell = ROUTES[route]
    entries = entries_of_cell(cell)
    gibbs = entries[0]
    half = cell.prior == "half"
    n = SAMPLE // 2 if half else SAMPLE
    assert [entry.certificate.bound for entry in entries] == [
        "pac_bayes.seeger2002",
        *(["holdout.clopper_pearson"] if half else []),
        *(["pac_bayes.disintegrated", "pac_bayes.majority_vote_factor_two", "pac_bayes.masegosa2020tandem"] if cell.derandomised else []),
    ]
    assert all(entry.violated is False and entry.n == n for entry in entries)
    inputs = gibbs.certificate.inputs
    assert (inputs["n"], gibbs.certificate.delta) == (n, DELTA)
    risk, kl = (Fraction(inputs[name].value) for name in ("empirical_risk", "kl"))
    assert float(kl) > np.log(32)  # the recipes that were tried are in it
    expected = reference.seeger2002(empirical_risk=risk, kl=kl, n=n, delta=DELTA * Fraction(4, 5))
    assert gibbs.certificate.value == pytest.approx(float(expected), rel=1e-9)
    status = {found.assumption.name: found.status for entry in entries for found in entry.certificate.assumptions}
    assert status["iid sample"] == "declared"
    assert status["independent pairs"] == "by construction"
    assert ("right at its lower end" in str(gibbs.risk)) == (cell.population == "fashion_mnist")
    if half:
        assert entries[1].certificate.delta == DELTA / 32
    assert canonical_json([e.to_dict() for e in entries_of_cell(cell)]) == canonical_json([e.to_dict() for e in entries])


@pytest.mark.slow
@pytest.mark.usefixtures("stand_in")
def test_rows_are_told_apart_and_say_whose_risk_they_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    study = Mnist()
    # Of these cells the noise alone differs; their own names would read the data's hash.
    monkeypatch.setattr("genbounds.verification.studies.mnist.study.cell_name", lambda study, cell: f"cell {cell.label_noise}")
    cells = [ROUTES["noisy"], replace(ROUTES["noisy"], label_noise=Fraction(2, 5))]
    rows = study.rows(cells, [parse_json(canonical_json(result)) for result in study.run_tile(cells)])
    assert len({row.id for row in rows}) == len(rows) == 4
    assert len({row.population for row in rows}) == 2  # the noise belongs to the population, and tells the sentences apart
    assert "Gibbs risk" in rows[0].risk_what
    assert "prior's means" in rows[1].risk_what
    assert all(row.certificate.value > float(cell.label_noise) for cell, row in zip(cells, rows[::2], strict=True))


@pytest.mark.slow
@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize("cell", [PICKED, PICKED_CLOTHES], ids=["digits", "clothes"])
def test_pick_to_learn_certifies_one_network_at_its_share_of_delta(cell: PickedCell, monkeypatch: pytest.MonkeyPatch) -> None:
    small = replace(cell, widths=(2, 3, 8), spent=100, first_steps=10, rounds=2, at_most=30, steps=5)
    if cell is PICKED_CLOTHES:
        small = replace(small, population="fashion_mnist")
    entry = picked_entry(small)
    certificate = entry.certificate
    assert certificate.bound == "holdout.campi2023compression"
    assert certificate.delta == DELTA / 32
    assert entry.n == certificate.inputs["n"] == SAMPLE - 100
    picked, left = (int(entry.note.split(", ")[i].split()[0]) for i in (1, 2))
    assert picked == 60  # so early a network has that many errors
    assert certificate.inputs["size"] == picked + left
    assert entry.empirical == Fraction(left, SAMPLE - 100)
    assert entry.violated is False
    assert isinstance(entry.risk, Interval)
    assert (f"and {len(REPEATED)} that repeat training images" in entry.risk.method) == (cell is PICKED_CLOTHES)
    assert picked_entry(replace(small, seeds=3)).certificate.delta == DELTA / 96
    monkeypatch.setattr("genbounds.verification.studies.mnist.study.cell_name", lambda study, cell: "cell")
    (row,) = Mnist().rows([small], [{"entries": [entry.to_dict()]}])
    assert (row.network, "pick-to-learn: 100 images spent" in row.training) == (small.network, True)


def test_noisy_labels_are_flipped_at_the_rate_to_every_other_class() -> None:
    # 40000 labels: the rate within 5.5 standard errors, 4e-8; the nine classes by chi-square at 1e-6.
    from scipy.stats import chisquare

    labels = torch.arange(40_000) % 10
    found = flipped(labels, Fraction(3, 10), 10, Stream("noise", "test"), 0)
    moved = (found - labels) % 10
    rate = float((moved != 0).double().mean())
    assert abs(rate - 0.3) < 5.5 * (0.21 / 40_000) ** 0.5
    assert chisquare(np.bincount(moved[moved != 0].numpy(), minlength=10)[1:]).pvalue > 1e-6
    assert torch.equal(flipped(labels, Fraction(0), 10, Stream("noise", "test"), 0), labels)


def test_the_risk_against_noisy_labels_by_enumeration() -> None:
    for clean, noise in ((Fraction(1, 50), Fraction(1, 10)), (Fraction(1, 3), Fraction(2, 5))):
        # The predictor is right with probability 1 - clean; the label stays with 1 - noise, or is one of nine others, each alike.
        right = (1 - clean) * noise
        wrong = clean * ((1 - noise) + noise * Fraction(8, 9))
        found = noisy_interval(float(clean), float(clean), noise, 10, "counted")
        assert found.lower <= float(right + wrong) <= found.upper <= found.lower + 1e-15


@pytest.mark.parametrize(("name", "kind", "routes"), [("mnist", Mnist, 10), ("fashion_mnist", FashionMnist, 12)])
def test_the_studies_run_only_if_they_are_named(name: str, kind: type[Mnist], routes: int) -> None:
    assert name not in studies.names()
    study = studies.get(name)
    assert isinstance(study, kind)
    cells = study.cells()
    assert len(cells) == routes <= ALTERNATIVES
    assert {cell.population for cell in cells} == {name}
    full = studies.get(name, full=True).cells()
    assert {cell.seed for cell in full} == {0, 1, 2}
    assert all(isinstance(cell, MnistCell | PickedCell) and cell.seeds == 3 for cell in full)
    assert [cell.identity for cell in full] == 3 * [cell.identity for cell in cells]


def test_every_route_of_mnist_is_one_of_fashion_mnist() -> None:
    clothes = FashionMnist().cells()
    for cell in Mnist().cells():
        assert replace(cell, population="fashion_mnist") in clothes
        assert cell.identity not in [other.identity for other in clothes]  # so their random numbers are others


def test_the_random_numbers_of_the_published_rows_stay_what_they_were() -> None:
    """As named before a cell had the fields ``distortion`` and ``seeds``."""
    pinned = {
        "d7c23331a7068c909dedb0efa5421f1a": DENSE,
        "2e6ef1518c6c96376e1654f924efcbdd": CONVOLUTIONAL,
        "38147f90a838688cab87c98666e94131": DENSE_FREE,
        "eda3831d2a8e1074b41078fecce55b8e": CONVOLUTIONAL_FREE,
        "f01e8b53b8a8526cc7dd7a8beab3f02e": SUBSPACE_FREE,
        "88e30402866ca845de996fe5753df5f9": replace(NOISY, label_noise=Fraction(1, 10)),
    }
    assert {digest(cell.identity): cell for cell in pinned.values()} == pinned


@pytest.mark.slow
@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize("route", ["dense", "dense, no data"])
def test_the_best_of_three_seeds_is_paid_for_in_every_certificate(route: str) -> None:
    """The same networks, certified as one of 32 and as one of 96: ln 3 more in each KL and log ratio, at 50 digits, Clopper and Pearson's
    limits at a third of the level, by scipy's beta quantile, and words that say so.
    """
    one, three = (entries_of_cell(replace(ROUTES[route], seeds=seeds)) for seeds in (1, 3))
    pairs = ROUTES[route].pairs
    for single, paid in zip(one, three, strict=True):
        before, after = (entry.certificate.inputs for entry in (single, paid))
        assert paid.certificate.value >= single.certificate.value
        for nats in {"kl", "log_ratio"} & set(before):
            added = Fraction(after[nats].value) - Fraction(before[nats].value)
            with mpmath.workdps(50):
                assert abs(mpmath.mpf(added.numerator) / added.denominator - mpmath.log(3)) < 1e-12  # two roundings to doubles
        if single.certificate.bound == "pac_bayes.seeger2002":
            limits = [float(inputs["empirical_risk"]) for inputs in (before, after)]
            level = float(DELTA) / 5 / ALTERNATIVES
            errors = next(k for k in range(pairs) if beta.ppf(1 - level, k + 1, pairs - k) >= limits[0] - 1e-9)
            assert limits == pytest.approx([beta.ppf(1 - level / k, errors + 1, pairs - errors) for k in (1, 3)], rel=1e-9)
        if single.certificate.bound == "holdout.clopper_pearson":
            assert (single.certificate.delta, paid.certificate.delta) == (DELTA / 32, DELTA / 96)
            assert before["errors"] == after["errors"]
        said = " ".join(found.how for found in paid.certificate.assumptions)
        assert "96" in said or "two" in paid.certificate.bound  # twice a certificate that says it


@pytest.mark.skipif(not os.environ.get(VARIABLE), reason=f"{VARIABLE} is not set: it names the folder with the IDX files of MNIST")
@pytest.mark.slow
def test_a_small_cell_on_the_real_images() -> None:
    entries = entries_of_cell(replace(NOISY, widths=(32,), epochs=1, steps=5, pairs=4000, label_noise=Fraction(0)))
    assert entries[0].certificate.inputs["n"] == 30_000
    assert all(entry.risk.lower < entry.certificate.value < 0.25 for entry in entries)
