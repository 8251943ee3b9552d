"""Self-attention whose queries, keys and values are projections of the same tokens: its Lipschitz constant in those tokens."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from genbounds.models.norms import attention_lipschitz
from genbounds.models.norms.rounding import EPS, inflate
from genbounds.models.tracing.graph import Ref, resolve
from genbounds.models.tracing.reader import Reader

_MOVES = ("shape", "restrict", "scale")


def self_attention(
    reader: Reader, query: Ref, key: Ref, value: Ref, scale: float, name: str
) -> tuple[int, Callable[[float], float]] | None:
    """The node of the tokens and the Lipschitz constant in them as a function of their radius; None if it is not a self-attention.

    Each block (an example's head) must take the same tokens for its queries, keys and values. Blocks that share a token add their squares.
    """
    found = [_projection(reader, ref) for ref in (query, key, value)]
    if any(part is None for part in found):
        return None
    (source, q, q_tokens, factor), (other, k, k_tokens, k_factor), (third, v, v_tokens, v_factor) = found  # type: ignore[misc]
    same = source == other == third and q_tokens.shape == k_tokens.shape == v_tokens.shape
    if not same or not (torch.equal(q_tokens, k_tokens) and torch.equal(q_tokens, v_tokens)) or v_factor != 1.0:
        return None
    blocks = defaultdict(list)
    for block, tokens in enumerate(q_tokens.tolist()):
        if len(set(tokens)) != len(tokens):
            return None
        rows = (tuple(q.rows[block].tolist()), tuple(k.rows[block].tolist()), tuple(v.rows[block].tolist()))
        for token in tokens:
            blocks[token].append(rows)
    groups = {tuple(sorted(rows)) for rows in blocks.values()}
    heads = {rows for group in groups for rows in group}
    count = q_tokens.shape[1]

    @functools.cache
    def constant(radius: float) -> float:
        squares = {}
        for rows in heads:
            (a, bias), (b, _), (c, _) = (part.of(list(chosen)) for part, chosen in zip((q, k, v), rows, strict=True))
            bound = attention_lipschitz(
                a, b, c, heads=1, tokens=count, radius=radius, query_bias=bias, scale=scale * factor * k_factor * (1 + 4 * EPS), name=name
            )
            squares[rows] = float(bound) ** 2
        return float(max(sum(squares[rows] for rows in group) for group in groups) ** 0.5) * inflate(len(heads) + 4)

    return source, constant


class _Rows:
    """A linear layer's matrix and bias, and for every block the rows that it takes, in order."""

    def __init__(self, matrix: Tensor, bias: Tensor | None, rows: Tensor) -> None:
        self.matrix, self.bias, self.rows = matrix, bias, rows

    def of(self, chosen: list[int]) -> tuple[Tensor, Tensor | None]:
        """The block's rows."""
        return self.matrix[chosen], None if self.bias is None else self.bias[chosen]


def _projection(reader: Reader, ref: Ref) -> tuple[int, _Rows, Tensor, float] | None:
    """From a tensor (..., tokens, width) back to the linear layer that its entries are taken from: that layer's input, the rows and
    tokens (blocks, ...) of each block, and the factor between them.
    """
    path, factor, index = [], 1.0, ref.index
    while reader.nodes[index].kind in _MOVES and len(reader.nodes[index].sources) == 1:
        node = reader.nodes[index]
        if node.kind == "scale":
            if not node.options.get("factors"):
                return None
            factor *= abs(node.options["factors"][0])
        else:
            path.append(index)
        index = node.sources[0]
    node = reader.nodes[index]
    if node.kind != "linear" or node.weight is None or "build" not in node.options or reader.weights[node.weight].slack:
        return None
    weight = reader.weights[node.weight]
    shape = reader.probes[index].shape
    channels = torch.arange(shape[-1], dtype=torch.float64).expand(shape)
    tokens = torch.arange(shape[:-1].numel(), dtype=torch.float64).reshape(*shape[:-1], 1).expand(shape)
    moved = [_moved(reader, index, path[::-1], start) for start in (channels, tokens)]
    rows, places = (part.reshape(-1, *part.shape[-2:]).to(torch.int64) for part in moved)
    if not bool((rows == rows[:, :1]).all()) or not bool((places == places[..., :1]).all()):
        return None
    return node.sources[0], _Rows(weight.matrix, weight.bias, rows[:, 0]), places[..., 0], factor


def _moved(reader: Reader, start: int, path: list[int], value: Tensor) -> Tensor:
    """What the moves along ``path`` make of another value of node ``start``."""
    values: dict[int, Any] = {start: value}
    for index in path:
        node = reader.nodes[index]
        source = node.sources[0]
        here = _Values(reader.probes, values if source in values else {source: value})
        value = node.function(*resolve(node.arguments, here))
        values = {index: value}
    return value


class _Values(dict[int, Any]):
    """The probe's values, but for the ones given."""

    def __init__(self, probes: list[Any], given: dict[int, Any]) -> None:
        super().__init__(given)
        self.probes = probes

    def __missing__(self, index: int) -> Any:
        return self.probes[index]
