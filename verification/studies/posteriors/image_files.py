"""A data set of images that comes with a test set of its own: its training images are the sample, its test images measure risks."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import torch
from torch import Tensor

from genbounds.bounds.assumptions import Status
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic import GaussianNetwork, PopulationRisk, fresh_gibbs_errors, network_risk, split_draws
from genbounds.models.stochastic.risk import two_sided
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.rows.interval import Interval
from genbounds.verification.studies.posteriors.data_set import RISK_DELTA, DataSet, Measured
from genbounds.verification.studies.posteriors.label_noise import flip, noisy_interval


@dataclass(frozen=True)
class ImageSample:
    """What of a pool is the sample, and in which state.

    Args:
        name: of the data set, in print.
        training: so many images of the pool come first, and are the sample; the others are the test images.
        repeated: positions of the test images that repeat a training image.
        noise: the rate at which the labels of the sample are flipped.
    """

    name: str
    training: int
    repeated: tuple[int, ...] = ()
    noise: Fraction = Fraction(0)


@dataclass(frozen=True, eq=False)
class ImageFiles(DataSet):
    """Training images as the sample.

    Args:
        test: the images and labels that nothing sees.
        classes: their number.
    """

    sample: ImageSample
    test: tuple[Tensor, Tensor]
    classes: int

    @classmethod
    def of(cls, pool: FinitePool, sample: ImageSample, *, halves: bool, stream: Stream, network: int) -> ImageFiles:
        """The first images of a pool as the sample, the others as its test images; with ``halves`` the prior gets one half."""
        images, truth = torch.tensor(pool.inputs, dtype=torch.float32), torch.tensor(pool.labels)
        classes, training = len(pool.classes), sample.training
        labels = flipped(truth[:training], sample.noise, classes, stream, network)
        split = split_draws(training, training // 2, stream, network) if halves else None
        new = torch.ones(len(truth) - training, dtype=torch.bool)
        new[list(sample.repeated)] = False
        return cls(images[:training], labels, None, split, "images", sample, (images[training:][new], truth[training:][new]), classes)

    @property
    def independence(self) -> tuple[Status, str]:
        """Nobody can check it."""
        return "declared", f"{self.sample.name}'s own training images, taken as independent draws"

    def gibbs_risk(self, posterior: GaussianNetwork, stream: Stream, network: int) -> Measured:
        """Every test image meets one draw of the weights."""
        found = fresh_gibbs_errors(posterior, *self.test, stream, delta=RISK_DELTA, network=network)
        return Measured(self.interval(found), " on the test images (one draw of the weights for each test image)")

    def network_risk(self, gaussian: GaussianNetwork, coordinates: Tensor) -> Measured:
        """Its errors on the test images, each once."""
        return Measured(self.interval(network_risk(gaussian, coordinates, *self.test, delta=RISK_DELTA)), " on the test images (each once)")

    def vote_risk(self, posterior: GaussianNetwork, gibbs: Measured, stream: Stream, network: int) -> Measured:
        """Bracketed, as the vote is an average over all weights."""
        assert isinstance(gibbs.risk, Interval)
        method = "between 0 and twice the upper limit of the Gibbs risk: the vote is an average over all weights"
        return Measured(Interval(0.0, 2 * gibbs.risk.upper, method), ", bracketed")

    def interval(self, found: PopulationRisk) -> Interval:
        """The interval of a risk, its lower end with the repeated images counted as right and its upper end with them counted as wrong.

        So it is wide enough whether they are draws like the others or stand in place of draws that are unknown.
        """
        method = f"99.9 % Clopper-Pearson interval from {found.pairs} test images"
        if repeated := len(self.sample.repeated):
            method += f", and {repeated} that repeat training images, right at its lower end and wrong at its upper one"
            lower, upper = (two_sided(found.errors + wrong, found.pairs + repeated, RISK_DELTA) for wrong in (0, repeated))
            ends = float(lower.lower), float(upper.upper)
        else:
            ends = float(found.lower), float(found.upper)
        return noisy_interval(*ends, self.sample.noise, self.classes, method)


def flipped(labels: Tensor, noise: Fraction, classes: int, stream: Stream, network: int) -> Tensor:
    """The labels, each with probability ``noise`` replaced by another class, uniformly and independently."""
    if not noise:
        return labels
    draws = stream.sub("label noise")
    moves = draws.sub("classes").integers([network], 0, len(labels), classes - 1)[0]
    return flip(labels, noise, classes, draws.uniform([network], 0, len(labels))[0], moves)
