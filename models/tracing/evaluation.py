"""The logits of a traced network in float64, with a bound on their rounding error.

Running error analysis over the graph, in the l2 norm over a whole batch: if the computed inputs of a node are within e_j of the true ones,
its value is within (sum_j gain_j e_j) of the operation on the computed inputs, plus what float64 loses there. Normalisations and attention
use their slopes near the computed inputs. The error of one example is at most that of the batch, so small batches lose less. Products and
squares that underflow lose less than ``margins.UNDERFLOW`` an entry.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from genbounds.models.measuring.margins import UNDERFLOW, margins_of
from genbounds.models.norms.rounding import EPS
from genbounds.models.tracing.graph import EXACT, Graph, Node, references, resolve

_UP = 1 + 2.0**-40
_ELEMENTS = 1 << 22  # entries of the largest activation at a time: 32 MiB


def rows_at_once(graph: Graph) -> int:
    """How many examples go through the network together."""
    if graph.batch is not None:
        return graph.batch
    return max(1, _ELEMENTS // max(node.size for node in graph.nodes))


def logits_with_error(graph: Graph, gains: Sequence[tuple[float, ...]], batch: Tensor) -> tuple[Tensor, float]:
    """The computed logits (n, K), and a bound on the l2 norm of their error over the whole batch.

    ``gains`` are ``propagation.resolved_gains``: upper bounds.
    """
    count, batch = len(batch), graph.filled(batch)
    last = graph.last_uses()
    values: list[Any] = []
    errors: list[float] = []
    for index, node in enumerate(graph.nodes):
        value = batch if node.kind == "input" else node.function(*resolve(node.arguments, values), **resolve(node.keywords, values))
        values.append(value)
        errors.append(_error(node, gains[index], values, errors, len(batch)) if node.sources else 0.0)
        for done in last[index]:
            values[done] = None
    return values[graph.output][:count], errors[graph.output] * _UP


def _error(node: Node, gains: tuple[float, ...], values: list[Any], errors: list[float], n: int) -> float:
    before = [errors[source] for source in node.sources]
    lost = 0.0
    if node.local is not None:
        near, lost = node.local([values[used] for used in references(node.arguments)], before)
        gains = tuple(min(pair) for pair in zip(gains, near, strict=True)) if not node.is_local else near
    else:
        rule, value = node.rounding, values[-1]
        if rule.inputs:
            lost += rule.inputs * sum(float(values[source].norm()) for source in node.sources)
        lost += rule.constant * math.sqrt(n)
        if rule.output:
            lost += rule.output * float(value.norm())
        if rule.entry:
            lost += rule.entry * math.sqrt(value.numel())
        lost *= EPS
    if node.local is not None or node.rounding != EXACT:
        lost += UNDERFLOW * math.sqrt(node.size * n)
    parts = [gain * error if error else 0.0 for gain, error in zip(gains, before, strict=True)]
    return ((math.hypot(*parts) if node.combine == "root" else sum(parts)) + lost) * _UP


def margins_with_error(graph: Graph, gains: Sequence[tuple[float, ...]], inputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """The computed margins (1, n) and how far each may be from the truth; ``labels`` int64 (n,)."""
    margins, allowances, rows = [], [], rows_at_once(graph)
    with torch.no_grad():
        for left in range(0, len(inputs), rows):
            logits, error = logits_with_error(graph, gains, inputs[left : left + rows])
            slack = torch.full((1, len(logits)), error, dtype=torch.float64, device=logits.device)
            margin, allowance = margins_of(logits[None], slack, labels[None, left : left + rows])
            margins.append(margin)
            allowances.append(allowance)
    return torch.cat(margins, 1), torch.cat(allowances, 1)
