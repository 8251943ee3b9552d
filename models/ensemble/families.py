"""Families of related samples: twins, leave-one-out, learning curves, noisy labels. Each trains as an ordinary ensemble.

The members of a family are compared with one another, so they are to share everything but their samples: give the
ensemble the same index for each, ``networks=[7] * len(samples)``, and they share initial weights and the order of examples.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from genbounds.models.ensemble.samples import CountSamples, IndexSamples
from genbounds.models.randomness.streams import Networks, Stream


def twins(sample: Tensor, positions: Sequence[int] | Tensor, replacements: Tensor) -> IndexSamples:
    """The sample itself, then one twin for each position: the example there replaced by another row of the pool.

    Args:
        sample: int64 (n,), rows of the pool.
        positions: m of 0, ..., n-1.
        replacements: int64 (m,), rows of the pool.

    Returns:
        m + 1 samples.

    Example:
        >>> twins(torch.tensor([4, 5, 6]), [0, 2], torch.tensor([9, 8])).indices.tolist()
        [[4, 5, 6], [9, 5, 6], [4, 5, 8]]
    """
    sample, where = _one_sample(sample), torch.as_tensor(positions, dtype=torch.int64)
    if where.dim() != 1 or where.shape != replacements.shape or bool(((where < 0) | (where >= len(sample))).any()):
        raise ValueError(
            f"positions must lie in 0, ..., {len(sample) - 1}, with one replacement for each, got {where.tolist()} and "
            f"replacements of shape {tuple(replacements.shape)}"
        )
    family = sample.repeat(len(where) + 1, 1)
    family[torch.arange(1, len(where) + 1), where] = replacements
    return IndexSamples(family)


def leave_one_out(sample: Tensor) -> IndexSamples:
    """n samples of size n - 1: row i is the sample (n,) without its i-th example, the others in their order.

    Example:
        >>> leave_one_out(torch.tensor([4, 5, 6])).indices.tolist()
        [[5, 6], [4, 6], [4, 5]]
    """
    sample = _one_sample(sample)
    n = len(sample)
    if n < 2:
        raise ValueError(f"the sample must have at least 2 examples, got {n}: one is left out")
    kept = ~torch.eye(n, dtype=torch.bool)
    return IndexSamples(sample.expand(n, -1)[kept].view(n, n - 1))


def learning_curve(sample: Tensor, sizes: Sequence[int], pool_size: int) -> CountSamples:
    """The first m examples of the sample (n,), for each size m: a whole learning curve in one ensemble.

    They are given as counts, because all rows of an index array have the same length: train with order "with_replacement" or "full".

    Example:
        >>> learning_curve(torch.tensor([2, 0, 2]), [1, 3], 3).counts.tolist()
        [[0, 0, 1], [1, 0, 2]]
    """
    sample = _one_sample(sample)
    if not sizes or min(sizes) < 1 or max(sizes) > len(sample):
        raise ValueError(f"sizes must lie in 1, ..., {len(sample)}, the size of the sample, got {list(sizes)}")
    return CountSamples(torch.stack([torch.bincount(sample[:size], minlength=pool_size) for size in sizes]))


def noisy_pool(inputs: Tensor, labels: Tensor, classes: int) -> tuple[Tensor, Tensor]:
    """The pool with every input under every label: row c * N + i is input i with label (label of i + c) mod ``classes``.

    Samples with noisy labels point into this pool (``with_label_noise``); its first N rows are the pool itself.

    >>> inputs, labels = noisy_pool(torch.tensor([[1.0], [2.0]]), torch.tensor([0, 2]), 3)
    >>> labels.tolist()
    [0, 2, 1, 0, 2, 1]
    """
    shifted = [(labels + shift) % classes for shift in range(classes)]
    return inputs.repeat(classes, *([1] * (inputs.dim() - 1))), torch.cat(shifted)


def with_label_noise(samples: IndexSamples, stream: Stream, networks: Networks, rate: float, classes: int, pool_size: int) -> IndexSamples:
    """The samples with each draw's label replaced, with probability ``rate``, by one uniform on all classes.

    The noise belongs to the draw: the same row drawn twice may get two labels. With rate 1 labels are random.

    Args:
        samples: one row for each network, or one for all.
        stream: draws 2i and 2i + 1 of ``stream.sub("label noise")`` decide about a sample's i-th draw.
        networks: whose streams.
        rate: in [0, 1].
        classes, pool_size: of the pool.

    Returns:
        samples into ``noisy_pool``, one row for each network.

    Example:
        >>> clean = IndexSamples(torch.zeros(6, dtype=torch.int64))
        >>> with_label_noise(clean, Stream("demo", "noise"), [0], 0.0, 2, 10).indices.tolist()
        [[0, 0, 0, 0, 0, 0]]
    """
    if not 0 <= rate <= 1:
        raise ValueError(f"rate must lie in [0, 1], got {rate}: it is the probability that a label is drawn anew")
    if classes < 2:
        raise ValueError(f"classes must be at least 2, got {classes}")
    n = samples.indices.shape[1]
    uniforms = stream.on(samples.indices.device).sub("label noise").uniform(networks, 0, 2 * n).view(-1, n, 2)
    shifts = (uniforms[..., 1] * classes).to(torch.int64) * (uniforms[..., 0] < rate)
    return IndexSamples(samples.indices + pool_size * shifts)


def _one_sample(sample: Tensor) -> Tensor:
    if sample.dim() != 1 or sample.dtype != torch.int64 or len(sample) == 0:
        raise ValueError(f"sample must be a non-empty int64 vector of pool rows, got {sample.dtype} of shape {tuple(sample.shape)}")
    return sample
