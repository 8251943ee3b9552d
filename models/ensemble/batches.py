"""In what order each network of a tile sees its sample: pool rows, drawn ahead for blocks of steps."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from genbounds.models.ensemble.samples import CountSamples, IndexSamples, Samples
from genbounds.models.randomness.streams import Draws, Networks, Stream

OrderName = Literal["with_replacement", "permutation", "full"]
ORDERS: tuple[OrderName, ...] = ("with_replacement", "permutation", "full")


class BatchRows:
    """The pool rows of the minibatches of K networks, in one of two orders that never look at the data.

    ``with_replacement``: every draw uniform on the network's sample, independent of all others.
    ``permutation``: one fresh uniform permutation of the sample after another (epoch after epoch), cut into batches;
    where the batch size does not divide n a batch runs across the end of an epoch, so each epoch still visits each
    example once. The first n draws are a single pass.

    Args:
        samples: one row for each network (or one for all).
        stream: the order's own stream.
        networks: indices of the networks.
        order: as above.
    """

    def __init__(self, samples: Samples, stream: Stream, networks: Networks, order: OrderName) -> None:
        if order == "permutation" and isinstance(samples, CountSamples):
            raise ValueError(
                "order 'permutation' needs IndexSamples: a sample given as counts has no order of its own; "
                "use order='with_replacement' or 'full'"
            )
        self.samples, self.order = samples, order
        self.draws: Draws = stream.sub(order).draws(networks)
        self._epoch: tuple[int, Tensor] | None = None

    def block(self, start: int, steps: int, batch_size: int) -> Tensor:
        """Rows of ``steps`` batches from draw number ``start`` on: int64 (steps, K, batch_size), contiguous."""
        count = steps * batch_size
        draw = self._permuted if self.order == "permutation" else self._independent
        rows = draw(start, count)
        return rows.view(-1, steps, batch_size).transpose(0, 1).contiguous()

    def _independent(self, start: int, count: int) -> Tensor:
        return self.samples.draw_rows(self.draws, start, count)

    def _permuted(self, start: int, count: int) -> Tensor:
        assert isinstance(self.samples, IndexSamples)
        indices = self.samples.indices.expand(len(self.draws.keys), -1)
        n, end, pieces = indices.shape[1], start + count, []
        while start < end:
            epoch, offset = divmod(start, n)
            if self._epoch is None or self._epoch[0] != epoch:
                self._epoch = epoch, indices.gather(1, self.draws.permutation(epoch, n))
            piece = self._epoch[1][:, offset : min(n, offset + end - start)]
            pieces.append(piece)
            start += piece.shape[1]
        return torch.cat(pieces, dim=1)
