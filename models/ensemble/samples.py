"""Which examples of the pool each network of an ensemble learns from: arrays of indices or of counts, never copies."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from genbounds.models.randomness.streams import Draws, Networks, Stream

_COUNT_LIMIT = 1 << 31


@dataclass(frozen=True, eq=False)
class IndexSamples:
    """Samples given draw by draw: network k's i-th example is row ``indices[k, i]`` of the pool.

    Args:
        indices: int64, shape (K, n), or (n,) for one sample that all networks share. Repeats are repeats of the draw.

    Example:
        >>> IndexSamples(torch.tensor([[0, 2, 2]])).as_counts(3)
        tensor([[1, 0, 2]])
    """

    indices: Tensor

    def __post_init__(self) -> None:
        if self.indices.dim() == 1:
            object.__setattr__(self, "indices", self.indices[None, :])
        if self.indices.dim() != 2 or self.indices.dtype != torch.int64 or self.indices.numel() == 0:
            raise ValueError(
                f"indices must be a non-empty int64 tensor of shape (K, n) or (n,), got {self.indices.dtype} of shape "
                f"{tuple(self.indices.shape)}: one row of pool indices for each network"
            )

    @classmethod
    def draw(cls, stream: Stream, networks: Networks, pool_size: int, n: int) -> IndexSamples:
        """n draws with replacement from a pool of ``pool_size`` rows, i.i.d., for each network from its own stream."""
        if n < 1 or pool_size < 1:
            raise ValueError(f"n and pool_size must be at least 1, got {n} and {pool_size}")
        return cls(stream.integers(networks, 0, n, pool_size))

    @property
    def networks(self) -> int:
        """How many rows there are; 1 serves any number of networks."""
        return len(self.indices)

    def sizes(self) -> Tensor:
        """Sample size of each row, int64 (K,)."""
        return torch.full((self.networks,), self.indices.shape[1], dtype=torch.int64, device=self.indices.device)

    def as_counts(self, pool_size: int) -> Tensor:
        """How often each row of the pool occurs, int64 (K, pool_size)."""
        counts = torch.zeros((self.networks, pool_size), dtype=torch.int64, device=self.indices.device)
        return counts.scatter_add_(1, self.indices, torch.ones_like(self.indices))

    def check(self, networks: int, pool_size: int) -> None:
        """ValueError unless the samples fit this many networks and this pool."""
        _check_rows(self.networks, networks)
        low, high = int(self.indices.min()), int(self.indices.max())
        if low < 0 or high >= pool_size:
            raise ValueError(f"indices must lie in 0, ..., {pool_size - 1} (the pool's rows), got {low} to {high}")

    def tile(self, rows: slice | Tensor, device: torch.device) -> IndexSamples:
        """The samples of some of the networks, on a device."""
        return IndexSamples((self.indices if self.networks == 1 else self.indices[rows]).to(device))

    def draw_rows(self, draws: Draws, start: int, count: int) -> Tensor:
        """Pool rows of ``count`` uniform draws from each sample: int64 (K, count)."""
        positions = draws.integers(start, count, self.indices.shape[1])
        return self.indices.expand(len(positions), -1).gather(1, positions)


@dataclass(frozen=True, eq=False)
class CountSamples:
    """Samples given as counts: row i of the pool occurs ``counts[k, i]`` times in network k's sample.

    A sample of 1e8 draws from a pool of 1797 rows is 1797 counts, and trains as a weighted sample: a minibatch is drawn
    i.i.d. from the weighted empirical distribution, which is what drawing from the 1e8 examples with replacement is.

    Args:
        counts: int64, shape (K, N), or (N,) for one sample that all networks share; no negative count, and between 1
            and 2**31 draws in each row.

    Example:
        >>> CountSamples(torch.tensor([50_000_000, 0, 50_000_000])).sizes()
        tensor([100000000])
    """

    counts: Tensor
    _cumulative: Tensor = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.counts.dim() == 1:
            object.__setattr__(self, "counts", self.counts[None, :])
        counts = self.counts
        if counts.dim() != 2 or counts.dtype != torch.int64 or counts.numel() == 0:
            raise ValueError(
                f"counts must be a non-empty int64 tensor of shape (K, N) or (N,), got {counts.dtype} of shape "
                f"{tuple(counts.shape)}: one row of counts for each network"
            )
        sizes = counts.sum(dim=1)
        if int(counts.min()) < 0 or int(sizes.min()) < 1 or int(sizes.max()) > _COUNT_LIMIT:
            raise ValueError(
                f"counts must not be negative and must add up to between 1 and 2**31 in each row, got a least count of "
                f"{int(counts.min())} and sums from {int(sizes.min())} to {int(sizes.max())}"
            )
        object.__setattr__(self, "_cumulative", counts.cumsum(dim=1))

    @property
    def networks(self) -> int:
        """How many rows there are; 1 serves any number of networks."""
        return len(self.counts)

    def sizes(self) -> Tensor:
        """Sample size of each row, int64 (K,)."""
        return self.counts.sum(dim=1)

    def as_counts(self, pool_size: int) -> Tensor:
        """How often each row of the pool occurs, int64 (K, pool_size)."""
        self.check(self.networks, pool_size)
        return self.counts

    def check(self, networks: int, pool_size: int) -> None:
        """ValueError unless the samples fit this many networks and this pool."""
        _check_rows(self.networks, networks)
        if self.counts.shape[1] != pool_size:
            raise ValueError(f"counts must have one column for each of the pool's {pool_size} rows, got {self.counts.shape[1]}")

    def tile(self, rows: slice | Tensor, device: torch.device) -> CountSamples:
        """The samples of some of the networks, on a device."""
        return CountSamples((self.counts if self.networks == 1 else self.counts[rows]).to(device))

    def draw_rows(self, draws: Draws, start: int, count: int) -> Tensor:
        """Pool rows of ``count`` uniform draws from each sample: int64 (K, count)."""
        positions = draws.integers(start, count, self.sizes().expand(len(draws.keys)).contiguous())
        # Position p belongs to the first row whose cumulative count exceeds p.
        cumulative = self._cumulative[0] if self.networks == 1 else self._cumulative
        return torch.searchsorted(cumulative, positions, right=True)


Samples = IndexSamples | CountSamples


def _check_rows(rows: int, networks: int) -> None:
    if rows not in (1, networks):
        raise ValueError(f"samples must have one row for each of the {networks} networks, or one row for all, got {rows}")
