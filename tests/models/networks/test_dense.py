"""Dense networks: the forward pass against its formula, the initial law, and what bounds read off an activation."""

import math

import pytest
import torch
from torch import nn

from genbounds.models.networks import ACTIVATIONS, DenseNetwork
from genbounds.models.networks.initialisation import weight_bounds
from genbounds.models.randomness.streams import Stream


@pytest.fixture
def stream() -> Stream:
    return Stream("tests", "training")


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("residual", [False, True])
def test_forward_is_the_formula(name, residual, stream):
    network = DenseNetwork([3, 5, 5, 4, 4, 2], name, residual=residual, tau=0.3, dtype=torch.float64)
    network.initialise(stream, 0)
    x = stream.normal(range(6), 0, 3)
    hidden, sigma = x, network.activation.module()
    for position in range(4):
        layer = network.layers[position]
        branch = sigma(hidden @ layer.weight.T + layer.bias)
        hidden = hidden + 0.3 * branch if residual and position in (1, 3) else branch
    expected = hidden @ network.layers[4].weight.T + network.layers[4].bias
    torch.testing.assert_close(network(x), expected, rtol=1e-13, atol=1e-13)
    assert network.is_block == ((False, True, False, True, False) if residual else (False,) * 5)


def test_layers_are_linear_modules_in_order():
    network = DenseNetwork([3, 5, 4, 2], bias=False)
    assert [type(layer) for layer in network.layers] == [nn.Linear] * 3
    assert [(layer.in_features, layer.out_features) for layer in network.layers] == [(3, 5), (5, 4), (4, 2)]
    assert all(layer.bias is None for layer in network.layers)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activation_constants(name):
    """Slopes on a fine grid never exceed the constant, and nearly reach it; derivatives against finite differences."""
    activation = ACTIVATIONS[name]
    x = torch.linspace(-8, 8, 160_001, dtype=torch.float64)
    y = activation(x)
    torch.testing.assert_close(y, activation.module()(x), rtol=1e-15, atol=1e-15)
    slopes = (y[1:] - y[:-1]) / (x[1:] - x[:-1])
    assert float(slopes.abs().max()) <= activation.lipschitz * (1 + 1e-9)
    assert float(slopes.abs().max()) >= activation.lipschitz * (1 - 1e-6)
    assert float(activation(torch.zeros(1, dtype=torch.float64))) == activation.value_at_zero
    assert activation.homogeneous == bool(torch.allclose(activation(3 * x), 3 * y, rtol=1e-12, atol=0))
    assert float(y.min()) >= activation.lower
    assert float(y.max()) <= activation.upper
    middle = 0.5 * (x[1:] + x[:-1])
    gradient = activation.backward_(torch.ones_like(middle), activation(middle))
    torch.testing.assert_close(gradient, slopes, rtol=0, atol=1e-4 * 0.5 + 1e-9)
    if activation.smoothness is None:
        assert name in ("relu", "leaky_relu")
    else:
        second = (slopes[1:] - slopes[:-1]) / (x[2:] - x[1:-1])
        assert float(second.abs().max()) <= activation.smoothness * (1 + 1e-4)
        assert float(second.abs().max()) >= activation.smoothness * (1 - 1e-3)


def test_initial_law(stream):
    """Uniform on [-b, b]: the range is kept, and the variance of 20 000 weights is b^2/3 within 5 % (12 sigma)."""
    widths = [200, 100, 100, 200]
    for name, bounds in {
        "relu": [math.sqrt(6 / 200), math.sqrt(6 / 100), math.sqrt(3 / 100)],
        "tanh": [math.sqrt(6 / 300), math.sqrt(6 / 200), math.sqrt(3 / 100)],
    }.items():
        network = DenseNetwork(widths, name, dtype=torch.float64).initialise(stream, 3)
        assert weight_bounds(widths, ACTIVATIONS[name]) == pytest.approx(bounds)
        for layer, bound in zip(network.layers, bounds, strict=True):
            assert float(layer.weight.detach().abs().max()) < bound
            if layer.weight.numel() == 20_000:
                assert float(layer.weight.detach().var()) == pytest.approx(bound**2 / 3, rel=0.05)
            assert not layer.bias.any()


def test_initialisation_is_a_function_of_stream_and_index(stream):
    first = DenseNetwork([4, 8, 2]).initialise(stream, 5)
    torch.manual_seed(0)
    torch.rand(3)
    again = DenseNetwork([4, 8, 2]).initialise(stream, 5)
    other = DenseNetwork([4, 8, 2]).initialise(stream, 6)
    for a, b, c in zip(first.layers, again.layers, other.layers, strict=True):
        assert torch.equal(a.weight, b.weight)
        assert not torch.equal(a.weight, c.weight)


def test_making_a_network_leaves_the_global_seed_alone(stream):
    before = torch.get_rng_state()
    DenseNetwork([4, 8, 2]).initialise(stream, 0)
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("widths", [[3], [], [3, 0, 2], [3, 2.5, 2], [3, -1]])
def test_bad_widths_are_named(widths):
    with pytest.raises(ValueError, match="widths"):
        DenseNetwork(widths)


def test_unknown_activation_is_named():
    with pytest.raises(ValueError, match="'swish'"):
        DenseNetwork([3, 2], "swish")
