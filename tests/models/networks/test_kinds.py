"""Convolutional, recurrent, attention and normalised networks: the forward pass against its formula, written another way."""

import math

import pytest
import torch
from torch import nn
from torch.nn.functional import unfold

from genbounds.models.ensemble import ModuleEnsemble
from genbounds.models.measuring.summary import summarize
from genbounds.models.networks import ACTIVATIONS, AttentionNetwork, ConvolutionalNetwork, NormalisedDenseNetwork, RecurrentNetwork
from genbounds.models.networks.normalisation import of_images, of_tokens, of_vectors
from genbounds.models.randomness.streams import Stream

EPS = 1e-5
STREAM = Stream("tests", "kinds")
NORMALISATIONS = (None, "batch", "group", "layer")


def drawn(network, seed=0):
    """Every parameter and statistic drawn, biases and gains too, in eval mode."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in network.parameters():
            fan = parameter[0].numel() if parameter.dim() > 1 else 2
            parameter.copy_(torch.randn(parameter.shape, generator=generator, dtype=torch.float64) / fan**0.5)
        for name, buffer in network.named_buffers():
            if name.endswith(("mean", "var")):
                buffer.copy_(torch.rand(buffer.shape, generator=generator, dtype=torch.float64) + 0.5)
    return network.eval()


def standardised(v, dims):
    """Mean 0 and variance 1 over some axes, as the definition has it."""
    centre = v - v.mean(dims, keepdim=True)
    return centre / (centre.pow(2).mean(dims, keepdim=True) + EPS).sqrt()


def of_the_layer(name, module, v):
    """Normalisation of (n, C, *rest) in its channels, by the definitions: statistics, then one gain and one shift per channel."""
    if name is None:
        return v
    shape = (-1, *(1,) * (v.dim() - 2))
    if name == "batch":
        v = (v - module.running_mean.reshape(shape)) / (module.running_var.reshape(shape) + EPS).sqrt()
    elif name == "group":
        halves = v.reshape(len(v), 2, -1)
        v = standardised(halves, 2).reshape(v.shape)
    else:
        v = standardised(v.flatten(1), 1).reshape(v.shape)
    return v * module.weight.reshape(shape) + module.bias.reshape(shape)


@pytest.mark.parametrize("name", NORMALISATIONS)
@pytest.mark.parametrize("residual", [False, True])
def test_convolutional_networks_are_their_formula(name, residual):
    network = drawn(ConvolutionalNetwork((2, 5, 4), [4, 4], 3, "tanh", normalisation=name, residual=residual, tau=0.3, dtype=torch.float64))
    x = STREAM.normal(range(3), 0, 40).reshape(3, 2, 5, 4)
    h = x
    for position, (convolution, normalisation, _) in enumerate(network.layers):
        patches = unfold(h, 3, padding=1)  # (n, channels * 9, positions): the convolution as a matrix product
        z = convolution.weight.flatten(1) @ patches + convolution.bias[:, None]
        branch = torch.tanh(of_the_layer(name, normalisation, z.reshape(3, 4, 5, 4)))
        h = h + 0.3 * branch if residual and position == 1 else branch
    expected = h.reshape(3, 80) @ network.head.weight.T + network.head.bias
    torch.testing.assert_close(network(x), expected, rtol=1e-12, atol=1e-12)
    assert network.is_block == (False, residual)


@pytest.mark.parametrize("name", NORMALISATIONS)
@pytest.mark.parametrize("residual", [False, True])
def test_recurrent_networks_are_their_formula(name, residual):
    network = drawn(RecurrentNetwork(3, 6, 2, "sigmoid", normalisation=name, residual=residual, tau=0.3, dtype=torch.float64))
    x = STREAM.normal(range(3), 100, 12).reshape(3, 4, 3)
    h = torch.zeros(3, 6, dtype=torch.float64)
    for time in range(4):
        z = x[:, time] @ network.into.weight.T + network.into.bias + h @ network.across.weight.T
        new = torch.sigmoid(of_the_layer(name, network.normalise, z))
        h = h + 0.3 * new if residual else new
    torch.testing.assert_close(network(x), h @ network.head.weight.T + network.head.bias, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", NORMALISATIONS)
@pytest.mark.parametrize("residual", [False, True])
def test_attention_networks_are_their_formula(name, residual):
    network = drawn(AttentionNetwork(4, 3, 6, 2, 2, "elu", normalisation=name, residual=residual, tau=0.3, dtype=torch.float64))
    x = STREAM.normal(range(3), 200, 12).reshape(3, 4, 3)

    def normalised(module, h):
        if name == "layer":
            return standardised(h, 2) * module.weight + module.bias
        return h if name is None else of_the_layer(name, module.inner, h.mT).mT

    def attend(module, h):
        q, k, v = (h @ layer.weight.T + layer.bias for layer in (module.query, module.key, module.value))
        weights = torch.einsum("nqd,nkd->nqk", q, k).div(math.sqrt(6)).exp()
        mixed = torch.einsum("nqk,nkd->nqd", weights / weights.sum(2, keepdim=True), v)
        return mixed @ module.out.weight.T + module.out.bias

    h = x @ network.embed.weight.T + network.embed.bias + network.positions
    for position, branch in enumerate(network.branches):
        z = normalised(branch[0], h)
        if position % 2:
            inner = z @ branch[1].weight.T + branch[1].bias
            z = torch.where(inner > 0, inner, inner.exp() - 1) @ branch[3].weight.T + branch[3].bias
        else:
            z = attend(branch[1], z)
        h = h + 0.3 * z if residual else z
    expected = h.mean(1) @ network.head.weight.T + network.head.bias
    torch.testing.assert_close(network(x), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", NORMALISATIONS[1:])
@pytest.mark.parametrize("residual", [False, True])
def test_normalised_dense_networks_are_their_formula(name, residual):
    network = drawn(NormalisedDenseNetwork([3, 6, 6, 2], name, "relu", residual=residual, tau=0.3, dtype=torch.float64))
    x = STREAM.normal(range(3), 300, 3)
    h = x
    for position, (linear, normalisation, _) in enumerate(network.layers):
        branch = of_the_layer(name, normalisation, h @ linear.weight.T + linear.bias).clamp(min=0)
        h = h + 0.3 * branch if residual and position == 1 else branch
    torch.testing.assert_close(network(x), h @ network.head.weight.T + network.head.bias, rtol=1e-12, atol=1e-12)


CASES = {
    "convolutional": (lambda **options: ConvolutionalNetwork((1, 4, 4), [2, 2], 3, **options), (1, 4, 4)),
    "recurrent": (lambda **options: RecurrentNetwork(4, 6, 3, **options), (4, 4)),
    "attention": (lambda **options: AttentionNetwork(4, 4, 6, 1, 3, **options), (4, 4)),
    "normalised": (lambda **options: NormalisedDenseNetwork([16, 6, 6, 3], **({"normalisation": "layer"} | options)), (16,)),
}


@pytest.mark.parametrize("name", CASES)
def test_initialise_is_the_start_of_an_ensemble_and_leaves_the_global_state(name):
    build, shape = CASES[name]
    torch.manual_seed(5)
    before = torch.get_rng_state()
    network = build(normalisation="group")
    assert all(not parameter.any() or bool((parameter == 1).all()) for parameter in network.parameters())
    network.initialise(STREAM, 7)
    assert torch.equal(before, torch.get_rng_state())
    other = ModuleEnsemble(build(normalisation="group"), shape, 3, networks=[3, 7], stream=STREAM).initial(1)
    for (path, mine), theirs in zip(network.named_parameters(), other.parameters(), strict=True):
        assert torch.equal(mine, theirs), path
    weights = [parameter for parameter in network.parameters() if parameter.dim() > 1]
    assert all(bool(weight.any()) for weight in weights)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("residual", [False, True])
def test_every_kind_is_measured_and_its_lipschitz_constant_enclosed(name, residual):
    """The bracket holds the largest of many difference quotients between near and far points."""
    build, shape = CASES[name]
    network = drawn(build(normalisation="batch", activation="leaky_relu", residual=residual, tau=0.5, dtype=torch.float64), 3)
    x = STREAM.normal(range(40), 1000, 16).reshape(40, *shape)
    found = summarize(network, x, torch.arange(40) % 3)
    lower, upper = float(found.lipschitz_lower), float(found.lipschitz_upper)
    other = x + 0.01 * STREAM.normal(range(40), 2000, 16).reshape(40, *shape)
    with torch.no_grad():
        moved = (network(other) - network(x)).norm(dim=1) / (other - x).flatten(1).norm(dim=1)
    assert 0 < lower <= upper < math.inf
    assert float(moved.max()) <= upper


def test_activations_and_sizes_are_checked():
    with pytest.raises(ValueError, match="activation must be one of"):
        RecurrentNetwork(3, 4, 2, "swish")
    with pytest.raises(ValueError, match="channels one or more"):
        ConvolutionalNetwork((1, 4, 4), [], 2)
    with pytest.raises(ValueError, match="must be positive, got 0"):
        RecurrentNetwork(0, 4, 2)
    with pytest.raises(ValueError, match="must be positive"):
        AttentionNetwork(4, 4, 6, 0, 2)
    with pytest.raises(ValueError, match="widths must be two or more"):
        NormalisedDenseNetwork([3], "layer")


@pytest.mark.parametrize("make", [of_vectors, of_images, of_tokens])
def test_a_normalisation_must_be_known_and_its_groups_equal(make):
    with pytest.raises(ValueError, match="normalisation must be None, 'batch', 'group' or 'layer', got 'power'"):
        make("power", 4, torch.float32, "cpu")
    with pytest.raises(ValueError, match="width must be a multiple of 2 for group normalisation, got 5"):
        make("group", 5, torch.float32, "cpu")
    assert isinstance(make(None, 5, torch.float32, "cpu"), nn.Identity)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_each_activation_is_the_one_that_is_asked_for(name):
    network = RecurrentNetwork(1, 1, 1, name, dtype=torch.float64)
    with torch.no_grad():
        network.head.weight.fill_(1.0)
        network.into.weight.fill_(1.0)
    x = torch.tensor([[[-1.5]], [[0.5]]], dtype=torch.float64)
    torch.testing.assert_close(network(x), ACTIVATIONS[name].module()(x[:, 0]))
