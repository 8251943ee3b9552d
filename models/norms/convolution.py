"""convolution_norms: the certified norms of a convolution as the operator that it is at its real input size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch import Tensor

from genbounds.bounds.quantity import Quantity
from genbounds.bounds.special.rounding import decimal_up
from genbounds.models.norms._axis import axes_of, whole
from genbounds.models.norms._gram import gram_matrix, gram_terms
from genbounds.models.norms._operator import ConvolutionOperator
from genbounds.models.norms._taps import EntrywiseNorms, entrywise_norms
from genbounds.models.norms._torus import frequencies_of, torus_bounds
from genbounds.models.norms.rounding import EPS, Array, inflate, unscaled_down, unscaled_up
from genbounds.models.norms.spectral import gram_upper, spectral_bounds

LARGEST_GRAM = 4096
"""Operators whose smaller side is at most this are bounded by their Gram matrix where the torus is not within 5 %."""
LOOSEST = 1.05

_LARGEST_DENSE = 512
_DENSE_WORK = 2**29
_DENSE_ENTRIES = 2**24
_STEPS = 20
_REFINED_STEPS = 60


@dataclass(frozen=True)
class ConvolutionNorms:
    """Norms of the matrix of one convolution, all upper bounds except ``spectral_lower``; ``how`` says how ``spectral`` was obtained.

    ``output_size`` is the spatial size of the output.
    """

    spectral: Quantity
    spectral_lower: Quantity
    frobenius: Quantity
    norm_2_1: Quantity
    norm_1_inf: Quantity
    how: str
    output_size: tuple[int, ...]


def convolution_norms(
    weight: Any,
    *,
    input_size: Any,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
    padding_mode: str = "zeros",
    transposed: bool = False,
    output_padding: Any = 0,
    entry_error: float = 0.0,
    largest_gram: int = LARGEST_GRAM,
    name: str = "convolution",
) -> ConvolutionNorms:
    """Certified norms of a convolution, or transposed convolution, in one or two dimensions.

    Args:
        weight: as torch stores it: (out, in / groups, k) or (out, in / groups, k1, k2); transposed (in, out / groups, ...). Tensor or
            array, any device; the arithmetic is float64 on the CPU.
        input_size: the spatial size of the input that the layer really gets, a number, or one per axis.
        stride, padding, dilation, groups, padding_mode, output_padding: as in ``torch.nn.Conv2d`` and ``ConvTranspose2d``.
        entry_error: how far each entry may be off, relative to itself: 2^-52 for a difference of two weights, 2^-50 for a weight with a
            batch norm folded in. It is added to every norm.
        largest_gram: operators whose smaller side is at most this get the Gram matrix where the torus is loose; it takes 16 times its
            square in bytes, and the time of its cube.
        name: the layer's name for error messages.

    The norms are those of the matrix that maps flattened inputs to flattened outputs: ``spectral`` and
    ``spectral_lower`` enclose its largest singular value; ``norm_2_1`` is the sum over the rows (output channel and
    position) of their l2 norms, ``norm_1_inf`` the largest l1 norm of a row.

    Method, in this order: singular values of the matrix where it is small; the torus (every padding mode, stride by its
    phases), where that is within 5 % of the lower bound; else, if the smaller side is at most ``largest_gram``, the Gram matrix of
    the operator and a Cholesky factorisation. Above that the torus stands, and its looseness is the ratio of
    the two. Groups are measured apart. Source: Sedghi, Gupta and Long (2019) for the torus with circular padding.

    Raises ``ValueError`` naming ``name`` for NaN, infinities and shapes that do not fit.

    >>> norms = convolution_norms([[[1.0, 1.0]]], input_size=3)  # rows (1, 1, 0) and (0, 1, 1): norm sqrt(3)
    >>> float(norms.spectral_lower) <= 3**0.5 <= float(norms.spectral) < 3**0.5 + 1e-12
    True
    >>> round(float(norms.norm_2_1), 12) == round(2 * 2**0.5, 12), round(float(norms.norm_1_inf), 12)
    (True, 2.0)
    """
    operator, exponent, size = _operator(
        weight, input_size, stride, padding, dilation, groups, padding_mode, transposed, output_padding, name
    )
    entries = entrywise_norms(operator, transposed)
    upper, lower, how = spectral_bracket(operator, largest_gram)
    upper = min(upper, entries.frobenius, operator.absolute_norm)
    upper += entry_error * operator.absolute_norm * inflate(0)
    lower = max(lower - entry_error * operator.absolute_norm * inflate(0), 0.0)
    return _norms(upper, lower, entries, how, 1 + entry_error, exponent, size, name)


def _norms(
    upper: float, lower: float, entries: EntrywiseNorms, how: str, grown: float, exponent: int, size: tuple[int, ...], name: str
) -> ConvolutionNorms:
    """The numbers of a scaled weight as Quantities of the weight itself."""
    exponents = np.array([exponent], dtype=np.int64)

    def up(value: float, way: str) -> Quantity:
        return Quantity(float(unscaled_up(np.array([value * inflate(2)]), exponents, name)[0]), "upper", way)

    return ConvolutionNorms(
        spectral=up(upper, how),
        spectral_lower=Quantity(
            float(unscaled_down(np.array([lower]), exponents)[0]), "lower", "a vector's growth, float64, rounding subtracted"
        ),
        frobenius=up(entries.frobenius * grown, "Frobenius norm of the operator: float64 sum over its entries, rounded up"),
        norm_2_1=up(entries.norm_2_1 * grown, "(2,1) norm of the operator: float64 sum of its row norms, rounded up"),
        norm_1_inf=up(entries.norm_1_inf * grown, "largest l1 norm of a row of the operator: float64 sums, rounded up"),
        how=how,
        output_size=size,
    )


def _operator(
    weight: Any,
    input_size: Any,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: int,
    padding_mode: str,
    transposed: bool,
    output_padding: Any,
    name: str,
) -> tuple[ConvolutionOperator, int, tuple[int, ...]]:
    """The operator with its weight divided by 2^exponent, the exponent and the layer's output size.

    A transposed convolution is the adjoint of the convolution with the same weight on an input of its output's size;
    the norms of the two are read off the one.
    """
    taps = _weight(weight, name)
    kernel, count = tuple(taps.shape[2:]), taps.ndim - 2
    if not isinstance(groups, int) or groups < 1 or len(taps) % groups:
        raise ValueError(f"{name}: groups must be a whole number that divides the weight's first axis, {len(taps)}, got {groups}")
    options = {"stride": stride, "dilation": dilation, "padding_mode": padding_mode, "name": name}
    if transposed:
        if padding_mode != "zeros" or isinstance(padding, str):
            raise ValueError(
                f"{name}: a transposed convolution has zero padding in numbers, as in torch, got {padding_mode!r}, {padding!r}"
            )
        sizes = whole(input_size, count, "input_size", name)
        results = _transposed_size(sizes, kernel, stride, padding, dilation, output_padding, name)
        axes = axes_of(kernel, input_size=results, padding=padding, limits=sizes, **options)
    else:
        axes = axes_of(kernel, input_size=input_size, padding=padding, **options)
        results = tuple(axis.outputs for axis in axes)
    if count == 1:
        (unit,) = axes_of((1,), input_size=1)
        taps, axes = taps[:, :, None], (unit, *axes)
    exponent = int(np.frexp(float(taps.abs().max()))[1])
    scaled = torch.from_numpy(np.ldexp(taps.numpy(), -exponent))
    return ConvolutionOperator(scaled.contiguous(), (axes[0], axes[1]), groups), exponent, results


def _weight(weight: Any, name: str) -> Tensor:
    """A finite float64 copy on the CPU; ``ValueError`` otherwise."""
    if isinstance(weight, Tensor):
        taps = weight.detach().to(device="cpu", dtype=torch.float64, copy=True)
    else:
        taps = torch.from_numpy(np.array(weight, dtype=np.float64))
    if taps.ndim not in (3, 4) or taps.numel() == 0:
        raise ValueError(
            f"{name} must have a weight (out, in / groups, k) or (out, in / groups, k1, k2), got shape {tuple(taps.shape)}: "
            "three-dimensional convolutions are not bounded"
        )
    if not bool(torch.isfinite(taps).all()):
        bad = int((~torch.isfinite(taps)).sum())
        raise ValueError(
            f"{name} must hold finite numbers, got {bad} NaN or infinite entries: "
            "training has diverged, go back to an earlier checkpoint or lower the learning rate"
        )
    return taps


def _transposed_size(
    sizes: Sequence[int], kernel: Sequence[int], stride: Any, padding: Any, dilation: Any, output_padding: Any, name: str
) -> tuple[int, ...]:
    """The output size of a transposed convolution."""
    count = len(kernel)
    strides, dilations = whole(stride, count, "stride", name), whole(dilation, count, "dilation", name)
    pads, extra = whole(padding, count, "padding", name, least=0), whole(output_padding, count, "output_padding", name, least=0)
    found = tuple((size - 1) * strides[i] - 2 * pads[i] + dilations[i] * (kernel[i] - 1) + extra[i] + 1 for i, size in enumerate(sizes))
    if min(found) < 1:
        raise ValueError(f"{name}: input_size {tuple(sizes)} with padding {pads} must leave an output, got size {found}")
    return found


def spectral_bracket(operator: ConvolutionOperator, largest_gram: int) -> tuple[float, float, str]:
    """Upper and lower bound on the operator's norm, and how the upper one was obtained."""
    if not bool(operator.weight.any()):
        return 0.0, 0.0, "the weight is zero"
    small, large = min(operator.sides) // operator.groups, max(operator.sides) // operator.groups
    entries = small * large * operator.groups
    if small <= _LARGEST_DENSE and entries <= _DENSE_ENTRIES and small * entries <= _DENSE_WORK:
        uppers, lowers = _dense(operator)
        return float(uppers.max()), float(lowers.max()), "singular values of the operator itself, with the backward-error pad"
    weight = operator.weight.reshape(operator.groups, -1, *operator.weight.shape[1:])
    lower = operator.lanczos_lower(_STEPS if small > largest_gram else 2 * _STEPS)
    bounds = torus_bounds(weight, operator.axes, lower)
    how = _how_torus(operator)
    while small <= largest_gram and bounds.max() > LOOSEST * lower:
        loosest = int(bounds.argmax())
        upper, found = _refined(operator.group(loosest), small)
        lower = max(lower, found)
        if upper >= bounds[loosest] * (1 - 1e-3):
            break
        bounds[loosest] = upper
        how = "Gram matrix of the operator, Cholesky factorisation of mu I - G with its backward-error term"
    return float(bounds.max()), lower, how


def _how_torus(operator: ConvolutionOperator) -> str:
    """Words for the torus bound."""
    plans = [frequencies_of(axis) for axis in operator.axes]
    nodes, factor = plans[0].nodes * plans[1].nodes, plans[0].factor * plans[1].factor
    exact = all(plan.exact or axis.size == axis.kernel == 1 for plan, axis in zip(plans, operator.axes, strict=True))
    given = "" if factor == 1 else f" times {decimal_up(factor, 4)} (copies in the padding, few frequencies)"
    kind = "exact transform" if exact else f"torus of which it is a part{given}"
    return f"{kind}: Cholesky factorisation of mu I - A A* at {nodes} frequencies, with its backward-error term"


def _dense(operator: ConvolutionOperator) -> tuple[Array, Array]:
    """Bounds (groups,) from the groups' matrices."""
    stack = operator.blocks()
    with threadpool_limits(1, user_api="blas"):  # small matrices only get slower by sharing them
        upper, lower = spectral_bounds(stack)
    # Entries of the matrix are sums of at most that many weights, where padding makes taps read one position.
    slack = operator.terms * EPS * operator.absolute_norm
    return upper + slack, np.maximum(lower - slack, 0.0)


def _refined(operator: ConvolutionOperator, small: int) -> tuple[float, float]:
    """Bounds on the norm of one group that are tight: from its matrix, or from its Gram matrix."""
    if small <= _LARGEST_DENSE and small * max(operator.sides) <= _DENSE_ENTRIES:
        uppers, lowers = _dense(operator)
        return float(uppers[0]), float(lowers[0])
    lower = operator.lanczos_lower(_REFINED_STEPS)
    # Each entry of the Gram matrix is a sum of products, and the norm of the sums of their sizes is at most this square.
    square = operator.absolute_norm**2 * inflate(0)
    error = (gram_terms(operator) + 4) * EPS * square
    return gram_upper(gram_matrix(operator), lower**2, product_error=error, cap=square, slack=1e-3), lower
