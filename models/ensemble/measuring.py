"""Exact counts and means over a pool, for many networks, a tile of networks and a chunk of examples at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from genbounds.models.ensemble.backpropagation import Kind
from genbounds.models.ensemble.samples import IndexSamples, Samples

_ELEMENTS = 1 << 20  # activations of a layer at a time: 4 to 8 MiB, whatever the number of networks and examples
_EXAMPLES = 1 << 11  # at least so many examples at a time, where there are as many, before networks are added


@dataclass(frozen=True, eq=False)
class StackedNetworks:
    """The parameters of K networks of a kind, to be measured."""

    parameters: Sequence[Tensor]
    kind: Kind

    def __len__(self) -> int:
        return len(self.parameters[0])

    def rows(self, rows: slice, dtype: torch.dtype) -> StackedNetworks:
        """Some of the networks, in a dtype."""
        return StackedNetworks([parameter[rows].to(dtype) for parameter in self.parameters], self.kind)

    @torch.no_grad()
    def logits(self, inputs: Tensor, chunk: int) -> Iterator[Tensor]:
        """Yield (K, up to ``chunk`` rows, C) over the rows of (N, d) in order."""
        for part in torch.split(inputs, chunk):
            program = self.kind.program(self.parameters, len(part))
            yield program.forward(part[None])

    def chunk(self) -> int:
        """How many examples to show to all networks at once."""
        return max(1, _ELEMENTS // (len(self) * self.kind.widest()))

    def of_examples(self, inputs: Tensor, classes: Tensor, function: Callable[[Tensor, Tensor], Tensor]) -> Iterator[tuple[slice, Tensor]]:
        """Yield function(logits, classes), (k, N), for one tile of networks after another, with the tile's rows."""
        height = max(1, _ELEMENTS // (min(len(inputs), _EXAMPLES) * self.kind.widest()))
        for top in range(0, len(self), height):
            rows = slice(top, min(top + height, len(self)))
            tile = self.rows(rows, inputs.dtype)
            start, pieces = 0, []
            for logits in tile.logits(inputs, tile.chunk()):
                pieces.append(function(logits, classes[start : start + logits.shape[1]]))
                start += logits.shape[1]
            yield rows, torch.cat(pieces, dim=1)


def totals(values: Tensor, samples: Samples | None, rows: slice) -> Tensor:
    """Sum of each network's values (k, N), over the pool or over its own sample: (k,), whole for bool values."""
    if values.dtype == torch.bool:
        values = values.to(torch.int64)
    if samples is None:
        return values.sum(dim=1)
    own = samples.tile(rows, values.device)
    if isinstance(own, IndexSamples):
        return values.gather(1, own.indices.expand(len(values), -1)).sum(dim=1)
    return (values * own.counts).sum(dim=1)
