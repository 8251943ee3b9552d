"""Trained numbers stay trained through casts, copies and ``.item()``, and where no parameter or buffer holds them: covers count them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from genbounds.models.measuring.summary import summarize
from genbounds.models.tracing import read_graph

VALUES = (3.0, 2.0, 1.0, 5.0)


class Gained(nn.Module):
    """A factor and a shift of the hidden units, however the forward comes by them."""

    def __init__(self, read: Callable[[Gained, str], Tensor]) -> None:
        super().__init__()
        self.first, self.last, self.read = nn.Linear(4, 4), nn.Linear(4, 3), read
        self.factor, self.shift = nn.Parameter(torch.tensor(VALUES)), nn.Parameter(torch.tensor(VALUES) / 2)
        self.held = {"factor": self.factor.detach().double(), "shift": self.shift.detach().double()}
        self.plain_factor, self.plain_shift = (value.clone() for value in self.held.values())
        self.register_buffer("fixed_factor", self.plain_factor.clone())
        self.register_buffer("fixed_shift", self.plain_shift.clone())

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.last(torch.relu(self.first(x)) * self.read(self, "factor") + self.read(self, "shift"))
        return found


def parameter(module: nn.Module, name: str) -> Tensor:
    found: Tensor = getattr(module, name)
    return found


WAYS: dict[str, Callable[[Gained, str], Tensor]] = {
    "cast down": lambda module, name: parameter(module, name).float(),
    "cast to half precision": lambda module, name: parameter(module, name).half().to(torch.bfloat16),
    "copied": lambda module, name: parameter(module, name).detach().clone().contiguous(),
    "a tuple's part": lambda module, name: torch.cat(parameter(module, name).half().split([1, 3])),
    "recomputed": lambda module, name: (parameter(module, name) * 2 - parameter(module, name)).float(),
    "a tensor attribute": lambda module, name: parameter(module, f"plain_{name}"),
    "a tensor in a dict": lambda module, name: module.held[name],
    "a buffer": lambda module, name: parameter(module, f"fixed_{name}").float(),
}


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_covers_count_trained_numbers_however_they_are_read(way: str) -> None:
    torch.manual_seed(0)
    network = Gained(parameter).double()
    x, y = torch.randn(9, 4, dtype=torch.float64), torch.arange(9) % 3
    wanted = summarize(network, x, y)
    network.read = WAYS[way]
    found = summarize(network, x, y)
    assert found.layer_kinds == wanted.layer_kinds == ("linear", "diagonal", "linear")
    assert found.is_chain == wanted.is_chain
    assert found.covers is not None
    assert wanted.covers is not None
    assert found.covers.entries == wanted.covers.entries == (20, 4, 15, 4)
    assert found.covers.norms_2_1.value == wanted.covers.norms_2_1.value
    assert found.covers.output_lipschitz.value == wanted.covers.output_lipschitz.value


class Number(nn.Module):
    """A number read off a parameter or a buffer, put to some use; without biases, so that nothing else is a constant."""

    def __init__(self, use: Callable[[Tensor, float], Tensor], *, buffer: bool = False) -> None:
        super().__init__()
        self.first, self.last, self.use = nn.Linear(4, 4, bias=False), nn.Linear(4, 3, bias=False), use
        value = torch.tensor([0.5, 7.0])
        if buffer:
            self.register_buffer("number", value)
        else:
            self.number = nn.Parameter(value)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.last(self.use(self.first(x), self.number[0].item()))
        return found


@pytest.mark.slow
@pytest.mark.parametrize("buffer", [False, True])
@pytest.mark.parametrize(
    ("use", "kinds"),
    [
        (lambda h, number: h * number, ["linear", "diagonal", "linear"]),
        (lambda h, number: h / (2 * number), ["linear", "diagonal", "linear"]),
        (lambda h, number: h + number, ["linear", "shift", "linear"]),
        (lambda h, number: number - h, ["linear", "shift", "linear"]),
    ],
)
def test_a_number_of_a_trained_tensor_is_a_weight_or_a_constant(
    use: Callable[[Tensor, float], Tensor], kinds: list[str], buffer: bool
) -> None:
    graph = read_graph(Number(use, buffer=buffer), torch.zeros(2, 4))
    found = [node for node in graph.nodes[1:] if node.has_data]
    assert [node.kind for node in found] == kinds
    assert found[1].weight is not None or "trained" in found[1].options


@pytest.mark.slow
@pytest.mark.parametrize("buffer", [False, True])
@pytest.mark.parametrize(
    "use",
    [
        lambda h, number: h.clamp(min=number),
        lambda h, number: nn.functional.leaky_relu(h, number),
        lambda h, number: torch.add(h, torch.relu(h), alpha=number),
        lambda h, number: h.masked_fill(torch.eye(4).bool()[0], number),
    ],
)
def test_any_other_use_of_a_trained_number_leaves_no_cover(use: Callable[[Tensor, float], Tensor], buffer: bool) -> None:
    """Not even where the operations look like a dense chain with a LeakyReLU of a fixed slope."""
    summary = summarize(Number(use, buffer=buffer), torch.randn(6, 4), torch.arange(6) % 3)
    assert summary.covers is None
    assert not summary.is_chain


class Pruned(nn.Module):
    """Units left out by a mask that a buffer holds, as pruning leaves it."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(4, 4), nn.Linear(4, 3)
        self.register_buffer("gone", torch.tensor([True, False, False, True]))

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.last(torch.relu(self.first(x)).masked_fill(self.gone, 0.0))
        return found


@pytest.mark.slow
def test_a_mask_that_a_buffer_holds_may_be_trained() -> None:
    assert summarize(Pruned(), torch.randn(6, 4), torch.arange(6) % 3).covers is None


def test_a_number_written_in_the_code_is_fixed() -> None:
    graph = read_graph(Number(lambda h, number: torch.relu(h) * 0.5), torch.zeros(2, 4))
    assert [node.kind for node in graph.nodes] == ["input", "linear", "relu", "scale", "linear"]


@pytest.mark.slow
def test_a_whole_number_made_of_trained_ones_is_refused() -> None:
    with pytest.raises(ValueError, match="whole number of trained ones"):
        read_graph(Number(lambda h, number: h * (number > 0.25)), torch.zeros(2, 4))
