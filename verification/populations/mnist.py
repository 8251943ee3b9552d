"""The 70 000 handwritten digits of MNIST as a population, from files that the user has."""

from __future__ import annotations

import gzip
import os
import struct
from pathlib import Path

import numpy as np

from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.idx_pool import PARTS, IdxPool
from genbounds.verification.populations.protocol import Array

MNIST = IdxPool(
    "mnist",
    "MNIST",
    "mnist",
    content="f859be5eaacbf52dc889c5a1faebae77",
    remedy="or call genbounds.verification.populations.mnist.download(FOLDER), which fetches them with scikit-learn's fetch_openml",
)
_LEVEL = 6
"""Of the compression: the highest, 9, takes five times as long for one percent."""


def mnist() -> FinitePool:
    """MNIST, training and test images together: 70 000 points, 784 pixels in [0, 1] (the raw 0..255 over 255), labels 0 to 9.

    The environment variable ``GENBOUNDS_DATA`` names the folder with the four IDX files (``train-images-idx3-ubyte`` and so on, gzipped or
    not), or the folder above it if theirs is called ``mnist``. Raises ``ValueError`` where they are not there, or are other data.
    """
    return MNIST.pool()


def download(folder: str | os.PathLike[str]) -> Path:
    """Fetch MNIST with scikit-learn's ``fetch_openml`` and write its four IDX files, gzipped, to ``folder``, which is returned.

    Nothing calls it but you. The files are written only if they are MNIST, by its content hash; then set ``GENBOUNDS_DATA`` to the folder.
    Raises ``ValueError`` for other data, and what ``fetch_openml`` raises where there is no network.
    """
    from sklearn.datasets import fetch_openml

    found = fetch_openml("mnist_784", version=1, as_frame=False, parser="liac-arff")
    images, labels = np.asarray(found.data, dtype=np.float64), np.asarray(found.target).astype(np.int64)
    if FinitePool("mnist", images.reshape(len(images), -1) / 255, labels, "pixels / 255").content_hash != MNIST.content:
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
