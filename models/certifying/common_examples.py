"""Are held-out examples among those of the training sample? Inputs are compared bit for bit, as float64, batch by batch."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator
from typing import Any

import torch
from torch import Tensor


class SeenInputs:
    """The inputs that training saw, each as a hash of 16 bytes, and how many held-out inputs are among them.

    A label is not compared: whatever it says, an input that training saw is none that it never saw.

    >>> seen = SeenInputs()
    >>> for _ in seen.training([(torch.tensor([[1.0], [2.0]]), [0, 1])]):
    ...     pass
    >>> for _ in seen.held_out([(torch.tensor([[2.0], [3.0]]), [0, 1])]):
    ...     pass
    >>> seen.common, seen.judged
    (1, 2)
    """

    def __init__(self) -> None:
        self._hashes: set[bytes] = set()
        self.common = self.judged = 0

    def training(self, batches: Iterable[tuple[Tensor, Any]]) -> Iterator[tuple[Tensor, Any]]:
        """The batches as they are, remembered on their way."""
        for inputs, labels in batches:
            self._hashes.update(_hashes(inputs))
            yield inputs, labels

    def held_out(self, batches: Iterable[tuple[Tensor, Any]]) -> Iterator[tuple[Tensor, Any]]:
        """The batches as they are, counted on their way."""
        for inputs, labels in batches:
            found = [name in self._hashes for name in _hashes(inputs)]
            self.common, self.judged = self.common + sum(found), self.judged + len(found)
            yield inputs, labels


def _hashes(inputs: Tensor) -> Iterator[bytes]:
    """One for each input; -0 is 0."""
    if inputs.ndim == 0:
        return
    rows = (inputs.detach().to("cpu", torch.float64) + 0.0).reshape(len(inputs), math.prod(inputs.shape[1:])).contiguous().numpy()
    for row in rows:
        yield hashlib.blake2b(row.tobytes(), digest_size=16).digest()
