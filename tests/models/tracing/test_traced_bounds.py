"""What is derived from the graph, against dense Jacobians, hooks on the real modules and torch's own float64 forward pass."""

import copy
import itertools
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.models.tracing.architectures import CASES, case, resnet18
from torch import Tensor, nn

from genbounds.models import NetworkSummary, summarize
from genbounds.models.norms import attention_lipschitz
from genbounds.models.tracing import read_graph
from genbounds.models.tracing.propagation import resolved_gains

pytestmark = pytest.mark.slow


def margins(network: nn.Module, x: Tensor, y: Tensor) -> np.ndarray:
    with torch.no_grad():
        v = copy.deepcopy(network).double()(x.double() if x.is_floating_point() else x)
    others = v.scatter(1, y[:, None], -math.inf).max(1).values
    return (v.gather(1, y[:, None])[:, 0] - others).numpy()


def jacobians(network: nn.Module, x: Tensor) -> list[float]:
    """The spectral norms of the Jacobians at each example."""
    twin = copy.deepcopy(network).double()
    found = []
    for example in x.double():
        matrix = torch.autograd.functional.jacobian(lambda v: twin(v[None])[0], example)
        found.append(float(torch.linalg.matrix_norm(matrix.reshape(len(matrix), -1), 2)))
    return found


@pytest.mark.parametrize("name", CASES)
def test_margins_and_brackets(name: str) -> None:
    network, x, y = case(name)
    summary = summarize(network, x, y)
    exact = margins(network, x, y)
    assert (summary.margins < exact + 1e-14).all()
    assert (exact - summary.margins < 1e-7).all()
    assert summary.errors == int((exact <= 0).sum())
    assert summary.errors_undecided == 0
    assert summary.parameters == sum(p.numel() for p in network.parameters())
    assert 1 <= summary.looseness < 1.05
    assert (summary.lipschitz_upper.kind, summary.lipschitz_lower.kind) == ("upper", "lower")
    lower, upper = float(summary.lipschitz_lower), float(summary.lipschitz_upper)
    assert 0 < lower <= upper
    if not x.is_floating_point():
        return
    near = x + 0.3 * torch.randn(x.shape, generator=torch.Generator().manual_seed(9))
    inside = near.flatten(1).norm(dim=1) <= float(summary.input_radius)
    local = jacobians(network, torch.cat([x, near[inside]]))
    assert max(local) <= upper
    assert lower >= max(local[: len(x)]) * 0.9  # the pairs are chosen by these Jacobians


@pytest.mark.parametrize("name", [name for name in CASES if name not in ("concatenating", "scaled", "transformer")])
def test_input_norms_and_output_constants_hold_for_the_real_modules(name: str) -> None:
    network, x, y = case(name)
    summary = summarize(network, x, y)
    twin = copy.deepcopy(network).double()
    modules = dict(twin.named_modules())
    batch = x.double() if x.is_floating_point() else x
    checked = 0
    for position, path in enumerate(summary.layer_paths):
        module = modules.get(path)
        if summary.layer_kinds[position] not in ("linear", "convolution") or not isinstance(module, (nn.Linear, nn.Conv1d, nn.Conv2d)):
            continue
        seen: list[Tensor] = []
        handle = module.register_forward_pre_hook(lambda _module, arguments, seen=seen: seen.append(arguments[0]))
        shape = []
        other = module.register_forward_hook(lambda _module, _arguments, output, shape=shape: shape.append(output.shape[1:]))
        with torch.no_grad():
            twin(batch)
        handle.remove()
        other.remove()
        if not seen:
            continue  # torch's attention reads its output layer's weight without calling it
        assert float(seen[0].norm()) <= summary.input_norms.value[position]
        assert summary.layer_shapes[position] == (math.prod(shape[0]), seen[0][0].numel())
        if position + 1 < len(summary.layer_paths) and isinstance(_next(twin, module), nn.modules.batchnorm._BatchNorm):
            continue  # folded: the output constant is that of the pair
        for index in range(2):
            matrix = torch.autograd.functional.jacobian(
                lambda delta, module=module, index=index: _shifted(twin, module, delta, batch[index : index + 1]),
                torch.zeros(shape[0], dtype=torch.float64),
            )
            norm = float(torch.linalg.matrix_norm(matrix.reshape(len(matrix), -1), 2))
            assert norm <= summary.output_lipschitz.value[position]
            checked += 1
    assert checked or "recurrent" in name or "torch attention" in name


def _next(network: nn.Module, module: nn.Module) -> nn.Module | None:
    leaves = [leaf for leaf in network.modules() if not list(leaf.children())]
    after = [b for a, b in itertools.pairwise(leaves) if a is module]
    return after[0] if after else None


def _shifted(network: nn.Module, module: nn.Module, delta: Tensor, example: Tensor) -> Tensor:
    """The outputs with something added to one module's output."""
    handle = module.register_forward_hook(lambda _module, _arguments, output: output + delta)
    try:
        result: Tensor = network(example)[0]
    finally:
        handle.remove()
    return result


def test_the_bracket_holds_the_exact_constant_of_a_network_with_no_negative_weight() -> None:
    """On the positive orthant every unit is active and the Jacobian is W_L ... W_1, which no other pattern exceeds."""
    generator = torch.Generator().manual_seed(0)
    widths = [10, 20, 20, 3]
    layers: list[nn.Module] = []
    product = torch.eye(10, dtype=torch.float64)
    for before, after in itertools.pairwise(widths):
        linear = nn.Linear(before, after)
        with torch.no_grad():
            linear.weight.copy_(torch.rand(after, before, generator=generator) / before)
            linear.bias.copy_(torch.rand(after, generator=generator))
        product = linear.weight.detach().double() @ product
        layers += [linear, nn.ReLU()]
    network = nn.Sequential(*layers[:-1])
    exact = float(torch.linalg.matrix_norm(product, 2))
    x = torch.rand(30, 10, generator=generator)
    summary = summarize(network, x, torch.arange(30) % 3)
    assert float(summary.lipschitz_lower) <= exact <= float(summary.lipschitz_upper)
    assert float(summary.lipschitz_lower) > exact * (1 - 1e-8)
    convolution = nn.Sequential(nn.Conv2d(1, 3, 3, padding=1), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(27, 2))
    with torch.no_grad():
        for parameter in convolution.parameters():
            parameter.copy_(torch.rand(parameter.shape, generator=generator))
    images = torch.rand(5, 1, 6, 6, generator=generator)
    found = summarize(convolution, images, torch.arange(5) % 2)
    exact = jacobians(convolution, images[:1])[0]
    assert float(found.lipschitz_lower) <= exact * (1 + 1e-12)
    assert float(found.lipschitz_lower) > exact * (1 - 1e-8)
    assert exact <= float(found.lipschitz_upper)


def test_attention_is_within_the_formula_of_the_sheet() -> None:
    """One head, no bias: ||V|| (sqrt m + r^2 ||A|| (1 + sqrt m)) with ||A|| <= ||W_Q|| ||W_K|| / sqrt d, times the head's mean."""
    network, x, y = case("attention")
    graph = read_graph(network, x)
    norms = [float(torch.linalg.matrix_norm(w.matrix, 2)) if w.matrix.ndim == 2 else float(w.matrix.abs().max()) for w in graph.weights]
    gains = resolved_gains(graph, norms, math.inf)
    node = next(index for index, node in enumerate(graph.nodes) if node.kind == "attention")
    gain, shift = network.norm.weight.detach().double(), network.norm.bias.detach().double()
    token = float(gain.abs().max()) * math.sqrt(8) + float(shift.norm())
    r = norms[1] * token + float(network.qkv.bias.detach().double().norm())
    scale, m = 1 / math.sqrt(4), 5
    wanted = (scale * r * r, scale * math.sqrt(m) * r * r, math.sqrt(m))
    np.testing.assert_allclose(gains[node], wanted, rtol=1e-6)
    assert summarize(network, x, y).lipschitz_upper.how.endswith("norms")  # a layer norm stands before it: no radius is needed
    free, x, y = case("torch attention")
    found = summarize(free, x, y, input_radius=12)
    layer = free.attention
    query, key, value = layer.in_proj_weight.detach().chunk(3)
    formula = attention_lipschitz(query, key, value, heads=2, tokens=5, radius=12, query_bias=layer.in_proj_bias.detach()[:8])
    after = found.spectral_norms.value[1] * found.spectral_norms.value[2] / math.sqrt(5)
    assert float(found.lipschitz_upper) == pytest.approx(float(formula) * after, rel=1e-6)
    assert float(found.lipschitz_upper) < found.spectral_norms.value[0] * found.output_lipschitz.value[0]  # which hold for all such weights
    assert "norm at most" in summarize(free, x, y).lipschitz_upper.how
    wider = summarize(free, x, y, input_radius=100)
    assert float(wider.lipschitz_upper) > float(summarize(free, x, y).lipschitz_upper)


def test_folding_a_batch_norm_is_the_same_function_and_counts_as_one_layer() -> None:
    for name in ("convolutional", "transposed", "residual", "pre-activation"):
        network, x, _ = case(name)
        graph = read_graph(network, x)
        wide = 3 * torch.randn(40, *x.shape[1:], generator=torch.Generator().manual_seed(1), dtype=torch.float64)
        with torch.no_grad():
            expected = copy.deepcopy(network).double()(wide)
            assert float((graph.outputs(wide) - expected).abs().max()) < 1e-10
        norms = sum(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in network.modules())
        assert sum(weight.kind == "diagonal" for weight in graph.weights) == (1 if name == "pre-activation" else 0) <= norms


def test_folded_norms_are_those_of_the_folded_kernel() -> None:
    network, x, y = case("convolutional")
    conv, bn = network[0], network[1]
    scale = (bn.weight / (bn.running_var + bn.eps).sqrt()).double()
    merged = nn.Conv2d(2, 4, 3, padding=1, dtype=torch.float64)
    with torch.no_grad():
        merged.weight.copy_(conv.weight.double() * scale[:, None, None, None])
        merged.bias.copy_((conv.bias - bn.running_mean).double() * scale + bn.bias.double())
    folded = summarize(network, x, y)
    explicit = summarize(nn.Sequential(merged, *(copy.deepcopy(layer).double() for layer in network[2:])), x, y)
    for field in ("spectral_norms", "frobenius_norms", "norms_2_1", "norms_1_inf", "bias_norms", "input_norms", "output_lipschitz"):
        np.testing.assert_allclose(getattr(folded, field).value, getattr(explicit, field).value, rtol=1e-6)
    np.testing.assert_allclose(folded.margins, explicit.margins, atol=1e-5)
    assert folded.is_chain
    assert folded.activations == ("relu+max_pool", "identity")
    assert folded.lipschitz[0] == pytest.approx(2.0)  # 3 x 3 windows in steps of 2: an entry is in up to 4


@pytest.mark.parametrize("name", ["convolutional", "strided", "padded"])
def test_absorbed_biases_of_a_chain_bound_the_real_block_matrices(name: str) -> None:
    network, x, y = case(name)
    initial, _, _ = case(name, seed=5)
    if name == "convolutional":
        network, initial = (nn.Sequential(net[0], *net[2:]) for net in (network, initial))
    summary = summarize(network, x, y, initial=initial, input_radius=50)
    found = summary.augmented()
    assert (found.has_bias, summary.has_bias) == (False, True)
    batch = torch.cat([x[:1]])
    position = 0
    for layer, start in zip(network, initial, strict=True):
        if isinstance(layer, (nn.Linear, nn.Conv2d)):
            last = position == summary.depth - 1
            blocks = []
            for module in (layer, start):
                matrix, bias = _dense(copy.deepcopy(module).double(), batch.double())
                bottom = torch.zeros(0 if last else 1, matrix.shape[1] + 1, dtype=torch.float64)
                bottom[:, -1:] = 1
                blocks.append(torch.cat([torch.cat([matrix, bias[:, None]], 1), bottom]))
            moved = blocks[0] - blocks[1]
            for block, spectral, frobenius, norm_2_1, norm_1_inf in (
                (blocks[0], "spectral_norms", "frobenius_norms", "norms_2_1", "norms_1_inf"),
                (moved, "spectral_distances", "frobenius_distances", "distances_2_1", "distances_1_inf"),
            ):
                rows = block.norm(dim=1)
                exact = (torch.linalg.matrix_norm(block, 2), block.norm(), rows.sum(), block.abs().sum(1).max())
                for field, value in zip((spectral, frobenius, norm_2_1, norm_1_inf), exact, strict=True):
                    assert float(value) * (1 - 1e-12) <= getattr(found, field).value[position] <= 3 * float(value)
            assert found.spectral_norms_lower.value[position] <= float(torch.linalg.matrix_norm(blocks[0], 2)) * (1 + 1e-12)
            position += 1
        with torch.no_grad():
            batch = layer(batch)
    assert position == summary.depth


def _dense(module: nn.Module, example: Tensor) -> tuple[Tensor, Tensor]:
    """The matrix and the bias of an affine module at an example's size, by its values on a basis."""
    basis = torch.eye(example[0].numel(), dtype=torch.float64).reshape(-1, *example.shape[1:])
    with torch.no_grad():
        bias = module(torch.zeros_like(example)).flatten()
        return (module(basis).flatten(1) - bias).T, bias


class Small(nn.Module):
    """A convolution, a maximum pool, a residual branch and a mean: all rational on rational inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, 2, 2, stride=1, padding=1)
        self.branch = nn.Conv2d(2, 2, 1)
        self.head = nn.Linear(2, 3)

    def forward(self, x: Tensor) -> Tensor:
        h = torch.nn.functional.max_pool2d(torch.relu(self.first(x)), 2)
        return self.head((h + 0.5 * torch.relu(self.branch(h))).mean((2, 3)))


def rational_logits(network: Small, x: Tensor) -> list[Fraction]:
    """The same network in rational arithmetic, by its definition."""
    pixels = {(i, j): Fraction(float(x[0, i, j])) for i in range(3) for j in range(3)}
    kernel, bias = network.first.weight.tolist(), network.first.bias.tolist()

    def conv(o: int, i: int, j: int) -> Fraction:
        terms = (Fraction(kernel[o][0][a][b]) * pixels.get((i + a - 1, j + b - 1), Fraction(0)) for a in range(2) for b in range(2))
        return max(sum(terms, Fraction(bias[o])), Fraction(0))

    h = [[[max(conv(o, 2 * i + a, 2 * j + b) for a in range(2) for b in range(2)) for j in range(2)] for i in range(2)] for o in range(2)]
    mix, shift = network.branch.weight.tolist(), network.branch.bias.tolist()

    def block(o: int, i: int, j: int) -> Fraction:
        z = sum((Fraction(mix[o][c][0][0]) * h[c][i][j] for c in range(2)), Fraction(shift[o]))
        return h[o][i][j] + max(z, Fraction(0)) / 2

    pooled = [sum((block(o, i, j) for i in range(2) for j in range(2)), Fraction(0)) / 4 for o in range(2)]
    rows = zip(network.head.weight.tolist(), network.head.bias.tolist(), strict=True)
    return [sum((Fraction(w) * v for w, v in zip(row, pooled, strict=True)), Fraction(b)) for row, b in rows]


def test_margins_are_just_below_rational_arithmetic() -> None:
    network = Small()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=torch.Generator().manual_seed(parameter.numel())))
    x, y = torch.randn(30, 1, 3, 3, generator=torch.Generator().manual_seed(1)), torch.arange(30) % 3
    summary = summarize(network, x, y)
    for index in range(30):
        v, label = rational_logits(network, x[index]), int(y[index])
        margin = v[label] - max(v[other] for other in range(3) if other != label)
        found = Fraction(float(summary.margins[index]))
        assert found <= margin
        assert margin - found < Fraction(1, 10**11)


def peak_kilobytes() -> int:
    """The most memory that this process has held, as Linux counts it."""
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux to measure memory")
def test_a_resnet_18_is_summarised_in_three_gigabytes() -> None:
    network = resnet18()
    assert sum(parameter.numel() for parameter in network.parameters()) > 11_000_000
    x = torch.randn(32, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak of the tests before
    before = peak_kilobytes()
    try:
        summary = summarize(network, x, torch.arange(32) % 10)
    finally:
        torch.set_num_threads(threads)
    assert 0 < float(summary.lipschitz_lower) < float(summary.lipschitz_upper)
    assert summary.errors_undecided == 0
    assert peak_kilobytes() - before < 3 * 2**20
    assert isinstance(NetworkSummary.from_dict(summary.to_dict()), NetworkSummary)
