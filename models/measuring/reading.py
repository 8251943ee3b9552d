"""Reading a network for a measurement: its layers, and a private copy in its own dtype that every batch is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from genbounds.models.tracing.architecture import DenseStack, NotDense, read_dense
from genbounds.models.tracing.graph import Graph
from genbounds.models.tracing.outputs import Output
from genbounds.models.tracing.own_copy import OwnNetwork
from genbounds.models.tracing.stacks import graph_of, stack_of
from genbounds.models.tracing.trace import read_own


@dataclass(frozen=True)
class ReadNetwork:
    """What was read off a module, a dense chain as a stack of one or anything else as a graph, and the network as the user runs it."""

    layers: DenseStack | Graph
    graph: Graph
    own: OwnNetwork

    @classmethod
    def of(cls, model: nn.Module, example: Tensor, name: str, output: Output = None) -> ReadNetwork:
        """Read ``model`` and compare what was read with it on a batch; ``ValueError`` where it can't be read or computes something else."""
        own = OwnNetwork.of(model, name, output)
        try:
            stack: DenseStack | None = read_dense(own.module, name)
        except NotDense:
            if not len(example):
                raise ValueError("inputs must hold at least one example, got none: the first batch is empty") from None
            graph = read_own(own, example)
            stack = stack_of(graph)
            found = cls(graph if stack is None else stack, graph, own)
        else:
            assert stack is not None
            found = cls(stack, graph_of(stack, 0), own)
        found.compare(example)
        return found

    def compare(self, batch: Tensor) -> None:
        """``ValueError`` unless the network computes on the batch, in its own dtype and about, what was read."""
        if self._fits(batch):
            # A dense chain is measured on whole numbers as on the real ones they are; torch refuses to multiply them by its weights.
            real = batch.is_floating_point() or self.graph.one_hot is not None
            self.own.compare(self.graph, batch if real else batch.double())

    def compared(self, pairs: Iterable[tuple[Tensor, Any]]) -> Iterator[tuple[Tensor, Any]]:
        """The batches (x, y), each compared before it is handed on."""
        for x, y in pairs:
            self.compare(x)
            yield x, y

    def _fits(self, batch: Tensor) -> bool:
        """Whether these are inputs of the network: others are refused where they are measured."""
        if not len(batch) or not bool(torch.isfinite(batch).all()):
            return False
        if self.graph.example_shape:
            return tuple(batch.shape[1:]) == self.graph.example_shape and batch.is_floating_point() == (self.graph.one_hot is None)
        assert isinstance(self.layers, DenseStack)
        return batch[0].numel() == self.layers.widths[0] and (batch.ndim == 2 or (self.layers.flattens and batch.ndim > 2))
