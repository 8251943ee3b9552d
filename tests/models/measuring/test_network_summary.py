"""What a summary says of its numbers: margin risk and quantiles, biases absorbed, flags, JSON."""

import json
from fractions import Fraction

import numpy as np
import pytest
import torch
from tests.models.dense_networks import dense, generator, sample
from torch import nn

from genbounds.models.measuring.network_summary import NetworkSummary
from genbounds.models.measuring.summary import summarize


def test_margin_risk_and_quantiles_follow_their_definitions() -> None:
    network = dense([6, 9, 4])
    x, y = sample(30, 6, 4)
    counts = torch.randint(0, 4, (30,), generator=generator(3))
    plain = summarize(network, x.repeat_interleave(counts, 0), y.repeat_interleave(counts, 0))
    summary = summarize(network, x, y, counts=counts)
    assert summary.n == plain.n == int(counts.sum())
    assert (summary.errors, summary.empirical_risk) == (plain.errors, plain.empirical_risk)
    assert float(summary.data_norm) == pytest.approx(float(plain.data_norm), rel=1e-12)
    assert float(summary.data_norm_columns) == pytest.approx(float(plain.data_norm_columns), rel=1e-12)
    for gamma in (-1, 0, Fraction(1, 3), 0.5, float(summary.margins[4])):
        below = sum(int(c) for m, c in zip(summary.margins, counts, strict=True) if Fraction(float(m)) <= gamma)
        assert summary.margin_risk(gamma) == Fraction(below, summary.n)
    for q in (0, Fraction(1, 10), 0.5, 1):
        gamma = summary.margin_quantile(q)
        assert summary.margin_risk(gamma) >= q
        smaller = [float(m) for m, c in zip(summary.margins, counts, strict=True) if c and m < gamma]
        assert not smaller or summary.margin_risk(max(smaller)) < max(q, Fraction(1, 10**9))


def test_a_sample_of_a_billion_is_a_vector_of_counts() -> None:
    network = dense([6, 9, 4])
    x, y = sample(3, 6, 4)
    summary = summarize(network, x, y, counts=[10**9, 2 * 10**9, 10**9 + 1])
    assert summary.n == 4 * 10**9 + 1
    assert summary.margin_risk(10**6) == 1
    exact = sum(c * sum(Fraction(v) ** 2 for v in row) for c, row in zip([10**9, 2 * 10**9, 10**9 + 1], x.tolist(), strict=True))
    assert Fraction(float(summary.data_norm)) ** 2 >= exact


def test_augmented_is_the_same_function_without_biases() -> None:
    network, initial = dense([4, 6, 5, 3]), dense([4, 6, 5, 3], seed=70)
    x, y = sample(20, 4, 3)
    summary = summarize(network, x, y, initial=initial, input_radius=50)
    augmented = summary.augmented()
    layers: list[nn.Module] = []
    starts: list[nn.Module] = []
    for position in range(3):
        for source, target in ((network, layers), (initial, starts)):
            w, b = source.linear(position).weight, source.linear(position).bias
            matrix = torch.cat([w, b[:, None]], dim=1)
            if position < 2:
                row = torch.zeros(1, matrix.shape[1])
                row[0, -1] = 1.0
                matrix = torch.cat([matrix, row])
            linear = nn.Linear(matrix.shape[1], matrix.shape[0], bias=False)
            linear.weight.data.copy_(matrix)
            target += [linear, nn.ReLU()]
    ones = torch.cat([x, torch.ones(20, 1)], dim=1)
    explicit = summarize(nn.Sequential(*layers[:-1]), ones, y, initial=nn.Sequential(*starts[:-1]))
    assert augmented.widths == explicit.widths == (5, 7, 6, 3)
    np.testing.assert_allclose(explicit.margins, augmented.margins, atol=1e-12)
    for name in ("spectral_norms", "frobenius_norms", "norms_2_1", "norms_1_inf", "distances_2_1", "frobenius_distances"):
        np.testing.assert_allclose(getattr(augmented, name).value, getattr(explicit, name).value, rtol=1e-12)
    for name in ("data_norm", "data_norm_columns"):
        assert float(getattr(augmented, name)) == pytest.approx(float(getattr(explicit, name)), rel=1e-12)
    assert Fraction(float(augmented.input_radius)) ** 2 >= 2501
    assert augmented.homogeneous
    assert not summary.homogeneous
    assert augmented.augmented() is augmented


def test_biases_cannot_be_absorbed_through_tanh_or_residual_branches() -> None:
    x, y = sample(5, 4, 3)
    for network in (dense([4, 6, 6, 3], "tanh"), dense([4, 6, 6, 3], residual=True)):
        with pytest.raises(ValueError, match="biases can be absorbed"):
            summarize(network, x, y).augmented()
    plain = dense([4, 6, 6, 3], "tanh", bias=False)
    assert summarize(plain, x, y).augmented().widths == (4, 6, 6, 3)


@pytest.mark.slow
def test_flags() -> None:
    x, y = sample(5, 4, 3)
    cases = [
        (dense([4, 6, 3], bias=False), True, False),
        (dense([4, 6, 3]), False, True),
        (dense([4, 6, 3], "tanh", bias=False), False, False),
        (dense([4, 6, 6, 3], bias=False, residual=True), False, False),
    ]
    for network, homogeneous, has_bias in cases:
        summary = summarize(network, x, y)
        assert (summary.homogeneous, summary.has_bias) == (homogeneous, has_bias)
        assert summary.parameters == sum(p.numel() for p in network.parameters())


@pytest.mark.slow
def test_json_round_trip_is_exact() -> None:
    network = dense([4, 6, 3])
    x, y = sample(12, 4, 3)
    for counts in (None, torch.arange(12)):
        summary = summarize(network, x, y, initial=dense([4, 6, 3], seed=4), counts=counts)
        again = NetworkSummary.from_dict(json.loads(json.dumps(summary.to_dict())))
        assert again == summary
        assert hash(again) == hash(summary)
        assert (again.margins == summary.margins).all()
        assert again.widths == (4, 6, 3)
        assert again.is_block == (False, False)
    assert summary != summarize(network, x, y)
