"""A labelled sample from whatever users keep one in: npz, two npy or IDX files, CSV, Parquet, HDF5; which arrays it is, and its classes.

Nothing is guessed: where two arrays could be the inputs, or the labels are neither classes nor one-hot rows, the file is refused.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from genbounds.models.files.datafiles import first_bytes, read_idx, read_npy, read_npz
from genbounds.models.files.tables import read_csv, read_hdf5, read_parquet

Array = npt.NDArray[Any]
StrPath = str | os.PathLike[str]

INPUTS = ("x", "X", "inputs", "images", "data", "arr_0")
LABELS = ("y", "labels", "label", "targets", "target", "arr_1")
TRAINING, HELD_OUT = ("train", "training"), ("test",)
"""What stands before or behind such a name, as in ``x_train`` and ``test_images``."""
_GZIP, _ZIP, _NPY, _PARQUET, _HDF5 = b"\x1f\x8b", b"PK\x03\x04", b"\x93NUMPY", b"PAR1", b"\x89HDF\r\n\x1a\n"


@dataclass(frozen=True)
class Sample:
    """Inputs (n, ...), labels (n,), and in words what was chosen and changed to get them, such as "arrays x_train and y_train"."""

    inputs: Array
    labels: Array
    said: tuple[str, ...] = ()


def read_sample(path: StrPath, labels: StrPath | None = None, *, held_out: bool = False) -> Sample:
    """The sample of one file, or of two npy or IDX files (``labels`` names the second).

    What a file is is read from its first bytes, not from its name; only CSV, which has none, by its ending. Of a file with ``x_train`` and
    ``x_test`` the former is read, with ``held_out`` the latter. Labels (n, 1) and one-hot rows become (n,). Raises ``ValueError`` that
    names the file and what is wrong with it.
    """
    said: tuple[str, ...]
    if labels is not None:
        found, classes, said = _one_array(path), _one_array(labels), ()
    else:
        (found, classes), said = _arrays(path, lambda names: chosen(names, path, held_out), labelled=True)
    _refuse_no_rows(found, path)
    made, changed = _classes(classes, len(found), path if labels is None else labels)
    return Sample(found, made, (*said, *changed))


def read_inputs(path: StrPath) -> tuple[Array, tuple[str, ...]]:
    """The inputs (n, ...) of a file without looking at labels, and in words which array was read where there were several.

    The formats are those of ``read_sample``; one npy or IDX file is enough, and a CSV or Parquet file needs no column of labels. Of a
    file with training and test examples the latter are read: a file of training inputs alone is refused. Raises ``ValueError`` that names
    the file and what is wrong with it.
    """
    (found,), said = _arrays(path, lambda names: (_fresh_inputs(names, path),), labelled=False)
    _refuse_no_rows(found, path)
    return found, said


def _refuse_no_rows(found: Array, path: StrPath) -> None:
    if found.ndim < 2 or len(found) == 0:
        raise ValueError(f"inputs of {path} must have shape (n, ...) with n at least 1, got {found.shape}: one row for each example")


def _arrays(path: StrPath, choose: Callable[[list[str]], tuple[str, ...]], *, labelled: bool) -> tuple[list[Array], tuple[str, ...]]:
    """Inputs and labels of one file, or inputs alone."""
    head = first_bytes(path, 8)

    def among(names: Iterable[str]) -> tuple[str, ...]:
        return choose(list(names))

    if head.startswith(_ZIP):
        return _said(*read_npz(path, among), "array")
    if head == _HDF5:
        return _said(*read_hdf5(path, among), "data set")
    if head.startswith(_PARQUET):
        return read_parquet(path, labelled=labelled), ()
    if not labelled and head.startswith((_NPY, b"\0\0", _GZIP)):
        return [_one_array(path)], ()
    if head.startswith(_NPY):
        raise ValueError(f"{path} is one npy file, and a sample needs two: give the labels' file too, as INPUTS,LABELS")
    if head.startswith(b"\0\0"):
        raise ValueError(f"{path} is one IDX file, and a sample needs two: give the labels' file too, as IMAGES,LABELS")
    if head.startswith(_GZIP):
        raise ValueError(
            f"{path} is one gzipped file, and a sample needs two of IDX: give the labels' file too, as IMAGES,LABELS, or decompress what "
            "is not an IDX file"
        )
    if Path(path).suffix.lower() == ".csv":
        return read_csv(path, labelled=labelled), ()
    raise ValueError(
        f"{path} must be an npz, npy, IDX, CSV (by its ending .csv), Parquet or HDF5 file, got none of these: write np.savez(path, "
        "x=inputs, y=labels)"
    )


def _said(found: list[Array], names: tuple[str, ...], what: str) -> tuple[list[Array], tuple[str, ...]]:
    """Plain names are not worth a word: only where the file has other examples too were these chosen."""
    plain = all(name in bases for name, bases in zip(names, (INPUTS, LABELS), strict=False))
    return found, () if plain else (f"{what}{'s' if len(names) > 1 else ''} {' and '.join(names)}",)


def _one_array(path: StrPath) -> Array:
    if first_bytes(path, 6) == _NPY:
        return read_npy(path)
    if first_bytes(path, 4) == _ZIP:
        raise ValueError(f"{path} is an npz file, which holds inputs and labels together: give it alone")
    return read_idx(path)


def chosen(names: list[str], path: StrPath, held_out: bool) -> tuple[str, str]:
    """The names of the inputs and of the labels among those that a file holds; ``ValueError`` if they are not there, or not clear.

    >>> chosen(["x_train", "y_train", "x_test", "y_test"], "mnist.npz", held_out=True)
    ('x_test', 'y_test')
    >>> chosen(["images", "labels", "x"], "a.npz", held_out=False)
    Traceback (most recent call last):
    ...
    ValueError: a.npz must hold one array with the inputs, got 'x' and 'images': keep one, or rename the other
    """
    own, other = (HELD_OUT, TRAINING) if held_out else (TRAINING, HELD_OUT)
    kinds = (("inputs", INPUTS), ("labels", LABELS))
    marked = [_present(names, _marked(bases, own)) for _, bases in kinds]
    if any(marked) and not all(marked):
        has, lacking = (0, 1) if marked[0] else (1, 0)
        what, bases = kinds[lacking]
        raise ValueError(
            f"{path} must hold the {what} that belong to {marked[has][0]!r}, named {bases[0]}_{own[0]} or the like, got {_held(names)}: "
            "rename them"
        )
    found = marked if any(marked) else [_present(names, bases) for _, bases in kinds]
    elsewhere = [_present(names, _marked(bases, other)) for _, bases in kinds]
    if not any(found) and all(elsewhere):
        wanted = "held-out examples, which training never saw," if held_out else "the training sample"
        raise ValueError(
            f"{path} must hold {wanted} for this, got {elsewhere[0][0]} and {elsewhere[1][0]}: give another file, or name the arrays x and "
            "y if that is what they are"
        )
    for (what, bases), there in zip(kinds, found, strict=True):
        if len(there) > 1:
            raise ValueError(f"{path} must hold one array with the {what}, got {_and(there)}: keep one, or rename the other")
        if not there:
            role = f"{bases[0]}_{own[0]}"
            raise ValueError(
                f"{path} must hold an array {' or '.join(map(repr, bases))} (or {role!r}) with the {what}, got {_held(names)}: rename "
                f"it, as in np.savez(path, {bases[0]}=..)"
            )
    return found[0][0], found[1][0]


def _fresh_inputs(names: list[str], path: StrPath) -> str:
    """The name of the inputs among those that a file holds, of test examples where it has some; ``ValueError`` if it is not clear.

    >>> _fresh_inputs(["x_train", "y_train", "x_test"], "mnist.npz")
    'x_test'
    """
    there = _present(names, _marked(INPUTS, HELD_OUT)) or _present(names, INPUTS)
    if len(there) > 1:
        raise ValueError(f"{path} must hold one array with the inputs, got {_and(there)}: keep one, or rename the other")
    if not there:
        raise ValueError(
            f"{path} must hold an array {' or '.join(map(repr, INPUTS))} (or 'x_test') with inputs that neither network saw, got "
            f"{_held(names)}: rename it, as in np.savez(path, x=..)"
        )
    return there[0]


def _marked(bases: Iterable[str], roles: Iterable[str]) -> list[str]:
    return [name for base in bases for role in roles for name in (f"{base}_{role}", f"{role}_{base}")]


def _present(names: list[str], wanted: Iterable[str]) -> list[str]:
    return [name for name in wanted if name in names]


def _held(names: list[str]) -> str:
    return ", ".join(repr(name[:50]) for name in islice(names, 8)) or "none"


def _and(names: list[str]) -> str:
    return " and ".join(map(repr, names))


def _classes(labels: Array, n: int, path: StrPath) -> tuple[Array, tuple[str, ...]]:
    """Labels (n,), and what was done to them; ``ValueError`` for rows that are not classes."""
    if labels.shape == (n,):
        return labels, ()
    if labels.shape == (n, 1):
        return labels[:, 0], ()
    if labels.ndim == 2 and len(labels) == n:
        wrong = ~(np.isin(labels, (0, 1)).all(axis=1) & (labels.sum(axis=1, dtype=np.float64) == 1))
        if not wrong.any():
            return labels.argmax(axis=1), ("one-hot labels read as classes",)
        raise ValueError(
            f"labels of {path} must be classes, or rows of zeros and a single one, got row {int(wrong.argmax())} with other entries: store "
            "class indices"
        )
    raise ValueError(f"labels of {path} must have shape ({n},), one per example, got {labels.shape}: store class indices")
