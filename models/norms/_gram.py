"""The Gram matrix of a convolution, A^T A or A A^T, assembled from the products of its taps.

The entry for two positions is the sum of w_t^T w_t' over the pairs of taps that join them, and an axis has few
different sets of such pairs: the interior has one for each distance, the borders a few more. So one product of the
kernel with itself holds all numbers, at a small part of the cost of multiplying the matrix.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import torch
from torch import Tensor

from genbounds.models.norms._axis import Axis
from genbounds.models.norms._operator import ConvolutionOperator
from genbounds.models.norms.rounding import Array

_Joins: TypeAlias = dict[tuple[tuple[int, int], ...], list[tuple[int, int]]]
"""For each set of pairs of taps, with repetitions, the pairs of positions that it joins."""


def gram_matrix(operator: ConvolutionOperator) -> Array:
    """fl(A A^T) if the operator has fewer outputs than inputs, else fl(A^T A): (side, side), for an operator of one group.

    Rows are ordered (axis 1, axis 2, channel). Each entry is within ``gram_terms(operator)`` * 2^-53 of the sum of
    the sizes of its products.

    >>> from genbounds.models.norms._axis import Axis
    >>> taps = torch.tensor([[[[1.0, 2.0]]]], dtype=torch.float64)  # rows (1, 2, 0) and (0, 1, 2)
    >>> gram_matrix(ConvolutionOperator(taps, (Axis(1, 1), Axis(3, 2)))).tolist()
    [[5.0, 2.0], [2.0, 5.0]]
    """
    outputs, inputs = operator.sides
    by_output = outputs < inputs
    channels, sizes = (
        (operator.output_shape[0], operator.output_shape[1:]) if by_output else (operator.input_shape[0], operator.input_shape[1:])
    )
    first, second = operator.weight.shape[2:]
    # (taps * channels, the other channels): its product with itself holds w_t^T w_t' for every pair of taps.
    rows = operator.weight.permute((2, 3, 0, 1) if by_output else (2, 3, 1, 0)).reshape(first * second * channels, -1)
    products = (rows @ rows.T).reshape(first, second, channels, first, second, channels)
    gram = torch.zeros((*sizes, channels, *sizes, channels), dtype=torch.float64)
    joins = [_joins(axis, by_output) for axis in operator.axes]
    for pairs_one, positions_one in joins[0].items():
        one = torch.tensor(positions_one)
        for pairs_two, positions_two in joins[1].items():
            two = torch.tensor(positions_two)
            block = _sum(products, pairs_one, pairs_two)
            i, j = (one[:, None, end].expand(-1, len(two)).flatten() for end in (0, 1))
            k, m = (two[None, :, end].expand(len(one), -1).flatten() for end in (0, 1))
            gram[i, k, :, j, m, :] = block
    side = channels * sizes[0] * sizes[1]
    result: Array = gram.reshape(side, side).numpy()
    return result


def gram_terms(operator: ConvolutionOperator) -> int:
    """More than the products and sums that one entry of the Gram matrix takes, where taps may share positions too."""
    taps = operator.weight[0, 0].numel()
    return operator.terms + taps**2 * math.prod(axis.copies for axis in operator.axes)


def _sum(products: Tensor, pairs_one: tuple[tuple[int, int], ...], pairs_two: tuple[tuple[int, int], ...]) -> Tensor:
    total = torch.zeros((products.shape[2], products.shape[5]), dtype=products.dtype)
    for s, t in pairs_one:
        for u, v in pairs_two:
            total += products[s, u, :, t, v, :]
    return total


def _joins(axis: Axis, by_output: bool) -> _Joins:
    """Which pairs of taps join which positions: two windows that read one input, or two inputs read by one window."""
    found: dict[tuple[int, int], list[tuple[int, int]]] = {}
    where: dict[int, list[tuple[int, int]]] = {}  # what they have in common -> (position, tap)
    for window, row in enumerate(axis.table.tolist()):
        for tap, source in enumerate(row):
            if source >= 0:
                common, position = (source, window) if by_output else (window, source)
                where.setdefault(common, []).append((position, tap))
    for members in where.values():
        for position, tap in members:
            for other, tap_of_other in members:
                found.setdefault((position, other), []).append((tap, tap_of_other))
    joins: _Joins = {}
    for positions, pairs in found.items():
        joins.setdefault(tuple(sorted(pairs)), []).append(positions)
    return joins
