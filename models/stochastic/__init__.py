"""Stochastic networks: Gaussian weights, PAC-Bayes training, certificates of the Gibbs risk."""

from genbounds.models.stochastic._network import GaussianDenseNetwork
from genbounds.models.stochastic._risk import (
    PopulationRisk,
    certify_gibbs,
    gaussian_kl,
    gibbs_errors,
    monte_carlo_errors,
)
from genbounds.models.stochastic._split import Split, split_draws
from genbounds.models.stochastic._training import (
    PosteriorTraining,
    bounded_cross_entropy,
    fit_network,
    train_posterior,
)

__all__ = [
    "GaussianDenseNetwork",
    "PopulationRisk",
    "PosteriorTraining",
    "Split",
    "bounded_cross_entropy",
    "certify_gibbs",
    "fit_network",
    "gaussian_kl",
    "gibbs_errors",
    "monte_carlo_errors",
    "split_draws",
    "train_posterior",
]
