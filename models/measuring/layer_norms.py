"""The norms of every layer of a stack of networks, and of the distances from an initialisation, as arrays (K,
layers).
"""

from __future__ import annotations

import numpy as np

from genbounds.models.norms import spectral_bounds
from genbounds.models.norms.entrywise import frobenius_upper, rows_1_inf_upper, rows_2_1_upper
from genbounds.models.norms.rounding import Array
from genbounds.models.tracing.architecture import DenseStack

HOW = {
    "spectral_norms": "certified in float64: singular values or Cholesky, with the backward error",
    "spectral_norms_lower": "float64, with its rounding error subtracted",
    "frobenius_norms": "float64 sum of squares, rounded up",
    "norms_2_1": "float64 sum of the row norms, rounded up",
    "norms_1_inf": "largest l1 norm of a row, rounded up",
}
DISTANCES = {
    "spectral_norms": "spectral_distances",
    "frobenius_norms": "frobenius_distances",
    "norms_2_1": "distances_2_1",
    "norms_1_inf": "distances_1_inf",
}


def layer_norms(matrices: list[Array], starts: list[Array] | None, paths: tuple[str, ...]) -> dict[str, Array]:
    """Every per-layer norm, and those of the distances if there is a start, each of shape (K, layers)."""
    result: dict[str, list[Array]] = {name: [] for name in (*HOW, *DISTANCES.values())}
    for position, (path, matrix) in enumerate(zip(paths, matrices, strict=True)):
        upper, lower = spectral_bounds(matrix, path)
        found = _entrywise(matrix, path) | {"spectral_norms": upper, "spectral_norms_lower": lower}
        if starts is not None:
            moved = matrix - starts[position]
            distance = _entrywise(moved, path) | {"spectral_norms": spectral_bounds(moved, path)[0]}
            slack = {name: _with_subtraction(value, distance["frobenius_norms"], name) for name, value in distance.items()}
            found |= {DISTANCES[name]: value for name, value in slack.items()}
        for name, value in found.items():
            result[name].append(value)
    return {name: np.stack(values, axis=1) for name, values in result.items() if values}


def _entrywise(matrix: Array, path: str) -> dict[str, Array]:
    return {
        "frobenius_norms": frobenius_upper(matrix, path),
        "norms_2_1": rows_2_1_upper(matrix, path),
        "norms_1_inf": rows_1_inf_upper(matrix, path),
    }


def _with_subtraction(value: Array, frobenius: Array, name: str) -> Array:
    """Add what rounding w - m to doubles can hide: entrywise norms grow by 2^-52 of themselves, the spectral one by
    2^-52 of Frobenius'.
    """
    grown: Array = value + 2.0**-52 * (frobenius if name == "spectral_norms" else value)
    return np.where(grown > 0, np.nextafter(grown, np.inf), 0.0)


def absorbed_biases(stack: DenseStack, initial: DenseStack | None) -> tuple[list[Array], list[Array] | None] | None:
    """Each layer with its bias as one more column and, but for the last, a row that passes the 1 on; None where that
    is not the network.
    """
    if any(stack.is_block) or not all(sigma.fixes_one for sigma in stack.activations):
        return None
    return _absorb(stack), None if initial is None else _absorb(initial)


def _absorb(stack: DenseStack) -> list[Array]:
    result = []
    for position, (weight, bias) in enumerate(zip(stack.weights, stack.biases, strict=True)):
        networks, rows, columns = weight.shape
        last = position == len(stack.weights) - 1
        matrix = np.zeros((networks, rows + (not last), columns + 1))
        matrix[:, :rows, :columns] = weight.cpu().numpy()
        if bias is not None:
            matrix[:, :rows, columns] = bias.cpu().numpy()
        if not last:
            matrix[:, rows, columns] = 1.0
        result.append(matrix)
    return result
