"""Random distortions of square images: shifts, rotations, shears, scales and smooth displacements. For fitting priors."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Distortion:
    """How far images are moved at random. Each number is the largest value of a uniform draw, except for ``elastic``.

    Args:
        shift: pixels, in each direction.
        rotation: degrees.
        scale, shear: relative.
        elastic: standard deviation, in pixels, of the displacements of a ``points`` x ``points`` grid, which cubic B-splines spread
            over the image (after Simard, Steinkraus and Platt 2003).
        mirror: whether each image is mirrored left to right with probability 1/2.

    Distorted images spend the sample that they were made from: n counts the images themselves, never their distortions.

    >>> image = torch.zeros(1, 8, 8)
    >>> image[0, 4, 4] = 1.0
    >>> moved = Distortion(shift=1.0, rotation=0, scale=0, shear=0, elastic=0).apply(image, np.random.default_rng(0))
    >>> round(float(moved.sum()), 6)  # the brightness, spread over up to four pixels
    1.0
    """

    shift: float = 1.5
    rotation: float = 10.0
    scale: float = 0.1
    shear: float = 0.1
    elastic: float = 1.5
    points: int = 7
    mirror: bool = False

    def __post_init__(self) -> None:
        """Check the settings."""
        if min(self.shift, self.rotation, self.scale, self.shear, self.elastic) < 0 or self.points < 2 or self.scale >= 1:
            raise ValueError(
                f"distortions must not be negative, scale below 1 and points at least 2, got {self}: correct the one that is not"
            )

    def apply(self, images: Tensor, generator: np.random.Generator) -> Tensor:
        """Images (n, size, size), each moved by itself; what comes from outside the image is 0. Bilinear interpolation.

        >>> images = torch.rand(3, 8, 8)
        >>> still = Distortion(0, 0, 0, 0, 0).apply(images, np.random.default_rng(0))
        >>> bool((still - images).abs().max() < 1e-5)
        True
        >>> turned = Distortion(0, 0, 0, 0, 0, mirror=True).apply(images[:1].expand(50, 8, 8), np.random.default_rng(0))
        >>> found = [bool((one - image).abs().max() < 1e-5) for one in turned for image in (images[0], images[0].flip(1))]
        >>> sum(found), 10 < sum(found[::2]) < 40  # each is the image or its mirror image
        (50, True)
        """
        count, size = len(images), images.shape[-1]
        pixel = 2 / size  # the image is [-1, 1] wide
        angle, wide, high, shear, across, down = (self._uniform(generator, count, images) for _ in range(6))
        angle, shear = angle * math.radians(self.rotation), shear * self.shear
        wide, high = 1 + self.scale * wide, 1 + self.scale * high
        knots = generator.standard_normal((2, count, self.points, self.points), dtype=np.float32)
        spread = _spline(self.points, size).to(images)
        bends = spread @ (self.elastic * pixel * torch.from_numpy(knots).to(images)) @ spread.T
        if self.mirror:
            wide = wide * torch.from_numpy(2.0 * generator.integers(2, size=(count, 1, 1)) - 1).to(images)
        line = (torch.arange(size, device=images.device, dtype=images.dtype) + 0.5) * pixel - 1
        y, x = torch.meshgrid(line, line, indexing="ij")
        columns = torch.addcmul(torch.addcmul(bends[0], wide * angle.cos(), x), shear - high * angle.sin(), y)
        rows = torch.addcmul(torch.addcmul(bends[1], wide * angle.sin(), x), high * angle.cos(), y)
        move = self.shift * pixel
        grid = torch.stack([columns.add_(move * across), rows.add_(move * down)], dim=-1)
        return nn.functional.grid_sample(images[:, None], grid, align_corners=False)[:, 0]

    def _uniform(self, generator: np.random.Generator, count: int, like: Tensor) -> Tensor:
        """Numbers uniform on [-1, 1), (count, 1, 1)."""
        return torch.from_numpy(2 * generator.random((count, 1, 1), dtype=np.float32) - 1).to(like)


def _spline(points: int, size: int) -> Tensor:
    """Cubic B-splines at equally spaced points, read at every pixel: (size, points)."""
    distance = (torch.linspace(0, points - 1, size)[:, None] - torch.arange(points)).abs()
    near, far = (4 - 6 * distance**2 + 3 * distance**3) / 6, (2 - distance).clamp(min=0) ** 3 / 6
    return torch.where(distance < 1, near, far)
