"""Networks that shatter n * m points by extracting the bits of n numbers: a lower bound on the VC dimension, built and run.

The points are pairs (e_i, e_j) of basis vectors, i = 1..n, j = 1..m. The first unit computes A = sum_i A_i u_i, where A_i is the number of
m bits that are the labels of the points (i, 1), ..., (i, m); everything after it is one fixed network that outputs bit j of A. So all
2^(n m) labellings are attained if that network is right for each of the 2^m numbers A and each j: all of them can be run.

It takes r bits at a time. With T_t = t 2^(rest - r) for t = 1, ..., 2^r - 1 (``rest`` bits are left in A), three layers:
h_t = relu(T_t - A); s_t = relu(1 - h_t), which is 1 if A >= T_t and 0 otherwise, A being whole; then the rest A - sum_t 2^(rest - r) s_t,
and for each of the r bits a gate relu(bit + v_j - 1), where bit i is a sum of those s_t with coefficients +1 and -1 at which it changes.
All values are whole numbers below 2^m, so that the run is exact. Layers may take values of any earlier one, as in Bartlett, Harvey, Liaw
and Mehrabian (2019), whose Theorem 3 uses the same idea; the layout and the counts here are our own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import e, log2
from typing import Any

import numpy as np
from scipy import sparse

from genbounds.verification.populations.protocol import Array, generator

ENUMERATED = 9
"""Up to so many bits every number is run; above, so many random ones:"""
WORDS = 256


@dataclass(frozen=True)
class Constructed:
    """The network for n numbers of ``bits`` bits, ``together`` of which are extracted at a time (it divides ``bits``)."""

    n: int
    bits: int
    together: int
    seed: int = 0


@dataclass(frozen=True)
class Layer:
    """relu(weights @ (all values so far) + biases); whole numbers."""

    weights: sparse.csr_matrix
    biases: Array


def build(bits: int, together: int) -> list[Layer]:
    """The fixed network, from (A, v_1, ..., v_m) on; the last layer has one unit, whose sign is the prediction, without a ReLU."""
    if bits % together or not 1 <= together <= bits <= 60:
        raise ValueError(f"together must divide bits, and bits be at most 60 so that int64 is exact, got {together} and {bits}")
    layers: list[Layer] = []
    known, state = 1 + bits, 0
    gates: list[int] = []
    for start in range(0, bits, together):
        unit = 2 ** (bits - start - together)
        steps = range(1, 2**together)
        layers.append(_layer(known, [{state: -1} for _ in steps], [t * unit for t in steps]))
        first, known = known, known + len(steps)
        layers.append(_layer(known, [{first + t - 1: -1} for t in steps], [1 for _ in steps]))
        first, known = known, known + len(steps)
        rows = [_gate(first, together, i, 1 + start + i) for i in range(together)]
        biases = [-1] * together
        if start + together < bits:
            rows.append({state: 1, **{first + t - 1: -unit for t in steps}})
            biases.append(0)
        layers.append(_layer(known, rows, biases))
        gates += range(known, known + together)
        state, known = known + together, known + len(rows)
    return [*layers, _layer(known, [dict.fromkeys(gates, 2)], [-1])]


def _gate(first: int, together: int, i: int, selector: int) -> dict[int, int]:
    """Bit i (0 the highest) of t as a sum of its changes, plus the selector."""
    bit = [(t >> (together - 1 - i)) & 1 for t in range(2**together)]
    return {**{first + t - 1: bit[t] - bit[t - 1] for t in range(1, 2**together) if bit[t] != bit[t - 1]}, selector: 1}


def _layer(known: int, rows: Sequence[dict[int, int]], biases: Sequence[int]) -> Layer:
    places = [(row, column, weight) for row, entries in enumerate(rows) for column, weight in entries.items()]
    which, columns, weights = (np.array(part, dtype=np.int64) for part in zip(*places, strict=True))
    return Layer(sparse.csr_matrix((weights, (which, columns)), shape=(len(rows), known)), np.array(biases, dtype=np.int64))


def outputs(layers: Sequence[Layer], numbers: Array, bits: int) -> Array:
    """The network's output for each number A and each j, int64 (numbers, bits)."""
    values = np.concatenate([np.repeat(numbers, bits)[None], np.tile(np.eye(bits, dtype=np.int64), (1, len(numbers)))])
    for layer in layers[:-1]:
        new = np.maximum(layer.weights @ values + layer.biases[:, None], 0)
        values = np.concatenate([values, new])
    return np.asarray(layers[-1].weights @ values + layers[-1].biases[:, None]).reshape(len(numbers), bits)


def wrong_bits(layers: Sequence[Layer], numbers: Array, bits: int) -> int:
    """How many outputs have the wrong sign: bit j of A is the label of the point j."""
    wanted = (numbers[:, None] >> np.arange(bits - 1, -1, -1)) & 1
    return int(np.sum((outputs(layers, numbers, bits) > 0) != (wanted == 1)))


def construct(cell: Constructed) -> dict[str, Any]:
    """Build the network, run it, and count: parameters (weights that are not zero by design, and biases), layers, and both bounds."""
    layers = build(cell.bits, cell.together)
    every = cell.bits <= ENUMERATED
    drawn = generator("depth", "words", cell.seed).integers(0, 2**cell.bits, WORDS)
    numbers = np.arange(2**cell.bits) if every else np.concatenate([[0, 2**cell.bits - 1], drawn])
    parameters = [cell.n + 1, *(layer.weights.nnz + len(layer.biases) for layer in layers)]
    units = [1, *(len(layer.biases) for layer in layers)]
    return {
        "wrong": sum(wrong_bits(layers, part, cell.bits) for part in np.array_split(numbers, max(1, len(numbers) // 64))),
        "outputs": len(numbers) * cell.bits,
        "every": every,
        "parameters": sum(parameters),
        "layers": len(units),
        "lower": cell.n * cell.bits,
        "upper": sparse_dimension(parameters, units),
    }


def sparse_dimension(parameters: Sequence[int], units: Sequence[int]) -> float:
    """Theorem 7 of Bartlett, Harvey, Liaw and Mehrabian (2019) for ReLU networks of any connections from earlier layers.

    L + sum_i W_i log2(4 e R log2(2 e R)), with W_i the parameters of layers 1..i and R = sum_i i k_i; at least two layers.
    ``genbounds.bounds.vc.dimension_relu_network`` is the same for layers that are connected in full.

    >>> round(sparse_dimension([9, 4], [3, 1]), 9)  # widths 2, 3, 1
    178.373675336
    """
    reach = 2 * e * sum(i * k for i, k in enumerate(units, 1))
    return float(len(units) + np.sum(np.cumsum(parameters)) * log2(2 * reach * log2(reach)))
