"""Torch's public functions of one tensor, entry by entry: each is read and attacked, or refused with a reason; no error is torch's own."""

from __future__ import annotations

import inspect
import math
import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.export import Dim, export

from genbounds.models.tracing import trace
from genbounds.models.tracing._decomposing import in_known_operations
from genbounds.models.tracing.graph import Graph
from genbounds.models.tracing.propagation import propagate
from genbounds.models.tracing.reader import Reader

pytestmark = pytest.mark.slow

RADIUS = 3.0
MAKERS = ("as_tensor", "asarray", "from_dlpack", "tensor")
"""They make tensors of objects that are none."""
SETTERS = ("set_", "use_", "manual_", "prepare_")
"""They change the process: ``torch.set_printoptions(x)`` takes a tensor as a precision, and no tensor can be printed afterwards."""
Function = Callable[..., Any]


def public(module: ModuleType) -> dict[str, Function]:
    """The functions that give a tensor of real numbers of the shape of their only argument, each entry from the entry in its place."""
    found = {}
    x = torch.linspace(-0.9, 0.9, 6, dtype=torch.float64).reshape(2, 3)
    for name in sorted(dir(module)):
        function = getattr(module, name)
        if name.startswith("_") or name.endswith("_") or not callable(function) or inspect.isclass(function):
            continue
        if name in MAKERS or name.startswith(SETTERS):
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                made, other = function(x.clone()), function(torch.where(torch.eye(2, 3).bool(), x, 0.5))
                turned = function(x.flip(0))
        except Exception:  # it takes something else
            continue
        if isinstance(made, Tensor) and made.shape == x.shape and made.dtype == x.dtype and _agree(made, other, turned):
            found[f"{module.__name__}.{name}"] = function
    return found


def _agree(made: Tensor, other: Tensor, turned: Tensor) -> bool:
    """Whether the entries on the diagonal are the same, and those of examples in another order, and not all are."""
    alike = torch.equal(made.diagonal().nan_to_num(7.0), other.diagonal().nan_to_num(7.0))
    return alike and torch.equal(made.nan_to_num(7.0), turned.flip(0).nan_to_num(7.0)) and bool(made.nan_to_num(7.0).std() > 0)


@pytest.fixture(scope="module")
def functions() -> dict[str, Function]:
    """All of them by name; looked for when a test runs and not when it is collected, for it calls all that torch has."""
    return {name: function for module in (torch, torch.special, F) for name, function in public(module).items()}


class Every(nn.Module):
    def __init__(self, functions: list[Function]) -> None:
        super().__init__()
        self.functions = functions

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        return tuple(function(1.0 * x) for function in self.functions)


def walk(functions: dict[str, Function]) -> dict[str, Graph | str]:
    """For each function its graph, or why it was refused; all of them are exported in one program."""
    probe = torch.tensor([[0.3, -0.2, 0.1], [-0.4, 0.2, 0.05]], dtype=torch.float64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = in_known_operations(export(Every(list(functions.values())), (probe,), dynamic_shapes=(({0: Dim("n")}),), strict=False))
    reader, environment, refusals = Reader(probe, torch.finfo(torch.float64).eps), trace._Values(), {}
    for node in program.graph.nodes:
        if node.op == "placeholder":
            value = program.constants.get(program.graph_signature.inputs_to_lifted_tensor_constants.get(node.name, ""))
            environment[node] = trace.Ref(0) if node.name in program.graph_signature.user_inputs else value
        elif node.op == "call_function":
            reasons = [refusals[used] for used in node.all_input_nodes if used in refusals]
            try:
                environment[node] = None if reasons else trace._read(reader, node, environment, "model")
            except ValueError as error:
                reasons = [str(error)]
            if reasons:
                refusals[node] = reasons[0]
        else:
            outputs = node.args[0]
    found: dict[str, Graph | str] = {}
    for name, output in zip(functions, outputs, strict=True):
        if output in refusals:
            found[name] = refusals[output]
            continue
        try:
            found[name] = trace._pruned(reader, environment[output], 0)
        except ValueError as error:
            found[name] = str(error)
    return found


@pytest.fixture(scope="module")
def results(functions: dict[str, Function]) -> dict[str, Graph | str]:
    return walk(functions)


def test_most_functions_with_a_bound_are_read(functions: dict[str, Function], results: dict[str, Graph | str]) -> None:
    read = {name for name, found in results.items() if isinstance(found, Graph)}
    assert len(functions) > 100
    wanted = (
        "abs",
        "absolute",
        "arctan",
        "atan",
        "relu",
        "sigmoid",
        "special.expit",
        "tanh",
        "negative",
        "square",
        "positive",
        "sin",
        "erf",
    )
    assert {f"torch.{name}" for name in wanted} <= read
    assert {f"torch.nn.functional.{name}" for name in ("relu6", "softsign", "hardswish", "tanhshrink", "logsigmoid", "mish")} <= read
    assert len(read) >= 50


@pytest.mark.parametrize(
    "alias", [("absolute", "abs"), ("arctan", "atan"), ("negative", "neg"), ("special.expit", "sigmoid"), ("arcsinh", "asinh")]
)
def test_aliases_are_read_as_what_they_are(alias: tuple[str, str], results: dict[str, Graph | str]) -> None:
    other, name = (results[f"torch.{one}"] for one in alias)
    assert isinstance(other, Graph)
    assert isinstance(name, Graph)
    assert [(node.kind, node.gains) for node in other.nodes] == [(node.kind, node.gains) for node in name.nodes]


def test_every_refusal_names_the_module_the_operation_and_a_reason(results: dict[str, Graph | str]) -> None:
    refused = {name: found for name, found in results.items() if isinstance(found, str)}
    assert {"torch.exp", "torch.sign", "torch.floor", "torch.log1p", "torch.tan"} <= set(refused)
    for name, reason in refused.items():
        assert reason.startswith("model (Every) can't be bounded: "), (name, reason)
        assert "is called in a way" not in reason, (name, reason)
        assert any(word in reason for word in ("Lipschitz", "no bound here", "random", "casts", "batch")), (name, reason)


def test_no_read_function_is_another_or_steeper_than_its_bound(functions: dict[str, Function], results: dict[str, Graph | str]) -> None:
    """On a grid of entries within the radius: values, and slopes by automatic differentiation and between neighbours."""
    grid = torch.linspace(-RADIUS, RADIUS, 20_001, dtype=torch.float64)
    x = torch.stack([grid, torch.zeros_like(grid), torch.zeros_like(grid)], 1)
    for name, found in results.items():
        if isinstance(found, str):
            continue
        wanted = functions[name](x.clone())
        values = found.outputs(x)
        torch.testing.assert_close(values, wanted, rtol=1e-9, atol=1e-9, msg=name)
        bound = propagate(found, [], data_norm=RADIUS, n=1, radius=RADIUS).lipschitz
        moved = (wanted[1:] - wanted[:-1]).norm(dim=1) / (x[1:] - x[:-1]).norm(dim=1)
        assert float(moved.max()) <= bound * (1 + 1e-9), (name, float(moved.max()), bound)
        assert math.isfinite(bound), name
