"""The 70 000 handwritten digits of MNIST as a population, from files that the user has."""

from __future__ import annotations

import gzip
import os
import struct
from pathlib import Path

import numpy as np

from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Array

VARIABLE = "GENBOUNDS_DATA"
TRAINING, TEST = 60_000, 10_000
PARTS = (("train", TRAINING), ("t10k", TEST))
CONTENT = "f859be5eaacbf52dc889c5a1faebae77"
"""Content hash of the 70 000 points, training images first."""
_LEVEL = 6
"""Of the compression: the highest, 9, takes five times as long for one percent."""
_DOWNLOAD = "or call genbounds.verification.populations.mnist.download(FOLDER), which fetches them with scikit-learn's fetch_openml"


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


def download(folder: str | os.PathLike[str]) -> Path:
    """Fetch MNIST with scikit-learn's ``fetch_openml`` and write its four IDX files, gzipped, to ``folder``, which is returned.

    Nothing calls it but you. The files are written only if they are MNIST, by its content hash; then set ``GENBOUNDS_DATA`` to the folder.
    Raises ``ValueError`` for other data, and what ``fetch_openml`` raises where there is no network.
    """
    from sklearn.datasets import fetch_openml

    found = fetch_openml("mnist_784", version=1, as_frame=False, parser="liac-arff")
    images, labels = np.asarray(found.data, dtype=np.float64), np.asarray(found.target).astype(np.int64)
    if FinitePool("mnist", images.reshape(len(images), -1) / 255, labels, "pixels / 255").content_hash != CONTENT:
        raise ValueError(f"fetch_openml must give MNIST, got {len(images)} other points: copy the four IDX files to {folder} instead")
    target, start = Path(folder), 0
    target.mkdir(parents=True, exist_ok=True)
    for part, count in PARTS:
        rows = slice(start, start + count)
        _write(target / f"{part}-images-idx3-ubyte.gz", images[rows].astype(np.uint8).reshape(count, 28, 28))
        _write(target / f"{part}-labels-idx1-ubyte.gz", labels[rows].astype(np.uint8))
        start += count
    return target


def _write(path: Path, array: Array) -> None:
    """An array of bytes as a gzipped IDX file."""
    header = struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    path.write_bytes(gzip.compress(header + array.tobytes(), _LEVEL, mtime=0))


def _folder() -> Path:
    """Where the files are."""
    named = os.environ.get(VARIABLE)
    if not named:
        raise ValueError(
            f"mnist needs its files, and {VARIABLE} is not set: set it to the folder with the four IDX files (train-images-idx3-ubyte.gz, "
            f"...); {_DOWNLOAD}, and set it to that folder"
        )
    for folder in (Path(named), Path(named) / "mnist"):
        if _file(folder, "train-images-idx3-ubyte") is not None:
            return folder
    raise ValueError(
        f"{VARIABLE} must name the folder with train-images-idx3-ubyte (or .gz) and the other files of MNIST, got {named}: set it to that "
        f"folder; {_DOWNLOAD}"
    )


def _file(folder: Path, name: str) -> Path | None:
    return next((folder / full for full in (name, f"{name}.gz") if (folder / full).is_file()), None)


def _read(folder: Path, name: str, shape: tuple[int, ...]) -> Array:
    from genbounds.models.files.datafiles import read_idx  # here: it brings torch, which a list of names does not need

    path = _file(folder, name)
    if path is None:
        raise ValueError(f"{folder} must hold {name} or {name}.gz, got neither: all four files of MNIST belong in one folder")
    array = read_idx(path)
    if array.shape != shape or array.dtype != np.uint8:
        raise ValueError(f"{path} must be an array of bytes of shape {shape}, got {array.dtype} {array.shape}: this is not MNIST")
    return array
