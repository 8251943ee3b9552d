"""Gaussian distributions over networks of any architecture: what is drawn, what is certified, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import pytest
import torch
from tests.reference import pac_bayes as reference
from torch import Tensor, nn

from genbounds.bounds import get
from genbounds.models.networks import DenseNetwork
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic import (
    GaussianDenseNetwork,
    GaussianModule,
    PosteriorTraining,
    certify_gibbs,
    certify_single_draw,
    gaussian_kl,
    monte_carlo_errors,
    train_posterior,
)

STREAM = Stream("test of Gaussian modules", "all")


class Residual(nn.Module):
    """Convolutions around which the image goes on, with normalisation by running statistics, and a tied pair."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Conv2d(1, 3, 3, padding=1)
        self.inner = nn.Conv2d(3, 3, 3, padding=1, bias=False)
        self.again = self.inner
        self.normal = nn.BatchNorm2d(3)
        self.leave = nn.Linear(3, 4)
        self.normal.running_mean = torch.tensor([0.1, -0.2, 0.3])
        self.normal.running_var = torch.tensor([0.5, 2.0, 1.5])

    def forward(self, x: Tensor) -> Tensor:
        """Logits (n, 4) of images (n, 1, 6, 6)."""
        h = torch.relu(self.enter(x))
        h = h + self.normal(self.again(torch.relu(self.inner(h))))
        logits: Tensor = self.leave(h.mean((2, 3)))
        return logits


class Attention(nn.Module):
    """A row of tokens that look at each other, by torch's own layer."""

    def __init__(self) -> None:
        super().__init__()
        self.block = nn.TransformerEncoderLayer(4, 2, 8, dropout=0.1, batch_first=True)
        self.leave = nn.Linear(4, 3)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Logits (n, 3) of rows (n, 5, 4), as libraries return them."""
        return {"logits": self.leave(self.block(x).mean(1))}


def seeded(make: Callable[[], nn.Module]) -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return make()


NETWORKS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "convolutional": (lambda: nn.Sequential(nn.Conv2d(1, 2, 3, groups=1), nn.GELU(), nn.Flatten(), nn.Linear(32, 3)), (1, 6, 6)),
    "residual": (Residual, (1, 6, 6)),
    "attention": (Attention, (5, 4)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_logits_are_those_of_the_network_with_the_drawn_weights(name: str) -> None:
    """Each draw put into a copy of the network by hand, in float64; two examples share a draw, and the network itself stays as it was."""
    make, shape = NETWORKS[name]
    network = seeded(make).eval()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    distribution = GaussianModule(network, 0.3, shape).requires_grad_(False)
    x = torch.randn(6, distribution.features, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    noise = torch.randn(distribution.noise_shape(6, 3), generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    found = distribution.propagate(x, noise, distribution.measured_layers(torch.float64))
    own = seeded(make).eval().double()
    means, stds = distribution.moments()
    for draw in range(3):
        parts = iter(torch.split(means + stds * noise[draw], list(distribution.sizes)))
        for (key, parameter), part in zip(own.named_parameters(), parts, strict=True):
            assert key in distribution.names
            parameter.data.copy_(part.view_as(parameter))
        with torch.no_grad():
            wanted = own(x[2 * draw : 2 * draw + 2].reshape(2, *shape))
        wanted = wanted["logits"] if isinstance(wanted, dict) else wanted
        torch.testing.assert_close(found[2 * draw : 2 * draw + 2], wanted, rtol=1e-9, atol=1e-9)
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())


def dense_pair(std: float, spread: float) -> tuple[GaussianModule, GaussianDenseNetwork]:
    """One distribution over dense networks, written twice; the logarithms of its standard deviations are spread around that of ``std``."""
    means = DenseNetwork((4, 5, 3)).initialise(STREAM, 0)
    dense, module = GaussianDenseNetwork(means, std), GaussianModule(means, std, (4,))
    generator = torch.Generator().manual_seed(3)
    weights = dict(means.named_parameters())
    with torch.no_grad():
        for _, log_std in dense.tensors():
            log_std += spread * torch.randn(log_std.shape, generator=generator)
        by_shape = {log_std.shape: log_std.exp() for _, log_std in dense.tensors()}  # which tells the parameters of this network apart
    return module.with_moments(weights, {name: by_shape[weight.shape] for name, weight in weights.items()}), dense


@pytest.mark.slow
def test_on_a_dense_network_it_is_the_dense_implementation() -> None:
    """The same KL; the same logits at fixed weights; and errors of pairs, of weights drawn one by one or by their pre-activations, that
    differ by less than 5 standard errors (probability 6e-7).
    """
    (module, dense), start = dense_pair(0.2, 0.5), DenseNetwork((4, 5, 3)).initialise(STREAM, 0)
    weights = start.state_dict()
    prior = module.with_moments(
        {name: value + 0.3 for name, value in weights.items()}, {name: value.cosh() for name, value in weights.items()}
    )
    with torch.no_grad():
        dense_prior = dense.copy()
        for mean, log_std in dense_prior.tensors():
            log_std.copy_(mean.cosh().log())
            mean += 0.3
    assert float(gaussian_kl(module, prior)) == pytest.approx(float(gaussian_kl(dense, dense_prior)), rel=1e-6)
    x = torch.randn(40, 4, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    drawn = {mean.shape: mean.detach().double() + 0.3 * torch.sin(100 * mean.detach().double()) for mean, _ in dense.tensors()}
    found, wanted = (
        network.propagate(
            x,
            x.new_zeros(network.noise_shape(40, 1)),
            network.fixed_layers(torch.cat([drawn[mean.shape].flatten() for mean, _ in network.tensors()]), torch.float64),
        )
        for network in (module, dense)
    )
    torch.testing.assert_close(found, wanted, rtol=1e-9, atol=1e-9)
    pairs, labels = 20_000, torch.arange(40) % 3
    errors = [monte_carlo_errors(network, x, labels, pairs, STREAM, network=key)[0] for key, network in enumerate((module, dense))]
    rate = sum(errors) / (2 * pairs)
    assert abs(errors[0] - errors[1]) < 5 * (2 * pairs * rate * (1 - rate)) ** 0.5


def test_a_diagonal_posterior_is_certified() -> None:
    """The KL from its formula at 50 digits, the certificate from the reference of Seeger's bound; the prior is the caller's word."""
    network = seeded(Residual)
    prior = GaussianModule(network, 0.2, (1, 6, 6))
    generator = torch.Generator().manual_seed(5)
    weights = dict(network.named_parameters())
    means = {name: weight.detach() + 0.1 * torch.randn(weight.shape, generator=generator) for name, weight in weights.items()}
    stds = {name: 0.05 + 0.2 * torch.rand(weight.shape, generator=generator) for name, weight in weights.items()}
    posterior = prior.with_moments(means, stds)
    x, labels = torch.randn(30, 36, generator=generator), torch.arange(30) % 4
    found = certify_gibbs(posterior, prior, x, labels, delta=Fraction(1, 20), pairs=400, stream=STREAM)
    with mpmath.workdps(50):
        kl = mpmath.mpf(0)
        for name in weights:
            for mean, std, centre in zip(means[name].flatten(), stds[name].flatten(), weights[name].detach().flatten(), strict=True):
                ratio, shift = mpmath.mpf(float(std)) / mpmath.mpf(0.2), mpmath.mpf(float(mean)) - mpmath.mpf(float(centre))
                kl += (ratio**2 - 1 + (shift / mpmath.mpf(0.2)) ** 2) / 2 - mpmath.log(ratio)
    nats = found.inputs["kl"]
    assert float(nats) == pytest.approx(float(kl), rel=1e-5)  # type: ignore[arg-type]  # logarithms of float32
    errors, pairs = monte_carlo_errors(posterior, x, labels, 400, STREAM)
    risk = Fraction(found.inputs["empirical_risk"].value)  # type: ignore[union-attr, arg-type]
    assert errors / pairs < risk
    expected = reference.seeger2002(empirical_risk=risk, kl=Fraction(nats.value), n=30, delta=Fraction(1, 25))  # type: ignore[union-attr, arg-type]
    assert found.value == pytest.approx(float(expected), rel=1e-9)
    said = {entry.assumption.name: (entry.status, entry.how) for entry in found.assumptions}
    assert said["prior independent of the sample"] == ("declared", "")
    assert certify_single_draw(posterior, prior, x, labels, delta=0.05, stream=STREAM).value <= 1


@pytest.mark.slow
def test_it_is_trained_as_any_other() -> None:
    """Twenty steps bring the bounded loss of a posterior, that starts where the prior is, down with the bound."""
    network = seeded(lambda: nn.Sequential(nn.Linear(2, 4), nn.SiLU(), nn.Linear(4, 2)))
    prior = GaussianModule(network, 0.3, (2,))
    x = torch.randn(200, 2, generator=torch.Generator().manual_seed(6))
    labels = (x[:, 0] > 0).long()
    training = PosteriorTraining(steps=60, batch_size=40, learning_rate=0.05, draws=8)
    posterior = train_posterior(prior, x, labels, bound=get("pac_bayes.seeger2002"), delta=0.05, stream=STREAM, training=training)
    before, after = (monte_carlo_errors(one, x, labels, 2000, STREAM)[0] for one in (prior, posterior))
    assert after < before / 2
    assert posterior.architecture == prior.architecture
    assert 0 < float(gaussian_kl(posterior, prior)) < 200


def test_a_posterior_has_the_forward_of_its_prior() -> None:
    """Two networks with parameters of the same names and shapes may compute different things."""
    one, other = (GaussianModule(nn.Sequential(nn.Linear(2, 2), kind()), 0.1, (2,)) for kind in (nn.ReLU, nn.Tanh))
    with pytest.raises(ValueError, match="train the posterior from a copy of the prior"):
        gaussian_kl(one, other)
    assert float(gaussian_kl(one.copy(), one)) == pytest.approx(0, abs=1e-9)


WEIGHTS = {"weight": torch.zeros(2, 3), "bias": torch.zeros(2)}
ONES = {name: torch.ones_like(weight) for name, weight in WEIGHTS.items()}


@pytest.mark.parametrize(
    ("means", "stds", "said"),
    [
        ({"weight": WEIGHTS["weight"]}, ONES, "means must have one entry for each parameter of the network, got none for bias"),
        (WEIGHTS, {"bias": ONES["bias"]}, "stds must have one entry for each parameter of the network, got none for weight"),
        ({**WEIGHTS, "extra": torch.zeros(1)}, ONES, "means must have one entry .* got one for extra"),
        (WEIGHTS, {**ONES, "bias": torch.ones(3)}, r"stds\['bias'\] must have the parameter's shape \(2,\), got \(3,\)"),
        ({**WEIGHTS, "weight": torch.zeros(3, 2)}, ONES, r"means\['weight'\] must have the parameter's shape \(2, 3\), got \(3, 2\)"),
        (WEIGHTS, {**ONES, "bias": torch.tensor([1.0, 0.0])}, r"stds\['bias'\] must be positive and finite, got 0 among them"),
        (WEIGHTS, {**ONES, "bias": torch.tensor([1.0, -2.0])}, r"stds\['bias'\] must be positive and finite, got -2 among them"),
        (WEIGHTS, {**ONES, "bias": torch.tensor([1.0, torch.nan])}, r"stds\['bias'\] must be positive and finite, got nan among them"),
        (WEIGHTS, {**ONES, "bias": torch.tensor([1.0, torch.inf])}, r"stds\['bias'\] must be positive and finite"),
        ({**WEIGHTS, "bias": torch.tensor([0.0, torch.nan])}, ONES, r"means\['bias'\] must be finite"),
    ],
)
def test_moments_that_do_not_fit_are_refused(means: Any, stds: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        GaussianModule(nn.Linear(3, 2), 0.1, (3,)).with_moments(means, stds)


class Centred(nn.Linear):
    """Looks at the other examples of its batch."""

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        return super().forward(x - x.mean(0))


class Random(nn.Linear):
    """Draws numbers whether it is trained or not."""

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        return super().forward(x + torch.randn_like(x))


class Branching(nn.Linear):
    """Looks at values."""

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        return super().forward(x if bool(x.sum() > 0) else -x)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Centred, "network must compute in float32 what its layers compute"),
        (Random, "network must run under torch.func.*draw no random numbers"),
        (Branching, "network must run under torch.func.*branch on no value"),
    ],
)
def test_a_forward_that_is_no_function_of_weights_and_one_example_is_refused(kind: type[nn.Module], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        GaussianModule(kind(3, 2), 0.1, (3,))


@pytest.mark.parametrize("std", [0.0, -1.0, float("nan"), float("inf")])
def test_a_scale_that_is_none_is_refused(std: float) -> None:
    with pytest.raises(ValueError, match="std must be positive and finite"):
        GaussianModule(nn.Linear(3, 2), std, (3,))


def test_a_batch_that_the_draws_do_not_divide_is_refused() -> None:
    with pytest.raises(ValueError, match="draws must divide the batch of 7 examples, got 2"):
        GaussianModule(nn.Linear(3, 2), 0.1, (3,)).noise_shape(7, 2)
