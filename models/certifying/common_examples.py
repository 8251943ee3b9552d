"""Are held-out examples among those of the training sample? Inputs are compared bit for bit, at the precision of either."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator
from typing import Any

import torch
from torch import Tensor

PRECISIONS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
"""In which inputs may have been stored: numbers that were rounded to one of them are those of the original, rounded so."""


class SeenInputs:
    """The inputs that training saw, each as hashes of 16 bytes, and how many held-out inputs are among them.

    A label is not compared: whatever it says, an input that training saw is none that it never saw. The same rows stored at another
    precision are the same rows: both are rounded to each precision that the values of one of the two have, and compared.

    >>> seen = SeenInputs()
    >>> for _ in seen.training([(torch.tensor([[0.1], [2.0]]).double(), [0, 1])]):
    ...     pass
    >>> list(seen.held_out([(torch.tensor([[0.1], [3.0]]), torch.tensor([0, 1]))], keep=False))
    [(tensor([[3.]]), tensor([1]))]
    >>> seen.common, seen.judged
    (1, 2)
    """

    def __init__(self) -> None:
        self._hashes: dict[torch.dtype, set[bytes]] = {precision: set() for precision in PRECISIONS}
        self._precisions = set(PRECISIONS)
        self.common = self.judged = 0

    def training(self, batches: Iterable[tuple[Tensor, Any]]) -> Iterator[tuple[Tensor, Any]]:
        """The batches as they are, remembered on their way."""
        for inputs, labels in batches:
            if inputs.ndim == 0:  # refused where it is measured
                yield inputs, labels
                continue
            self._precisions &= _precisions(inputs)
            for precision in PRECISIONS:
                self._hashes[precision].update(_hashes(inputs, precision))
            yield inputs, labels

    def held_out(self, batches: Iterable[tuple[Tensor, Any]], *, keep: bool = True) -> Iterator[tuple[Tensor, Any]]:
        """The batches, counted on their way; without ``keep`` those inputs are left out that training saw, with their labels."""
        for inputs, labels in batches:
            if inputs.ndim == 0:
                yield inputs, labels
                continue
            found = [False] * len(inputs)
            for precision in self._precisions | _precisions(inputs):
                here = self._hashes[precision]
                found = [old or name in here for old, name in zip(found, _hashes(inputs, precision), strict=True)]
            self.common, self.judged = self.common + sum(found), self.judged + len(found)
            if keep or not any(found):
                yield inputs, labels
            elif not all(found):
                rest = torch.tensor([not one for one in found])
                yield inputs[rest.to(inputs.device)], _kept(labels, rest)


def _kept(labels: Any, rest: Tensor) -> Any:
    if isinstance(labels, Tensor):
        return labels[rest.to(labels.device)]
    return torch.as_tensor(labels)[rest]


def _precisions(inputs: Tensor) -> set[torch.dtype]:
    """Those in which all values are what they are."""
    values = inputs.detach().to("cpu", torch.float64)
    return {one for one in PRECISIONS if torch.equal(values.to(one).double(), values)} | {torch.float64}


def _hashes(inputs: Tensor, precision: torch.dtype) -> Iterator[bytes]:
    """One for each input, rounded to a precision; -0 is 0."""
    rounded = (inputs.detach().to("cpu", torch.float64) + 0.0).to(precision)
    words = rounded.view(torch.int16) if precision in (torch.float16, torch.bfloat16) else rounded
    rows = words.reshape(len(inputs), math.prod(inputs.shape[1:])).contiguous().numpy()
    for row in rows:
        yield hashlib.blake2b(row.tobytes(), digest_size=16).digest()
