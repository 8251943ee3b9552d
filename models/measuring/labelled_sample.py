"""Reading a labelled sample: one pair of arrays or an iterable of batches, with every check made before anything is
measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from genbounds.models.norms.data import as_data
from genbounds.models.tracing.architecture import DenseStack


def batches(inputs: Any, labels: Any) -> Iterator[tuple[Tensor, Any]]:
    """The pairs (x, y) of an iterable of batches if ``labels`` is None, else the one pair given; ``ValueError`` if
    there is none.
    """
    if labels is not None:
        yield _tensor(inputs), labels
        return
    if isinstance(inputs, (Tensor, np.ndarray)) or not isinstance(inputs, Iterable):
        raise ValueError("labels must be given with an array of inputs, got None: pass labels, or an iterable of batches (x, y)")
    empty = True
    for batch in inputs:
        if not isinstance(batch, (tuple, list)) or len(batch) != 2:
            raise ValueError(f"inputs must yield batches (x, y) when labels is None, got {type(batch).__name__}: yield pairs of tensors")
        empty = False
        yield _tensor(batch[0]), batch[1]
    if empty:
        raise ValueError("inputs must yield at least one batch, got none: the loader is empty (a generator can be read only once)")


def checked_inputs(inputs: Tensor, stack: DenseStack, per_network: bool) -> Tensor:
    """Float64 inputs (n, d) or, one set a network, (K, n, d), on the parameters' device; ``ValueError`` if they do
    not fit.
    """
    width = stack.widths[0]
    if inputs.ndim == 3 and per_network:
        if inputs.shape[0] != stack.networks or inputs.shape[2] != width:
            raise ValueError(
                f"inputs must have shape ({stack.networks}, n, {width}), got {tuple(inputs.shape)}: one set of examples per network"
            )
        return as_data(inputs.flatten(0, 1)).reshape(inputs.shape).to(stack.weights[0].device)
    if inputs.ndim != 2 and not (stack.flattens and inputs.ndim > 2):
        raise ValueError(
            f"inputs must have shape (n, {width}), got {tuple(inputs.shape)}: one row per example (or begin the network with nn.Flatten)"
        )
    data = as_data(inputs)
    if data.shape[1] != width:
        raise ValueError(f"inputs must have {width} features, as the first layer does, got {data.shape[1]}: shape {tuple(inputs.shape)}")
    return data.to(stack.weights[0].device)


def checked_labels(labels: Any, inputs: Tensor, outputs: int) -> Tensor:
    """Int64 labels of shape (n,) or (K, n): 0..outputs-1, or -1 and +1 (given as such, or as 0 and 1) for one
    output.
    """
    tensor = labels.detach() if isinstance(labels, Tensor) else torch.as_tensor(np.asarray(labels))
    tensor = tensor.to(inputs.device)
    if outputs == 1 and tensor.ndim == inputs.ndim and tensor.shape[-1] == 1:
        tensor = tensor[..., 0]
    shapes = {tuple(inputs.shape[-2:-1]), tuple(inputs.shape[:-1])}
    if tuple(tensor.shape) not in shapes:
        raise ValueError(
            f"labels must have one entry per example, {inputs.shape[-2]}, got shape {tuple(tensor.shape)}: pass class "
            "indices, not one-hot rows"
        )
    if tensor.is_complex() or (tensor.is_floating_point() and not bool((tensor == tensor.round()).all())):
        raise ValueError("labels must be whole numbers, got others (or NaN): pass class indices")
    whole = tensor.to(torch.int64)
    if outputs == 1:
        if not bool((whole.abs() <= 1).all()) or (bool((whole == 0).any()) and bool((whole == -1).any())):
            raise ValueError(f"labels must be -1 and +1 (or 0 and 1) for a network with one output, got {_examples(whole)}: pass one kind")
        whole = torch.where(whole == 0, -1, whole)
    elif bool(((whole < 0) | (whole >= outputs)).any()):
        from_one = whole.min() >= 1 and whole.max() == outputs
        remedy = "count from 0, as labels - 1 does, or genbounds certify --first-label 1" if from_one else "check the last layer's width"
        raise ValueError(f"labels must lie in 0, ..., {outputs - 1}, one class per output, got {_examples(whole)}: {remedy}")
    return whole


def _tensor(inputs: Any) -> Tensor:
    tensor = inputs.detach() if isinstance(inputs, Tensor) else torch.as_tensor(np.asarray(inputs))
    if tensor.is_complex() or tensor.dtype == torch.bool:
        raise ValueError(f"inputs must be real numbers, got {tensor.dtype}: cast them to a floating-point dtype")
    return tensor


def _examples(values: Tensor) -> str:
    found = torch.unique(values).tolist()
    return f"{found[:8]}{'...' if len(found) > 8 else ''}"
