"""The weights of a traced network as the linear operators that they are, and the norms of these operators and of their changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from torch import Tensor

from genbounds.models.measuring.layer_norms import DISTANCES, HOW
from genbounds.models.norms import convolution_norms
from genbounds.models.norms.entrywise import frobenius_upper, rows_1_inf_upper, rows_2_1_upper
from genbounds.models.norms.rounding import EPS, inflate
from genbounds.models.norms.spectral import spectral_bounds

Kind = Literal["linear", "convolution", "diagonal", "embedding"]


@dataclass(frozen=True, eq=False)
class Weight:
    """One use of a weight: x -> A x + b, where A is ``copies`` operators side by side.

    Attributes:
        matrix: float64: (out, in) for kind "linear"; the kernel for "convolution" (``options`` are the arguments of
            ``convolution_norms``); a vector for "diagonal"; (vocabulary, dimension) for "embedding", whose operator is the transpose on
            one-hot vectors.
        inputs, outputs: the numbers of entries for one example.
        bias, bias_copies: the bias for one example, at every output entry that has a value of its own, and how many entries share each
            value.
        slack: a bound on the relative error of the entries, from folding in a normalisation, in units of 2^-52.
        bias_lost: how far an entry of the bias may be off in addition.
    """

    path: str
    kind: Kind
    matrix: Tensor
    bias: Tensor | None
    copies: int
    inputs: int
    outputs: int
    bias_copies: int = 1
    slack: float = 0.0
    bias_lost: float = 0.0
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def bias_norm(self) -> float:
        """The l2 norm of one example's bias, rounded up."""
        if self.bias is None:
            return 0.0
        return float(np.sqrt(self.bias_copies)) * float(self.bias.norm()) * inflate(self.bias.numel() + 4) * (1 + self.slack * EPS) + (
            self.bias_lost * float(np.sqrt(self.bias_copies * self.bias.numel()))
        )

    @property
    def absolute_norm(self) -> float:
        """An upper bound on the spectral norm of the operator of absolute values: sqrt(largest row sum * largest column sum)."""
        size = self.matrix.abs()
        if self.kind == "diagonal":
            return float(size.max())
        if self.kind != "convolution":
            return float((size.sum(0).max() * size.sum(1).max()).sqrt()) * inflate(sum(size.shape))
        groups = self.options["groups"]
        blocks = size.reshape(groups, size.shape[0] // groups, size.shape[1], -1)
        rows, columns = blocks.sum((2, 3)).max(), blocks.sum((1, 3)).max()
        repeated = 1.0 if self.options["padding_mode"] == "zeros" else float(np.prod([2 * p + 1 for p in self.options["padding"]]))
        return float((rows * columns).sqrt()) * float(np.sqrt(repeated)) * inflate(size.numel())

    @property
    def terms(self) -> int:
        """Products in one output entry, the bias included."""
        if self.kind == "diagonal":
            return 2
        if self.kind == "embedding":
            return 0
        if self.kind == "linear":
            return self.matrix.shape[1] + 1
        per_group = self.matrix.shape[0] // self.options["groups"] if self.options["transposed"] else self.matrix.shape[1]
        return int(per_group * self.matrix[0, 0].numel() + 1)


def operator_norms(weight: Weight, matrix: Tensor | None = None) -> dict[str, float]:
    """The norms of the operator with ``matrix`` (its own if None) for the weight: the names of ``layer_norms.HOW``, uppers rounded up."""
    values = weight.matrix if matrix is None else matrix
    found = _convolution(weight, values) if weight.kind == "convolution" else _matrix(weight, values)
    if weight.copies > 1:
        found["frobenius_norms"] *= float(np.sqrt(weight.copies)) * inflate(2)
        found["norms_2_1"] *= weight.copies * inflate(0)
    return found


def _matrix(weight: Weight, values: Tensor) -> dict[str, float]:
    """The norms of one matrix, of a table's transpose or of a diagonal."""
    array = values.detach().cpu().numpy().astype(np.float64)
    if weight.kind == "diagonal":
        column = np.abs(array).reshape(1, -1, 1)
        largest = float(column.max())
        found = {
            "spectral_norms": largest,
            "spectral_norms_lower": largest,
            "frobenius_norms": float(frobenius_upper(column, weight.path)[0]),
            "norms_2_1": float(rows_2_1_upper(column, weight.path)[0]),
            "norms_1_inf": largest,
        }
    else:
        stack = np.ascontiguousarray(array.T if weight.kind == "embedding" else array)[None]
        upper, lower = spectral_bounds(stack, weight.path)
        found = {
            "spectral_norms": float(upper[0]),
            "spectral_norms_lower": float(lower[0]),
            "frobenius_norms": float(frobenius_upper(stack, weight.path)[0]),
            "norms_2_1": float(rows_2_1_upper(stack, weight.path)[0]),
            "norms_1_inf": float(rows_1_inf_upper(stack, weight.path)[0]),
        }
    return found


def _convolution(weight: Weight, kernel: Tensor) -> dict[str, float]:
    norms = convolution_norms(kernel, **weight.options, name=weight.path)
    return {
        "spectral_norms": float(norms.spectral),
        "spectral_norms_lower": float(norms.spectral_lower),
        "frobenius_norms": float(norms.frobenius),
        "norms_2_1": float(norms.norm_2_1),
        "norms_1_inf": float(norms.norm_1_inf),
    }


def weight_norms(weights: Sequence[Weight], starts: Sequence[Weight] | None) -> dict[str, list[float]]:
    """Every norm of every weight, and those of the distances from ``starts``: lists with one entry per weight."""
    result: dict[str, list[float]] = {name: [] for name in (*HOW, *(DISTANCES.values() if starts is not None else ()))}
    known: dict[tuple[int, int, str], dict[str, float]] = {}
    for position, weight in enumerate(weights):
        start = None if starts is None else starts[position]
        # A weight that is used twice is measured once, but from the start of each use: the initial network need not share it.
        key = (
            id(weight.matrix),
            id(None if start is None else start.matrix),
            repr((weight.kind, weight.copies, weight.options, weight.slack)),
        )
        if key not in known:
            norms = operator_norms(weight)
            known[key] = _with_slack(weight, norms) | (_distances(weight, start, norms) if start is not None else {})
        for name, value in known[key].items():
            result[name].append(value)
    return result


def _with_slack(weight: Weight, norms: dict[str, float]) -> dict[str, float]:
    """The norms of the true weight, whose entries are within ``slack`` units in the last place of the folded ones."""
    if not weight.slack:
        return norms
    unit = weight.slack * EPS
    grown = {name: value * (1 + unit) * inflate(0) for name, value in norms.items()}
    hidden = unit * min(weight.absolute_norm, norms["frobenius_norms"]) * inflate(0)
    grown["spectral_norms"] = (norms["spectral_norms"] + hidden) * inflate(0)
    grown["spectral_norms_lower"] = max(0.0, (norms["spectral_norms_lower"] - hidden) * (1 - 2 * EPS))
    return grown


def _distances(weight: Weight, start: Weight, own: dict[str, float]) -> dict[str, float]:
    """Norms of the change, with what rounding the difference and the foldings can hide; ``own`` are the weight's norms."""
    moved = weight.matrix - start.matrix.to(weight.matrix.device)
    if not bool(moved.any()) and not weight.slack:
        return dict.fromkeys(DISTANCES.values(), 0.0)
    norms, result = operator_norms(weight, moved), {}
    unit = max(weight.slack, start.slack) * EPS
    ends = (own, operator_norms(start)) if unit else ()
    for name, distance in DISTANCES.items():
        size = "frobenius_norms" if name == "spectral_norms" else name
        hidden = EPS * norms[size] + unit * sum(end[size] for end in ends)  # the sizes of all entries bound those of their errors
        value = (norms[name] + hidden) * inflate(2)
        result[distance] = float(np.nextafter(value, np.inf)) if value > 0 else 0.0
    return result


def bias_change(weight: Weight, start: Weight | None) -> float:
    """The l1 norm over all output entries of the bias minus the initial one, rounded up: its part of a (2,1) distance."""
    if weight.bias is None:
        return 0.0
    moved = weight.bias if start is None or start.bias is None else weight.bias - start.bias.to(weight.bias.device)
    hidden = EPS * moved.abs() + weight.slack * EPS * weight.bias.abs() + weight.bias_lost
    if start is not None and start.bias is not None:
        hidden = hidden + start.slack * EPS * start.bias.abs().to(hidden.device) + start.bias_lost
    return float((moved.abs() + hidden).sum()) * weight.bias_copies * inflate(weight.bias.numel())


def check_same_weights(weights: Sequence[Weight], starts: Sequence[Weight]) -> None:
    """The initialisation must have the same weights in the same places."""
    for weight, start in zip(weights, starts, strict=False):
        if _shape(weight) != _shape(start):
            raise ValueError(
                f"initial must have the model's layers: {_described(weight)}, got {_described(start)}: pass the network as it was before "
                "training"
            )
    if len(weights) != len(starts):
        raise ValueError(
            f"initial must have the model's layers, {len(weights)} of them, got {len(starts)}: pass the network as it was before training"
        )


def _shape(weight: Weight) -> tuple[Any, ...]:
    return weight.kind, tuple(weight.matrix.shape), weight.bias is None, weight.inputs, weight.outputs, sorted(weight.options.items())


def _described(weight: Weight) -> str:
    return f"{weight.path} ({weight.kind} {tuple(weight.matrix.shape)}{'' if weight.bias is None else ' with bias'})"
