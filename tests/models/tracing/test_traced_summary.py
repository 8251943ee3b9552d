"""summarize on traced networks: equal ways of writing one, what is left untouched, streams, distances, refusals."""

import copy
import itertools
import json
import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from tests.models.tracing.architectures import CASES, Concatenating, case, randomised
from torch import Tensor, nn

from genbounds.bounds.margin import norm_product, spectral
from genbounds.models import DenseNetwork, NetworkSummary, summarize
from genbounds.models.tracing import read_graph

VECTORS = ("spectral_norms", "frobenius_norms", "norms_2_1", "norms_1_inf", "input_norms", "output_lipschitz", "bias_norms")


class Forward(nn.Module):
    """A chain in a forward of one's own, with activations as functions."""

    def __init__(self, layers: list[nn.Linear]) -> None:
        super().__init__()
        self.first, self.second, self.third = copy.deepcopy(layers)

    def forward(self, x: Tensor) -> Tensor:
        return self.third(torch.tanh(self.second(F.relu(self.first(x.flatten(1))))))


@pytest.mark.slow
def test_a_dense_chain_is_the_same_summary_however_it_is_written() -> None:
    layers = [nn.Linear(8, 6), nn.Linear(6, 5), nn.Linear(5, 3)]
    plain = randomised(nn.Sequential(nn.Flatten(), layers[0], nn.ReLU(), layers[1], nn.Tanh(), layers[2]))
    x, y = torch.randn(12, 2, 4, generator=torch.Generator().manual_seed(1)), torch.arange(12) % 3
    nested = nn.Sequential(nn.Flatten(), nn.Sequential(plain[1], nn.Sequential(nn.ReLU(), plain[3])), nn.Sequential(nn.Tanh(), plain[5]))
    dropped = nn.Sequential(*itertools.chain(*((layer, nn.Dropout(0.3)) for layer in plain[:5])), plain[5])
    wanted = summarize(plain, x, y, initial=plain)
    for other in (nested, Forward(layers), dropped):
        assert summarize(other, x, y, initial=plain) == wanted
    assert summarize(Forward(layers), x, y).layer_paths == ("first", "second", "third")
    assert wanted.is_chain
    assert wanted.layer_shapes == ((6, 8), (5, 6), (3, 5))


@pytest.mark.slow
def test_a_convolutional_chain_is_the_same_summary_however_it_is_written() -> None:
    class Own(nn.Module):
        def __init__(self, conv: nn.Module, bn: nn.Module, head: nn.Module) -> None:
            super().__init__()
            self.conv, self.bn, self.head = conv, bn, head

        def forward(self, x: Tensor) -> Tensor:
            return self.head(F.max_pool2d(torch.relu(self.bn(self.conv(x))), 3, 2, 1).reshape(x.shape[0], -1))

    network, x, y = case("convolutional")
    wanted = summarize(network, x, y)
    own = Own(network[0], network[1], network[5]).eval()
    nested = nn.Sequential(nn.Sequential(*network[:2]), nn.Sequential(*network[2:])).eval()
    for other in (own, nested):
        assert summarize(other, x, y) == wanted


@pytest.mark.slow
def test_a_residual_dense_network_gives_the_same_numbers_traced_or_read() -> None:
    network = randomised(DenseNetwork([5, 6, 6, 3], "tanh", residual=True, tau=0.7))
    x, y = torch.randn(10, 5, generator=torch.Generator().manual_seed(1)), torch.arange(10) % 3

    class Wrapped(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = network

        def forward(self, x: Tensor) -> Tensor:
            return self.inner(x)

    read, traced = summarize(network, x, y), summarize(Wrapped(), x, y)
    assert (read.is_chain, traced.is_chain, read.residual, traced.residual) == (False, False, True, True)
    for field in VECTORS:
        np.testing.assert_allclose(getattr(read, field).value, getattr(traced, field).value, rtol=1e-12)
    for field in ("lipschitz_upper", "lipschitz_lower", "data_norm"):
        assert float(getattr(read, field)) == pytest.approx(float(getattr(traced, field)), rel=1e-9)
    np.testing.assert_allclose(read.margins, traced.margins, atol=1e-12)
    a, b = (float(read.spectral_norms.value[k]) for k in (0, 1))
    one_by_one = a * (1 + 0.7 * b) * float(read.spectral_norms.value[2])
    assert 0.7 * one_by_one < float(read.lipschitz_upper) < one_by_one  # the first layer and the block's are bounded together


@pytest.mark.slow
@pytest.mark.parametrize("name", ["residual", "transformer", "recurrent", "embedding", "scaled"])
def test_nothing_of_the_users_is_touched(name: str) -> None:
    network, x, y = case(name)
    network.train()
    next(iter(network.children())).eval()
    modes = [module.training for module in network.modules()]
    for parameter in network.parameters():
        parameter.grad = torch.ones_like(parameter)
    before = copy.deepcopy(network.state_dict())
    versions = [tensor._version for tensor in (*network.parameters(), *network.buffers())]
    batch = x.clone()
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    summarize(network, x, y, initial=network)
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert (np.random.get_state()[1] == numpy_state).all()  # noqa: NPY002
    assert torch.get_default_dtype() == torch.float32
    assert torch.is_grad_enabled()
    assert modes == [module.training for module in network.modules()]
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())
    assert versions == [tensor._version for tensor in (*network.parameters(), *network.buffers())]
    assert all(p.requires_grad and p.dtype == torch.float32 and torch.equal(p.grad, torch.ones_like(p)) for p in network.parameters())
    assert not any(m._forward_hooks or m._forward_pre_hooks or m._backward_hooks for m in network.modules())
    assert torch.equal(x, batch)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["residual", "transformer", "embedding"])
def test_streams_counts_and_json(name: str) -> None:
    network, _, _ = case(name)
    x = torch.cat([CASES[name][1]() for _ in range(3)])[:11]
    y, counts = torch.arange(11) % 3, torch.arange(11)
    whole = summarize(network, x, y, counts=counts, initial=network)
    streamed = summarize(network, ((x[i : i + 4], y[i : i + 4]) for i in range(0, 11, 4)), counts=counts)
    np.testing.assert_allclose(whole.margins, streamed.margins, rtol=0, atol=1e-8)
    assert (whole.errors, whole.n) == (streamed.errors, streamed.n) == (int(counts[whole.margins <= 0].sum()), 55)
    assert float(whole.data_norm) == pytest.approx(float(streamed.data_norm), rel=1e-12)
    squares = x.double().flatten(1).square().sum(1) if x.is_floating_point() else torch.full((11,), 7.0)
    assert float((counts * squares).sum()) <= float(whole.data_norm) ** 2 <= float((counts * squares).sum()) * (1 + 1e-9)
    again = NetworkSummary.from_dict(json.loads(json.dumps(whole.to_dict())))
    assert again == whole
    assert again.layer_paths == whole.layer_paths
    assert hash(again) == hash(whole)
    one = summarize(network, x[:1], y[:1])
    assert float(one.margins[0]) == pytest.approx(float(whole.margins[0]), abs=1e-8)


@pytest.mark.slow
def test_distances_are_those_of_the_operators() -> None:
    network, x, y = case("strided")
    initial, _, _ = case("strided", seed=9)
    summary = summarize(network, x, y, initial=initial)
    for position, layer in enumerate((0, 4)):
        a, b = copy.deepcopy(network[layer]).double(), copy.deepcopy(initial[layer]).double()
        shape = (2, 5, 5) if layer == 0 else (4,)
        basis = torch.eye(math.prod(shape), dtype=torch.float64).reshape(-1, *shape)
        zero = torch.zeros(1, *shape, dtype=torch.float64)
        with torch.no_grad():
            moved = ((a(basis) - a(zero)) - (b(basis) - b(zero))).flatten(1).T
            shift = float((a(zero) - b(zero)).abs().sum())
        exact = (torch.linalg.matrix_norm(moved, 2), moved.norm(), moved.norm(dim=1).sum(), moved.abs().sum(1).max())
        for field, value in zip(("spectral_distances", "frobenius_distances", "distances_2_1", "distances_1_inf"), exact, strict=True):
            found = getattr(summary, field).value[position]
            assert float(value) * (1 - 1e-12) <= found <= 1.05 * float(value)
        assert shift * (1 - 1e-12) <= summary.bias_distances.value[position] <= shift * (1 + 1e-9)
    same = summarize(network, x, y, initial=network)
    assert same.distances_2_1.value == (0.0, 0.0)
    assert max(same.bias_distances.value) < 1e-12


@pytest.mark.slow
def test_rescaling_the_layers_of_a_relu_network_changes_no_certificate_that_is_invariant() -> None:
    network = randomised(
        nn.Sequential(
            nn.Conv2d(2, 4, 3, padding=1, bias=False),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(4, 4, 2, bias=False),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(4, 3, bias=False),
        )
    )
    x, y = CASES["convolutional"][1](), torch.arange(4) % 3
    scaled = copy.deepcopy(network)
    with torch.no_grad():
        for position, factor in ((0, 8.0), (3, 0.25), (6, 0.5)):
            scaled[position].weight.mul_(factor)
    first, second = summarize(network, x, y), summarize(scaled, x, y)
    assert first.homogeneous
    np.testing.assert_allclose(first.margins, second.margins, rtol=0, atol=0)
    gamma = float(np.quantile(np.abs(first.margins), 0.5))

    def certificates(summary: NetworkSummary) -> tuple[float, float, float]:
        shared = {
            "margin_risk": summary.margin_risk(gamma),
            "margin": gamma,
            "outputs": 3,
            "data_norm": summary.data_norm,
            "n": summary.n,
            "delta": 0.05,
        }
        return (
            float(norm_product(norm_product=summary.norm_product(), depth=summary.depth, **shared)),
            float(
                spectral(
                    spectral_norms=summary.spectral_norms,
                    distances_2_1=summary.norms_2_1,
                    lipschitz=summary.lipschitz,
                    widths=summary.widths,
                    homogeneous=True,
                    **shared,
                )
            ),
            float(summary.lipschitz_upper),
        )

    np.testing.assert_allclose(certificates(first), certificates(second), rtol=1e-9)


@pytest.mark.slow
def test_a_network_that_fixes_its_batch_size_is_measured_in_batches_of_that_size() -> None:
    class Fixed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer, self.head = nn.Linear(4, 4), nn.Linear(8, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(torch.cat([torch.relu(self.layer(x)), x.reshape(len(x), 4)], 1))

    network = randomised(Fixed())
    x, y = torch.randn(21, 4, generator=torch.Generator().manual_seed(1)), torch.arange(21) % 3
    summary = summarize(network, x, y)
    with torch.no_grad():
        v = network.double()(x.double())
    others = v.scatter(1, y[:, None], -math.inf).max(1).values
    np.testing.assert_allclose(summary.margins, (v.gather(1, y[:, None])[:, 0] - others).numpy(), atol=1e-10)


class Mixing(nn.Module):
    def __init__(self, how: Callable[[Tensor], Tensor], inputs: int = 4) -> None:
        super().__init__()
        self.layer, self.how = nn.Linear(inputs, 3), how

    def forward(self, x: Tensor) -> Tensor:
        return self.how(self.layer(x))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("network", "shape", "message"),
    [
        (Mixing(lambda v: v - v.mean(0)), (4, 4), "every example by itself"),
        (Mixing(lambda v: v.flip(0)), (4, 4), "every example by itself"),
        (Mixing(lambda v: v * len(v)), (4, 4), "function of one example"),
        (Mixing(lambda v: v * v.shape[0]), (4, 4), "size of the batch"),
        (Mixing(lambda v: v**0.5), (4, 4), "pow.*no finite Lipschitz"),
        (Mixing(lambda v: torch.exp(v)), (4, 4), "exp.*no finite Lipschitz"),
        (Mixing(lambda v: v / v.norm(dim=1, keepdim=True)), (4, 4), "linalg_vector_norm|both depend"),
        (Mixing(lambda v: v if float(v.sum()) > 0 else -v), (4, 4), "can't be traced"),
        (Mixing(lambda v: v + torch.rand_like(v)), (4, 4), "random numbers"),
        (Mixing(lambda v: F.dropout(v, 0.5)), (4, 4), "dropout|random"),
        (Mixing(lambda v: torch.where(v > 0, v, 2 * v)), (4, 4), "it jumps"),
        (Mixing(lambda v: v @ v.transpose(-1, -2)), (4, 3, 4), "both depend on the input"),
        (Mixing(lambda v: (v, v)), (4, 4), "one tensor"),
        (Mixing(lambda v: v[:, None]), (4, 4), r"shape \(n, K\)"),
        (Mixing(lambda v: v * 0.0 + 1.0, inputs=5), (4, 4), "in layer"),
        (nn.Sequential(nn.Conv3d(1, 2, 2), nn.Flatten(), nn.Linear(2, 2)), (4, 1, 2, 2, 2), r"0 \(Conv3d\).*three axes"),
        (nn.Sequential(nn.LayerNorm(4, eps=0.0), nn.Linear(4, 2)), (4, 4), r"0 \(LayerNorm\).*eps > 0"),
        (nn.Sequential(nn.Embedding(4, 4), nn.Flatten(), nn.Linear(16, 2)), (4, 4), "can't be traced|must read"),
    ],
)
def test_what_has_no_bound_is_refused_by_its_path(network: nn.Module, shape: tuple[int, ...], message: str) -> None:
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0)) + 1
    with pytest.raises(ValueError, match=message):
        summarize(randomised(network), x, torch.zeros(len(x), dtype=torch.int64))


@pytest.mark.slow
def test_one_logit_for_each_example_is_a_column() -> None:
    x, y = torch.randn(4, 4, generator=torch.Generator().manual_seed(0)), torch.tensor([1, -1, 1, -1])
    network = randomised(Mixing(lambda v: torch.tanh(v)[:, :1].squeeze(-1)))
    column = Mixing(lambda v: torch.tanh(v)[:, :1])
    column.layer = network.layer
    found, wanted = summarize(network, x, y), summarize(column, x, y)
    assert network.eval()(x).shape == (4,)
    assert (found.outputs, found.errors, list(found.margins)) == (1, wanted.errors, list(wanted.margins))
    assert float(found.lipschitz_upper) == pytest.approx(float(wanted.lipschitz_upper), rel=1e-12)


@pytest.mark.slow
def test_an_operation_that_nothing_uses_is_no_obstacle() -> None:
    class Watched(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(4, 3)

        def forward(self, x: Tensor) -> Tensor:
            h = self.layer(x)
            _ = (h**2).sum()
            return h

    x, y = torch.randn(4, 4, generator=torch.Generator().manual_seed(0)), torch.arange(4) % 3
    network = randomised(Watched())
    assert summarize(network, x, y) == summarize(nn.Sequential(network.layer), x, y)


class Twice(nn.Module):
    """One layer applied twice, or two layers."""

    def __init__(self, tied: bool) -> None:
        super().__init__()
        self.enter = nn.Conv1d(1, 1, 1, bias=False)
        self.first = nn.Linear(4, 4, bias=False)
        self.second = self.first if tied else nn.Linear(4, 4, bias=False)
        self.head = nn.Linear(4, 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(F.relu(self.second(F.relu(self.first(self.enter(x).flatten(1))))))


@pytest.mark.slow
def test_a_weight_used_twice_is_as_far_from_each_of_two_starts_as_it_is() -> None:
    network, start = Twice(True), Twice(False)
    with torch.no_grad():
        start.load_state_dict(network.state_dict())
        start.first.weight.copy_(network.first.weight + 2)
        start.second.weight.copy_(network.first.weight - 5)
    found = summarize(network, torch.ones(2, 1, 4), torch.tensor([0, 1]), initial=start).frobenius_distances
    assert found is not None
    assert found.value == pytest.approx((0, 8, 20, 0), rel=1e-6)  # sqrt(16) times 2 and 5


@pytest.mark.slow
def test_bad_weights_data_and_initialisations() -> None:
    network, x, y = case("residual")
    broken = copy.deepcopy(network)
    with torch.no_grad():
        broken[3].conv1.weight[0, 0, 0, 0] = math.nan
    spoilt = x.clone()
    spoilt[1, 0, 0, 0] = math.inf
    other, _, _ = case("convolutional")
    cases: list[tuple[nn.Module, object, object, object, str]] = [
        (broken, x, y, None, r"3\.conv1\.weight must hold finite"),
        (network, spoilt, y, None, "inputs must hold finite"),
        (network, x, y + 1, None, r"labels must lie in 0, \.\.\., 2"),
        (network, x, y[:2], None, "labels must have one entry"),
        (network, [], None, None, "at least one batch"),
        (network, [(x, y), (x[:, :, :5], y)], None, None, "all batches must agree"),
        (network, [(x[:0], y[:0])], None, None, "at least one example"),
        (network, x, y, other, "initial"),
        (network, x, y, nn.Sequential(nn.Flatten(), nn.Linear(108, 3)), "initial must have the model's layers"),
        (nn.Sequential(nn.Flatten(), nn.Linear(108, 3)), x, y, network, "initial must have the model's layers"),
    ]
    for model, inputs, labels, initial, message in cases:
        with pytest.raises(ValueError, match=message):
            summarize(model, inputs, labels, initial=initial)  # type: ignore[arg-type]
    hooked = copy.deepcopy(network)
    hooked[3].conv1.register_forward_hook(lambda module, arguments, output: output)
    with pytest.raises(ValueError, match=r"3\.conv1 has forward hooks"):
        summarize(hooked, x, y)


@pytest.mark.slow
def test_what_is_for_chains_only_says_so() -> None:
    network, x, y = case("residual")
    summary = summarize(network, x, y)
    assert (summary.activations, summary.lipschitz, summary.is_block, summary.homogeneous) == ((), (), (), False)
    with pytest.raises(ValueError, match="lipschitz_upper"):
        summary.norm_product()
    with pytest.raises(ValueError, match="biases can be absorbed"):
        summary.augmented()
    scaled = summary.normalised_margins()
    np.testing.assert_allclose(scaled * float(summary.lipschitz_upper), summary.margins, rtol=1e-12)


@pytest.mark.slow
def test_one_output_takes_signs() -> None:
    network = randomised(Concatenating())
    network.last = randomised(nn.Linear(11, 1))
    x, y = torch.randn(5, 6, generator=torch.Generator().manual_seed(2)), torch.tensor([1, -1, 1, 1, -1])
    with torch.no_grad():
        wanted = y * network.double()(x.double())[:, 0]
    np.testing.assert_allclose(summarize(network.float(), x, y).margins, wanted.numpy(), atol=1e-6)
    with pytest.raises(ValueError, match=r"-1 and \+1"):
        summarize(network, x, y + 1)


@pytest.mark.slow
def test_layers_of_a_graph_by_name_and_kind() -> None:
    network, x, y = case("transformer")
    summary = summarize(network, x, y)
    paths = (
        "layer.norm1",
        "layer.self_attn.in_proj_weight",
        "layer.self_attn.out_proj",
        "layer.norm2",
        "layer.linear1",
        "layer.linear2",
        "head",
    )
    assert summary.layer_paths == paths
    assert summary.layer_kinds == ("diagonal", "linear", "linear", "diagonal", "linear", "linear", "linear")
    recurrent, x, y = case("recurrent")
    assert summarize(recurrent, x, y).layer_paths == ("rnn.weight_ih_l0", *["rnn.weight_hh_l0"] * 3, "head")
    bag, x, y = case("embedding")
    assert (summarize(bag, x, y).input_radius.kind, summarize(bag, x, y).layer_kinds[0]) == ("upper", "embedding")
    assert float(summarize(bag, x, y).input_radius) ** 2 >= 7
    assert "attention" in [node.kind for node in read_graph(network, CASES["transformer"][1]()).nodes]
