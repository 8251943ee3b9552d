"""Training on each objective, fitting priors on distorted images, and label noise in closed form."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from genbounds.bounds import get
from genbounds.models.networks import DenseNetwork
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic import (
    Distortion,
    Fit,
    GaussianConvolutionalNetwork,
    GaussianDenseNetwork,
    PosteriorTraining,
    ScaleGrid,
    certify_gibbs,
    fit_images,
    thiemann_weight,
    train_posterior,
)

STREAM = Stream("test of objectives", "all")
OBJECTIVES = [
    ("quadratic", {}),
    ("seeger2002", {}),
    ("mcallester", {}),
    ("thiemann", {"weight": thiemann_weight}),
    ("catoni", {"temperature": 2}),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "further"), OBJECTIVES)
def test_every_objective_gives_a_posterior_with_a_smaller_certificate(name: str, further: dict[str, object]) -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(200, 5, generator=generator)
    y = (x[:, 0] + x[:, 1] > 0).long()
    prior = GaussianDenseNetwork(DenseNetwork([5, 16, 2]).initialise(STREAM, 1), std=0.5)
    settings = PosteriorTraining(steps=80, batch_size=64)
    bound = get(f"pac_bayes.{name}")
    posterior = train_posterior(prior, x, y, bound=bound, delta=0.05, stream=STREAM, training=settings, bound_inputs=further)
    before, after = (float(certify_gibbs(q, prior, x, y, delta=0.05, pairs=2000, stream=STREAM)) for q in (prior, posterior))
    assert after < before - 0.05


def test_thiemann_at_its_best_weight_is_quadratic_in_value_and_gradient() -> None:
    risk = torch.tensor(0.1, dtype=torch.float64, requires_grad=True)
    kl = torch.tensor(20.0, dtype=torch.float64, requires_grad=True)
    fixed = {"n": 1000, "delta": 0.05}
    weight = thiemann_weight(empirical_risk=risk.detach(), kl=kl.detach(), **fixed)
    ours = get("pac_bayes.thiemann").value(empirical_risk=risk, kl=kl, weight=weight, **fixed)
    theirs = get("pac_bayes.quadratic").value(empirical_risk=risk, kl=kl, **fixed)
    assert float(ours.detach()) == pytest.approx(float(theirs.detach()), rel=1e-12)
    for left, right in zip(torch.autograd.grad(ours, (risk, kl)), torch.autograd.grad(theirs, (risk, kl)), strict=True):
        assert float(left) == pytest.approx(float(right), rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("grid", [None, ScaleGrid()])
def test_convolutions_train_on_a_bound_with_a_fixed_scale_and_on_a_grid(grid: ScaleGrid | None) -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(300, 16, generator=generator)
    y = (x[:, :8].mean(1) > x[:, 8:].mean(1)).long()
    chain = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(16, 2))
    with torch.no_grad():
        for parameter in chain.parameters():
            parameter.copy_(0.5 * torch.randn(parameter.shape, generator=generator))
    prior = GaussianConvolutionalNetwork(chain, (1, 4, 4), std=0.5)
    settings = PosteriorTraining(steps=100, batch_size=60, draws=3)
    posterior = train_posterior(
        prior, x, y, bound=get("pac_bayes.quadratic"), delta=0.05, stream=STREAM, training=settings, scale_grid=grid
    )
    before, after = (
        float(certify_gibbs(q, prior, x, y, delta=0.05, pairs=2000, stream=STREAM, scale_grid=grid)) for q in (prior, posterior)
    )
    assert after < before - 0.05


def test_a_shift_moves_images_as_interpolation_says_and_brings_in_zeros() -> None:
    # A distortion that only shifts is bilinear interpolation at x + shift: the same from numpy, for the same draws.
    images = torch.rand(4, 9, 9, generator=torch.Generator().manual_seed(0))
    distortion = Distortion(shift=2.0, rotation=0, scale=0, shear=0, elastic=0)
    moved = distortion.apply(images, np.random.default_rng(3))
    generator = np.random.default_rng(3)
    draws = [2 * generator.random((4, 1, 1), dtype=np.float32) - 1 for _ in range(6)]
    for k in range(4):
        across, down = 2.0 * float(draws[4][k, 0, 0]), 2.0 * float(draws[5][k, 0, 0])
        padded = np.pad(images[k].numpy().astype(np.float64), 4)
        for i, j in ((0, 0), (4, 4), (8, 3)):
            y, x = i + down + 4, j + across + 4
            a, b = int(np.floor(y)), int(np.floor(x))
            u, v = y - a, x - b
            value = (padded[a, b] * (1 - u) + padded[a + 1, b] * u) * (1 - v) + (padded[a, b + 1] * (1 - u) + padded[a + 1, b + 1] * u) * v
            assert float(moved[k, i, j]) == pytest.approx(value, abs=1e-5)


def test_a_rotation_by_its_angle_and_an_elastic_field_that_is_smooth() -> None:
    line = torch.zeros(1, 21, 21)
    line[0, 10, :] = 1  # a horizontal bar through the centre: rotated by an angle it has that slope
    distortion = Distortion(shift=0, rotation=30, scale=0, shear=0, elastic=0)
    moved = distortion.apply(line, np.random.default_rng(0))[0]
    angle = float(2 * np.random.default_rng(0).random((1, 1, 1), dtype=np.float32)[0, 0, 0] - 1) * 30
    rows = (moved * torch.arange(21.0)[:, None]).sum(0) / moved.sum(0)
    slope = float(rows[14] - rows[6]) / 8
    assert abs(abs(slope) - abs(np.tan(np.radians(angle)))) < 0.03
    bent = Distortion(0, 0, 0, 0, elastic=1.0).apply(torch.ones(50, 21, 21), np.random.default_rng(1))
    assert float((bent[:, 6:15, 6:15] - 1).abs().max()) < 1e-5  # inside, a constant image stays what it is
    assert not torch.equal(Distortion(0, 0, 0, 0, elastic=1.0).apply(line, np.random.default_rng(1)), line)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["dense", "convolutional"])
def test_fitting_learns_repeats_itself_and_leaves_the_global_seed_alone(kind: str) -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(200, 64, generator=generator)
    y = (x[:, :32].mean(1) > x[:, 32:].mean(1)).long()

    def network() -> nn.Module:
        if kind == "dense":
            return DenseNetwork([64, 16, 2]).initialise(STREAM, 0)
        chain = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 2))
        start = torch.Generator().manual_seed(1)
        with torch.no_grad():
            for parameter in chain.parameters():
                parameter.copy_(0.2 * torch.randn(parameter.shape, generator=start))
        return chain

    fit = Fit(25, batch_size=20, learning_rate=0.01, distortion=Distortion(0.3, 2, 0.02, 0.02, 0.2))
    networks = [network(), network()]
    state = torch.get_rng_state()
    one, two = (fit_images(made, x, y, fit, STREAM, image=(1, 8, 8), outputs=2) for made in networks)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), two.parameters(), strict=True))
    shaped = x if kind == "dense" else x.reshape(-1, 1, 8, 8)
    assert float((one(shaped).argmax(1) != y).double().mean()) < 0.2


def test_bad_settings() -> None:
    with pytest.raises(ValueError, match="epochs"):
        Fit(0)
    with pytest.raises(ValueError, match="distortions"):
        Distortion(shift=-1)
    with pytest.raises(ValueError, match="draws"):
        PosteriorTraining(draws=0)
    chain = nn.Sequential(nn.Conv2d(2, 2, 2), nn.Flatten(), nn.Linear(18, 2))
    with pytest.raises(ValueError, match="square to be distorted"):
        fit_images(chain, torch.zeros(4, 32), [0, 1, 0, 1], Fit(1, distortion=Distortion()), STREAM, image=(2, 4, 4), outputs=2)
