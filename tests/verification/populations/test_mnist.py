"""MNIST as a population: the real files where they are, and clear errors where they are not."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from genbounds.verification.populations import population
from genbounds.verification.populations.idx_pool import VARIABLE
from genbounds.verification.populations.mnist import download, mnist

FOLDER = os.environ.get(VARIABLE)
real = pytest.mark.skipif(not FOLDER, reason=f"{VARIABLE} is not set: it names the folder with the IDX files of MNIST")


@real
@pytest.mark.slow
def test_the_real_files() -> None:
    """Shapes, the published class counts of the training set, and the content hash that names every stored result."""
    pool = population("mnist")
    assert pool.inputs.shape == (70_000, 784)
    assert np.bincount(pool.labels[:60_000]).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert pool.inputs.min() == 0
    assert pool.inputs.max() == 1
    assert pool.content_hash == "f859be5eaacbf52dc889c5a1faebae77"
    assert population("mnist") is pool
    assert population("mnist_3_vs_rest").classes == (-1, 1)


@real
@pytest.mark.slow
def test_the_folder_above_and_files_that_are_not_mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert FOLDER is not None
    found = next(folder for folder in (Path(FOLDER), Path(FOLDER) / "mnist") if list(folder.glob("train-images*")))
    (tmp_path / "mnist").symlink_to(found, target_is_directory=True)
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert mnist().size == 70_000
    other = tmp_path / "other"
    shutil.copytree(found, other)
    labels = next(other.glob("train-labels*"))
    labels.write_bytes(next(other.glob("t10k-labels*")).read_bytes())
    monkeypatch.setenv(VARIABLE, str(other))
    with pytest.raises(ValueError, match="this is not MNIST"):
        mnist()
    labels.unlink()
    with pytest.raises(ValueError, match="all four files"):
        mnist()


def test_without_files_the_error_names_both_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(ValueError, match=rf"{VARIABLE} is not set.*fetch_openml"):
        mnist()
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(ValueError, match=rf"{VARIABLE} must name the folder.*fetch_openml"):
        mnist()


def test_download_refuses_what_is_not_mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sklearn.datasets

    other = SimpleNamespace(data=np.zeros((3, 784)), target=np.array(["0", "1", "2"]))
    monkeypatch.setattr(sklearn.datasets, "fetch_openml", lambda *_, **__: other)
    with pytest.raises(ValueError, match="must give MNIST, got 3"):
        download(tmp_path)
    assert not list(tmp_path.iterdir())


@real
@pytest.mark.slow
def test_download_writes_files_that_are_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sklearn.datasets

    pool = population("mnist")
    found = SimpleNamespace(data=np.round(pool.inputs * 255), target=pool.labels.astype(str))
    monkeypatch.setattr(sklearn.datasets, "fetch_openml", lambda *_, **__: found)
    monkeypatch.setenv(VARIABLE, str(download(tmp_path / "data")))
    assert mnist().content_hash == pool.content_hash
