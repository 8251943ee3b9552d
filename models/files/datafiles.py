"""Labelled samples from files that may come from anywhere: npz without pickles, and IDX (the format of MNIST), gzipped or not.

Nothing in such a file is ever run, and nothing is allocated that the file is too small to hold: the sizes that a header claims are
compared with the bytes that are there, and with the memory that this machine has, before any array is made.
"""

from __future__ import annotations

import gzip
import io
import math
import os
import struct
import zipfile
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy

from genbounds.models.files.limits import largest_bytes, reading

Array = npt.NDArray[Any]
StrPath = str | os.PathLike[str]

LONGEST_HEADER = 10_000
"""Bytes of a header in numpy's format; numpy itself reads no longer one."""
INPUT_NAMES, LABEL_NAMES = ("x", "inputs", "X", "images", "arr_0"), ("y", "labels", "arr_1")
PREDICTION_NAMES, TRUE_NAMES = ("predictions", "y_pred", "logits", "probabilities", "scores"), ("labels", "y", "y_true")
_DEFLATE = 1040
"""Deflate makes at most 1032 bytes of one."""
_IDX_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"


def read_sample(path: StrPath, labels: StrPath | None = None) -> tuple[Array, Array]:
    """Inputs (n, ...) and labels (n,) from one npz file, or from two IDX files (``labels`` names the second).

    What a file is is read from its first bytes, not from its name. Raises ``ValueError`` that names the file and what is wrong with it.
    """
    if labels is not None:
        inputs, classes = read_idx(path), read_idx(labels)
    elif _first_bytes(path, 4) == _ZIP:
        inputs, classes = read_npz(path)
    elif _first_bytes(path, 2) in (_GZIP, b"\0\0"):
        raise ValueError(f"{path} is one IDX file, and a sample needs two: give the labels' file too, as IMAGES,LABELS")
    else:
        raise ValueError(f"{path} must be an npz or an IDX file, got neither: write np.savez(path, x=inputs, y=labels)")
    if inputs.ndim < 2 or len(inputs) == 0:
        raise ValueError(f"inputs of {path} must have shape (n, ...) with n at least 1, got {inputs.shape}: one row an example")
    if classes.shape != inputs.shape[:1]:
        raise ValueError(f"labels of {path} must have shape ({len(inputs)},), one an example, got {classes.shape}: store class indices")
    return inputs, classes


def read_predictions(path: StrPath) -> tuple[Array, Array]:
    """Predictions and true labels of an npz file, as ``certify_predictions`` takes them: ``np.savez(path, predictions=.., labels=..)``."""
    return read_npz(path, (PREDICTION_NAMES, "predictions"), (TRUE_NAMES, "labels"))


def read_npz(
    path: StrPath,
    first: tuple[tuple[str, ...], str] = (INPUT_NAMES, "inputs"),
    second: tuple[tuple[str, ...], str] = (LABEL_NAMES, "labels"),
) -> tuple[Array, Array]:
    """Two arrays of an npz file, read without pickles: each by the first of its names that is there, and what it is in words.

    Raises ``ValueError`` for arrays of Python objects, damaged files, and headers that claim more than the file holds.
    """
    size = _size(path)
    with reading(path, "npz file", "copy or write it again"), zipfile.ZipFile(path) as archive:
        entries = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        return (
            _member(archive, entries, *first, path, size),
            _member(archive, entries, *second, path, size),
        )


def _member(
    archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo], names: tuple[str, ...], what: str, path: StrPath, size: int
) -> Array:
    """One array of the archive, by the first of its names that is there."""
    found = [name for name in names if name in entries]
    if not found:
        held = ", ".join(repr(name[:50]) for name in islice(entries, 8)) or "none"
        raise ValueError(
            f"{path} must hold an array {' or '.join(map(repr, names))} with the {what}, got {held}: rename it, as in "
            f"np.savez(path, {names[0]}=..)"
        )
    info = entries[found[0]]
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{path}: array {found[0]!r} must be stored as numpy does, got another compression: write it with np.savez")
    if info.file_size > min(largest_bytes(), _DEFLATE * size):
        raise ValueError(
            f"{path}: array {found[0]!r} must be what the file can hold, got a claim of {info.file_size} bytes in a file of {size}: forged"
        )
    with archive.open(info) as stream:
        return _npy(stream, info.file_size, f"{path}: array {found[0]!r}")  # type: ignore[arg-type]


def _npy(stream: BinaryIO, size: int, what: str) -> Array:
    """An array in numpy's own format, its header checked before anything is allocated."""
    try:
        version = npy.read_magic(stream)
        readers = {(1, 0): ("<H", npy.read_array_header_1_0), (2, 0): ("<I", npy.read_array_header_2_0)}
        if version not in readers:
            raise ValueError(f"version {version} of the format")
        length, read = readers[version]
        head = bytes(_exactly(stream, struct.calcsize(length), what))
        (announced,) = struct.unpack(length, head)
        if announced > LONGEST_HEADER:
            raise ValueError(f"a header of {announced} bytes")
        shape, fortran, dtype = read(io.BytesIO(head + bytes(_exactly(stream, announced, what))))
    except Exception as error:  # the header is read as Python's literals are, which raises what a tokeniser and a parser can
        raise ValueError(f"{what} must be in numpy's format, got {_one_line(error)}: write it with np.savez") from error
    if dtype.hasobject or dtype.kind not in "biuf":
        raise ValueError(
            f"{what} must hold plain numbers, got dtype {dtype}: arrays of objects are pickles, which run code, and are never read; "
            "store numbers"
        )
    if any(axis < 0 for axis in shape) or math.prod(shape) * dtype.itemsize > size:
        raise ValueError(f"{what} must be as large as its header says, got a header for shape {shape} and {size} bytes: damaged or forged")
    array = np.frombuffer(_exactly(stream, math.prod(shape) * dtype.itemsize, what), dtype=dtype)
    array = array.astype(dtype.newbyteorder("="), copy=False)
    return array.reshape(shape[::-1]).transpose() if fortran else array.reshape(shape)


def read_idx(path: StrPath) -> Array:
    """The array of an IDX file, gzipped or not, in native byte order.

    The format: two zero bytes, the type, the number of axes, their lengths as big-endian 32-bit numbers, then the entries. Raises
    ``ValueError`` for anything else, for a file that is cut short and for one with bytes left over.
    """
    size = _size(path)
    zipped = _first_bytes(path, 2) == _GZIP
    what = "gzip file" if zipped else "IDX file"
    with reading(path, what, "download it again"), gzip.open(path, "rb") if zipped else open(path, "rb") as stream:
        return _idx(stream, _DEFLATE * size if zipped else size, str(path))


def _idx(stream: Any, most: int, what: str) -> Array:
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _IDX_TYPES or not 1 <= magic[3] <= 8:
        raise ValueError(f"{what} must be an IDX file, got first bytes {magic.hex(' ')}: they must be 00 00, a type, a number of axes")
    dtype = np.dtype(_IDX_TYPES[magic[2]])
    shape = struct.unpack(f">{magic[3]}I", _exactly(stream, 4 * magic[3], what))
    wanted = math.prod(shape) * dtype.itemsize
    if wanted > min(most, largest_bytes()):
        raise ValueError(f"{what} must be as large as its header says, got one for shape {shape} in too small a file: damaged or forged")
    array = np.frombuffer(_exactly(stream, wanted, what), dtype=dtype).reshape(shape)
    if stream.read(1):
        raise ValueError(f"{what} must end after its array of shape {shape}, got more bytes: damaged, or another format")
    return array.astype(dtype.newbyteorder("="), copy=False)


def _exactly(stream: Any, count: int, what: str) -> bytearray:
    """``count`` bytes, read in pieces so that memory grows with what is really there."""
    data = bytearray()
    while len(data) < count:
        piece = stream.read(min(count - len(data), 2**24))
        if not piece:
            raise ValueError(f"{what} must be whole, got {len(data)} bytes where {count} were announced: it is cut short, copy it again")
        data += piece
    return data


def _size(path: StrPath) -> int:
    if not Path(path).is_file():
        raise ValueError(f"the data file must exist, got {path}: check the path")
    return Path(path).stat().st_size


def _first_bytes(path: StrPath, count: int) -> bytes:
    _size(path)
    with open(path, "rb") as stream:
        return stream.read(count)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]
