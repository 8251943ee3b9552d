"""The two training losses, with their gradients in the logits written by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

LossName = Literal["cross_entropy", "logistic"]


@dataclass(frozen=True)
class Loss:
    """A loss of logits (..., C) and a label: natural logarithms, no scaling, no smoothing.

    ``Ensemble`` trains by one of them.

    ``cross_entropy``: C >= 2 logits, labels 0, ..., C-1, loss -ln softmax(f)_y.
    ``logistic``: one logit, labels {0, 1} or {-1, 1}, loss ln(1 + e^{-y f}) with y in {-1, 1}.
    """

    name: LossName

    @classmethod
    def of(cls, name: str | None, outputs: int) -> Loss:
        """The loss of this name (None: the one that fits), checked against the number of outputs."""
        fitting: LossName = "logistic" if outputs == 1 else "cross_entropy"
        if name not in (None, "cross_entropy", "logistic"):
            raise ValueError(f"loss must be 'cross_entropy' or 'logistic', got {name!r}")
        if name not in (None, fitting):
            raise ValueError(
                f"loss {name!r} does not fit networks with {outputs} outputs: 'logistic' takes 1 output, 'cross_entropy' 2 or more"
            )
        return cls(fitting)

    def classes(self, labels: Tensor, outputs: int) -> Tensor:
        """Labels as class numbers, int64 (N,): 0, ..., C-1, or 0 and 1 for the logistic loss.

        Raises:
            ValueError: if the labels are not a vector of whole numbers, or out of range.
        """
        if labels.dim() != 1 or labels.numel() == 0 or labels.is_floating_point() or labels.is_complex():
            raise ValueError(f"labels must be a non-empty vector of whole numbers, got {labels.dtype} of shape {tuple(labels.shape)}")
        labels = labels.to(torch.int64)
        low, high = int(labels.min()), int(labels.max())
        if self.name == "logistic":
            if bool(((labels == 1) | (labels == -1)).all()):
                return (labels + 1) // 2
            if low < 0 or high > 1:
                raise ValueError(f"labels of the logistic loss must be 0 and 1, or -1 and 1, got {low} to {high}")
        elif low < 0 or high >= outputs:
            raise ValueError(f"labels must lie in 0, ..., {outputs - 1} for {outputs} outputs, got {low} to {high}")
        return labels

    def targets(self, classes: Tensor, outputs: int, dtype: torch.dtype) -> Tensor:
        """What ``gradient_`` subtracts: one-hot rows (N, C), or the class number (N, 1)."""
        if self.name == "logistic":
            return classes[:, None].to(dtype)
        return torch.nn.functional.one_hot(classes, outputs).to(dtype)

    def gradient_(self, logits: Tensor, targets: Tensor) -> Tensor:
        """Overwrite the logits with each example's gradient in them: softmax(f) - one-hot, or sigmoid(f) - class."""
        if self.name == "logistic":
            return logits.sigmoid_().sub_(targets)
        # `DensePass` lays logits out class by class, which this reads in place: the softmax then runs along examples, many
        # at a time, where along two or ten classes it would handle one example after another.
        by_class = logits.mT
        torch.softmax(by_class, dim=-2, out=by_class)
        return logits.sub_(targets)

    def values(self, logits: Tensor, classes: Tensor) -> Tensor:
        """Each example's loss: logits (..., N, C) and classes (N,) give (..., N)."""
        if self.name == "logistic":
            return torch.nn.functional.softplus(-margins(logits, classes))
        own = logits.gather(-1, _column(logits, classes)).squeeze(-1)
        return torch.logsumexp(logits, dim=-1) - own


def margins(logits: Tensor, classes: Tensor) -> Tensor:
    """f_y - max_{j != y} f_j for C >= 2 logits, y f for one (classes 0 and 1 read as y = -1 and 1).

    Args:
        logits: (..., N, C).
        classes: int64 (N,).

    Returns:
        (..., N). An example counts as an error exactly where its margin is not positive: a tie is an error, and so is
        a NaN.

    Example:
        >>> margins(torch.tensor([[2.0, 0.5, 1.0]]), torch.tensor([0]))
        tensor([1.])
    """
    if logits.shape[-1] == 1:
        return logits.squeeze(-1) * (2 * classes - 1)
    column = _column(logits, classes)
    own = logits.gather(-1, column)
    others = logits.scatter(-1, column, float("-inf"))
    return (own - others.amax(dim=-1, keepdim=True)).squeeze(-1)


def _column(logits: Tensor, classes: Tensor) -> Tensor:
    return classes[:, None].expand(*logits.shape[:-1], 1)
