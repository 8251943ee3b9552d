"""Data sets in IDX files: the right ones are read, others of the same shape are refused; Fashion-MNIST as its authors describe it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from genbounds.verification.populations import idx_pool, population
from genbounds.verification.populations.fashion_mnist import FASHION_MNIST, REPEATED, fashion_mnist
from genbounds.verification.populations.idx_pool import TRAINING, VARIABLE, IdxPool
from genbounds.verification.populations.mnist import MNIST, _write

real = pytest.mark.skipif(
    not (Path(os.environ.get(VARIABLE, ".")) / "fashion-mnist").is_dir(),
    reason=f"{VARIABLE} does not name a folder with fashion-mnist in it",
)


@pytest.fixture
def two_small_sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[IdxPool, IdxPool]:
    """Three training images and two test images, twice, in folders of their own beside each other."""
    monkeypatch.setattr(idx_pool, "PARTS", (("train", 3), ("t10k", 2)))
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    found = []
    for number, known in enumerate((MNIST, FASHION_MNIST)):
        folder = tmp_path / known.folder
        folder.mkdir()
        for part, count in idx_pool.PARTS:
            images = np.random.default_rng(number).integers(256, size=(count, 28, 28), dtype=np.uint8)
            _write(folder / f"{part}-images-idx3-ubyte.gz", images)
            _write(folder / f"{part}-labels-idx1-ubyte.gz", np.arange(count, dtype=np.uint8))
        with pytest.raises(ValueError, match=f"must hold {known.title}, got other images of the same shape"):
            known.pool()
        found.append(replace(known, content=_content(folder)))
    return found[0], found[1]


def _content(folder: Path) -> str:
    """The hash of the points in a folder, read without what is tested."""
    from genbounds.models.files.datafiles import read_idx
    from genbounds.verification.populations.finite_pool import FinitePool

    images, labels = (
        np.concatenate([read_idx(folder / f"{part}-{kind}-ubyte.gz") for part in ("train", "t10k")])
        for kind in ("images-idx3", "labels-idx1")
    )
    return FinitePool("x", images.reshape(-1, 784) / 255, labels.astype(np.int64), "none").content_hash


def test_each_set_is_found_in_its_own_folder_and_no_other_is_taken_for_it(
    two_small_sets: tuple[IdxPool, IdxPool], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digits, clothes = two_small_sets
    assert digits.pool().content_hash == digits.content != clothes.content == clothes.pool().content_hash
    assert digits.pool().size == 5
    monkeypatch.setenv(VARIABLE, str(tmp_path / "mnist"))  # the folder of one of them
    assert digits.pool().content_hash == digits.content
    with pytest.raises(ValueError, match="must hold Fashion-MNIST, got other images of the same shape: put its four files into a folder f"):
        clothes.pool()


def test_without_files_the_error_says_where_they_are_to_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(ValueError, match=rf"fashion_mnist needs its files, and {VARIABLE} is not set.*dataset-fashion-mnist"):
        fashion_mnist()
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(ValueError, match=rf"{VARIABLE} must name the folder.*Fashion-MNIST.*dataset-fashion-mnist"):
        fashion_mnist()


@real
@pytest.mark.slow
def test_fashion_mnist_and_the_ten_test_images_that_repeat_training_images() -> None:
    """Classes as published. A test image whose sums over 49 squares of 4 x 4 pixels, over 4, are farther than 0.79 from those of a training
    image is itself farther (they are its coordinates along orthonormal vectors), so that few pairs are left to be compared.
    """
    pool = population("fashion_mnist")
    assert np.bincount(pool.labels[:TRAINING]).tolist() == [6000] * 10
    assert np.bincount(pool.labels[TRAINING:]).tolist() == [1000] * 10
    images = torch.tensor(pool.inputs, dtype=torch.float32)
    squares = images.reshape(-1, 7, 4, 7, 4).sum((2, 4)).flatten(1) / 4
    lengths = squares[:TRAINING].square().sum(1)
    found = set()
    for start in range(TRAINING, len(images), 1000):
        block = squares[start : start + 1000]
        distances = block.square().sum(1)[:, None] + lengths - 2 * block @ squares[:TRAINING].T
        for new, old in (distances <= 0.79**2 + 1e-2).nonzero().tolist():  # float32 errs by less than 1e-2
            if np.linalg.norm(pool.inputs[start + new] - pool.inputs[old]) <= 0.79:
                assert pool.labels[start + new] == pool.labels[old]
                found.add(start - TRAINING + new)
                assert not np.array_equal(pool.inputs[start + new], pool.inputs[old])
    assert tuple(sorted(found)) == REPEATED
