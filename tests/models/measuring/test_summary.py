"""summarize against numpy and the definition of each number, in batches, on ensembles and in other bases."""

import copy
import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from tests.models.dense_networks import dense, generator, sample
from torch import nn

from genbounds.bounds import Quantity
from genbounds.models.ensemble import Ensemble
from genbounds.models.measuring.network_summary import NetworkSummary
from genbounds.models.measuring.summary import summarize, summarize_ensemble
from genbounds.models.networks import DenseNetwork
from genbounds.models.randomness.streams import Stream


@pytest.mark.slow
def test_per_layer_norms_and_distances() -> None:
    network, initial = dense([6, 9, 4]), dense([6, 9, 4], seed=50)
    x, y = sample(8, 6, 4)
    summary = summarize(network, x, y, initial=initial)
    for position, (layer, start) in enumerate(zip(network.layers, initial.layers, strict=True)):
        w = layer.weight.detach().double().numpy()
        d = w - start.weight.detach().double().numpy()
        for matrix, names in (
            (w, ("spectral_norms", "frobenius_norms", "norms_2_1", "norms_1_inf")),
            (d, ("spectral_distances", "frobenius_distances", "distances_2_1", "distances_1_inf")),
        ):
            rows = np.linalg.norm(matrix, axis=1)
            wanted = (np.linalg.norm(matrix, 2), np.linalg.norm(matrix), rows.sum(), np.abs(matrix).sum(axis=1).max())
            for name, value in zip(names, wanted, strict=True):
                quantity = getattr(summary, name)
                assert quantity.kind == "upper"
                assert value * (1 - 1e-15) <= quantity.value[position] <= value * (1 + 1e-12)
        assert summary.spectral_norms_lower.value[position] <= summary.spectral_norms.value[position]
    assert summary.spectral_norms_lower.kind == "lower"
    product = math.prod(Fraction(v) for v in summary.frobenius_norms.value)
    assert product <= Fraction(float(summary.norm_product())) <= product * (1 + Fraction(1, 2**51))
    assert summarize(network, x, y).distances_2_1 is None
    same = summarize(network, x, y, initial=network)
    assert same.distances_2_1 is not None
    assert same.distances_2_1.value == (0.0, 0.0)


@pytest.mark.slow
def test_data_norms_and_radius() -> None:
    network = dense([6, 9, 4])
    x, y = sample(30, 6, 4)
    summary = summarize(network, x, y)
    squares = [[Fraction(v) ** 2 for v in row] for row in x.tolist()]
    total = sum(sum(row) for row in squares)
    column = max(sum(row[j] for row in squares) for j in range(6))
    for quantity, exact in ((summary.data_norm, total), (summary.data_norm_columns, column)):
        assert quantity.kind == "upper"
        assert exact <= Fraction(float(quantity)) ** 2 <= exact * (1 + Fraction(1, 10**12))
    assert summary.input_radius.kind == "estimate"
    assert Fraction(float(summary.input_radius)) ** 2 >= max(sum(row) for row in squares)
    assert summarize(network, x, y, input_radius=100).input_radius.kind == "upper"
    declared = Quantity(100.0, "exact", "pixels in [0, 1]")
    assert summarize(network, x, y, input_radius=declared).input_radius is declared
    with pytest.raises(ValueError, match=r"input_radius.*too small"):
        summarize(network, x, y, input_radius=0.5)


def test_batches_give_the_numbers_of_the_whole() -> None:
    network = dense([6, 9, 4])
    x, y = sample(30, 6, 4)
    whole = summarize(network, x, y, counts=torch.arange(30))
    batched = summarize(network, ((x[i : i + 7], y[i : i + 7]) for i in range(0, 30, 7)), counts=torch.arange(30))
    assert batched.errors == whole.errors
    np.testing.assert_allclose(batched.margins, whole.margins, rtol=0, atol=1e-13)
    assert float(batched.data_norm) == pytest.approx(float(whole.data_norm), rel=1e-12)
    assert float(batched.data_norm_columns) == pytest.approx(float(whole.data_norm_columns), rel=1e-12)


def test_a_sequential_however_nested_gives_the_numbers_of_the_dense_network() -> None:
    network = dense([8, 6, 5, 3])
    x, y = sample(12, 8, 3)
    a, b, c = (copy.deepcopy(network.linear(position)) for position in range(3))
    nested = nn.Sequential(nn.Flatten(), nn.Sequential(a, nn.ReLU()), nn.Sequential(nn.Sequential(b), nn.ReLU(), c))
    assert summarize(nested, x.reshape(12, 2, 4), y) == summarize(network, x, y)


def test_nothing_of_the_users_is_touched() -> None:
    network = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3)).train()
    network[0].eval()
    x, y = sample(9, 4, 3)
    x.requires_grad_(True)
    network(x).sum().backward()
    before = copy.deepcopy(network.state_dict())
    gradients = [parameter.grad.clone() for parameter in network.parameters()]
    versions = [parameter._version for parameter in network.parameters()]
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    threads, dtype, enabled = torch.get_num_threads(), torch.get_default_dtype(), torch.is_grad_enabled()
    summarize(network, x, y, initial=network, counts=torch.ones(9))
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert (np.random.get_state()[1] == numpy_state).all()  # noqa: NPY002
    assert (threads, dtype, enabled) == (torch.get_num_threads(), torch.get_default_dtype(), torch.is_grad_enabled())
    assert [module.training for module in network.modules()] == [True, False, True, True]
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())
    assert all(torch.equal(p.grad, g) for p, g in zip(network.parameters(), gradients, strict=True))
    assert versions == [parameter._version for parameter in network.parameters()]
    assert all(p.requires_grad and p.dtype == torch.float32 for p in network.parameters())
    assert not any(module._forward_hooks or module._backward_hooks for module in network.modules())


@pytest.mark.slow
def test_an_ensemble_gives_the_numbers_one_by_one() -> None:
    stream = Stream("summary", "test")
    ensemble = Ensemble([5, 7, 7, 3], "relu", networks=6, stream=stream, residual=True, tau=0.5)
    for bias in ensemble.biases:
        bias.copy_(torch.randn(bias.shape, generator=generator(1)))
    x, y = sample(20, 5, 3)
    counts = torch.randint(0, 3, (6, 20), generator=generator(2))
    together = summarize_ensemble(ensemble, x, y, counts=counts)
    for k, got in enumerate(together):
        network = DenseNetwork([5, 7, 7, 3], "relu", residual=True, tau=0.5)
        with torch.no_grad():
            for position in range(3):
                network.linear(position).weight.copy_(ensemble.weights[position][k])
                network.linear(position).bias.copy_(ensemble.biases[position][k])
        alone = summarize(network, x, y, counts=counts[k])
        assert (got.n, got.errors, got.widths, got.is_block) == (alone.n, alone.errors, alone.widths, alone.is_block)
        for name in ("spectral_norms", "frobenius_norms", "norms_2_1", "norms_1_inf"):
            np.testing.assert_allclose(getattr(got, name).value, getattr(alone, name).value, rtol=1e-12)
        assert float(got.data_norm) == pytest.approx(float(alone.data_norm), rel=1e-12)
        np.testing.assert_allclose(got.margins, alone.margins, atol=1e-12)


@pytest.mark.slow
def test_an_ensemble_on_samples_of_its_own() -> None:
    networks = [dense([5, 7, 3], seed=10 * k) for k in range(4)]
    x = torch.randn(4, 11, 5, generator=generator(8))
    y = torch.randint(0, 3, (4, 11), generator=generator(9))
    initial = [dense([5, 7, 3], seed=10 * k + 5) for k in range(4)]
    for k, got in enumerate(summarize_ensemble(networks, x, y, initial=initial)):
        alone = summarize(networks[k], x[k], y[k], initial=initial[k])
        assert got.errors == alone.errors
        assert float(got.data_norm) == pytest.approx(float(alone.data_norm), rel=1e-12)
        assert float(got.input_radius) == pytest.approx(float(alone.input_radius), rel=1e-12)
        assert got.distances_2_1 is not None
        assert alone.distances_2_1 is not None
        np.testing.assert_allclose(got.distances_2_1.value, alone.distances_2_1.value, rtol=1e-12)


def _measured(summary: NetworkSummary) -> dict[str, np.ndarray]:
    """What bounds consume, as arrays."""
    names = ("spectral_norms", "frobenius_norms", "norms_2_1", "data_norm", "input_radius")
    found = {name: np.array([float(v) for v in np.atleast_1d(getattr(summary, name).value)]) for name in names}
    return {**found, "margins": summary.margins, "empirical_risk": np.array([float(summary.empirical_risk)])}


@pytest.mark.parametrize("change", ["permuted units", "rotated inputs"])
def test_another_basis_for_the_same_function_changes_no_number(change: str) -> None:
    """Units in another order, or inputs turned with the first layer turned back: the same norms, margins and errors, up to rounding."""
    network = dense([6, 9, 7, 3], seed=3).double()
    x, y = sample(50, 6, 3)
    x, other = x.double(), copy.deepcopy(network)
    turned = x
    first, second = (other.linear(layer) for layer in (0, 1))
    with torch.no_grad():
        if change == "permuted units":
            order = torch.randperm(9, generator=generator(4))
            first.weight.copy_(first.weight[order])
            second.weight.copy_(second.weight[:, order])
            if first.bias is not None:
                first.bias.copy_(first.bias[order])
        else:
            rotation = torch.linalg.qr(torch.randn(6, 6, generator=generator(5), dtype=torch.float64)).Q
            first.weight.copy_(first.weight @ rotation.T)
            turned = x @ rotation.T
    one, two = _measured(summarize(network, x, y)), _measured(summarize(other, turned, y))
    for name, values in one.items():
        np.testing.assert_allclose(two[name], values, rtol=1e-9, atol=1e-12, err_msg=name)
    assert not torch.equal(first.weight, network.linear(0).weight)
