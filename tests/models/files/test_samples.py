"""Fourteen layouts of labelled data, each with a wrong sibling that is refused with a message that is true."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genbounds.models.files import tables
from genbounds.models.files.preparation import Preparation
from genbounds.models.files.samples import read_inputs, read_sample

RNG = np.random.default_rng(5)
X, Y = RNG.normal(size=(6, 3)), np.array([0, 1, 2, 0, 1, 2])
ONE_HOT = np.eye(3)[Y]
Files = tuple[Path, Path | None]


def available(*names: str) -> None:
    for name in names:
        pytest.importorskip(name, reason="part of the extra data")


def npz(path: Path, **arrays: Any) -> Files:
    np.savez(path / "a.npz", **arrays)
    return path / "a.npz", None


def npy(path: Path, inputs: Any, labels: Any) -> Files:
    np.save(path / "x.npy", inputs)
    np.save(path / "y.npy", labels)
    return path / "x.npy", path / "y.npy"


def idx(path: Path, inputs: np.ndarray, labels: np.ndarray) -> Files:
    for name, array in (("x", inputs), ("y", labels)):
        head = bytes([0, 0, 0x0E, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
        (path / name).write_bytes(head + array.astype(">f8").tobytes())
    return path / "x", path / "y"


def csv(path: Path, names: list[str], columns: list[Any], index: bool = False) -> Files:
    rows = [",".join(([""] if index else []) + names)]
    rows += [
        ",".join(([str(number)] if index else []) + [str(one) for one in row]) for number, row in enumerate(zip(*columns, strict=True))
    ]
    (path / "a.csv").write_text("\n".join(rows) + "\n")
    available("pandas")
    return path / "a.csv", None


def parquet(path: Path, names: list[str], columns: list[Any], index: Any = False) -> Files:
    available("pandas", "pyarrow")
    import pandas

    frame = pandas.DataFrame(dict(zip(names, columns, strict=True)))
    (frame[::-1] if index else frame).to_parquet(path / "a.pq", index=index)
    return path / "a.pq", None


def hdf5(path: Path, **arrays: Any) -> Files:
    available("h5py")
    import h5py

    with h5py.File(path / "a.h5", "w") as file:
        for name, array in arrays.items():
            file[name] = array
    return path / "a.h5", None


def linked(path: Path) -> Files:
    available("h5py")
    import h5py

    hdf5(path, y=Y)
    np.save(path / "secret", X)
    with h5py.File(path / "a.h5", "a") as file:
        file.create_dataset("x", (6, 3), "f8", external=[(str(path / "secret.npy"), 128, 144)])
    return path / "a.h5", None


NAMES = ["a", "b", "label", "c"]
COLUMNS = [X[:, 0], X[:, 1], Y, X[:, 2]]
LAYOUTS: dict[str, tuple[Callable[[Path], Files], Callable[[Path], Files], str]] = {
    "x and y": (lambda p: npz(p, x=X, y=Y), lambda p: npz(p, x=X, X=X, y=Y), "one array with the inputs, got 'x' and 'X'"),
    "x_train and y_train": (
        lambda p: npz(p, x_train=X, y_train=Y, x_test=X[:2], y_test=Y[:2]),
        lambda p: npz(p, x_test=X, y_test=Y),
        "must hold the training sample for this, got x_test and y_test",
    ),
    "train_images and train_labels": (
        lambda p: npz(p, train_images=X, train_labels=Y, test_images=X, test_labels=Y, val_images=X[:1], val_labels=Y[:1]),
        lambda p: npz(p, train_images=X, test_labels=Y, y=Y),
        "must hold the labels that belong to 'train_images', named y_train or the like, got 'train_images', 'test_labels', 'y'",
    ),
    "images and labels": (lambda p: npz(p, images=X, labels=Y), lambda p: npz(p, images=X, classes=Y), "got 'images', 'classes'"),
    "arr_0 and arr_1": (
        lambda p: npz(p, arr_0=X, arr_1=Y),
        lambda p: npz(p, arr_0=Y, arr_1=X),
        r"inputs of .* must have shape \(n, ...\) with n at least 1, got \(6,\)",
    ),
    "two npy files": (lambda p: npy(p, X, Y), lambda p: (npy(p, X, Y)[0], None), "one npy file, and a sample needs two"),
    "two IDX files": (lambda p: idx(p, X, Y), lambda p: (idx(p, X, Y)[0], None), "one IDX file, and a sample needs two"),
    "CSV": (lambda p: csv(p, NAMES, COLUMNS), lambda p: csv(p, ["a", "b", "c", "d"], COLUMNS), "one column of labels, named label or"),
    "CSV written with its index": (
        lambda p: csv(p, NAMES, COLUMNS),
        lambda p: csv(p, NAMES, COLUMNS, index=True),
        r"one without a name, the numbers of the rows: write it with frame.to_csv\(path, index=False\)",
    ),
    "Parquet": (
        lambda p: parquet(p, NAMES, COLUMNS),
        lambda p: parquet(p, NAMES, [*COLUMNS[:3], ["u"] * 6]),
        "column 'c' must hold numbers",
    ),
    "Parquet with its index": (
        lambda p: parquet(p, NAMES, COLUMNS),
        lambda p: parquet(p, NAMES, COLUMNS, index=True),
        r"frame.to_parquet\(path, index=False\)",
    ),
    "HDF5": (lambda p: hdf5(p, x_train=X, y_train=Y), linked, "must lie in this file"),
    "one-hot labels": (lambda p: npz(p, x=X, y=ONE_HOT), lambda p: npz(p, x=X, y=0.9 * ONE_HOT + 1 / 30), "got row 0 with other entries"),
    "labels in a column": (lambda p: npz(p, x=X, y=Y[:, None]), lambda p: npz(p, x=X, y=Y[:5, None]), r"must have shape \(6,\)"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_is_read_and_its_wrong_sibling_refused(layout: str, tmp_path: Path) -> None:
    right, wrong, message = LAYOUTS[layout]
    found = read_sample(*right(tmp_path))
    assert np.array_equal(found.inputs, X)
    assert np.array_equal(found.labels, Y)
    with pytest.raises(ValueError, match=message) as caught:
        read_sample(*wrong(tmp_path))
    assert str(tmp_path) in str(caught.value)


def test_what_was_chosen_is_said(tmp_path: Path) -> None:
    path, _ = npz(tmp_path, x_train=X, y_train=Y, x_test=X[:2], y_test=ONE_HOT[:2])
    assert read_sample(path).said == ("arrays x_train and y_train",)
    held = read_sample(path, held_out=True)
    assert held.said == ("arrays x_test and y_test", "one-hot labels read as classes")
    assert np.array_equal(held.inputs, X[:2])
    assert np.array_equal(held.labels, Y[:2])
    assert read_sample(npz(tmp_path, x=X, y=Y)[0]).said == ()


def test_training_examples_are_not_read_as_held_out_ones(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must hold held-out examples, which training never saw, for this, got x_train and y_train"):
        read_sample(npz(tmp_path, x_train=X, y_train=Y)[0], held_out=True)


@pytest.mark.parametrize(("name", "path"), [("pandas", "a.csv"), ("pyarrow", "a.pq"), ("h5py", "a.h5")])
def test_a_library_that_is_not_there_is_named_with_two_remedies(
    name: str, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads = {"a.csv": b"a,label\n1,0\n", "a.pq": b"PAR1" + bytes(8), "a.h5": b"\x89HDF\r\n\x1a\n"}
    (tmp_path / path).write_bytes(heads[path])

    def missing(wanted: str) -> Any:
        raise ModuleNotFoundError(f"No module named {wanted!r}", name=wanted)

    monkeypatch.setattr(tables.importlib, "import_module", missing)
    with pytest.raises(ValueError, match=rf"{name} is not installed: pip install 'genbounds\[data\]' brings it, or store the arrays"):
        read_sample(tmp_path / path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,label\n1,0\n,1\n", "column 'a' must have no empty cell, got one in row 3"),
        ("a,label\n1,0\nx,1\n", "column 'a' must hold numbers"),
        ("a,label\n1,cat\n2,dog\n", "column 'label' must hold numbers"),
        ("a,label\n1,0,7\n2,1,7\n", "as many cells in a row as in the header"),
        ("a,label\n1,0\n2,1,7\n", "CSV file"),
        ("a,a,label\n1,0,1\n", "got 'a' twice"),
        ("label,y,a\n0,1,2\n", "one column of labels.*got 'label', 'y'"),
        ("label\n0\n", "one column of labels"),
        ("0.5,0.25,1\n0.5,0.75,0\n", "got '0.5', '0.25', '1'"),
        ("", "got nothing"),
        ("a,label\n", "at least one row, got 0 rows of 2 cells"),
        ("a," * 300_000 + "label\n", "at most 200000 columns"),
    ],
)
def test_csv_files_that_are_no_sample(text: str, message: str, tmp_path: Path) -> None:
    available("pandas")
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(ValueError, match=message) as caught:
        read_sample(tmp_path / "a.csv")
    assert str(tmp_path) in str(caught.value)


def test_decimals_of_a_csv_file_are_the_nearest_doubles(tmp_path: Path) -> None:
    available("pandas")
    exact = RNG.normal(size=2000) * 10.0 ** RNG.integers(-30, 30, 2000)
    found = read_sample(*csv(tmp_path, ["a", "label"], [[repr(float(one)) for one in exact], np.zeros(2000, int)]))
    assert np.array_equal(found.inputs[:, 0], exact)


def test_a_parquet_file_that_unpacks_to_more_than_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, _ = parquet(tmp_path, ["a", "label"], [np.zeros(10**6), np.zeros(10**6, int)])
    assert path.stat().st_size < 100_000
    assert len(read_sample(path).inputs) == 10**6
    monkeypatch.setattr(tables, "largest_bytes", lambda: 10**7)
    with pytest.raises(ValueError, match="must fit into memory, got 16000000 bytes"):
        read_sample(path)


def test_an_hdf5_file_that_claims_what_it_does_not_hold_is_refused(tmp_path: Path) -> None:
    available("h5py")
    import h5py

    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["y"] = Y
        file.create_dataset("x", (2**40, 4), "f8", chunks=(1024, 4), compression="gzip")
    with pytest.raises(ValueError, match="data set 'x' must be what the file can hold"):
        read_sample(tmp_path / "a.h5")
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["y"], file["x"] = Y, h5py.ExternalLink("a.h5", "y")
    with pytest.raises(ValueError, match="must hold an array 'x' or"):
        read_sample(tmp_path / "b.h5")


# --- inputs without labels -------------------------------------------------------------------------------------------------------------

UNLABELLED: dict[str, Callable[[Path], Files]] = {
    "npz": lambda path: npz(path, x=X),
    "npz with labels": lambda path: npz(path, x=X, y=Y),
    "npz of two samples": lambda path: npz(path, x_train=X[:2] + 1, y_train=Y[:2], x_test=X),
    "npy": lambda path: (npy(path, X, Y)[0], None),
    "idx": lambda path: (idx(path, X, Y)[0], None),
    "csv": lambda path: csv(path, ["a", "b", "c"], list(X.T)),
    "csv with labels": lambda path: csv(path, ["a", "label", "b", "c"], [X[:, 0], Y, X[:, 1], X[:, 2]]),
    "parquet": lambda path: parquet(path, ["a", "b", "c"], list(X.T)),
    "hdf5": lambda path: hdf5(path, images=X),
}


@pytest.mark.parametrize("made", UNLABELLED)
def test_inputs_are_read_with_or_without_labels(tmp_path: Path, made: str) -> None:
    found, said = read_inputs(UNLABELLED[made](tmp_path)[0])
    assert np.array_equal(found, X)
    assert said == (("array x_test",) if "two samples" in made else ())


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda path: npz(path, x_train=X, y_train=Y), "inputs that neither network saw, got 'x_train'"),
        (lambda path: npz(path, x=X, images=X), "one array with the inputs, got 'x' and 'images'"),
        (lambda path: npz(path, x=X[:0]), "n at least 1"),
        (lambda path: npy(path, Y, Y), "must have shape"),
        (lambda path: csv(path, ["a", "", "c"], list(X.T)), "without a name"),
        (lambda path: csv(path, ["y", "label", "c"], list(X.T)), "one column of labels"),
    ],
)
def test_inputs_that_are_not_clear_are_refused(tmp_path: Path, made: Callable[[Path], Files], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_inputs(made(tmp_path)[0])


# --- preparation ---------------------------------------------------------------------------------------------------------------------

IMAGES = RNG.integers(0, 256, (4, 5, 6, 3), dtype=np.uint8)


def test_preparation_is_what_it_says() -> None:
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    made = Preparation(divide_by=255.0, channels="last", mean=mean, std=std).inputs(IMAGES, "a")
    for n, h, w, c in np.ndindex(IMAGES.shape):
        assert made[n, c, h, w] == pytest.approx((IMAGES[n, h, w, c] / 255 - mean[c]) / std[c], rel=1e-13)
    assert Preparation(channels="add").inputs(IMAGES[..., 0], "a").shape == (4, 1, 5, 6)
    assert Preparation(mean=(1.0,)).inputs(np.ones((2, 3), dtype=np.uint8), "a").tolist() == [[0.0] * 3] * 2
    assert Preparation(first_label=1).labels(np.array([1, 3], dtype=np.uint8), "a").tolist() == [0, 2]


def test_preparation_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match=r"--mean must be one number, or one for each of the 5 entries of axis 1, got 3.*check --channels"):
        Preparation(mean=(0.1, 0.2, 0.3)).inputs(IMAGES, "a")
    with pytest.raises(ValueError, match="--channels last must be given for inputs with a channel axis"):
        Preparation(channels="last").inputs(X, "a")
    with pytest.raises(ValueError, match="at least 1 with --first-label 1, got 0"):
        Preparation(first_label=1).labels(Y, "a")
    for wrong in ({"std": (0.0,)}, {"std": (0.1, -1.0)}, {"mean": (float("nan"),)}, {"divide_by": 0.0}):
        with pytest.raises(ValueError, match="must be"):
            Preparation(**wrong)
