"""What one pass over a sample in batches gives, for K networks at once: margins, error counts and the norms of the data."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from torch import Tensor

from genbounds.models.norms.data import as_counts, counts_length, weighted_root_upper
from genbounds.models.norms.rounding import Array, inflate

Read = Callable[[Tensor, Any, Callable[[int], Array | None]], tuple[Array, Array, Array, Array]]
"""From a batch (x, y), and a function that gives the counts of its n rows, to margins and allowances (K, n), squared row norms and column
sums of squares.
"""


class MeasuredSample:
    """Margins rounded down, errors counted exactly, and norms rounded up, one entry per network.

    ``counts`` say how often each row occurs, (n,) or (K, n); None: once each.
    """

    def __init__(self, networks: int, read: Read, pairs: Any, counts: Any) -> None:
        self.counts = None if counts is None else as_counts(counts, networks)
        margins, allowances, rows, seen = [], [], [], 0
        columns: Any = 0.0
        for x, y in pairs:
            margin, allowance, row, column = read(x, y, partial(self._window, seen))
            margins.append(margin)
            allowances.append(allowance)
            rows.append(row)
            columns = (columns + column) * inflate(0)
            seen += margin.shape[1]
        if self.counts is not None and seen != self.counts.shape[1]:
            raise ValueError(counts_length(seen, self.counts.shape[1]))
        self._count(np.concatenate(margins, axis=1), np.concatenate(allowances, axis=1))
        self._norms(np.concatenate(rows, axis=-1), columns, networks)

    def _window(self, seen: int, n: int) -> Array | None:
        """The multiplicities of the next n rows."""
        if self.counts is None:
            return None
        if seen + n > self.counts.shape[1]:
            raise ValueError(counts_length(seen + n, self.counts.shape[1]))
        return self.counts[:, seen : seen + n].astype(np.float64)

    def _count(self, computed: Array, slack: Array) -> None:
        """Round the margins down and count errors, exactly."""
        self.margins = np.nextafter(computed - slack, -np.inf)
        wrong = self.margins <= 0
        undecided = wrong & (computed + slack > 0)
        if self.counts is None:
            self.n = np.full(len(wrong), wrong.shape[1])
            self.errors, self.undecided = wrong.sum(axis=1), undecided.sum(axis=1)
        else:
            self.n = self.counts.sum(axis=1)
            self.errors, self.undecided = (wrong * self.counts).sum(axis=1), (undecided * self.counts).sum(axis=1)

    def _norms(self, squares: Array, columns: Array, networks: int) -> None:
        """The norms of the data, one per network."""
        weights = None if self.counts is None else self.counts.astype(np.float64)
        self.norm = np.broadcast_to(weighted_root_upper(squares, weights), networks)
        self.norm_columns = np.broadcast_to(weighted_root_upper(columns.max(axis=-1)[:, None], None), networks)
        drawn = squares if self.counts is None else np.where(self.counts > 0, squares, 0.0)
        self.largest = np.broadcast_to(weighted_root_upper(drawn.max(axis=-1)[..., None], None), networks)


def one_hot_squares(rows: int, tokens: int, counts: Array | None) -> tuple[Array, Array]:
    """``squares_upper`` for one-hot codes: each row has ``tokens`` ones; no column holds more than one per row."""
    columns = np.full((1, 1), float(rows)) if counts is None else counts.sum(axis=1, keepdims=True) * inflate(rows)
    return np.full(rows, float(tokens)), columns
