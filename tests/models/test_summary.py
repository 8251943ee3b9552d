"""summarize against exact rational arithmetic, 40 digits, numpy and the definition of each number."""

import copy
import json
import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import torch
from torch import nn

from genbounds.bounds import Quantity
from genbounds.models.architecture import stack_dense
from genbounds.models.ensemble import Ensemble
from genbounds.models.network_summary import NetworkSummary
from genbounds.models.networks import DenseNetwork
from genbounds.models.streams import Stream
from genbounds.models.summary import summarize, summarize_ensemble


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def dense(widths: list[int], activation: str = "relu", seed: int = 0, **options: object) -> DenseNetwork:
    network = DenseNetwork(widths, activation, **options)  # type: ignore[arg-type]
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator(seed)) / math.sqrt(parameter.shape[-1]))
            seed += 1
    return network


def sample(n: int, d: int, outputs: int, seed: int = 9) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.randn(n, d, generator=generator(seed))
    y = torch.randint(0, max(outputs, 2), (n,), generator=generator(seed + 1))
    return x, y if outputs > 1 else 2 * y - 1


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


def test_batches_give_the_numbers_of_the_whole() -> None:
    network = dense([6, 9, 4])
    x, y = sample(30, 6, 4)
    whole = summarize(network, x, y, counts=torch.arange(30))
    batched = summarize(network, ((x[i : i + 7], y[i : i + 7]) for i in range(0, 30, 7)), counts=torch.arange(30))
    assert batched.errors == whole.errors
    np.testing.assert_allclose(batched.margins, whole.margins, rtol=0, atol=1e-13)
    assert float(batched.data_norm) == pytest.approx(float(whole.data_norm), rel=1e-12)
    assert float(batched.data_norm_columns) == pytest.approx(float(whole.data_norm_columns), rel=1e-12)


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


class DataDependent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x) if x.sum() > 0 else self.layer(-x)


def hooked() -> nn.Module:
    network = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3))
    network[0].register_forward_hook(lambda module, args, output: 2 * output)
    return network


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (nn.Sequential(nn.Linear(4, 6), nn.Sequential(nn.PReLU()), nn.Linear(6, 3)), r"1\.0 \(PReLU\).*LeakyReLU"),
        (nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6, track_running_stats=False), nn.Linear(6, 3)), r"1 \(BatchNorm1d\).*batch"),
        (nn.Sequential(nn.Linear(4, 3), nn.Softmax(dim=1)), r"1 \(Softmax\)"),
        (nn.Sequential(nn.Linear(4, 3), nn.ReLU()), "logits"),
        (nn.Sequential(nn.Linear(4, 6), nn.Linear(5, 3)), "not a chain"),
        (nn.Sequential(nn.ReLU()), "at least one parameter"),
        (nn.Sequential(nn.Linear(4, 3), DataDependent()), "can't be traced"),
        (nn.Sequential(DataDependent()), r"in 0 \(DataDependent\)"),
        (hooked(), "hooks"),
    ],
)
def test_a_layer_that_cannot_be_bounded_is_named(network: nn.Module, message: str) -> None:
    x, y = sample(5, 4, 3)
    with pytest.raises(ValueError, match=message):
        summarize(network, x, y)


def test_bad_data_is_refused_with_a_remedy() -> None:
    network = dense([4, 6, 3])
    x, y = sample(5, 4, 3)
    bad = x.clone()
    bad[2, 1] = math.nan
    cases = [
        (bad, y, "inputs must hold finite"),
        (x[:, :3], y, "inputs must have 4 features"),
        (x[None], y, "inputs must have shape"),
        (x[:0], y[:0], "at least one example"),
        (x, y[:4], "labels must have one entry"),
        (x, y + 1, r"labels must lie in 0, \.\.\., 2"),
        (x, y - 1, "labels must lie in"),
        (x, y + 0.5, "labels must be whole"),
        (x, nn.functional.one_hot(y, 3), "not one-hot"),
        ([], None, "at least one batch"),
        (x, None, "labels must be given"),
        ([x], None, "pairs"),
    ]
    for inputs, labels, message in cases:
        with pytest.raises(ValueError, match=message):
            summarize(network, inputs, labels)
    for counts in ([1, 1], [1, 1, 1, 1, 0.5], [0] * 5, [-1, 1, 1, 1, 1], [1] * 6):
        with pytest.raises(ValueError, match="counts"):
            summarize(network, x, y, counts=counts)
    scalar = dense([4, 6, 1])
    with pytest.raises(ValueError, match=r"-1 and \+1"):
        summarize(scalar, x, torch.tensor([0, 1, 2, 1, 1]))
    signs = torch.tensor([1, -1, 1, 1, -1])
    assert summarize(scalar, x, signs) == summarize(scalar, x, (signs + 1) // 2)


def test_bad_weights_and_initialisations_are_refused() -> None:
    network = dense([4, 6, 3])
    x, y = sample(5, 4, 3)
    with pytest.raises(ValueError, match="initial must have the model's widths"):
        summarize(network, x, y, initial=dense([4, 7, 3]))
    with pytest.raises(ValueError, match="initial must have the model's biases"):
        summarize(network, x, y, initial=dense([4, 6, 3], bias=False))
    with pytest.raises(ValueError, match="initial must have the model's activations"):
        summarize(network, x, y, initial=dense([4, 6, 3], "tanh"))
    with pytest.raises(TypeError, match=r"torch\.nn\.Module"):
        summarize(lambda x: x, x, y)  # type: ignore[arg-type]
    with torch.no_grad():
        network.linear(1).bias[0] = math.inf
    with pytest.raises(ValueError, match=r"layers\.1\.bias must hold finite"):
        summarize(network, x, y)
    with pytest.raises(ValueError, match=r"weight must have shape \(K, out, in\)"):
        stack_dense([torch.ones(2, 3)], [None], nn.ReLU())
    huge = DenseNetwork([4, 6, 3], dtype=torch.float64)
    with torch.no_grad():
        for parameter in huge.parameters():
            parameter.fill_(1e160)
    with pytest.raises(ValueError, match="logits must be finite"):
        summarize(huge, x, y)


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
