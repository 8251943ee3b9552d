"""What margin.spectral_graph is given about a network: a change of its weights moves the outputs by no more than the constants say."""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from tests.models.tracing.architectures import CASES, case, randomised
from torch import Tensor, nn

from genbounds.bounds import Certificate, get
from genbounds.models import NetworkSummary, summarize
from genbounds.models.norms import patch_count
from genbounds.models.tracing import Node, Weight, read_graph
from genbounds.models.tracing.cover_constants import CoverConstants

pytestmark = pytest.mark.slow


class Constants(nn.Module):
    """A fitted standardisation, a class token and trained positions, with no attention after them."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.empty(8))
        self.token = nn.Parameter(torch.empty(1, 1, 8))
        self.positions = nn.Parameter(torch.empty(1, 6, 8))
        self.mix, self.head = nn.Linear(8, 5), nn.Linear(30, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.cat([self.token.expand(len(x), -1, -1), x - self.mean], 1) + 0.5 * self.positions
        return self.head(torch.sigmoid(self.mix(x)).flatten(1))


class Started(nn.Module):
    """An Elman network whose first state is trained."""

    def __init__(self) -> None:
        super().__init__()
        self.start = nn.Parameter(torch.empty(1, 1, 4))
        self.rnn, self.head = nn.RNN(8, 4, batch_first=True), nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.rnn(x, self.start.expand(1, len(x), 4).contiguous())[0][:, -1])


def _wide() -> nn.Module:
    """Groups, dilation, stride and every padding mode, and a transposed convolution in groups."""
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=2, dilation=2, groups=2, padding_mode="reflect"),
        nn.Tanh(),
        nn.Conv2d(4, 4, (3, 2), padding=(1, 0), stride=(1, 2), padding_mode="circular"),
        nn.ReLU(),
        nn.ConvTranspose2d(4, 4, 3, stride=2, padding=1, groups=2),
        nn.ReLU(),
        nn.Conv2d(4, 2, 3, padding=1, padding_mode="replicate"),
        nn.Flatten(),
        nn.Linear(2 * 9 * 3, 3),
    )


MORE: dict[str, Any] = {
    "constants": (Constants, CASES["attention"][1]),
    "trained first state": (Started, CASES["attention"][1]),
    "wide": (_wide, CASES["dense"][1]),
}
NAMES = [name for name in (*CASES, *MORE) if "attention" not in name and name not in ("transformer", "gated")]


def _case(name: str) -> tuple[nn.Module, Tensor, Tensor]:
    if name in CASES:
        return case(name)
    build, example = MORE[name]
    network, x = randomised(build()).eval(), example()
    for buffer in network.buffers():
        buffer.fill_(0.25)
    return network, x, torch.arange(len(x)) % 3


def _change_allowed(covers: CoverConstants, distances: Sequence[float], squares: float, n: int) -> list[float]:
    """b_i N_i D_i for every layer."""
    layers = zip(distances, *(_vector(covers, name) for name in ("input_lipschitz", "inputs_at_zero", "output_lipschitz")), strict=True)
    return [b * (slope * math.sqrt(squares) + math.sqrt(n) * offset) * constant for b, slope, offset, constant in layers]


def _vector(covers: CoverConstants, name: str) -> tuple[float, ...]:
    values: tuple[float, ...] = getattr(covers, name).value
    return values


def _rows_norm(kind: str, matrix: Tensor, bias: Tensor | None, options: dict[str, Any]) -> float:
    """The (2,1) norm of a layer's own matrix, row by row, and its bias."""
    if kind == "diagonal":
        total = matrix.norm()
    elif kind == "embedding":
        total = sum(matrix[:, column].norm() for column in range(matrix.shape[1]))
    elif kind == "convolution" and options["transposed"]:
        size = len(matrix) // options["groups"]
        blocks = [matrix[start : start + size, channel] for start in range(0, len(matrix), size) for channel in range(matrix.shape[1])]
        total = sum(block.norm() for block in blocks)
    else:
        total = sum(row.norm() for row in matrix)
    return float(total) + (0.0 if bias is None else float(bias.abs().sum()))


@pytest.mark.parametrize("name", NAMES)
def test_no_change_of_a_layer_moves_the_outputs_further(name: str) -> None:
    """Each layer of the graph in turn, its matrix and bias moved by a random step, then by one that moves the outputs most."""
    network, x, y = _case(name)
    graph = read_graph(network, x)
    covers = summarize(network, x, y).covers
    assert covers is not None
    x = x.double() if x.is_floating_point() else x
    outputs, squares = graph.outputs(x), float(x.square().sum()) if x.is_floating_point() else float(x.numel())
    generator = torch.Generator().manual_seed(3)
    uses = sorted((node.weight, index) for index, node in enumerate(graph.nodes) if node.weight is not None)
    closest = 0.0
    for position, index in uses:
        weight, node = graph.weights[position], graph.nodes[index]

        def change(matrix: Tensor, bias: Tensor | None, weight: Weight = weight, index: int = index, node: Node = node) -> Tensor:
            moved = replace(node, function=lambda v: node.function(v) + _applied(weight, node, matrix, bias, v))
            nodes = (*graph.nodes[:index], moved, *graph.nodes[index + 1 :])
            return replace(graph, nodes=nodes).outputs(x) - outputs

        matrix = 0.05 * torch.randn(weight.matrix.shape, generator=generator, dtype=torch.float64)
        bias = None if weight.bias is None else 0.05 * torch.randn(weight.bias.shape, generator=generator, dtype=torch.float64)
        leaves = [part.clone().requires_grad_(True) for part in (matrix, bias) if part is not None]
        gradients = torch.autograd.grad(change(leaves[0], leaves[1] if bias is not None else None).square().sum(), leaves)
        for parts in ((matrix, bias), (gradients[0], gradients[1] if bias is not None else None)):
            distance = float(change(*parts).norm())
            distances = [0.0] * len(covers.entries)
            distances[position] = _rows_norm(weight.kind, *parts, weight.options)
            allowed = _change_allowed(covers, distances, squares, len(x))[position]
            assert distance <= allowed * (1 + 1e-12)
            closest = max(closest, distance / max(allowed, 1e-300))
        assert covers.entries[position] == sum(leaf.numel() for leaf in leaves)
        assert _vector(covers, "norms_2_1")[position] == pytest.approx(
            _rows_norm(weight.kind, weight.matrix, weight.bias, weight.options), rel=1e-9
        )
    assert closest > 0.01


def _applied(weight: Weight, node: Node, matrix: Tensor, bias: Tensor | None, v: Any) -> Tensor:
    """A layer with another matrix and bias, on its input."""
    if weight.kind == "embedding":
        return F.embedding(v, matrix)
    if weight.kind == "diagonal":
        shape = next(shape for shape in _shapes(v.shape) if shape.numel() == matrix.numel())
        return v * matrix.reshape(shape) + (0.0 if bias is None else bias.reshape(shape))
    applied: Tensor = node.options["build"](matrix, bias)(v)
    return applied


def _shapes(shape: torch.Size) -> Iterator[torch.Size]:
    """How a vector of gains may be multiplied with a batch: along all axes of an example, its last, its first, or as one number."""
    yield shape[1:]
    yield shape[-1:]
    yield torch.Size((shape[1], *(1,) * (len(shape) - 2)))
    yield torch.Size(())


@pytest.mark.parametrize("name", ["residual", "recurrent", "constants", "trained first state", "wide"])
def test_a_trained_network_is_as_close_to_its_initialisation_as_the_constants_say(name: str) -> None:
    """All parameters and statistics moved at once: the sum of b_i N_i D_i with constants that hold for both networks."""
    network, x, y = _case(name)
    network, x = network.double(), x.double()
    other = copy.deepcopy(network)
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for key, value in other.state_dict().items():
            if value.is_floating_point() and not key.endswith("running_var"):
                value += 0.05 * torch.randn(value.shape, generator=generator, dtype=torch.float64)
    first, moved = summarize(network, x, y, initial=network), summarize(other, x, y, initial=network)
    assert first.covers is not None
    assert moved.covers is not None
    assert moved.covers.distances_2_1 is not None
    assert all(b < 1e-12 for b in _vector(first.covers, "distances_2_1"))
    assert all(b > 0.01 for b in _vector(moved.covers, "distances_2_1"))
    larger = {
        key: replace(quantity, value=tuple(map(max, quantity.value, _vector(moved.covers, key))))
        for key in ("input_lipschitz", "inputs_at_zero", "output_lipschitz")
        if (quantity := getattr(first.covers, key))
    }
    allowed = _change_allowed(replace(first.covers, **larger), _vector(moved.covers, "distances_2_1"), float(x.square().sum()), len(x))
    with torch.no_grad():
        distance = float((other(x) - network(x)).norm())
    assert 0 < distance <= sum(allowed) * (1 + 1e-12)
    assert moved == NetworkSummary.from_dict(moved.to_dict())


def test_a_filter_on_a_constant_image_reaches_the_bound() -> None:
    """Circular padding, a filter of equal entries: every patch is 3 times the pixel, and b N D is exactly the change."""
    network = nn.Sequential(nn.Conv2d(1, 1, 3, padding=1, padding_mode="circular", bias=False), nn.Flatten()).double()
    start = copy.deepcopy(network)
    nn.init.constant_(network[0].weight, 0.5)
    nn.init.zeros_(start[0].weight)
    x = torch.ones(7, 1, 4, 4, dtype=torch.float64)
    summary = summarize(network, x, torch.arange(7), initial=start)
    covers = summary.covers
    assert covers is not None
    assert covers.entries == (9,)
    (allowed,) = _change_allowed(covers, _vector(covers, "distances_2_1"), 7 * 16, 7)
    assert allowed == pytest.approx(float(network(x).detach().norm()), rel=1e-12)
    assert covers.norms_2_1.value[0] == pytest.approx(1.5, rel=1e-12)  # type: ignore[index]
    assert summary.norms_2_1.value[0] == pytest.approx(16 * 1.5, rel=1e-12)  # type: ignore[index]


@pytest.mark.parametrize("mode", ["zeros", "circular", "replicate", "reflect"])
def test_patches_are_counted_as_autograd_counts_them(mode: str) -> None:
    """With a filter of ones the gradient of the sum of the outputs counts the windows and taps that read a pixel."""
    checked = 0
    for kernel, stride, padding, dilation in itertools.product((1, 2, 3), (1, 2, 3), (0, 1, 2), (1, 2)):
        options: dict[str, Any] = {"stride": stride, "dilation": dilation}
        x = torch.zeros(1, 1, 5, 6, requires_grad=True)
        ones = torch.ones(1, 1, kernel, 2)
        wide = F.pad(x, (padding,) * 4, mode="constant" if mode == "zeros" else mode)
        (counts,) = torch.autograd.grad(F.conv2d(wide, ones, **options).sum(), x)
        found = patch_count((kernel, 2), input_size=(5, 6), padding=padding, padding_mode=mode, **options)
        assert found == counts.max()
        checked += found > 1
        if mode == "zeros" and padding <= dilation * (min(kernel, 2) - 1):
            (counts,) = torch.autograd.grad(F.conv_transpose2d(x, ones, padding=padding, **options).sum(), x)
            assert patch_count((kernel, 2), input_size=(5, 6), padding=padding, transposed=True, **options) == counts.max()
    assert checked > 20


@pytest.mark.parametrize("name", ["attention", "gated"])
def test_attention_and_products_have_no_such_constants(name: str) -> None:
    assert summarize(*case(name)).covers is None


def test_trained_thresholds_have_no_such_constants() -> None:
    _, x, y = case("attention")

    class Clipped(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer, self.most = nn.Linear(8, 3), nn.Parameter(torch.tensor(0.5))

        def forward(self, x: Tensor) -> Tensor:
            return self.layer(torch.clamp(x, max=self.most).mean(1))

    summary = summarize(Clipped(), x, y)
    assert summary.lipschitz_upper is not None
    assert summary.covers is None
    assert not summary.is_chain


def test_trained_constants_outside_layers_have_entries_of_their_own() -> None:
    """In single precision too: the token and the mean in one, then the positions, half of them, after the two layers."""
    network, x, y = _case("constants")
    covers = summarize(network, x, y).covers
    assert covers is not None
    assert covers.entries == (45, 93, 40, 48, 48)
    wanted = [float(part.detach().double().norm()) for part in (network.mean.expand(5, 8), network.token, 0.5 * network.positions)]  # type: ignore[operator]
    assert _vector(covers, "norms_2_1")[2:] == pytest.approx(wanted, rel=1e-9)
    assert _vector(covers, "inputs_at_zero")[2:] == pytest.approx([40**0.5, 48**0.5, 48**0.5], rel=1e-9)


def test_the_certificate_of_a_residual_network_is_the_formula_at_the_constants_of_its_summary() -> None:
    """x + B relu(A x), then C, without biases: N and D written out from spectral norms, b from row norms."""

    class Residual(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b, self.c = nn.Linear(4, 6, bias=False), nn.Linear(6, 4, bias=False), nn.Linear(4, 3, bias=False)

        def forward(self, x: Tensor) -> Tensor:
            return self.c(x + self.b(torch.relu(self.a(x))))

    network = randomised(Residual()).double()
    x = torch.randn(30, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    summary = summarize(network, x, torch.arange(30) % 3)
    a, b, c = (float(torch.linalg.matrix_norm(p.detach(), 2)) for p in network.parameters())
    rows = [float(p.detach().norm(dim=1).sum()) for p in network.parameters()]
    covers = summary.covers
    assert covers is not None
    assert covers.paths == ("a", "b", "c")
    assert covers.input_lipschitz.value == pytest.approx((1, a, 1 + a * b), rel=1e-9)
    assert covers.inputs_at_zero.value == (0, 0, 0)
    assert covers.output_lipschitz.value == pytest.approx((b * c, c, 1), rel=1e-9)
    assert covers.norms_2_1.value == pytest.approx(rows, rel=1e-9)
    assert covers.entries == (24, 24, 12)
    certificate = get("margin.spectral_graph")(  # type: ignore[operator]
        margin_risk=1,
        margin=1,
        distances_2_1=covers.norms_2_1,
        input_lipschitz=covers.input_lipschitz,
        inputs_at_zero=covers.inputs_at_zero,
        output_lipschitz=covers.output_lipschitz,
        entries=covers.entries,
        outputs=3,
        data_norm=summary.data_norm,
        n=30,
        delta=0.05,
    )
    assert isinstance(certificate, Certificate)
    assert certificate.value > 1
