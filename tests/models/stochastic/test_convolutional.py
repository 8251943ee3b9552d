"""Gaussian convolutional networks: the law of drawn kernels, first two moments and jointly over positions."""

from __future__ import annotations

import math

import pytest
import torch
from scipy.stats import ks_2samp
from torch import Tensor, nn

from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic import GaussianConvolutionalNetwork, monte_carlo_errors
from genbounds.models.stochastic._normals import Normals

STREAM = Stream("test of convolutional Gaussians", "all")
IMAGE = (1, 4, 4)


def posterior(chain: nn.Sequential, image: tuple[int, int, int] = IMAGE, seed: int = 0) -> GaussianConvolutionalNetwork:
    """A Gaussian network whose means and scales all differ."""
    generator = torch.Generator().manual_seed(seed)
    network = GaussianConvolutionalNetwork(chain, image, std=0.3)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += 0.4 * torch.randn(parameter.shape, generator=generator)
    return network.requires_grad_(False)


def logits(network: GaussianConvolutionalNetwork, x: Tensor, draws: int) -> Tensor:
    """Logits of one example under so many independent draws, float64."""
    batch = x.double().expand(draws, -1)
    layers = network.measured_layers(torch.float64)
    noise = Normals(STREAM, 0).draw(network.noise_shape(draws, draws), batch)
    return network.propagate(batch, noise, layers)


@pytest.mark.slow
@pytest.mark.parametrize(("stride", "padding", "dilation"), [(1, 0, 1), (2, 1, 1), (1, 1, 2)])
def test_pre_activations_have_the_mean_and_the_joint_covariance_of_drawn_kernels(stride: int, padding: int, dilation: int) -> None:
    # 10000 draws; every mean and every entry of the covariance within 6 standard errors: false alarm below 2e-9 for each of at most 800.
    chain = nn.Sequential(nn.Conv2d(1, 2, 3, stride, padding, dilation), nn.Flatten())
    network, draws = posterior(chain), 10_000
    x = torch.randn(16, generator=torch.Generator().manual_seed(2))
    z = logits(network, x, draws)
    # The same from the definition: patches by unfold, covariance of a channel sum_k s_k^2 x_pk x_qk + s_b^2, channels independent.
    patches = nn.functional.unfold(x.double().reshape(1, *IMAGE), 3, dilation, padding, stride)[0]
    positions = patches.shape[1]
    (mean, bias), (std, bias_std) = (
        [tensor.double().flatten(1) if tensor.ndim > 1 else tensor.double() for tensor in part]
        for part in (
            (network.weight_means[0], network.bias_means[0]),
            (network.weight_log_stds[0].exp(), network.bias_log_stds[0].exp()),
        )
    )
    expected = (mean @ patches + bias[:, None]).flatten()
    blocks = [patches.T @ torch.diag(std[c].square()) @ patches + bias_std[c].square() for c in range(2)]
    covariance = torch.block_diag(*blocks)
    variance = covariance.diagonal()
    assert z.shape == (draws, 2 * positions)
    assert bool(((z.mean(0) - expected).abs() < 6 * (variance / draws).sqrt()).all())
    found = torch.cov(z.T)
    error = ((covariance.square() + torch.outer(variance, variance)) / draws).sqrt()  # of a Gaussian sample covariance
    assert bool(((found - covariance).abs() < 6 * error).all())
    # Positions of one channel are far from independent: sampling pre-activations one by one would not pass.
    same = covariance[:positions, :positions] - torch.diag(variance[:positions])
    assert float((same.abs() / error[:positions, :positions]).max()) > 20


@pytest.mark.slow
def test_a_whole_network_has_the_law_of_drawn_weights() -> None:
    # Kolmogorov-Smirnov on outputs and on a difference, against kernels and matrices drawn in full: false alarm at most 3e-6.
    features = nn.Sequential(nn.Conv2d(1, 3, 2), nn.ReLU(), nn.MaxPool2d(2, 1), nn.Conv2d(3, 2, 2), nn.Tanh(), nn.Flatten())
    chain = nn.Sequential(features, nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 2))
    network, draws = posterior(chain), 1500
    x = torch.randn(16, generator=torch.Generator().manual_seed(3))
    ours = logits(network, x, draws)
    generator = torch.Generator().manual_seed(4)
    moments = [(m.double(), s.double().exp()) for m, s in network.tensors()]
    weights, biases = moments[:4], moments[4:]
    theirs = []
    for _ in range(draws):
        parts = [m + s * torch.randn(m.shape, generator=generator, dtype=torch.float64) for m, s in (*weights, *biases)]
        h = nn.functional.max_pool2d(nn.functional.conv2d(x.double().reshape(1, *IMAGE), parts[0], parts[4]).relu(), 2, 1)
        h = nn.functional.conv2d(h, parts[1], parts[5]).tanh().flatten(1)
        h = (h @ parts[2].T + parts[6]).relu()
        theirs.append(h @ parts[3].T + parts[7])
    other = torch.cat(theirs)
    for left, right in ((ours[:, 0], other[:, 0]), (ours[:, 1], other[:, 1]), (ours[:, 0] - ours[:, 1], other[:, 0] - other[:, 1])):
        assert ks_2samp(left.numpy(), right.numpy()).pvalue > 1e-6


def test_examples_of_one_draw_share_their_kernels_and_those_of_two_do_not() -> None:
    network = posterior(nn.Sequential(nn.Conv2d(1, 2, 3, bias=False), nn.Flatten()))
    x = torch.randn(16, generator=torch.Generator().manual_seed(5)).expand(6, -1)
    z = network(x, Normals(STREAM, 1).draw(network.noise_shape(6, 2), x))
    assert torch.equal(z[0], z[1])
    assert torch.equal(z[3], z[5])
    assert not torch.allclose(z[0], z[3])


def test_without_noise_it_is_the_network_at_the_means() -> None:
    chain = nn.Sequential(nn.Conv2d(2, 3, 2, padding=1), nn.ReLU(), nn.AvgPool2d(2), nn.Dropout(0.5), nn.Flatten(), nn.Linear(12, 3)).eval()
    network = GaussianConvolutionalNetwork(chain, (2, 4, 4), std=0.1)
    x = torch.randn(5, 32, generator=torch.Generator().manual_seed(6))
    layers = network.fixed_layers(network.moments()[0], torch.float32)
    ours = network.propagate(x, torch.zeros(network.noise_shape(5, 1)), layers)
    assert torch.allclose(ours, chain(x.reshape(5, 2, 4, 4)), atol=1e-6)
    assert network.sizes == (24, 36, 3, 3)
    assert network.kernels == 27


def test_pairs_estimate_the_gibbs_risk_of_a_closed_form() -> None:
    # One 1 x 1 kernel and its difference to 0: the sign of a Gaussian. P(error) = Phi(-m/s) at x = 1; 5.5 standard errors, 4e-8.
    chain = nn.Sequential(nn.Conv2d(1, 1, 1, bias=False), nn.Flatten())
    network = GaussianConvolutionalNetwork(chain, (1, 1, 1), std=0.5)
    with torch.no_grad():
        network.weight_means[0].fill_(0.4)
    errors, pairs = monte_carlo_errors(network, [[1.0], [2.0]], [1, 1], 20_000, STREAM)
    risk = 0.5 * math.erfc(0.4 / 0.5 / math.sqrt(2))
    assert abs(errors / pairs - risk) < 5.5 * math.sqrt(risk * (1 - risk) / pairs)


@pytest.mark.parametrize(
    ("chain", "image", "message"),
    [
        (nn.Sequential(nn.Conv2d(2, 2, 2, groups=2), nn.Flatten()), (2, 4, 4), "one group"),
        (nn.Sequential(nn.Conv2d(1, 2, 2, padding="same"), nn.Flatten()), IMAGE, "one group"),
        (nn.Sequential(nn.Conv2d(1, 2, 2), nn.BatchNorm2d(2), nn.Flatten()), IMAGE, "BatchNorm2d"),
        (nn.Sequential(nn.Conv2d(1, 2, 2), nn.ReLU(inplace=True), nn.Flatten()), IMAGE, "in place"),
        (nn.Sequential(nn.Conv2d(1, 2, 2), nn.Flatten()), (3, 4, 4), "image must be"),
        (nn.Sequential(nn.Conv2d(1, 2, 2), nn.Flatten(), nn.Linear(5, 2)), IMAGE, "fit together"),
        (nn.Sequential(nn.Conv2d(1, 2, 2)), IMAGE, "one vector per example"),
        (
            nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.ReLU(), nn.Linear(4, 4), nn.Flatten(), nn.Linear(32, 2)),
            IMAGE,
            "nn.Flatten between",
        ),
        (nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.Flatten(1, 2), nn.Linear(4, 2)), IMAGE, "chain of"),
        (nn.Sequential(nn.Flatten(), nn.Linear(16, 2)), IMAGE, "must have a convolution"),
        (nn.Sequential(nn.ReLU()), IMAGE, "layer with weights"),
        (nn.Conv2d(1, 2, 2), IMAGE, "nn.Sequential or a DenseNetwork"),
    ],
)
def test_other_networks_are_refused(chain: nn.Module, image: tuple[int, int, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        GaussianConvolutionalNetwork(chain, image, std=0.1)


def test_draws_must_divide_the_batch() -> None:
    network = posterior(nn.Sequential(nn.Conv2d(1, 2, 2), nn.Flatten()))
    with pytest.raises(ValueError, match="draws must divide"):
        network.noise_shape(7, 2)
