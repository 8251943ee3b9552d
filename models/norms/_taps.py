"""Sums over the entries of a convolution's matrix, from its taps: Frobenius, (2,1) and 1-infinity norms, rounded up.

A row of the matrix belongs to one output channel and one window on each axis. Windows differ only in which taps read
the input and which taps read the same position (then their weights add up), and there are few such patterns an axis,
so that the rows of the operator as it really is cost little more than the rows of the kernel.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from genbounds.models.norms._operator import ConvolutionOperator
from genbounds.models.norms.rounding import EPS, inflate


@dataclass(frozen=True)
class EntrywiseNorms:
    """Upper bounds for a matrix: Frobenius norm, sum of the rows' l2 norms, largest l1 norm of a row."""

    frobenius: float
    norm_2_1: float
    norm_1_inf: float


def entrywise_norms(operator: ConvolutionOperator, transposed: bool = False) -> EntrywiseNorms:
    """The norms of the operator's matrix, or of its transpose (zero padding only). Weights have entries below 1 in size."""
    rows = _columns_as_rows(operator) if transposed else _rows(operator)
    squares = sums = largest = 0.0
    count = 0
    for l2, l1, times in rows:
        squares += times * float(l2.square().sum())
        sums += times * float(l2.sum())
        largest = max(largest, float(l1.max()))
        count += 1
    # At most this many products in any of the sums: the entries of a row, the rows of a pattern, the patterns.
    factor = inflate(operator.terms * 2 + sum(operator.weight.shape[:2]) * operator.groups + 2 * count + 16)
    return EntrywiseNorms((squares**0.5) * factor, sums * factor, largest * factor)


_Rows = list[tuple[Tensor, Tensor, int]]


def _rows(operator: ConvolutionOperator) -> _Rows:
    """For each pattern: the rows' l2 and l1 norms (out channels,), rounded up but for plain sums, and how often it occurs."""
    weight = operator.weight
    squares, sizes = weight.square().sum(dim=1), weight.abs().sum(dim=1)
    found = []
    for one, times_one in operator.axes[0].patterns.items():
        for two, times_two in operator.axes[1].patterns.items():
            if _collides(one) or _collides(two):
                l2, l1 = _merged(weight, one, two)
            else:
                taps = _selection(one)[:, None] * _selection(two)
                l2, l1 = (squares * taps).sum(dim=(1, 2)).sqrt(), (sizes * taps).sum(dim=(1, 2))
            found.append((l2, l1, times_one * times_two))
    return found


def _columns_as_rows(operator: ConvolutionOperator) -> _Rows:
    """The same for the columns of the operator: which taps read an input position, each from another window."""
    weight = operator.weight.reshape(operator.groups, -1, *operator.weight.shape[1:])
    squares, sizes = weight.square().sum(dim=1).flatten(0, 1), weight.abs().sum(dim=1).flatten(0, 1)
    found = []
    for one, times_one in operator.axes[0].readers.items():
        for two, times_two in operator.axes[1].readers.items():
            taps = torch.zeros(weight.shape[3:], dtype=torch.float64)
            taps[torch.tensor(one, dtype=torch.long)[:, None], torch.tensor(two, dtype=torch.long)] = 1.0
            found.append(((squares * taps).sum(dim=(1, 2)).sqrt(), (sizes * taps).sum(dim=(1, 2)), times_one * times_two))
    return found


def _collides(pattern: tuple[int, ...]) -> bool:
    read = [label for label in pattern if label >= 0]
    return len(set(read)) < len(read)


def _selection(pattern: tuple[int, ...]) -> Tensor:
    return torch.tensor([float(label >= 0) for label in pattern], dtype=torch.float64)


def _merged(weight: Tensor, one: tuple[int, ...], two: tuple[int, ...]) -> tuple[Tensor, Tensor]:
    """Norms of the rows in which taps with one label add up. The sums may cancel, so their rounding is added by its size."""
    first, second = _labels(one), _labels(two)
    entries = torch.einsum("ocab,ax,by->ocxy", weight, first, second)
    size = torch.einsum("ocab,ax,by->ocxy", weight.abs(), first, second)
    rounding = 2 * (len(one) + len(two)) * EPS
    l2 = torch.linalg.vector_norm(entries.flatten(1), dim=1) + rounding * torch.linalg.vector_norm(size.flatten(1), dim=1)
    return l2, entries.abs().sum(dim=(1, 2, 3)) + rounding * size.sum(dim=(1, 2, 3))


def _labels(pattern: tuple[int, ...]) -> Tensor:
    """The 0-1 matrix (taps, labels) of a pattern."""
    matrix = torch.zeros((len(pattern), max(max(pattern) + 1, 1)), dtype=torch.float64)
    for tap, label in enumerate(pattern):
        if label >= 0:
            matrix[tap, label] = 1.0
    return matrix
