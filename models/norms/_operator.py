"""The linear operator that a convolution applies at its real input size: products, its matrix, lower bounds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor
from torch.nn import functional

from genbounds.models.norms._axis import Axis
from genbounds.models.norms._lanczos import lanczos, start_vectors
from genbounds.models.norms.rounding import EPS, Array, inflate
from genbounds.models.runtime.threads import one_torch_thread

_LARGEST_BATCH = 2**24
"""Doubles that a batch of unrolled patches may hold: 128 MiB."""
_LARGEST_BASIS = 2**25


@dataclass(frozen=True)
class ConvolutionOperator:
    """x -> conv(pad(x)), a matrix (outputs, inputs), with both sides flattened from (channels, axis 1, axis 2).

    ``weight`` is float64 (out, in / groups, k1, k2); one-dimensional convolutions have a first axis of size one.
    """

    weight: Tensor
    axes: tuple[Axis, Axis]
    groups: int = 1

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Channels and sizes of the input."""
        return (self.weight.shape[1] * self.groups, self.axes[0].size, self.axes[1].size)

    @property
    def output_shape(self) -> tuple[int, int, int]:
        """Channels and sizes of the output."""
        return (self.weight.shape[0], self.axes[0].outputs, self.axes[1].outputs)

    @property
    def sides(self) -> tuple[int, int]:
        """Outputs and inputs: the shape of the matrix."""
        return math.prod(self.output_shape), math.prod(self.input_shape)

    @property
    def terms(self) -> int:
        """More than the products that one entry of A x, A^T y or A^T A sums up, and of the copies that padding adds."""
        channels, taps = sum(self.weight.shape[:2]), math.prod(self.weight.shape[2:])
        return channels * taps + taps + math.prod(axis.copies for axis in self.axes)

    @cached_property
    def absolute_norm(self) -> float:
        """An upper bound on the norm of the matrix of absolute values, sqrt(largest row sum * largest column sum).

        Every rounding error of a product with the operator is at most some terms * 2^-52 of it.
        """
        size = self.weight.abs()
        rows = float(size.sum(dim=(1, 2, 3)).max())
        grouped = size.reshape(self.groups, -1, *size.shape[1:])
        columns = float(grouped.sum(dim=(1, 3, 4)).max()) * math.prod(axis.copies for axis in self.axes)
        return math.sqrt(rows * columns) * inflate(2 * self.weight[0].numel() + 2 * len(self.weight) + 8)

    def apply(self, x: Tensor) -> Tensor:
        """A x for a batch (n, channels, axis 1, axis 2) of the weight's or another dtype."""
        for dim, axis in zip((2, 3), self.axes, strict=True):
            x = _pad(x, axis, dim)
        y = functional.conv2d(x, self.weight.to(x.dtype), stride=self._strides, dilation=self._dilations, groups=self.groups)
        return y[:, :, : self.axes[0].outputs, : self.axes[1].outputs]

    def adjoint(self, y: Tensor) -> Tensor:
        """A^T y for a batch (n, channels, axis 1, axis 2)."""
        x = functional.conv_transpose2d(y, self.weight.to(y.dtype), stride=self._strides, dilation=self._dilations, groups=self.groups)
        for dim, axis in zip((2, 3), self.axes, strict=True):
            x = _pad_adjoint(x, axis, dim)
        return x

    @property
    def _strides(self) -> tuple[int, int]:
        return self.axes[0].stride, self.axes[1].stride

    @property
    def _dilations(self) -> tuple[int, int]:
        return self.axes[0].dilation, self.axes[1].dilation

    def group(self, index: int) -> ConvolutionOperator:
        """The operator of one group: they act on separate channels."""
        size = len(self.weight) // self.groups
        return replace(self, weight=self.weight[index * size : (index + 1) * size], groups=1)

    def matrix(self) -> Array:
        """The matrix (outputs, inputs), from one product with each unit vector of the smaller side."""
        outputs, inputs = self.sides
        result = torch.empty((min(outputs, inputs), max(outputs, inputs)), dtype=torch.float64)
        for rows, units in self._unit_batches():
            image = self.apply(units) if inputs <= outputs else self.adjoint(units)
            result[rows] = image.flatten(1)
        matrix: Array = result.numpy()
        return matrix.T if inputs <= outputs else matrix

    def blocks(self) -> Array:
        """The matrices of the groups (groups, outputs, inputs), all from one product with each unit vector of a group's smaller side."""
        one, groups = self.group(0), self.groups
        outputs, inputs = one.sides
        result = torch.empty((groups, min(outputs, inputs), max(outputs, inputs)), dtype=torch.float64)
        for rows, units in one._unit_batches():
            for part in range(0, len(units), max(1, len(units) // groups)):
                chosen = units[part : part + max(1, len(units) // groups)].repeat(1, groups, 1, 1)
                image = self.apply(chosen) if inputs <= outputs else self.adjoint(chosen)
                first = rows.start + part
                result[:, first : first + len(chosen)] = image.reshape(len(chosen), groups, -1).transpose(0, 1)
        blocks: Array = result.numpy()
        return blocks.transpose(0, 2, 1) if inputs <= outputs else blocks

    def _unit_batches(self) -> Iterator[tuple[slice, Tensor]]:
        """The unit vectors of the smaller side, in batches that fit the memory."""
        outputs, inputs = self.sides
        shape, side = (self.input_shape, inputs) if inputs <= outputs else (self.output_shape, outputs)
        patches = math.prod(self.weight.shape[1:]) * self.groups * math.prod(self.output_shape[1:])
        size = max(1, min(side, _LARGEST_BATCH // max(patches, outputs, inputs)))
        for first in range(0, side, size):
            rows = torch.arange(first, min(first + size, side))
            units = torch.zeros((len(rows), side), dtype=torch.float64)
            units[torch.arange(len(rows)), rows] = 1.0
            yield slice(first, first + len(rows)), units.reshape(-1, *shape)

    def lower_bound(self, vector: Tensor) -> float:
        """||A v|| / ||v||, or with the adjoint where v has the output's shape, rounded down. ``vector`` is float64,
        flat.

        A product is within terms * 2^-52 * || |A| || ||v|| of the exact one, in whatever order it sums.
        """
        outputs, inputs = self.sides
        size = float(torch.linalg.vector_norm(vector)) * inflate(len(vector))
        if size == 0:
            return 0.0
        image = (
            self.apply(vector.reshape(1, *self.input_shape))
            if len(vector) == inputs
            else self.adjoint(vector.reshape(1, *self.output_shape))
        )
        norm = float(torch.linalg.vector_norm(image)) / inflate(max(outputs, inputs))
        return max((norm - (self.terms + 4) * EPS * self.absolute_norm * size) / size * (1 - 4 * EPS), 0.0)

    def lanczos_lower(self, steps: int) -> float:
        """A lower bound on the norm: Lanczos in float32, and one product in float64 that counts."""
        inputs = self.sides[1]
        steps = max(4, min(steps, _LARGEST_BASIS // inputs))
        with one_torch_thread():  # hundreds of small products, each of which would wait for a second thread
            _, top = lanczos(self._normal_product(), start_vectors(1, inputs, torch.float32), steps)
        return self.lower_bound(top[0].double())

    def _normal_product(self) -> Callable[[Tensor], Tensor]:
        return lambda v: self.adjoint(self.apply(v.reshape(-1, *self.input_shape))).flatten(1)


def _pad(x: Tensor, axis: Axis, dim: int) -> Tensor:
    """Pad one axis of (n, channels, axis 1, axis 2)."""
    if not axis.left and not axis.right:
        return x
    if axis.mode == "zeros":
        return functional.pad(x, (0, 0, axis.left, axis.right) if dim == 2 else (axis.left, axis.right))
    return x.index_select(dim, torch.from_numpy(axis.sources))


def _pad_adjoint(x: Tensor, axis: Axis, dim: int) -> Tensor:
    """The adjoint of ``_pad`` on what the windows have read; the rest of the padded axis, which none reads, is zero."""
    rest = axis.padded - x.shape[dim]
    if rest:
        x = functional.pad(x, (0, 0, 0, rest) if dim == 2 else (0, rest))
    if axis.mode == "zeros" or (not axis.left and not axis.right):
        return x.narrow(dim, axis.left, axis.size)
    shape = list(x.shape)
    shape[dim] = axis.size
    return x.new_zeros(shape).index_add(dim, torch.from_numpy(axis.sources), x)
