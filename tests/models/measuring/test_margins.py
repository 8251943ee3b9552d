"""Margins of dense networks against exact rational arithmetic and 40 digits."""

from fractions import Fraction

import mpmath
import pytest
import torch
from tests.models.dense_networks import dense, sample
from torch import nn

from genbounds.models.measuring.summary import summarize
from genbounds.models.networks import DenseNetwork


def exact_logits(network: nn.Module, x: torch.Tensor) -> list[Fraction]:
    """The forward pass of a plain ReLU network in rational arithmetic."""
    h = [Fraction(float(v)) for v in x]
    linears = [m for m in network.modules() if isinstance(m, nn.Linear)]
    for position, linear in enumerate(linears):
        bias = linear.bias.tolist() if linear.bias is not None else [0.0] * linear.out_features
        h = [
            sum((Fraction(w) * v for w, v in zip(row, h, strict=True)), Fraction(b))
            for row, b in zip(linear.weight.tolist(), bias, strict=True)
        ]
        if position < len(linears) - 1:
            h = [max(v, Fraction(0)) for v in h]
    return h


@pytest.mark.parametrize("outputs", [1, 2, 4])
def test_margins_are_just_below_exact_arithmetic(outputs: int) -> None:
    network = dense([6, 9, 7, outputs])
    x, y = sample(40, 6, outputs)
    summary = summarize(network, x, y)
    errors = 0
    for i in range(40):
        v = exact_logits(network, x[i])
        k = int(y[i])
        margin = k * v[0] if outputs == 1 else v[k] - max(v[j] for j in range(outputs) if j != k)
        got = Fraction(float(summary.margins[i]))
        assert got <= margin
        assert margin - got < Fraction(1, 10**11)
        errors += margin <= 0
    assert summary.errors == errors
    assert (summary.n, summary.errors_undecided, summary.outputs, summary.depth) == (40, 0, outputs, 3)
    assert summary.empirical_risk == Fraction(errors, 40)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "elu", "leaky_relu"])
@pytest.mark.parametrize("residual", [False, True])
def test_margins_of_other_activations_are_below_forty_digits(activation: str, residual: bool) -> None:
    network = dense([5, 6, 6, 3], activation, residual=residual, tau=0.7)
    x, y = sample(15, 5, 3)
    summary = summarize(network, x, y)
    sigma = {
        "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
        "tanh": mpmath.tanh,
        "elu": lambda z: z if z > 0 else mpmath.expm1(z),
        "leaky_relu": lambda z: z if z > 0 else mpmath.mpf(0.01) * z,
    }[activation]
    with mpmath.workdps(40):
        for i in range(15):
            h = [mpmath.mpf(v) for v in x[i].tolist()]
            for position, layer in enumerate(network.layers):
                rows = zip(layer.weight.tolist(), layer.bias.tolist(), strict=True)
                z = [mpmath.fsum(mpmath.mpf(w) * v for w, v in zip(r, h, strict=True)) + b for r, b in rows]
                if position == 2:
                    h = z
                elif network.is_block[position]:
                    h = [v + mpmath.mpf(0.7) * sigma(u) for u, v in zip(z, h, strict=True)]
                else:
                    h = [sigma(u) for u in z]
            margin = h[int(y[i])] - max(h[j] for j in range(3) if j != int(y[i]))
            assert mpmath.mpf(float(summary.margins[i])) <= margin
            assert margin - mpmath.mpf(float(summary.margins[i])) < 1e-11
    assert summary.residual is residual
    assert summary.lipschitz == ((0.25, 0.25, 1.0) if activation == "sigmoid" else (1.0, 1.0, 1.0))
    assert summary.activations == (activation, activation, "identity")


def test_ties_are_errors() -> None:
    network = DenseNetwork([3, 4, 2])  # all parameters zero: every margin is zero
    x, y = sample(5, 3, 2)
    summary = summarize(network, x, y)
    assert summary.errors == 5
    assert summary.margin_risk(0) == 1
    assert (summary.margins < 0).all()
