"""The procedure on data sets that no study has: data, prior and recipe are arguments, and what they say is on the certificates."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
import torch
from scipy import stats

from genbounds.bounds import Quantity
from genbounds.models.networks import DenseNetwork
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic import GaussianDenseNetwork, PosteriorTraining, gaussian_kl
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.rows.interval import Interval
from genbounds.verification.studies.posteriors.data_set import RISK_DELTA, DataSet
from genbounds.verification.studies.posteriors.image_files import ImageFiles, ImageSample
from genbounds.verification.studies.posteriors.pool_draws import PoolDraws
from genbounds.verification.studies.posteriors.procedure import CertifiedPosterior, Prior, Recipe

STREAM = Stream("test of the procedure", "experiment")
DELTA = Fraction(1, 20)
RECIPE = Recipe(
    delta=DELTA,
    objective="seeger2002",
    training=PosteriorTraining(steps=5, batch_size=16),
    pairs=500,
    vote_pairs=200,
    posterior_audit=("declared", "the only one of this test"),
)


def three_classes() -> FinitePool:
    """90 points of 4 features around three centres."""
    generator = np.random.default_rng(0)
    labels = np.arange(90) % 3
    return FinitePool("three centres", 2.0 * np.eye(4)[labels] + generator.standard_normal((90, 4)), labels, "made here")


def data_sets() -> dict[str, DataSet]:
    pool = three_classes()
    options: dict[str, Any] = {"stream": STREAM, "network": 0}
    return {
        "pool, whole": PoolDraws.whole(pool, "key", 60, 400),
        "pool, halves": PoolDraws.halves(pool, "key", 60, 400, Fraction(0), **options),
        "files, whole": ImageFiles.of(pool, ImageSample("Clothes", 60), halves=False, **options),
        "files, halves": ImageFiles.of(pool, ImageSample("Clothes", 60, noise=Fraction(1, 5)), halves=True, **options),
    }


def certified(data: DataSet, alternatives: int, recipe: Recipe) -> CertifiedPosterior:
    means = DenseNetwork((4, 3)).initialise(STREAM, 0)
    prior = Prior(GaussianDenseNetwork(means, 0.5), ("declared", "drawn before"), ("declared", "not trained"), alternatives)
    return CertifiedPosterior(data, prior, recipe, STREAM, 0)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["pool, whole", "pool, halves", "files, whole", "files, halves"])
def test_any_data_set_goes_through_and_its_words_are_on_the_certificates(name: str) -> None:
    data = data_sets()[name]
    made = certified(data, 4, replace(RECIPE, derandomised=True, relaxed=True))
    entries = {entry.certificate.bound: entry for entry in made.entries()}
    halves = "halves" in name
    assert set(entries) == {
        "pac_bayes.seeger2002",
        "pac_bayes.mcallester",
        "pac_bayes.disintegrated",
        "pac_bayes.majority_vote_factor_two",
        "pac_bayes.masegosa2020tandem",
        *(["holdout.clopper_pearson"] if halves else []),
    }
    for bound, entry in entries.items():
        assert entry.n == (30 if halves else 60)
        assert entry.certificate.delta == (DELTA / 4 if bound == "holdout.clopper_pearson" else DELTA)
        said = {found.assumption.name: (found.status, found.how) for found in entry.certificate.assumptions}
        if "iid sample" in said:
            assert said["iid sample"] == data.independence
        if "one posterior certified" in said:
            assert said["one posterior certified"] == RECIPE.posterior_audit
        assert entry.violated is False
    assert ("Clothes" in data.independence[1]) == ("files" in name)
    kl = entries["pac_bayes.seeger2002"].certificate.inputs["kl"]
    assert isinstance(kl, Quantity)
    free = gaussian_kl(made.posterior, made.prior.gaussian)
    added = Fraction(kl.value) - Fraction(free.value)  # type: ignore[arg-type]
    with mpmath.workdps(50):
        assert 0 <= mpmath.mpf(added.numerator) / added.denominator - mpmath.log(4) < 1e-12


def test_the_risks_of_a_test_set_are_counted_on_it_alone() -> None:
    """The one network at the prior's means, against a count of its errors on the last 30 points."""
    data, pool = data_sets()["files, whole"], three_classes()
    prior = certified(data, 1, RECIPE).prior.gaussian
    assert isinstance(prior, GaussianDenseNetwork)
    found = data.network_risk(prior, prior.moments()[0]).risk
    assert isinstance(found, Interval)
    means = DenseNetwork((4, 3)).initialise(STREAM, 0).double()
    wrong = int((means(torch.tensor(pool.inputs[60:])).argmax(1) != torch.tensor(pool.labels[60:])).sum())
    assert found.lower < wrong / 30 < found.upper
    assert "30 test images" in found.method


def test_without_a_split_there_is_no_part_for_the_prior() -> None:
    with pytest.raises(ValueError, match="has no part for the prior: split it"):
        data_sets()["pool, whole"].prior_part  # noqa: B018
    inputs, labels = data_sets()["files, halves"].prior_part
    assert len(inputs) == len(labels) == 30


def test_test_images_that_repeat_training_images_are_right_below_and_wrong_above() -> None:
    """Three of 30: by scipy's beta quantiles from the errors on the other 27, which alone are looked at."""
    pool = three_classes()
    repeated = (0, 5, 29)
    new = [60 + place for place in range(30) if place not in repeated]
    prior = certified(data_sets()["files, whole"], 1, RECIPE).prior.gaussian
    means = DenseNetwork((4, 3)).initialise(STREAM, 0).double()
    wrong = int((means(torch.tensor(pool.inputs[new])).argmax(1) != torch.tensor(pool.labels[new])).sum())
    assert 0 < wrong < 27
    for labels in (pool.labels, np.where(np.isin(np.arange(90), new), pool.labels, (pool.labels + 1) % 3)):
        changed = FinitePool("three centres", pool.inputs, labels, "made here")
        data = ImageFiles.of(changed, ImageSample("Clothes", 60, repeated), halves=False, stream=STREAM, network=0)
        found = data.network_risk(prior, prior.moments()[0]).risk
        assert isinstance(found, Interval)
        each = float(RISK_DELTA) / 2
        assert found.lower == pytest.approx(stats.beta.ppf(each, wrong, 31 - wrong), rel=1e-9)
        assert found.upper == pytest.approx(stats.beta.ppf(1 - each, wrong + 4, 27 - wrong), rel=1e-9)
        assert "from 27 test images, and 3 that repeat training images" in found.method
