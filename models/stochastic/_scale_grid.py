"""A prior scale that is chosen on the sample, among the points of a grid, and paid for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import torch
from torch import Tensor

from genbounds.bounds import Quantity
from genbounds.bounds.pac_bayes import gaussian_kl_grid
from genbounds.models.stochastic.gaussian import GaussianNetwork


@dataclass(frozen=True)
class ScaleGrid:
    """Priors of one standard deviation for all coordinates, of variance c exp(-j/b), j = 1, 2, ...; fixed before the sample.

    Args:
        largest_variance: c; every prior variance is below it.
        precision: b, the number of grid points per factor of e.

    The price ln(pi^2 j^2/6) is part of ``kl`` (``genbounds.bounds.pac_bayes.gaussian_kl_grid``, which picks the grid point).

    >>> from genbounds.models.networks import DenseNetwork
    >>> from genbounds.models.stochastic import GaussianDenseNetwork
    >>> network = GaussianDenseNetwork(DenseNetwork([4, 3, 2]), std=0.1)
    >>> grid = ScaleGrid(Fraction(1), 100)
    >>> round(float(grid.kl(network, network)), 1), round(float(grid.surrogate(network, network).detach()), 1)  # the price alone
    (12.8, 12.8)
    """

    largest_variance: Any = Fraction(1)
    precision: Any = 100

    def kl(self, posterior: GaussianNetwork, prior: GaussianNetwork) -> Quantity:
        """An upper bound on the KL from the prior of the best grid point, centred where ``prior`` is, plus the price of the grid; rounded
        up.

        The scales of ``prior`` are not used. ``ValueError`` if the two differ in architecture.
        """
        check_architectures(posterior, prior)
        (mean_q, std_q), (mean_p, _) = posterior.moments(), prior.moments()
        vectors = {"mean_q": mean_q, "std_q": std_q, "mean_p": mean_p}
        arrays = {name: vector.cpu().numpy() for name, vector in vectors.items()}
        return gaussian_kl_grid(**arrays, largest_variance=self.largest_variance, precision=self.precision)

    def surrogate(self, posterior: GaussianNetwork, prior: GaussianNetwork) -> Tensor:
        """The same for training: differentiable, at the best variance below c, as if the grid had no gaps.

        At the mean of s^2 + (mu - nu)^2 as variance v the KL of k coordinates is (k ln v - sum ln s^2)/2.
        """
        centres = [centre.detach() for centre, _ in prior.tensors()]  # the prior gets no gradient
        pairs = list(zip(posterior.tensors(), centres, strict=True))
        squares = torch.stack([(log_std * 2).exp().sum() + (mean - centre).square().sum() for (mean, log_std), centre in pairs]).sum()
        coordinates = sum(posterior.sizes)
        smallest_step = math.exp(-1 / float(self.precision))
        variance = (squares / coordinates).clamp(max=float(self.largest_variance) * smallest_step)
        logs = torch.stack([log_std.sum() for (_, log_std), _ in pairs]).sum()
        kl = (coordinates * (variance.log() - 1) + squares / variance) / 2 - logs
        index = float(self.precision) * (math.log(float(self.largest_variance)) - variance.log())
        return kl + 2 * index.log() + math.log(math.pi**2 / 6)


def check_architectures(posterior: GaussianNetwork, prior: GaussianNetwork) -> None:
    """``ValueError`` unless the two are distributions over the same networks."""
    if posterior.architecture != prior.architecture or posterior.sizes != prior.sizes:
        raise ValueError(
            f"prior must have the posterior's architecture (kind, widths, biases), {posterior.architecture}, got {prior.architecture}: "
            "train the posterior from a copy of the prior"
        )
