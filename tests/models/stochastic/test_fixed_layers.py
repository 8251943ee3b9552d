"""A layer of which nothing is random is the plain layer, to the last bit, and NaN where what comes in is not finite."""

from __future__ import annotations

import math

import torch

from genbounds.models.stochastic.gaussian import mean_and_scale, noisy


def test_without_variance_a_layer_is_the_plain_layer_and_what_is_not_finite_is_nan() -> None:
    generator = torch.Generator().manual_seed(0)
    x, weight = torch.randn(4, 3, generator=generator, dtype=torch.float64), torch.randn(5, 3, generator=generator, dtype=torch.float64)
    bias, noise = torch.randn(5, generator=generator, dtype=torch.float64), torch.zeros(4, 5, dtype=torch.float64)
    x[1, 0], x[2, 1], x[3] = math.inf, math.nan, 0.0
    found = noisy(x, weight, torch.zeros_like(weight), bias, torch.zeros_like(bias), noise)
    assert torch.equal(found[[0, 3]], torch.nn.functional.linear(x, weight, bias)[[0, 3]])
    assert found[1:3].isnan().all()


def test_a_variance_of_one_weight_or_bias_counts() -> None:
    x, weight = torch.tensor([[3.0, 4.0]], dtype=torch.float64), torch.zeros(1, 2, dtype=torch.float64)
    variance, none = torch.tensor([[0.0, 0.25]], dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    assert mean_and_scale(x, weight, variance, none, none)[1].tolist() == [[2.0]]
    assert mean_and_scale(x, weight, torch.zeros_like(weight), none, none + 9)[1].tolist() == [[3.0]]
