"""Stochastic networks: Gaussian weights, PAC-Bayes training, certificates of the Gibbs risk."""

from genbounds.models.stochastic._convolutional import GaussianConvolutionalNetwork
from genbounds.models.stochastic._derandomised import (
    certify_majority_vote,
    certify_prior_mean,
    certify_single_draw,
    draw_coordinates,
    log_density_ratio,
    network_risk,
)
from genbounds.models.stochastic._distortion import Distortion
from genbounds.models.stochastic._fitting import Fit, fit_images
from genbounds.models.stochastic._module import GaussianModule
from genbounds.models.stochastic._network import GaussianDenseNetwork
from genbounds.models.stochastic._scale_grid import ScaleGrid
from genbounds.models.stochastic._split import Split, split_draws
from genbounds.models.stochastic._subspace import GaussianSubspaceNetwork
from genbounds.models.stochastic._training import (
    PosteriorTraining,
    bounded_cross_entropy,
    fit_network,
    thiemann_weight,
    train_posterior,
)
from genbounds.models.stochastic.gaussian import GaussianNetwork
from genbounds.models.stochastic.risk import (
    PopulationRisk,
    certify_gibbs,
    fresh_gibbs_errors,
    gaussian_kl,
    gibbs_errors,
    monte_carlo_errors,
)

__all__ = [
    "Distortion",
    "Fit",
    "GaussianConvolutionalNetwork",
    "GaussianDenseNetwork",
    "GaussianModule",
    "GaussianNetwork",
    "GaussianSubspaceNetwork",
    "PopulationRisk",
    "PosteriorTraining",
    "ScaleGrid",
    "Split",
    "bounded_cross_entropy",
    "certify_gibbs",
    "certify_majority_vote",
    "certify_prior_mean",
    "certify_single_draw",
    "draw_coordinates",
    "fit_images",
    "fit_network",
    "fresh_gibbs_errors",
    "gaussian_kl",
    "gibbs_errors",
    "log_density_ratio",
    "monte_carlo_errors",
    "network_risk",
    "split_draws",
    "thiemann_weight",
    "train_posterior",
]
