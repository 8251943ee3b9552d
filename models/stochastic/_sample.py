"""A labelled sample as training and Monte Carlo read it: rows with multiplicities, drawn uniformly with replacement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from genbounds.models.measuring.labelled_sample import checked_labels
from genbounds.models.norms.data import as_counts, as_data, counts_length


@dataclass(frozen=True, eq=False)
class Sample:
    """``inputs`` (rows, d), ``labels`` int64 (rows,), ``counts`` int64 (rows,) or None, ``n`` the number of draws."""

    inputs: Tensor
    labels: Tensor
    counts: Tensor | None
    n: int

    @classmethod
    def of(
        cls,
        inputs: Any,
        labels: Any,
        counts: Any,
        widths: tuple[int, ...],  # the first is the number of features, the last that of outputs
        dtype: torch.dtype,
        device: torch.device | str | None = None,
    ) -> Sample:
        """Check shapes, labels and multiplicities; ``ValueError`` names what does not fit."""
        data = as_data(inputs).to(device)
        if data.shape[1] != widths[0]:
            raise ValueError(f"inputs must have {widths[0]} features, as the network does, got {data.shape[1]}: flatten or select them")
        checked = checked_labels(labels, data, widths[-1])
        if counts is None:
            return cls(data.to(dtype), checked, None, len(data))
        whole = torch.as_tensor(as_counts(counts, 1)[0].copy(), device=data.device)
        if len(whole) != len(data):
            raise ValueError(counts_length(len(data), len(whole)))
        return cls(data.to(dtype), checked, whole, int(whole.sum()))

    def index(self, draws: Tensor) -> Tensor:
        """The rows of the draws numbered 0..n-1: draw i is the row whose multiplicities contain i."""
        draws = draws.to(self.inputs.device)
        return draws if self.counts is None else torch.searchsorted(self.counts.cumsum(0), draws, right=True)

    def rows(self, draws: Tensor) -> tuple[Tensor, Tensor]:
        """Inputs and labels of the draws numbered 0..n-1."""
        index = self.index(draws)
        return self.inputs[index], self.labels[index]
