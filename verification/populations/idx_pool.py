"""Data sets of images in IDX files that the user has: where they are looked for, and that they are what they are called."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Array

VARIABLE = "GENBOUNDS_DATA"
TRAINING, TEST = 60_000, 10_000
PARTS = (("train", TRAINING), ("t10k", TEST))


@dataclass(frozen=True)
class IdxPool:
    """A data set of 60 000 training and 10 000 test images of 28 x 28 pixels with labels 0 to 9, in the four IDX files of MNIST.

    Args:
        name: of the population; ``title`` in print.
        folder: what a folder with its files is called, within the one that ``GENBOUNDS_DATA`` names.
        content: the content hash of the 70 000 points, training images first.
        remedy: how to get the files, as the end of an error message.
        repeated: positions of the test images that repeat a training image.
    """

    name: str
    title: str
    folder: str
    content: str
    remedy: str
    repeated: tuple[int, ...] = ()

    def pool(self) -> FinitePool:
        """Training and test images together: 70 000 points, 784 pixels in [0, 1] (the raw 0..255 over 255).

        Raises:
            ValueError: the files are not there, or are other data.
        """
        folder = self._found()
        images = [self._read(folder, f"{part}-images-idx3-ubyte", (count, 28, 28)) for part, count in PARTS]
        labels = [self._read(folder, f"{part}-labels-idx1-ubyte", (count,)) for part, count in PARTS]
        pool = FinitePool(self.name, np.concatenate(images).reshape(-1, 784) / 255, np.concatenate(labels).astype(np.int64), "pixels / 255")
        if pool.content_hash != self.content:  # Fashion-MNIST has the shape of MNIST
            raise ValueError(
                f"{folder} must hold {self.title}, got other images of the same shape: put its four files into a folder {self.folder} "
                f"and set {VARIABLE} to the one above it"
            )
        return pool

    def _found(self) -> Path:
        """Where the files are."""
        named = os.environ.get(VARIABLE)
        if not named:
            raise ValueError(
                f"{self.name} needs its files, and {VARIABLE} is not set: set it to the folder with the four IDX files "
                f"(train-images-idx3-ubyte.gz, ...); {self.remedy}, and set it to that folder"
            )
        for folder in (Path(named) / self.folder, Path(named)):
            if _file(folder, "train-images-idx3-ubyte") is not None:
                return folder
        raise ValueError(
            f"{VARIABLE} must name the folder with train-images-idx3-ubyte (or .gz) and the other files of {self.title}, got {named}: "
            f"set it to that folder; {self.remedy}"
        )

    def _read(self, folder: Path, name: str, shape: tuple[int, ...]) -> Array:
        from genbounds.models.files.datafiles import read_idx  # here: it brings torch, which a list of names does not need

        path = _file(folder, name)
        if path is None:
            raise ValueError(f"{folder} must hold {name} or {name}.gz, got neither: all four files of {self.title} belong in one folder")
        array = read_idx(path)
        if array.shape != shape or array.dtype != np.uint8:
            raise ValueError(
                f"{path} must be an array of bytes of shape {shape}, got {array.dtype} {array.shape}: this is not {self.title}"
            )
        return array


def _file(folder: Path, name: str) -> Path | None:
    return next((folder / full for full in (name, f"{name}.gz") if (folder / full).is_file()), None)
