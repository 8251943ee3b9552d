"""Patches: how much larger than its input all that a convolution's kernel multiplies is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from genbounds.models.norms._axis import axes_of, whole
from genbounds.models.norms.convolution import _transposed_size


def patch_count(
    kernel: Sequence[int],
    *,
    input_size: Any,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    padding_mode: str = "zeros",
    transposed: bool = False,
    output_padding: Any = 0,
    name: str = "convolution",
) -> int:
    """The largest number of times that one filter reads an entry of the input: the squared norm of the map from an image to its patches.

    Arguments as in ``convolution_norms``; ``kernel`` holds the sizes of the kernel only. Copies made by padding count.

    >>> patch_count((3, 3), input_size=(8, 8), padding=1), patch_count((3,), input_size=8, stride=2, padding=1)
    (9, 2)
    """
    options = {"stride": stride, "padding": padding, "dilation": dilation, "padding_mode": padding_mode, "name": name}
    if not transposed:
        axes = axes_of(kernel, input_size=input_size, **options)
        return int(np.prod([np.bincount(axis.table[axis.table >= 0], minlength=1).max() for axis in axes]))
    sizes = whole(input_size, len(kernel), "input_size", name)
    results = _transposed_size(sizes, kernel, stride, padding, dilation, output_padding, name)
    axes = axes_of(kernel, input_size=results, limits=sizes, **options)
    return int(np.prod([(axis.table >= 0).sum(axis=1).max() for axis in axes]))
