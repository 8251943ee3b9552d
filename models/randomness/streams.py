"""Keyed random streams: the same draws, bit for bit, whatever the batch, the order, the worker or the device.

A draw is a pure function of four things: the experiment, the purpose, the network's index, and the position in the
stream. The generator is Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3",
SC 2011): a bijection of a 128-bit counter under a 64-bit key. Here the key is a 64-bit BLAKE2b hash of (experiment,
purpose, network) and the counter is the position, so network 7 draws the same numbers alone, in an ensemble of ten
thousand, on a GPU, or in a worker that was started again. Two networks share a key with probability 2**-64.

Everything is written in integer arithmetic, and in float64 additions, multiplications, divisions and square roots, one
rounding each: no library's distributions or generators, whose streams depend on shapes, versions and devices.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from genbounds.models.randomness.inverse_normal import inverse_normal_cdf
from genbounds.models.randomness.philox import MASK, words_of_streams

_HALF_RANGE = 1 << 31
_CPU_CHUNK = 1 << 14  # blocks at a time on the CPU: the handful of int64 temporaries stay inside a core's own cache

Networks = Tensor | Sequence[int]
WordFunction = Callable[[Tensor, slice], Tensor]


@dataclass(frozen=True)
class Stream:
    """The random numbers of one experiment for one purpose, one independent stream for each network index.

    Args:
        experiment: name or number of the experiment (1 and "1" are different experiments).
        purpose: what the numbers are for ("initialisation", "order", "sample"): different purposes never share draws.
        device: where the draws are made and returned; it changes no bit of them.

    Positions count 64-bit words from 0. ``networks`` is any sequence of network indices, repeats allowed (twins that must
    share their draws); every method returns a tensor of shape (len(networks), count), row r for networks[r].

    Example:
        >>> stream = Stream("coverage of Hoeffding", "sample")
        >>> alone = stream.integers([7], 0, 5, 100)
        >>> among_others = stream.integers(range(50), 0, 5, 100)
        >>> torch.equal(alone[0], among_others[7])
        True
    """

    experiment: str | int
    purpose: str
    device: str | torch.device = "cpu"

    def __post_init__(self) -> None:
        if isinstance(self.experiment, bool) or not isinstance(self.experiment, str | int):
            raise ValueError(f"experiment must be a string or an int, got {self.experiment!r}: name the experiment")
        if not isinstance(self.purpose, str) or not self.purpose:
            raise ValueError(f"purpose must be a non-empty string, got {self.purpose!r}: say what the draws are for")

    def sub(self, purpose: str) -> Stream:
        """The stream of a purpose inside this one's, e.g. ``Stream("study", "training").sub("order")``."""
        return Stream(self.experiment, f"{self.purpose}/{purpose}", self.device)

    def on(self, device: str | torch.device) -> Stream:
        """The same stream, made on another device."""
        return Stream(self.experiment, self.purpose, device)

    def key(self, network: int) -> int:
        """The 64-bit key of one network: BLAKE2b of the length-prefixed experiment, purpose and index."""
        kind = "int" if isinstance(self.experiment, int) else "str"
        digest = hashlib.blake2b(digest_size=8, person=b"genbounds")
        for field in (kind, str(self.experiment), self.purpose, str(network)):
            encoded = field.encode()
            digest.update(len(encoded).to_bytes(8, "little") + encoded)
        return int.from_bytes(digest.digest(), "little")

    def keys(self, networks: Networks) -> Tensor:
        """The networks' keys as words: an int64 tensor of shape (len(networks), 2), low word first."""
        indices = _network_indices(networks)
        words = [(key & MASK, key >> 32) for key in (self.key(index) for index in indices)]
        return torch.tensor(words, dtype=torch.int64, device=self.device).reshape(len(indices), 2)

    def draws(self, networks: Networks) -> Draws:
        """The streams of these networks with their keys hashed once: for a loop that draws block after block."""
        return Draws(self.keys(networks))

    def uniform(self, networks: Networks, start: int, count: int) -> Tensor:
        """Uniform float64 draws in the open interval (0, 1); see ``Draws.uniform``."""
        return self.draws(networks).uniform(start, count)

    def integers(self, networks: Networks, start: int, count: int, high: int | Tensor) -> Tensor:
        """Integers uniform on 0, ..., high - 1; see ``Draws.integers``."""
        return self.draws(networks).integers(start, count, high)

    def normal(self, networks: Networks, start: int, count: int) -> Tensor:
        """Standard normal float64 draws; see ``Draws.normal``."""
        return self.draws(networks).normal(start, count)

    def permutation(self, networks: Networks, epoch: int, n: int) -> Tensor:
        """A uniform permutation of 0, ..., n - 1 for each network; see ``Draws.permutation``."""
        return self.draws(networks).permutation(epoch, n)


@dataclass(frozen=True, eq=False)
class Draws:
    """The streams of a fixed row of networks: ``keys`` is an int64 tensor of shape (K, 2), as ``Stream.keys`` makes it."""

    keys: Tensor

    def rows(self, rows: slice) -> Draws:
        """The streams of some of the networks."""
        return Draws(self.keys[rows])

    def uniform(self, start: int, count: int) -> Tensor:
        """Draws (w + 1/2) / 2**52 with w the top 52 bits of a word: strictly inside (0, 1), exact, symmetric about 1/2.

        Args:
            start: position of the first word.
            count: how many words.

        Returns:
            A float64 tensor of shape (K, count).
        """
        return self._map(start, count, _uniform, torch.float64)

    def integers(self, start: int, count: int, high: int | Tensor) -> Tensor:
        """Draws floor(w * high / 2**64) with w a 64-bit word, one word per draw.

        Args:
            start: position of the first word.
            count: how many draws.
            high: how many values, at most 2**31; one int, or an int64 tensor of shape (K,), one for each network.

        Returns:
            An int64 tensor of shape (K, count), values in [0, high). Each value has probability 1/high within
            2**-64, so a draw is within high * 2**-64 <= 2**-33 of uniform in total variation.
        """
        if isinstance(high, Tensor):
            if high.shape != (len(self.keys),) or high.dtype != torch.int64:
                raise ValueError(
                    f"high must be an int or an int64 tensor of shape ({len(self.keys)},), got {high.dtype} of shape "
                    f"{tuple(high.shape)}: one number of values for each network"
                )
            smallest, largest = (int(high.min()), int(high.max())) if len(high) else (1, 1)
            values: int | Tensor = high.to(self.keys.device)[:, None]
        else:
            smallest = largest = values = high
        if smallest < 1 or largest > _HALF_RANGE:
            raise ValueError(f"high must lie in 1, ..., 2**31, got {high}: draw from a smaller range")

        def window(words: Tensor, rows: slice) -> Tensor:
            return _integers(words, values[rows, :, None] if isinstance(values, Tensor) else values)

        return self._map(start, count, window, torch.int64)

    def normal(self, start: int, count: int) -> Tensor:
        """Standard normal draws, the inverse distribution function of ``uniform``'s, one word per draw, float64 (K, count).

        No draw exceeds 8.21 in absolute value (the tails beyond have mass 2.3e-16).
        """
        return inverse_normal_cdf(self.uniform(start, count))

    def permutation(self, epoch: int, n: int) -> Tensor:
        """The epoch's permutation of 0, ..., n - 1 for each network: the order of n 64-bit words, int64 (K, n).

        The lowest bits of each word, as many as a position takes, are replaced by its position: no two are equal then,
        and sorting the words themselves sorts the positions. Two words that agree in all other bits (probability below
        n**3 / 2**64 that there are such) keep their order; no example's value is ever looked at.
        """
        if not 1 <= n <= _HALF_RANGE:
            raise ValueError(f"n must be at least 1 and at most 2**31, got {n}: that many examples can be permuted")
        mask = (1 << (n - 1).bit_length()) - 1
        words = self._map(epoch * n, n, lambda words, rows: words, torch.int64).bitwise_and_(~mask)
        words.bitwise_or_(torch.arange(n, device=words.device))
        if words.device.type == "cpu":
            words.numpy().sort(axis=1)  # numpy's sort of whole numbers is vectorised, torch's is not
        else:
            words = words.sort(dim=1).values
        return words.bitwise_and_(mask)

    def _map(self, start: int, count: int, function: WordFunction, dtype: torch.dtype) -> Tensor:
        """Fill (K, count) with function(words (k, ., 2), rows), a cache-sized chunk at a time."""
        if start < 0 or count < 0:
            raise ValueError(f"start and count must not be negative, got {start} and {count}: positions begin at 0")
        first, last = start // 2, (start + count + 1) // 2  # a counter gives two words
        networks, blocks, device = len(self.keys), last - first, self.keys.device
        result = torch.empty((networks, blocks, 2), dtype=dtype, device=device)
        chunk = max(1, networks * blocks) if device.type != "cpu" else _CPU_CHUNK
        height = max(1, min(networks, chunk // max(1, blocks)))
        width = max(1, min(blocks, chunk // height))
        for top in range(0, networks, height):
            rows = slice(top, top + height)
            for left in range(0, blocks, width):
                words = words_of_streams(self.keys[rows], first + left, min(width, blocks - left))
                result[rows, left : left + width] = function(words, rows)
        offset = start - 2 * first
        return result.reshape(networks, 2 * blocks)[:, offset : offset + count].contiguous()


def _uniform(words: Tensor, rows: slice) -> Tensor:
    # The shift of a signed word fills in its sign, which the mask takes away.
    return (words >> 12).bitwise_and_((1 << 52) - 1).to(torch.float64).add_(0.5).mul_(2.0**-52)


def _integers(words: Tensor, high: int | Tensor) -> Tensor:
    # floor((high word * 2**32 + low word) * high / 2**64); nothing here exceeds 2**63 for high <= 2**31.
    low = (words & MASK).mul_(high) >> 32
    return (words >> 32).bitwise_and_(MASK).mul_(high).add_(low) >> 32


def _network_indices(networks: Networks) -> list[int]:
    if isinstance(networks, Tensor):
        if networks.dim() != 1 or networks.is_floating_point() or networks.dtype == torch.bool:
            raise ValueError(
                f"networks must be a vector of whole numbers, got {networks.dtype} of shape {tuple(networks.shape)}: "
                "give one index for each network"
            )
        return [int(index) for index in networks.tolist()]
    return [int(index) for index in networks]
