"""Gaussians in a random subspace: the law of the weights, what is fixed, and what is paid."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from genbounds.bounds import get
from genbounds.models.networks import DenseNetwork
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic import GaussianSubspaceNetwork, PosteriorTraining, certify_gibbs, gaussian_kl, train_posterior
from genbounds.models.stochastic._normals import Normals

STREAM = Stream("test of subspaces", "all")


def linear_network() -> GaussianSubspaceNetwork:
    """A layer of 3 inputs and 2 outputs that moves in 4 of its 8 dimensions, with means and scales that differ."""
    generator = torch.Generator().manual_seed(0)
    network = GaussianSubspaceNetwork(DenseNetwork([3, 2]).initialise(STREAM, 0), 4, 0.5, STREAM)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += 0.5 * torch.randn(parameter.shape, generator=generator)
    return network.requires_grad_(False)


def test_logits_have_the_moments_of_drawn_coordinates_jointly_over_examples() -> None:
    # Two examples under one draw: 4 linear functions J(origin + P z). Mean and covariance within 6 standard errors: 20 times 2e-9.
    network, draws = linear_network(), 10_000
    x = torch.tensor([[1.0, -2.0, 0.5], [0.3, 1.0, 2.0]], dtype=torch.float64)
    noise = Normals(STREAM, 0).draw((draws, 4), x)
    z = network.propagate(x.repeat(draws, 1), noise, network.measured_layers(torch.float64)).reshape(draws, 4)
    rows = [
        torch.cat([torch.kron(torch.eye(2, dtype=torch.float64)[o], v), torch.eye(2, dtype=torch.float64)[o]]) for v in x for o in (0, 1)
    ]
    jacobian = torch.stack(rows)
    mean, std = network.moments()
    projection = network.projection.double()
    expected = jacobian @ (network.origin.double() + projection @ mean)
    covariance = jacobian @ projection @ torch.diag(std.square()) @ projection.T @ jacobian.T
    variance = covariance.diagonal()
    assert bool(((z.mean(0) - expected).abs() < 6 * (variance / draws).sqrt()).all())
    error = ((covariance.square() + torch.outer(variance, variance)) / draws).sqrt()
    assert bool(((torch.cov(z.T) - covariance).abs() < 6 * error).all())
    assert float((covariance.abs() / error)[0, 2]) > 20  # one draw for both examples


def test_without_noise_at_the_start_it_is_the_origin() -> None:
    chain = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8, 3))
    network = GaussianSubspaceNetwork(chain, 6, 0.1, STREAM, image=(1, 4, 4))
    x = torch.randn(5, 16, generator=torch.Generator().manual_seed(1))
    assert torch.allclose(network(x, torch.zeros(1, 6)), chain(x.reshape(5, 1, 4, 4)), atol=1e-6)
    assert network.projection.shape == (sum(p.numel() for p in chain.parameters()), 6)
    assert float(network.projection.double().square().mean()) == pytest.approx(1 / 6, rel=0.5)  # 6 standard errors of 282 squares


@pytest.mark.slow
def test_training_moves_z_alone_and_the_kl_is_that_of_z() -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(300, 5, generator=generator)
    y = (x[:, 0] > x[:, 1]).long()
    prior = GaussianSubspaceNetwork(DenseNetwork([5, 16, 2]).initialise(STREAM, 0), 10, 0.5, STREAM)
    settings = PosteriorTraining(steps=60, batch_size=50, draws=2, learning_rate=0.05)
    posterior = train_posterior(prior, x, y, bound=get("pac_bayes.seeger2002"), delta=0.05, stream=STREAM, training=settings)
    assert torch.equal(posterior.origin, prior.origin)
    assert torch.equal(posterior.projection, prior.projection)
    kl = float(gaussian_kl(posterior, prior))
    assert 0 < kl < 100
    assert len(posterior.moments()[0]) == 10
    before, after = (float(certify_gibbs(q, prior, x, y, delta=0.05, pairs=1500, stream=STREAM)) for q in (prior, posterior))
    assert after < before - 0.05


@pytest.mark.slow
def test_another_subspace_or_origin_is_another_family() -> None:
    start = DenseNetwork([3, 2]).initialise(STREAM, 0)
    prior = GaussianSubspaceNetwork(start, 4, 0.5, STREAM)
    others = [
        GaussianSubspaceNetwork(start, 4, 0.5, STREAM, network=1),
        GaussianSubspaceNetwork(DenseNetwork([3, 2]).initialise(STREAM, 1), 4, 0.5, STREAM),
        GaussianSubspaceNetwork(start, 5, 0.5, STREAM),
    ]
    for other in others:
        with pytest.raises(ValueError, match="architecture"):
            gaussian_kl(prior, other)
    assert float(gaussian_kl(prior, GaussianSubspaceNetwork(start, 4, 0.5, STREAM))) == 0


def test_a_subspace_that_was_loaded_is_the_one_that_is_compared() -> None:
    """A state dict brings another origin, or another projection, than the network was made with."""
    start = DenseNetwork([3, 2]).initialise(STREAM, 0)
    prior, other = (GaussianSubspaceNetwork(start, 4, 0.5, STREAM, network=index) for index in (0, 1))
    posterior = prior.copy()
    posterior.load_state_dict(other.state_dict())
    with pytest.raises(ValueError, match="architecture"):
        gaussian_kl(posterior, prior)
    assert float(gaussian_kl(posterior, other)) == 0
    assert float(gaussian_kl(prior.copy().double(), prior)) == pytest.approx(0, abs=1e-6)
    for changed in ("origin", "projection"):
        moved = prior.copy()
        getattr(moved, changed).view(-1)[0] += 1
        with pytest.raises(ValueError, match="architecture"):
            gaussian_kl(moved, prior)


@pytest.mark.parametrize("dimension", [0, 9, 2.5, True])
def test_dimension_must_be_a_number_of_coordinates(dimension: int) -> None:
    with pytest.raises(ValueError, match="dimension must be"):
        GaussianSubspaceNetwork(DenseNetwork([3, 2]), dimension, 0.5, STREAM)
    if dimension == 0:
        with pytest.raises(ValueError, match="draws must divide"):
            GaussianSubspaceNetwork(DenseNetwork([3, 2]), 4, 0.5, STREAM).noise_shape(5, 2)
