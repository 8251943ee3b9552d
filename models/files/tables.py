"""Samples in CSV, Parquet and HDF5, read by libraries that are there or not; sizes are checked before anything is read."""

from __future__ import annotations

import csv
import importlib
import math
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from genbounds.models.files.limits import largest_bytes, reading

Array = npt.NDArray[Any]
StrPath = str | os.PathLike[str]

LABEL_COLUMNS = ("label", "labels", "y", "class", "target", "targets")
MOST_COLUMNS = 200_000
"""An image of 256 x 256 with three channels has 196 608 numbers."""
_PARSED = 12
"""Bytes that a byte of text may become while it is read: "1," is a number of eight, and is copied on the way."""
_PACKED = 1040
"""Deflate makes at most 1032 bytes of one."""


def read_csv(path: StrPath, *, labelled: bool = True) -> list[Array]:
    """Inputs and labels of a CSV file with a header: one column named ``label`` (or ``y``, ``class``, ``target``) among inputs.

    Without ``labelled`` the inputs alone; a column of labels need not be there, and is left out.
    """
    pandas = _library("pandas", path, "a CSV file")
    size = Path(path).stat().st_size
    if size * _PARSED > largest_bytes():
        raise ValueError(f"{path} must fit into memory, got a CSV file of {size} bytes: store the arrays with np.savez(path, x=.., y=..)")
    with reading(path, "CSV file", "write it with frame.to_csv(path, index=False)"), open(path, "rb") as stream:
        head = stream.readline(2**24).decode("utf-8-sig")
        names = next(csv.reader([head]), [])
        label = _label_column(names, path, "frame.to_csv(path, index=False)", labelled)
        stream.seek(0)
        # Each decimal is to be read as the nearest double, which later versions do by themselves.
        exact = {} if _version(pandas) >= (3, 1) else {"float_precision": "round_trip"}
        try:
            with warnings.catch_warnings(action="error", category=pandas.errors.ParserWarning):
                # A stream, as a path may name a host.
                frame = pandas.read_csv(stream, compression=None, encoding="utf-8-sig", index_col=False, low_memory=False, **exact)
        except pandas.errors.ParserWarning as error:
            raise ValueError(f"{path} must have as many cells in a row as in the header, {len(names)}, got more: write it again") from error
    if len(frame.columns) != len(names) or not len(frame):
        raise ValueError(
            f"{path} must have one line as its header and at least one row, got {len(frame)} rows of {len(frame.columns)} cells: write it "
            "with frame.to_csv(path, index=False)"
        )
    columns = []
    for number, name in enumerate(names):
        cells = frame.iloc[:, number]
        if not (pandas.api.types.is_numeric_dtype(cells.dtype) or pandas.api.types.is_bool_dtype(cells.dtype)):
            raise ValueError(
                f"{path}: column {name[:50]!r} must hold numbers, got {cells.dtype}: encode words as numbers, or drop the column"
            )
        array = cells.to_numpy()
        if array.dtype.kind == "f" and np.isnan(array).any():
            raise ValueError(
                f"{path}: column {name[:50]!r} must have no empty cell, got one in row {int(np.isnan(array).argmax()) + 2}: fill it"
            )
        columns.append(array)
    return _split(columns, label, labelled)


def read_parquet(path: StrPath, *, labelled: bool = True) -> list[Array]:
    """Inputs and labels of a Parquet file whose columns are numbers, named as those of a CSV file; as there without ``labelled``."""
    parquet = _library("pyarrow.parquet", path, "a Parquet file")
    types = importlib.import_module("pyarrow").types
    remedy = "frame.to_parquet(path, index=False)"
    with reading(path, "Parquet file", f"write it with {remedy}"), open(path, "rb") as stream:
        file = parquet.ParquetFile(stream)
        names = [str(name) for name in file.schema_arrow.names]
        label = _label_column(names, path, remedy, labelled)
        for field in file.schema_arrow:
            if not (types.is_integer(field.type) or types.is_floating(field.type) or types.is_boolean(field.type)):
                raise ValueError(f"{path}: column {field.name[:50]!r} must hold numbers, got {field.type}: one column for each number")
        claimed = file.metadata.num_rows * len(names) * 8
        unpacked = sum(file.metadata.row_group(number).total_byte_size for number in range(file.metadata.num_row_groups))
        if max(claimed, unpacked) > largest_bytes():
            raise ValueError(f"{path} must fit into memory, got {max(claimed, unpacked)} bytes when it is unpacked: give fewer rows")
        parts: list[list[Array]] = [[] for _ in names]
        # In pieces, so that memory grows with what is there; a batch has no more rows than the file says in its head.
        for batch in file.iter_batches(batch_size=2**14, use_threads=False):
            for number, name in enumerate(names):
                if batch.column(number).null_count:
                    raise ValueError(f"{path}: column {name[:50]!r} must have no empty cell, got one: fill it")
                parts[number].append(batch.column(number).to_numpy(zero_copy_only=False))
        if not parts[0]:
            raise ValueError(f"{path} must have at least one row, got none: one row per example")
        return _split([np.concatenate(part) for part in parts], label, labelled)


def read_hdf5(path: StrPath, choose: Callable[[Iterable[str]], tuple[str, ...]]) -> tuple[list[Array], tuple[str, ...]]:
    """Data sets at the root of an HDF5 file and their names, as ``choose`` finds them; no link to another file is followed."""
    h5py = _library("h5py", path, "an HDF5 file")
    with reading(path, "HDF5 file", "write it again"), h5py.File(path, "r") as file:
        names = choose(_own(file, h5py))
        return [_dataset(file, h5py, name, path) for name in names], names


def _own(file: Any, h5py: Any) -> Iterator[str]:
    for number, name in enumerate(file):
        if number == 1000:
            return
        if isinstance(file.get(name, getlink=True), h5py.HardLink):
            yield str(name)


def _dataset(file: Any, h5py: Any, name: str, path: StrPath) -> Array:
    found, what = file[name], f"{path}: data set {name!r}"
    if not isinstance(found, h5py.Dataset) or found.shape is None or found.dtype.kind not in "biuf":
        raise ValueError(f"{what} must hold plain numbers, got {getattr(found, 'dtype', 'a group')}: store numbers at the root of the file")
    if found.external or found.is_virtual:
        raise ValueError(f"{what} must lie in this file, got one that is read from others: copy the numbers into one file")
    size, stored = math.prod(found.shape) * found.dtype.itemsize, found.id.get_storage_size()
    if size > min(largest_bytes(), _PACKED * stored):
        raise ValueError(
            f"{what} must be what the file can hold and the memory too, got a claim of {size} bytes in {stored}: give fewer rows"
        )
    array: Array = found[()]
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _library(name: str, path: StrPath, what: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = name.partition(".")[0]
        raise ValueError(
            f"{path} is {what}, and {package} is not installed: pip install 'genbounds[data]' brings it, or store the arrays with "
            "np.savez(path, x=inputs, y=labels)"
        ) from error


def _version(module: Any) -> tuple[int, ...]:
    return tuple(int(part) for part in module.__version__.split(".")[:2])


def _label_column(names: list[str], path: StrPath, remedy: str, labelled: bool) -> int | None:
    """Where the labels stand; ``ValueError`` for columns without names or of one name, and where there is not one of labels.

    None where there is none and none is needed.
    """
    if len(names) > MOST_COLUMNS:
        raise ValueError(
            f"{path} must have at most {MOST_COLUMNS} columns, got {len(names)}: store the arrays with np.savez(path, x=.., y=..)"
        )
    if any(name in ("", "__index_level_0__") or name.startswith("Unnamed: ") for name in names):
        raise ValueError(
            f"{path} must have columns of inputs and labels only, got one without a name, the numbers of the rows: write it with {remedy}"
        )
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{path} must have columns with different names, got {twice[:50]!r} twice: rename one")
    there = [number for number, name in enumerate(names) if name.lower() in LABEL_COLUMNS]
    if not labelled and not there and names:
        return None
    if len(there) != 1 or len(names) < 2:
        got = ", ".join(repr(names[number]) for number in there) or ", ".join(repr(name[:20]) for name in names[:4]) or "nothing"
        raise ValueError(
            f"{path} must have a header with one column of labels, named {' or '.join(LABEL_COLUMNS)}, and columns of inputs, got "
            f"{got}: rename the column"
        )
    return there[0]


def _split(columns: list[Array], label: int | None, labelled: bool) -> list[Array]:
    inputs = np.stack([column for number, column in enumerate(columns) if number != label], axis=1)
    return [inputs, columns[label]] if labelled and label is not None else [inputs]
