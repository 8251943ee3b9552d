"""What the family does to an image before anything is learned: a normal position, size and slant, then oriented edges and ridges."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

CHANNELS = 13
"""Of ``oriented_features``: the blurred image, edges in eight directions, ridges in four."""
NORMALISATIONS = ("none", "slant", "moments")
"""What ``normalised`` can do; the certified network's choice is part of its code."""
LARGEST_SLANT = 1.0
ASPECT, STRETCH = 0.75, (0.5, 1.4)
_TINY = 1e-9


def normalised(images: Tensor, normalisation: str, spread: float) -> Tensor:
    """Images (N, side, side), resampled so that their first and second moments are normal; "none" leaves them.

    "slant" moves the centre of mass to the middle and shears the rows until horizontal and vertical position are uncorrelated. "moments"
    also stretches: the standard deviation of the vertical position to ``spread`` pixels, that of the horizontal one towards 4.6/5.6 of it
    (by the square root only, so that a one stays narrow). The stretch is cut off. Bilinear, zero outside.

    Moment normalisation is the usual first step in recognising handwritten characters (Casey 1970; Liu et al. 2003).
    """
    if normalisation not in NORMALISATIONS:
        raise ValueError(f"normalisation must be one of {', '.join(NORMALISATIONS)}, got {normalisation!r}: use one of these words")
    if normalisation == "none":
        return images
    side = images.shape[1]
    axis = torch.arange(side, dtype=images.dtype)
    mass = images.sum((1, 2)).clamp_min(_TINY)
    row, column = ((images.sum(dim) * axis).sum(1) / mass for dim in (2, 1))
    down, right = axis - row[:, None], axis - column[:, None]
    across = torch.einsum("nij,ni,nj->n", images, down, right) / mass
    vertical = torch.einsum("nij,ni->n", images, down**2) / mass
    horizontal = torch.einsum("nij,nj->n", images, right**2) / mass
    slant = (across / vertical.clamp_min(_TINY)).clamp(-LARGEST_SLANT, LARGEST_SLANT)
    tall = wide = torch.ones_like(slant)
    if normalisation == "moments":
        height = vertical.clamp_min(0.1).sqrt()
        width = (horizontal - 2 * slant * across + slant**2 * vertical).clamp_min(0.1).sqrt()
        tall = (height / spread).clamp(0.7, STRETCH[1])
        aim = (width / height / ASPECT).clamp(0.2, STRETCH[1]).sqrt() * (spread * 4.6 / 5.6)
        wide = (width / aim).clamp(*STRETCH)
    middle = axis - (side - 1) / 2
    vertical_step = (tall[:, None] * middle)[:, :, None]
    y = (row[:, None, None] + vertical_step).expand_as(images)
    x = column[:, None, None] + (wide[:, None] * middle)[:, None, :] + slant[:, None, None] * vertical_step
    grid = torch.stack([(x + 0.5) / side * 2 - 1, (y + 0.5) / side * 2 - 1], -1)
    return functional.grid_sample(images[:, None], grid, mode="bilinear", padding_mode="zeros", align_corners=False)[:, 0]


def oriented_features(images: Tensor, cell: int) -> Tensor:
    """Means over cells of ``cell`` by ``cell`` pixels of thirteen maps: (N, side, side) to (N, 13, side // cell, side // cell).

    The image blurred by binomial filters of five taps; the gradient's length times its squared cosine with eight directions where that is
    positive; the negative second derivative in four directions where that is positive. Scaled to comparable sizes by constants.
    """
    blur, slope, bend = (torch.tensor(taps, dtype=images.dtype) / 16 for taps in ((1, 4, 6, 4, 1), (-2, -4, 0, 4, 2), (4, 0, -8, 0, 4)))
    pairs = ((blur, blur), (blur, slope), (slope, blur), (blur, bend), (bend, blur), (slope, slope))
    filters = torch.stack([torch.outer(first, second) for first, second in pairs])[:, None]
    smooth, gx, gy, gxx, gyy, gxy = functional.conv2d(images[:, None], filters, padding=2).unbind(1)
    length = (gx**2 + gy**2).sqrt().clamp_min(_TINY)
    maps = [smooth / 0.23]
    for step in range(8):
        c, s = math.cos(step * math.pi / 4), math.sin(step * math.pi / 4)
        maps.append(((c * gx + s * gy) / length).clamp_min(0) ** 2 * length / 0.05)
    for step in range(4):
        c, s = math.cos(step * math.pi / 4), math.sin(step * math.pi / 4)
        maps.append(-(c * c * gxx + s * s * gyy + 2 * c * s * gxy).clamp_max(0) / 0.05)
    return functional.avg_pool2d(torch.stack(maps, 1), cell)
