"""The builder of graphs that every reader of operations works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from genbounds.models.tracing.graph import EXACT, Node, Ref, Rounding, Tokens, references, resolve
from genbounds.models.tracing.weights import Weight

_UP = 1 + 2.0**-40
"""Room for the rounding of a few float64 operations on measured sizes."""

_MOVES = ("shape", "restrict", "copies", "pad", "mask", "cat", "max_pool", "extremum", "mean")
_ENTRIES = dict.fromkeys(_MOVES, Tokens(1.0, combine="max"))
"""Kinds that move no entry by more than the largest move of an entry of their inputs."""


@dataclass
class Call:
    """One aten operation with its arguments by name; ``Ref``s stand for nodes, everything else is a number or a constant tensor."""

    name: str
    target: Any
    arguments: dict[str, Any]
    path: str
    module: str
    only_user_of: Callable[[Ref], bool]

    def __getitem__(self, key: str) -> Any:
        return self.arguments[key]

    def refuse(self, reason: str) -> ValueError:
        """The error for an operation that has no bound."""
        return ValueError(f"{self.module} can't be bounded: {self.name} {reason}")


class TrainedNumber(float):
    """A number that was read off trained tensors (by ``.item()``), so that operations know it from one that stands in the code."""


Handler = Callable[["Reader", Call], Any]


class Reader:
    """Builds the nodes one after another, running each on a probe of two examples to learn shapes and values at zero."""

    def __init__(self, probe: Tensor, eps: float) -> None:
        self.nodes: list[Node] = []
        self.weights: list[Weight] = []
        self.probes: list[Any] = []
        self.names: dict[int, str] = {}
        self.kept: list[Any] = []
        self._trained: dict[int, Tensor] = {}
        self.one_hot: int | None = None
        self.where = ""
        """What is being read, for error messages."""
        self.eps = eps
        """The machine epsilon of the model's own dtype, which some normalisations add."""
        self.count = len(probe)
        self.append(Node("input", "input", lambda x: x, size=probe[0].numel()), probe)

    def append(self, node: Node, probe: Any) -> Ref:
        """Add a finished node."""
        self.nodes.append(node)
        self.probes.append(probe)
        return Ref(len(self.nodes) - 1)

    def data(self, argument: Any) -> list[int]:
        """The nodes among an argument's references that depend on the input."""
        return [index for index in references(argument) if self.nodes[index].has_data]

    def token_nodes(self, argument: Any) -> list[int]:
        """The nodes among an argument's references whose values are computed from whole-number tokens."""
        return [index for index in references(argument) if self.nodes[index].kind == "tokens"]

    def is_of_tokens(self, argument: Any) -> bool:
        """Whether the argument depends on the input only through its whole-number tokens, and not through what embeds them."""
        tokens = not self.probes[0].is_floating_point()
        used = references(argument)
        return any(index == 0 or self.nodes[index].kind == "tokens" for index in used) and all(
            not self.nodes[index].has_data or (index == 0 and tokens) for index in used
        )

    def changed(self, ref: Ref, **changes: Any) -> Ref:
        """The node with other attributes."""
        self.nodes[ref.index] = replace(self.nodes[ref.index], **changes)
        return ref

    def probe(self, argument: Any) -> Any:
        """An argument's value on the probe."""
        return resolve(argument, self.probes)

    def fixed(
        self, function: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any], path: str, of_tokens: bool = False
    ) -> Ref:
        """A node that depends on the number of examples only, or on whole-number tokens and is not a tensor that a weight may take."""
        value = function(*self.probe(arguments), **self.probe(keywords))
        kind = "constant" if isinstance(value, (Tensor, tuple, list)) else "size"
        kind = "tokens" if of_tokens else kind
        if self.any_trained(self.probe((arguments, tuple(keywords.values())))):
            value = self.mark_trained(value)
        return self.append(Node(kind, path, function, arguments, keywords), value)

    def emit(
        self,
        call: Call,
        kind: str,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        *,
        gains: tuple[float, ...] | float = 1.0,
        tokens: Tokens | float | None = None,
        entries: Tokens | float | None = None,
        cap: float = float("inf"),
        rounding: Rounding = EXACT,
        homogeneous: bool = True,
        **more: Any,
    ) -> Ref:
        """Add a data node: its value on the probe, its size and its value at zero are found by running it."""
        sources = tuple(self.data(arguments))
        value = function(*self.probe(arguments))
        used = references(arguments)
        zeros = {index: _zeros(self.probes[index]) if self.nodes[index].has_data else self.probes[index] for index in used}
        at_zero_value = function(*resolve(arguments, zeros))
        flat = at_zero_value if isinstance(at_zero_value, Tensor) else torch.cat([part.reshape(-1) for part in at_zero_value])
        at_zero = float(flat.norm()) / self.count**0.5 * _UP if flat.is_floating_point() else 0.0
        token = Tokens(tokens) if isinstance(tokens, float) else tokens or Tokens()
        if token.factor is not None and isinstance(at_zero_value, Tensor) and at_zero_value.ndim and flat.is_floating_point():
            token = replace(token, offset=float(at_zero_value.norm(dim=-1).max()) * _UP)
        entry = Tokens(entries) if isinstance(entries, float) else entries or _ENTRIES.get(kind, Tokens())
        if entry.factor is not None and flat.numel() and flat.is_floating_point():
            entry = replace(entry, offset=float(flat.abs().max()) * _UP)
        size = sum(part.numel() for part in value) if isinstance(value, (tuple, list)) else value.numel()
        options = more.pop("options", {})
        if options.get("bias"):
            options = {**options, "trained": at_zero_value[0].clone()}
        node = Node(
            kind,
            call.module,
            function,
            arguments,
            {},
            sources,
            (gains,) * len(sources) if isinstance(gains, float) else gains,
            at_zero=at_zero,
            cap=cap,
            tokens=token,
            entries=entry,
            rounding=rounding,
            size=size // self.count,
            homogeneous=homogeneous,
            options=options,
            **more,
        )
        return self.append(node, value)

    def emit_weight(self, call: Call, weight: Weight, function: Callable[..., Any], arguments: tuple[Any, ...], tokens: bool) -> Ref:
        """Add the use of a weight; ``tokens`` says that it acts on each vector along the last axis by itself."""
        self.weights.append(weight)
        units = weight.terms + 2 + weight.slack
        rounding = EXACT if weight.kind == "embedding" else Rounding(inputs=units * weight.absolute_norm, constant=units * weight.bias_norm)
        return self.emit(
            call,
            weight.kind,
            function,
            arguments,
            tokens=Tokens(1.0, through_weight=True) if tokens else None,
            rounding=rounding,
            weight=len(self.weights) - 1,
            homogeneous=weight.bias is None,
        )

    def mark_trained(self, value: Any) -> Any:
        """The value of an operation on trained tensors, every part of which is trained: tensors are remembered, numbers made such that say
        so. Remembered tensors are kept, as another one at the same address would pass for them.
        """
        if isinstance(value, (tuple, list)):
            return type(value)([self.mark_trained(part) for part in value])
        if isinstance(value, Tensor):
            self._trained[id(value)] = value
        return TrainedNumber(value) if isinstance(value, float) else value

    def is_trained(self, constant: Any) -> bool:
        """Whether a constant comes from parameters, buffers or other tensors that the module holds."""
        return isinstance(constant, TrainedNumber) or id(constant) in self._trained

    def any_trained(self, arguments: Any) -> bool:
        """Whether any part of nested arguments is trained."""
        return any(self.is_trained(part) for part in flat(arguments))

    def name_of(self, constant: Tensor, call: Call) -> str:
        """The path of the layer that owns a parameter: its name without ".weight"; the module's path for a computed one."""
        name = self.names.get(id(constant), call.path)
        return name.removesuffix(".weight") or "model"


@dataclass(frozen=True)
class Pieces:
    """The value of an operation that returns several tensors, some of which nothing may read."""

    parts: dict[int, Any]


def flat(argument: Any) -> list[Any]:
    """The entries of nested tuples, lists and dicts, in order."""
    if isinstance(argument, (tuple, list)):
        return [part for entry in argument for part in flat(entry)]
    if isinstance(argument, dict):
        return [part for entry in argument.values() for part in flat(entry)]
    return [argument]


def in_double(value: Any) -> Any:
    """Floating-point tensors in float64, which changes none of their numbers."""
    if isinstance(value, (tuple, list)):
        return type(value)([in_double(part) for part in value])
    return value.double() if isinstance(value, Tensor) and value.is_floating_point() else value


def _zeros(value: Any) -> Any:
    return tuple(_zeros(part) for part in value) if isinstance(value, (tuple, list)) else torch.zeros_like(value)
