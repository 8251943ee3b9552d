"""Normalisation layers: batch norm in evaluation mode is affine and is folded; the others are bounded."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from genbounds.bounds.quantity import Quantity
from genbounds.models.norms.rounding import EPS, Array, inflate

FOLDING_ERROR = 8 * EPS
"""How far an entry of a folded weight may be off, relative to itself: the ``entry_error`` of ``convolution_norms``."""

NORMALISATIONS = ("batch", "layer", "group", "instance", "rms")


def batch_norm_affine(
    running_mean: Any, running_var: Any, gain: Any = None, shift: Any = None, *, eps: float, name: str = "batch norm"
) -> tuple[Tensor, Tensor]:
    """Batch norm in evaluation mode as x -> scale x + offset: two float64 tensors (channels,) on the CPU.

    scale = gain / sqrt(running_var + eps), offset = shift - running_mean * scale. ``gain`` and ``shift`` may be None
    (1 and 0). ``ValueError`` for NaN, a negative variance, or no running statistics (then the layer depends on the batch).

    >>> scale, offset = batch_norm_affine([1.0], [3.0], [4.0], [5.0], eps=1.0)
    >>> float(scale), float(offset)
    (2.0, 3.0)
    """
    if running_mean is None or running_var is None:
        raise ValueError(f"{name} must have running statistics, got none: without them it mixes the examples of a batch")
    mean, variance = _vector(running_mean, "running_mean", name), _vector(running_var, "running_var", name)
    if (variance < 0).any() or not (variance + eps > 0).all():
        raise ValueError(f"{name}: running_var must not be negative and running_var + eps positive, got {variance.min()} and eps {eps}")
    one = np.ones_like(mean) if gain is None else _vector(gain, "gain", name)
    scale = one / np.sqrt(variance + eps)
    offset = (0.0 if shift is None else _vector(shift, "shift", name)) - mean * scale
    return torch.from_numpy(scale), torch.from_numpy(offset)


def fold_batch_norm(
    weight: Tensor, bias: Tensor | None, scale: Tensor, offset: Tensor, *, transposed: bool = False, groups: int = 1
) -> tuple[Tensor, Tensor]:
    """The weight and bias, float64 on the CPU, of a dense layer or convolution followed by x -> scale x + offset.

    ``weight`` has the output channels first, but for a transposed convolution (in, out / groups, ...). Entries are
    within ``FOLDING_ERROR`` of themselves of the exact ones.

    >>> weight, bias = fold_batch_norm(torch.tensor([[3.0]]), torch.tensor([1.0]), torch.tensor([2.0]), torch.tensor([5.0]))
    >>> float(weight), float(bias)
    (6.0, 7.0)
    """
    taps = weight.detach().to(device="cpu", dtype=torch.float64)
    factor, offset = scale.to(device="cpu", dtype=torch.float64), offset.to(device="cpu", dtype=torch.float64)
    if transposed:
        grouped = taps.reshape(groups, -1, *taps.shape[1:]) * factor.reshape(groups, 1, -1, *(1,) * (taps.ndim - 2))
        folded = grouped.reshape(taps.shape)
    else:
        folded = taps * factor.reshape(-1, *(1,) * (taps.ndim - 1))
    start = torch.zeros_like(offset) if bias is None else bias.detach().to(device="cpu", dtype=torch.float64)
    return folded, start * factor + offset


def normalisation_lipschitz(kind: str, gain: Any = None, *, eps: float, running_var: Any = None, name: str = "normalisation") -> Quantity:
    """The Lipschitz constant in l2 of a normalisation layer, rounded up.

    ``kind``: ``batch`` (evaluation mode: max |gain| / sqrt(running_var + eps), attained), ``layer``, ``group``,
    ``instance`` or ``rms``: max |gain| / sqrt(eps), attained as the variance goes to 0. ``gain`` is None for 1.
    ``ValueError`` for eps = 0 in the latter kinds: they are then not Lipschitz.

    >>> round(float(normalisation_lipschitz("layer", [1.0, -2.0], eps=0.01)), 9)
    20.0
    """
    if kind not in NORMALISATIONS:
        raise ValueError(f"{name}: kind must be one of {', '.join(NORMALISATIONS)}, got {kind!r}")
    if kind == "batch":
        zeros = torch.zeros(len(_vector(running_var, "running_var", name))) if running_var is not None else None
        scale, _ = batch_norm_affine(zeros, running_var, gain, eps=eps, name=name)
        return Quantity(
            float(scale.abs().max()) * (1 + FOLDING_ERROR), "upper", "batch norm in evaluation mode: max |gain| / sqrt(var + eps)"
        )
    if not eps > 0:
        raise ValueError(f"{name}: eps must be positive, got {eps}: the layer is not Lipschitz otherwise")
    value = _largest(gain, name) / math.sqrt(eps) * inflate(4)
    return Quantity(value, "upper", f"{kind} norm: max |gain| / sqrt(eps), rounded up")


def normalisation_output_norm(gain: Any = None, shift: Any = None, *, elements: int, name: str = "normalisation") -> Quantity:
    """A bound on the l2 norm of what layer, group, instance or rms normalisation gives, whatever the input.

    ``elements`` is the number of outputs that are counted: a token's features, or a whole example. Each normalised
    group of d outputs has norm at most sqrt(d), hence max |gain| sqrt(elements) + ||shift||, where each entry of the
    shift (a channel's) occurs elements / len(shift) times.

    >>> round(float(normalisation_output_norm([1.0, -2.0], [3.0, 4.0], elements=4)), 9) == round(4 + 50**0.5, 9)
    True
    """
    if elements < 1:
        raise ValueError(f"{name}: elements must be at least 1, got {elements}: count the outputs of one example")
    value = _largest(gain, name) * math.sqrt(elements)
    if shift is not None:
        vector = _vector(shift, "shift", name)
        if elements % len(vector):
            raise ValueError(f"{name}: elements must be a multiple of the shift's {len(vector)} entries, got {elements}")
        value += math.sqrt(float(np.square(vector).sum()) * (elements // len(vector))) * inflate(len(vector))
    return Quantity(value * inflate(8), "upper", "max |gain| sqrt(elements) + ||shift||: normalised groups have norm at most sqrt(size)")


def _largest(gain: Any, name: str) -> float:
    return 1.0 if gain is None else float(np.abs(_vector(gain, "gain", name)).max())


def _vector(values: Any, what: str, name: str) -> Array:
    """A finite float64 vector; ``ValueError`` otherwise."""
    if isinstance(values, Tensor):
        values = values.detach().to(device="cpu", dtype=torch.float64).numpy()
    array = np.array(values, dtype=np.float64).ravel()
    if not array.size or not np.isfinite(array).all():
        raise ValueError(f"{name}: {what} must hold finite numbers, got {array.size} entries of which some are NaN or infinite, or none")
    return array
