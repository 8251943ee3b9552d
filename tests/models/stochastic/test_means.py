"""A distribution over networks copies the network at its means, never runs it, and computes what it computes."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
import torch
from tests.models.snapshots import global_state, snapshot
from tests.models.user_networks import prepared, shared_layer
from torch import Tensor, nn

from genbounds.bounds import get
from genbounds.models.networks import DenseNetwork
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic import (
    GaussianConvolutionalNetwork,
    GaussianDenseNetwork,
    GaussianNetwork,
    GaussianSubspaceNetwork,
    PosteriorTraining,
    certify_gibbs,
    train_posterior,
)

STREAM = Stream("means", "test")
IMAGE = (1, 6, 6)


class Dimmed(nn.Linear):
    """It looks at its dtype."""

    def forward(self, x: Tensor) -> Tensor:
        found = super().forward(x)
        return found if x.dtype == torch.float64 else 0.01 * found


class Reversed(DenseNetwork):
    def forward(self, x: Tensor) -> Tensor:
        return -super().forward(x)


def dense() -> DenseNetwork:
    return DenseNetwork([4, 3, 2]).initialise(STREAM, 0)


def convolutional(last: type[nn.Linear] = nn.Linear) -> nn.Module:
    torch.manual_seed(1)
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), last(8, 3))


def subspace(network: nn.Module) -> GaussianNetwork:
    return GaussianSubspaceNetwork(network, 3, 0.1, STREAM)


MADE: dict[str, tuple[Callable[[], nn.Module], Callable[[nn.Module], GaussianNetwork]]] = {
    "dense": (dense, lambda network: GaussianDenseNetwork(network, 0.1)),  # type: ignore[arg-type]
    "convolutional": (convolutional, lambda network: GaussianConvolutionalNetwork(network, IMAGE, 0.1)),
    "subspace": (dense, subspace),
    "subspace of a layer that stands twice": (shared_layer, subspace),
}


@pytest.mark.parametrize("name", MADE)
def test_the_network_at_the_means_stays_as_it_is(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make, distribution = MADE[name]
    means = make().train()
    for parameter in means.parameters():
        parameter.grad = torch.full_like(parameter, 0.25)
    before, world, ran, call = snapshot(means), global_state(), set[int](), nn.Module.__call__

    def noting(self: nn.Module, *arguments: Any) -> Any:
        ran.add(id(self))
        return call(self, *arguments)

    monkeypatch.setattr(nn.Module, "__call__", noting)
    prior = distribution(means)
    prior(torch.ones(4, prior.features), torch.zeros(prior.noise_shape(4, 4)))
    assert ran
    assert not ran & {id(module) for module in means.modules()}
    assert snapshot(means) == before
    assert global_state() == world


@pytest.mark.parametrize("name", ["dense", "convolutional", "subspace"])
def test_training_and_certifying_leave_prior_and_posterior_as_they_are(name: str) -> None:
    make, distribution = MADE[name]
    prior = distribution(make())
    x = torch.randn(40, prior.features, generator=torch.Generator().manual_seed(2))
    y = torch.arange(40) % prior.outputs
    before, world = snapshot(prior), global_state()
    settings = PosteriorTraining(steps=3)
    posterior = train_posterior(prior, x, y, bound=get("pac_bayes.seeger2002"), delta=Fraction(1, 20), stream=STREAM, training=settings)
    assert snapshot(prior) == before
    after = snapshot(posterior)
    certify_gibbs(posterior, prior, x, y, delta=Fraction(1, 20), pairs=100, stream=STREAM)
    assert (snapshot(prior), snapshot(posterior)) == (before, after)
    assert global_state() == world
    with pytest.raises(ValueError, match="labels"):
        certify_gibbs(posterior, prior, x, y + 9, delta=Fraction(1, 20), pairs=100, stream=STREAM)
    assert (snapshot(prior), snapshot(posterior)) == (before, after)


def test_a_network_that_computes_something_else_than_its_layers_is_refused() -> None:
    wrong = Reversed([4, 3, 2]).initialise(STREAM, 0)
    for build in (
        lambda: GaussianDenseNetwork(wrong, 0.1),
        lambda: subspace(wrong),
        lambda: GaussianConvolutionalNetwork(convolutional(Dimmed), IMAGE, 0.1),
        lambda: subspace(nn.Sequential(nn.Linear(4, 3), nn.ReLU(), Dimmed(3, 2))),
    ):
        with pytest.raises(ValueError, match="must compute in float32 what its layers compute"):
            build()
    hooked = prepared(convolutional())
    hooked[1].register_forward_hook(lambda module, arguments, output: -output)  # type: ignore[index,operator,union-attr]
    with pytest.raises(ValueError, match="1 has forward hooks"):
        GaussianConvolutionalNetwork(hooked, IMAGE, 0.1)
