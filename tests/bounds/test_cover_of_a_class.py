"""The empirical Bernstein bound of a class by its covering number: its derivation step by step, compared with Theorem 6 as printed."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch

from genbounds.bounds import DirectionError
from genbounds.bounds.vc import log_cover_convolutional, log_cover_finite_class, log_growth_sauer, maurer2009cover
from genbounds.verification import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios import scenario

LOSSES = [(0.0, 0.5, 1.0), (1.0, 0.5, 0.0), (0.25, 0.25, 0.25), (0.0, 0.0, 1.0), (0.75, 0.0, 0.5)]
"""The losses of five hypotheses at three points."""


def mean_of_the_largest(n: int, rate: float, curve_share: float = 1.0) -> float:
    """E max over the hypotheses of exp(sum over the sample of (-l z - c z^2)), over all double samples of three equally likely points."""
    share = -math.expm1(-rate)
    curve = curve_share * (rate - share)
    points = np.array(list(itertools.product(range(3), repeat=2 * n)))
    largest = np.zeros(len(points))
    for losses in LOSSES:
        values = np.array(losses)[points]
        moved = values[:, :n] - values.mean(axis=1, keepdims=True)
        largest = np.maximum(largest, np.exp((-share * moved - curve * moved**2).sum(axis=1)))
    return float(largest.mean())


@pytest.mark.parametrize("index", range(-6, 3))
def test_the_mean_of_the_largest_exponential_is_at_most_the_number_of_losses(index: int) -> None:
    for n in (1, 2, 3, 4):
        assert mean_of_the_largest(n, 2 ** (index / 2)) <= len(LOSSES)


@pytest.mark.parametrize("index", range(-6, 3))
def test_of_one_loss_it_is_at_most_one_and_without_squares_more(index: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault is a curve of half the size: then the mean is above 1, by exact enumeration."""
    monkeypatch.setattr("tests.bounds.test_cover_of_a_class.LOSSES", [(0.0, 0.0, 1.0)])
    means = [mean_of_the_largest(n, 2 ** (index / 2)) for n in (1, 2, 3, 4)]
    assert max(means) <= 1 + 1e-12
    assert max(mean_of_the_largest(n, 2 ** (index / 2), 0.5) for n in (1, 2, 3, 4)) > max(means)
    if index <= 0:
        assert mean_of_the_largest(1, 2 ** (index / 2), 0.45) > 1


@pytest.mark.parametrize("n", [16, 100, 10**3, 10**4, 10**6, 10**9, 10**12, 10**14])
def test_it_is_nowhere_above_the_theorem_as_printed(n: int) -> None:
    for log_cover, variance, delta in itertools.product((0, 5, 50, 5000), (0, 1e-3, 0.01, 0.1, 0.25), (0.05, 1e-6)):
        cost = log_cover + math.log(10 / delta)
        printed = math.sqrt(18 * variance * cost / n) + 15 * cost / (n - 1)
        assert float(maurer2009cover.value(empirical_risk=0, variance=variance, n=n, log_cover=log_cover, delta=delta)) <= printed


def test_a_cover_is_taken_at_its_own_n_and_a_growth_function_is_not_taken() -> None:
    shared = {"empirical_risk": Fraction(1, 10), "variance": Fraction(1, 100), "n": 1000, "delta": Fraction(1, 20)}
    network = {"parameters": 5, "distance": 1, "depth": 2, "input_radius": 1, "lipschitz": 1}
    assert maurer2009cover(**shared, log_cover=log_cover_convolutional(**network, n=1000)).value < 1
    with pytest.raises(ValueError, match="at n=100 where"):
        maurer2009cover(**shared, log_cover=log_cover_convolutional(**network, n=100))
    with pytest.raises(DirectionError, match="gives log_growth"):
        maurer2009cover(**shared, log_cover=log_growth_sauer(vc_dimension=3, n=1000))
    assert maurer2009cover(**shared, log_cover=log_cover_finite_class(class_size=10)).value < 0.2


@pytest.mark.slow
def test_it_is_judged_on_losses_of_three_values_and_a_third_of_the_deviation_is_refuted_there() -> None:
    """The suite finds both scenarios by the declarations alone; the planted fault is a third of all that is added to the average."""
    found = check("vc.maurer2009cover", rungs="every sample")
    assert {trial.match.scenario.name for trial in found.trials} >= {"valued losses", "best of a class"}
    assert not found.refuted
    formula = maurer2009cover.forms[maurer2009cover.declaration.form].formula

    def third(math: Any, **inputs: Any) -> dict[str, Any]:
        return {name: term if name == "empirical risk" else term / 3 for name, term in formula(math, **inputs).items()}

    one = scenario("valued losses")
    worlds = [world for world in one.listed("thumbnail") if world.common["n"] > 1]
    matched, delta = match(maurer2009cover, one), Fraction(1, 10**6)
    assert not any(judge(matched, world, delta).refuted for world in worlds)
    assert any(judge(matched, world, delta, third).refuted for world in worlds)


def spectral(kernel: torch.Tensor, size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The matrix of a convolution of images of this size as a map of all pixels, and its spectral norm."""
    channels = kernel.shape[1]
    basis = torch.eye(channels * size * size, dtype=torch.float64).reshape(-1, channels, size, size)
    matrix = torch.nn.functional.conv2d(basis, kernel, padding=1).flatten(1).T
    return matrix, torch.linalg.matrix_norm(matrix, 2)


@pytest.mark.parametrize("seed", range(4))
def test_networks_in_the_ball_differ_by_no_more_than_the_cover_takes(seed: int) -> None:
    """Three convolutions on 5 x 5 images with ReLU between them, around a random reference of spectral norm 1."""
    generator = torch.Generator().manual_seed(seed)
    size, beta, depth = 5, 1.5, 3
    kernels = [torch.randn(2, 2, 3, 3, dtype=torch.float64, generator=generator) for _ in range(depth)]
    reference = [matrix / norm for matrix, norm in (spectral(kernel, size) for kernel in kernels)]

    def member() -> list[torch.Tensor]:
        steps = [torch.randn(2, 2, 3, 3, dtype=torch.float64, generator=generator) for _ in range(depth)]
        shares = torch.rand(depth, dtype=torch.float64, generator=generator)
        moves = [spectral(step, size) for step in steps]
        return [a + beta * share / shares.sum() * b / norm for a, (b, norm), share in zip(reference, moves, shares, strict=True)]

    def outputs(layers: list[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
        for layer in layers[:-1]:
            x = torch.relu(layer @ x)
        return layers[-1] @ x

    x = torch.randn(2 * size * size, 8, dtype=torch.float64, generator=generator)
    x = x / x.norm(dim=0)
    allowed = (1 + beta / depth) ** depth
    for _ in range(15):
        one, other = member(), member()
        moved = (outputs(one, x) - outputs(other, x)).norm(dim=0).max()
        distance = sum(float(torch.linalg.matrix_norm(a - b, 2)) for a, b in zip(one, other, strict=True))
        assert float(moved) <= allowed * distance


def test_covers_by_hand() -> None:
    """By hand: one layer, no distance, and a reference of norm 2."""
    value = float(log_cover_convolutional(parameters=1, distance=1, depth=1, input_radius=1, lipschitz=1, n=1000))
    assert value == pytest.approx(math.log(1 + 2 * 1000 * 2), rel=1e-14)
    assert float(log_cover_convolutional(parameters=10**6, distance=0, depth=3, input_radius=1, lipschitz=1, n=1000)) == 0
    twice = {"parameters": 7, "distance": 1, "depth": 2, "input_radius": 2, "lipschitz": Fraction(1, 2), "n": 50}
    assert float(log_cover_convolutional(**twice, reference_norm=2)) == pytest.approx(7 * math.log(1 + 100 * Fraction(25, 8)), rel=1e-14)
