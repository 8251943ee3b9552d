"""The 70 000 handwritten digits of MNIST as a population, from files that the user has."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Array

VARIABLE = "GENBOUNDS_DATA"
PARTS = (("train", 60_000), ("t10k", 10_000))


def mnist() -> FinitePool:
    """MNIST, training and test images together: 70 000 points, 784 pixels in [0, 1] (the raw 0..255 over 255), labels 0 to 9.

    The environment variable ``GENBOUNDS_DATA`` names the folder with the four IDX files (``train-images-idx3-ubyte`` and so on, gzipped or
    not), or the folder above it if theirs is called ``mnist``. Raises ``ValueError`` where they are not there, or are other data.
    """
    folder = _folder()
    images = [_read(folder, f"{part}-images-idx3-ubyte", (count, 28, 28)) for part, count in PARTS]
    labels = [_read(folder, f"{part}-labels-idx1-ubyte", (count,)) for part, count in PARTS]
    inputs = np.concatenate(images).reshape(-1, 784) / 255
    classes = np.concatenate(labels).astype(np.int64)
    if classes.max() > 9:
        raise ValueError(f"the labels in {folder} must be 0, ..., 9, got up to {classes.max()}: these are not the files of MNIST")
    return FinitePool("mnist", inputs, classes, "pixels / 255")


def _folder() -> Path:
    """Where the files are."""
    named = os.environ.get(VARIABLE)
    if not named:
        raise ValueError(
            f"mnist needs its files, and {VARIABLE} is not set: set it to the folder with the four IDX files (train-images-idx3-ubyte.gz, "
            "...); or fetch the data with sklearn.datasets.fetch_openml('mnist_784'), and pass the arrays, or an npz of them, yourself"
        )
    for folder in (Path(named), Path(named) / "mnist"):
        if _file(folder, "train-images-idx3-ubyte") is not None:
            return folder
    raise ValueError(
        f"{VARIABLE} must name the folder with train-images-idx3-ubyte (or .gz) and the other files of MNIST, got {named}: set it to that "
        "folder; or fetch the data with sklearn.datasets.fetch_openml('mnist_784'), and pass the arrays, or an npz of them, yourself"
    )


def _file(folder: Path, name: str) -> Path | None:
    return next((folder / full for full in (name, f"{name}.gz") if (folder / full).is_file()), None)


def _read(folder: Path, name: str, shape: tuple[int, ...]) -> Array:
    from genbounds.models.datafiles import read_idx  # here: it brings torch, which a list of names does not need

    path = _file(folder, name)
    if path is None:
        raise ValueError(f"{folder} must hold {name} or {name}.gz, got neither: all four files of MNIST belong in one folder")
    array = read_idx(path)
    if array.shape != shape or array.dtype != np.uint8:
        raise ValueError(f"{path} must be an array of bytes of shape {shape}, got {array.dtype} {array.shape}: this is not MNIST")
    return array
