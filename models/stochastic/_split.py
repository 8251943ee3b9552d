"""Splitting a sample by position: one part fits the prior, the bound is evaluated on the other."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from genbounds.models.randomness.streams import Stream


@dataclass(frozen=True, eq=False)
class Split:
    """Two disjoint sets of positions in a sample of n draws, int64.

    They are positions in the sample, not rows of the pool: two draws of the same row are different draws, and independence is between
    draws. ``prior`` may be empty (a prior that saw no data). ``ValueError`` if the sets overlap or leave the sample.

    >>> Split(torch.tensor([0, 2]), torch.tensor([1, 3, 4]), 5).bound_size
    3
    """

    prior: Tensor
    bound: Tensor
    n: int

    def __post_init__(self) -> None:
        """Assert that the index sets are disjoint, without repetition and inside the sample."""
        together = torch.cat([self.prior, self.bound])
        if together.dtype != torch.int64 or bool(((together < 0) | (together >= self.n)).any()):
            raise ValueError(f"positions must be int64 in 0, ..., {self.n - 1}: they number the draws of the sample")
        if len(torch.unique(together)) != len(together):
            raise ValueError(
                "prior and bound positions must be disjoint and without repetition: the prior must not see the draws "
                "that the bound is evaluated on"
            )
        if not len(self.bound):
            raise ValueError("bound positions must not be empty: the bound needs draws of its own")

    @property
    def bound_size(self) -> int:
        """The n that enters the bound."""
        return len(self.bound)


def split_draws(n: int, prior_size: int, stream: Stream, network: int = 0) -> Split:
    """Split the positions 0, ..., n - 1 at random, with ``prior_size`` of them for the prior, without looking at the data.

    ``prior_size`` must be fixed before the data are seen (for a choice among K sizes each has to hold at delta/K). The permutation is that
    of ``stream.sub("split")``. Raises ``ValueError`` unless 0 <= prior_size < n.

    >>> split = split_draws(10, 4, Stream("demo", "experiment"))
    >>> len(split.prior), len(split.bound), set(split.prior.tolist()) & set(split.bound.tolist())
    (4, 6, set())
    """
    if not 0 <= prior_size < n:
        raise ValueError(f"prior_size must lie in 0, ..., n - 1 = {n - 1}, got {prior_size}: the bound needs draws of its own")
    order = stream.sub("split").permutation([network], 0, n)[0].cpu()
    return Split(order[:prior_size].sort().values, order[prior_size:].sort().values, n)
