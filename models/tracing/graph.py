"""The graph of a network as bounds see it: every operation with its Lipschitz constants, its value at zero and its rounding error."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor

from genbounds.models.tracing.weights import Weight


@dataclass(frozen=True)
class Ref:
    """The value of an earlier node, as an argument."""

    index: int


@dataclass(frozen=True)
class Rounding:
    """How far float64 may be from the operation on its computed inputs, in the l2 norm over a whole batch.

    ``2^-52 (inputs * sum_j ||x_j|| + constant sqrt(n) + output ||y|| + entry sqrt(size(y)))``. All zero: exact.
    """

    inputs: float = 0.0
    constant: float = 0.0
    output: float = 0.0
    entry: float = 0.0


@dataclass(frozen=True)
class Tokens:
    """How a bound on the norm of every vector along the last axis passes through a node: ``factor * t + offset``.

    ``factor`` None: not known, the norm of the whole example bounds it. With several inputs the t's are combined by ``combine``.
    """

    factor: float | None = None
    offset: float = 0.0
    combine: Literal["sum", "root", "max", "last"] = "sum"
    cap: float = float("inf")
    through_weight: bool = False


SAME_TOKENS = Tokens(1.0)
EXACT = Rounding()


@dataclass(frozen=True)
class Node:
    """One operation of a network, one of those that ``read_graph`` finds.

    Attributes:
        kind: what it is; those with a meaning of their own are listed below.
        gains, combine: ``||op(x) - op(x')|| <= sum_j gains[j] ||x_j - x'_j||``, or the root of the sum of squares where ``combine`` is
            "root". A node with a weight has the spectral norm of the weight in place of the gain 1.
        at_zero, cap: bounds on ||op(0)|| and on ||op(x)|| for one example.
        tokens, entries: how bounds on every vector along the last axis, and on every entry, pass through the operation.
        size: the number of entries for one example.
        anchor: a node on which this one is known to depend with the Lipschitz constant ``options["anchored"](r)`` as long as the tokens
            of the anchor have norm at most r (for the weights as they are, not for all weights of the same norms).
        local: ``local(arguments, errors)`` gives the Lipschitz constants near the computed inputs and the rounding error, where they
            can be better than ``gains`` and ``rounding``.
        options: ``options["product"]`` gives, for products and jumps, all bounds from those of the factors. ``options["trained"]`` is
            op(0) for one example where it contains trained constants that belong to no weight, and ``options["bias"]`` says that it does.
            ``options["learned"]`` says that some other trained number is part of the operation.

    Nodes of kind "size" are whole numbers, and those of kind "constant" are tensors of the size of the batch: neither depends on the data.
    Nodes of kind "tokens" are computed from whole-number tokens, and count as constants in operations that a node of kind "jump" follows.
    """

    kind: str
    path: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...] = ()
    keywords: dict[str, Any] = field(default_factory=dict)
    sources: tuple[int, ...] = ()
    gains: tuple[float, ...] = ()
    combine: Literal["sum", "root"] = "sum"
    at_zero: float = 0.0
    cap: float = float("inf")
    tokens: Tokens = Tokens()
    entries: Tokens = Tokens()
    rounding: Rounding = EXACT
    weight: int | None = None
    anchor: int | None = None
    size: int = 0
    homogeneous: bool = True
    options: dict[str, Any] = field(default_factory=dict)
    local: Callable[[list[Tensor], list[float]], tuple[tuple[float, ...], float]] | None = None

    @property
    def is_local(self) -> bool:
        """Whether the Lipschitz constants hold only where its inputs are bounded: those of attention, of products and of jumps."""
        return self.kind in ("attention", "product", "blend", "jump")

    @property
    def has_data(self) -> bool:
        """Whether the value depends on the input, other than through what is computed from whole-number tokens."""
        return self.kind not in ("size", "constant", "tokens")


@dataclass(frozen=True)
class Graph:
    """The nodes in the order in which they are computed (the first is the input) and the weights that they use.

    Made by ``read_graph``.
    """

    nodes: tuple[Node, ...]
    output: int
    weights: tuple[Weight, ...]
    parameters: int
    example_shape: tuple[int, ...] = ()
    batch: int | None = None
    """The number of examples that the network must be given at once, where its forward fixed it while it was traced."""
    one_hot: int | None = None
    """Tokens per example, if the inputs are whole numbers that an embedding reads: the input is their one-hot coding."""

    def filled(self, batch: Tensor) -> Tensor:
        """The batch with its last example repeated up to the number that the network takes; ``ValueError`` if it has more."""
        if self.batch is None or len(batch) == self.batch:
            return batch
        if len(batch) > self.batch:
            raise ValueError(f"the network takes {self.batch} examples at once, got {len(batch)}: pass fewer")
        return torch.cat([batch, batch[-1:].expand(self.batch - len(batch), *batch.shape[1:])])

    def outputs(self, batch: Tensor, through: Callable[[Tensor], Tensor] | None = None) -> Tensor:
        """The logits (n, K), without keeping intermediate results; each operation's result goes ``through`` a function, if one is given."""
        count, batch = len(batch), self.filled(batch)
        last = self.last_uses()
        values: list[Any] = []
        for index, node in enumerate(self.nodes):
            value = batch if node.kind == "input" else node.function(*resolve(node.arguments, values), **resolve(node.keywords, values))
            values.append(through(value) if through is not None and isinstance(value, Tensor) else value)
            for done in last[index]:
                values[done] = None
        result: Tensor = values[self.output]
        return result[:count]

    def last_uses(self) -> list[list[int]]:
        """For each node, the nodes whose values are not needed after it."""
        last: dict[int, int] = {}
        for index, node in enumerate(self.nodes):
            for used in references((node.arguments, node.keywords)):
                last[used] = index
        freed: list[list[int]] = [[] for _ in self.nodes]
        for used, index in last.items():
            if used != self.output:
                freed[index].append(used)
        return freed


def resolve(argument: Any, values: Sequence[Any] | Mapping[int, Any]) -> Any:
    """An argument with every ``Ref`` replaced by its value."""
    if isinstance(argument, Ref):
        return values[argument.index]
    if isinstance(argument, (tuple, list)):
        return type(argument)(resolve(entry, values) for entry in argument)
    if isinstance(argument, dict):
        return {key: resolve(value, values) for key, value in argument.items()}
    return argument


def references(argument: Any) -> list[int]:
    """The indices of all ``Ref``s in an argument, in order."""
    if isinstance(argument, Ref):
        return [argument.index]
    if isinstance(argument, (tuple, list)):
        return [index for entry in argument for index in references(entry)]
    if isinstance(argument, dict):
        return [index for entry in argument.values() for index in references(entry)]
    return []
