"""The copy that is run in place of the user's network shares nothing with it, and is compared with what was read."""

from __future__ import annotations

import copy
import types
from typing import Any

import pytest
import torch
from tests.models.snapshots import snapshot
from tests.models.user_networks import READABLE
from torch import Tensor, nn

from genbounds.models.tracing import read_graph
from genbounds.models.tracing.held import held, parameters_of
from genbounds.models.tracing.own_copy import OwnNetwork, copy_of, evenly

GLOBAL = nn.Linear(3, 3)
ACTIVATION = nn.ReLU()


class Forwarding(nn.Module):
    """A forward made of a function that is an attribute."""

    def __init__(self, function: Any) -> None:
        super().__init__()
        self.layer, self.function = nn.Linear(3, 3), function

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.function(self.layer(x))
        return found


@pytest.mark.parametrize("name", READABLE)
def test_a_copy_shares_no_module_and_no_storage(name: str) -> None:
    model = READABLE[name]()
    before = snapshot(model)
    twin = copy_of(model)
    assert snapshot(model) == before
    assert not {id(module) for module in model.modules()} & {id(module) for module in twin.modules()}
    storages = [
        {found.value.untyped_storage().data_ptr() for found in held(network) if isinstance(found.value, Tensor)}
        for network in (model, twin)
    ]
    assert storages[0]
    assert not storages[0] & storages[1]
    assert len(list(twin.parameters())) == len(list(model.parameters()))  # what is shared in the network is shared in its copy
    assert [one.requires_grad for one in twin.parameters()] == [one.requires_grad for one in model.parameters()]
    assert not twin.training


def test_a_forward_that_closes_over_the_network_closes_over_its_copy() -> None:
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 2))
    inner = lambda x: model[0](x) + 1  # noqa: E731
    model[1].forward = lambda x: inner(x)[:, :2]  # type: ignore[method-assign,assignment]
    model[0].forward = types.MethodType(lambda self, x: x @ self.weight, model[0])  # type: ignore[method-assign]
    twin = copy_of(model)
    x = torch.ones(1, 3)
    wanted = twin(x)
    with torch.no_grad():
        model[0].weight.zero_()  # type: ignore[operator]
    assert torch.equal(twin(x), wanted)
    assert not torch.equal(model(x), wanted)


def test_what_only_code_names_is_refused_if_it_has_a_state() -> None:
    inside = nn.Linear(3, 3)

    class Global(Forwarding):
        def forward(self, x: Tensor) -> Tensor:
            found: Tensor = GLOBAL(self.layer(x))
            return found

    class ByClass(Forwarding):
        shared = nn.Linear(3, 3)

    class Stateless(Forwarding):
        def forward(self, x: Tensor) -> Tensor:
            found: Tensor = ACTIVATION(self.layer(x))
            return found

    class Kept(nn.Linear):
        def __deepcopy__(self, memo: Any) -> Kept:
            return self

    for model, path in ((Global(None), "forward: GLOBAL"), (ByClass(None), "shared"), (nn.Sequential(Kept(3, 3)), "0")):
        with pytest.raises(ValueError, match=rf"must hold its layers itself, got {path} \("):
            copy_of(model)
    assert copy_of(Stateless(None))(torch.ones(1, 3)).shape == (1, 3)
    closed = copy_of(Forwarding(lambda x: inside(x)))  # a function that is an attribute is copied with what it closes over
    assert {"layer.weight", "function: inside.weight"} <= set(parameters_of(closed))
    attribute = Forwarding(torch.relu)
    attribute.names_like_globals = GLOBAL.in_features  # type: ignore[assignment]
    copy_of(attribute)


def test_what_cannot_be_copied_is_named() -> None:
    model = Forwarding(None)
    model.stream = (number for number in range(3))  # type: ignore[assignment]
    with pytest.raises(ValueError, match=r"model must be copyable by copy\.deepcopy, got TypeError: cannot pickle 'generator'"):
        copy_of(model)


@pytest.mark.slow
def test_the_comparison_catches_another_function_and_passes_rounding() -> None:
    """A wide network in float32 and half precision is within its own rounding; a change of 1 % is not, nor is one in a single example."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(50, 200), nn.GELU(), nn.Linear(200, 200), nn.GELU(), nn.Linear(200, 3))
    x = torch.randn(100, 50)
    for dtype in (torch.float32, torch.bfloat16, torch.float64):
        own = OwnNetwork.of(copy.deepcopy(model).to(dtype))
        graph = read_graph(own.module, x[:2])
        own.compare(graph, x)
        with torch.no_grad():
            own.module[4].weight.mul_(1.01 if dtype != torch.bfloat16 else 1.5)  # type: ignore[index,union-attr,operator]
        with pytest.raises(
            ValueError, match=f"model must compute in {str(dtype).split('.')[1]} what its layers compute in real arithmetic"
        ):
            own.compare(graph, x)


def test_examples_are_evenly_spaced() -> None:
    assert evenly(torch.arange(100)).tolist()[:4] == [0, 3, 6, 9]
    assert len(evenly(torch.arange(100))) == 32
    assert evenly(torch.arange(5)).tolist() == [0, 1, 2, 3, 4]
