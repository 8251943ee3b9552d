"""Programs are read without torch's own pass over them where nothing depends on it, and by it where something does; early refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import torch
from tests.models.tracing.architectures import case
from torch import Tensor, nn
from torch.export import ExportedProgram

from genbounds.models.tracing import _export, _functional, read_graph, trace
from genbounds.models.tracing.graph import Graph
from genbounds.models.tracing.propagation import propagate, resolved_gains
from genbounds.models.tracing.weights import weight_norms

X = torch.linspace(-1.0, 1.0, 12).reshape(3, 4)


class Written(nn.Module):
    """A layer, whatever is done with its outputs, and another layer."""

    def __init__(self, steps: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.first, self.last, self.steps = nn.Linear(4, 4), nn.Linear(4, 2), steps

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.last(self.steps(self.first(x)))
        return found


def chained(h: Tensor) -> Tensor:
    """Every write goes on from the tensor before, under whichever of its names."""
    h.relu_()
    other = h.mul_(2.0)
    h += 1.0
    return other + h


def view_after(h: Tensor) -> Tensor:
    torch.relu_(h)
    return h[:, [0, 1, 2, 3]].reshape(-1, 2, 2).flatten(1) + h


def view_that_is_done(h: Tensor) -> Tensor:
    total = h[:, 1:].sum(1, keepdim=True)
    return torch.relu_(h) + total


def view_that_sees(h: Tensor) -> Tensor:
    view = h.view(-1, 2, 2)
    torch.relu_(h)
    return view.flatten(1)


def written_through_a_view(h: Tensor) -> Tensor:
    h[:, 0].relu_()
    return h


def copied_into_a_view(h: Tensor) -> Tensor:
    h[:, 1] = torch.tanh(h[:, 2])
    return h


def written_through_a_dropout(h: Tensor) -> Tensor:
    same = nn.functional.dropout(h, training=False)
    same.clamp_(min=0.0)
    return h


def two_views(h: Tensor) -> Tensor:
    left, right = h.chunk(2, 1)
    left.mul_(2.0)
    return torch.cat([left, right], 1) + h


DIRECT = {"chained": chained, "view after": view_after, "view that is done": view_that_is_done}
SHARED = {
    "view that sees": view_that_sees,
    "written through a view": written_through_a_view,
    "copied into a view": copied_into_a_view,
    "written through a dropout": written_through_a_dropout,
    "two views": two_views,
}
REFUSED = {
    "written through a view": "(select|slice)_scatter has no bound here",
    "copied into a view": "copy has no bound here",
    "written through a dropout": "must compute in float32 what its layers compute",
    "two views": "slice_scatter has no bound here",
}
"""What torch's pass makes of them is refused, as it always was (of a dropout it does not know that in eval mode it gives its input)."""


@contextmanager
def counted() -> Iterator[list[str]]:
    """The passes of torch over exported programs meanwhile."""
    passes: list[str] = []
    old = ExportedProgram.run_decompositions

    def counting(self: ExportedProgram, *arguments: object) -> ExportedProgram:
        passes.append("pass")
        return old(self, *arguments)  # type: ignore[arg-type]

    ExportedProgram.run_decompositions = counting  # type: ignore[method-assign, assignment]
    try:
        yield passes
    finally:
        ExportedProgram.run_decompositions = old  # type: ignore[method-assign]


def outputs(network: nn.Module, graph: Graph) -> tuple[Tensor, Tensor]:
    with torch.no_grad():
        return network.eval().double()(X.double()), graph.outputs(X.double())


@pytest.mark.slow
@pytest.mark.parametrize("name", [*DIRECT, *SHARED])
def test_writes_are_seen_by_whom_they_were_seen(name: str) -> None:
    """Whatever shares the written storage: the graph computes what the network computes, without torch's pass only where that is sure."""
    network = Written({**DIRECT, **SHARED}[name])
    with counted() as passes:
        if name in REFUSED:
            with pytest.raises(ValueError, match=REFUSED[name]):
                read_graph(network, X)
        else:
            wanted, found = outputs(network, read_graph(network, X))
            assert torch.allclose(wanted, found, rtol=1e-12, atol=1e-12)
    assert bool(passes) == (name in SHARED)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["view that sees", "written through a view", "two views"])
def test_a_write_taken_for_one_that_nobody_sees_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: every write is rewritten. What is read is then another function, which the comparison refuses."""
    monkeypatch.setattr(_functional._Storages, "only_its_tensor_sees", lambda self, write: True)
    with pytest.raises(ValueError, match=r"must compute in float32 what its layers compute|must be a function of one example"):
        read_graph(Written(SHARED[name]), X)


class Mutating(nn.Module):
    """Writes to a buffer, or to its input."""

    def __init__(self, *, buffer: bool) -> None:
        super().__init__()
        self.last, self.buffer = nn.Linear(4, 2), buffer
        self.register_buffer("calls", torch.zeros(4))

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.last((self.calls if self.buffer else x).add_(1.0) + x)
        return found


@pytest.mark.slow
def test_a_write_to_a_buffer_is_refused_as_ever() -> None:
    with pytest.raises(ValueError, match="must not change its buffers in eval mode"):
        read_graph(Mutating(buffer=True), X)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["convolutional", "residual", "pre-activation", "concatenating", "recurrent", "attention", "transformer", "normalised"]
)
def test_what_is_read_is_what_torchs_pass_gives(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    network, x, _ = case(name)
    with counted() as passes:
        direct = read_graph(network, x)
    assert not passes
    monkeypatch.setattr(_export, "make_functional", lambda program, known: False)
    with counted() as passes:
        wanted = read_graph(network, x)
    assert passes
    norms = [weight_norms(graph.weights, None) for graph in (direct, wanted)]
    assert norms[0] == norms[1]
    assert [weight.path for weight in direct.weights] == [weight.path for weight in wanted.weights]
    upper = norms[0]["spectral_norms"]
    options = {"data_norm": 2.0, "n": 4, "radius": 1.0}
    assert propagate(direct, upper, **options) == propagate(wanted, upper, **options)  # type: ignore[arg-type]
    moving = [[gains for gains in resolved_gains(graph, upper, 1.0) if gains not in ((), (1.0,))] for graph in (direct, wanted)]
    assert moving[0] == moving[1]
    assert torch.equal(direct.outputs(x.double()), wanted.outputs(x.double()))


class Sorting(nn.Module):
    """An operation that no reader knows, after layers that would have to be read."""

    def __init__(self, step: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.layers, self.step = nn.Sequential(nn.Linear(4, 4), nn.ReLU(inplace=True), nn.Linear(4, 4)), step

    def forward(self, x: Tensor) -> Tensor:
        return self.step(self.layers(x))


@pytest.mark.slow
def test_an_unknown_operation_is_refused_before_anything_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the graph was read")

    with pytest.raises(ValueError, match=r"Sorting\) can't be bounded: cummax has no bound here: replace it, or summarize") as early:
        read_graph(Sorting(lambda h: h.cummax(1).values), X)
    with monkeypatch.context() as late:
        late.setattr(_export, "refuse_unreadable", lambda *_: None)
        late.setattr(_export, "unreadable", lambda *_: None)
        with pytest.raises(ValueError, match="can't be bounded") as walked:
            read_graph(Sorting(lambda h: h.cummax(1).values), X)
    assert str(early.value) == str(walked.value)
    monkeypatch.setattr(trace, "_walk", never)
    with counted() as passes, pytest.raises(ValueError, match="cummax has no bound here"):
        read_graph(Sorting(lambda h: h.cummax(1).values), X)
    assert not passes


def test_a_cast_is_no_unknown_operation() -> None:
    """Programs assert the dtype of what is cast."""
    graph = read_graph(Sorting(lambda h: h.double().float() * 2.0), X)
    assert [node.kind for node in graph.nodes] == ["input", "linear", "relu", "linear", "scale"]


def test_an_unknown_operation_on_constants_is_none_of_the_networks() -> None:
    order = torch.tensor([3.0, 1.0, 2.0, 0.0])
    graph = read_graph(Sorting(lambda h: h * order.sort().values), X)
    assert [node.kind for node in graph.nodes] == ["input", "linear", "relu", "linear", "diagonal"]
