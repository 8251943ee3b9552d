"""Arrays from files that may come from anywhere: npz and npy without pickles, and IDX (the format of MNIST), gzipped or not.

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
from collections.abc import Callable, Iterable
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
PREDICTION_NAMES, TRUE_NAMES = ("predictions", "y_pred", "logits", "probabilities", "scores"), ("labels", "y", "y_true")
_DEFLATE = 1040
"""Deflate makes at most 1032 bytes of one."""
_IDX_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_GZIP = b"\x1f\x8b"


def read_predictions(path: StrPath) -> tuple[Array, Array]:
    """Predictions and true labels of an npz file, as ``certify_predictions`` takes them: ``np.savez(path, predictions=.., labels=..)``."""

    def choose(held: Iterable[str]) -> tuple[str, ...]:
        names = list(held)
        return _first(names, PREDICTION_NAMES, "predictions", path), _first(names, TRUE_NAMES, "labels", path)

    (predictions, labels), _ = read_npz(path, choose)
    return predictions, labels


def _first(held: list[str], wanted: tuple[str, ...], what: str, path: StrPath) -> str:
    for name in wanted:
        if name in held:
            return name
    found = ", ".join(repr(name[:50]) for name in held[:8]) or "none"
    raise ValueError(
        f"{path} must hold an array {' or '.join(map(repr, wanted))} with the {what}, got {found}: rename it, as in "
        f"np.savez(path, {wanted[0]}=..)"
    )


def read_npz(path: StrPath, choose: Callable[[Iterable[str]], tuple[str, ...]]) -> tuple[list[Array], tuple[str, ...]]:
    """Arrays of an npz file, read without pickles, and their names, as ``choose`` finds them among all.

    Raises ``ValueError`` for arrays of Python objects, damaged files, and headers that claim more than the file holds.
    """
    size = _size(path)
    with reading(path, "npz file", "copy or write it again"), zipfile.ZipFile(path) as archive:
        entries = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        names = choose(entries)
        return [_member(archive, entries[name], name, path, size) for name in names], names


def read_npy(path: StrPath) -> Array:
    """The array of an npy file, read without pickles; ``ValueError`` as for those of an npz file, and for bytes left over."""
    size = _size(path)
    if size > largest_bytes():
        raise ValueError(f"{path} must fit into memory, got a file of {size} bytes: give fewer rows")
    with reading(path, "npy file", "copy or write it again"), open(path, "rb") as stream:
        array = _npy(stream, size, str(path))
        if stream.read(1):
            raise ValueError(f"{path} must end after its array of shape {array.shape}, got more bytes: damaged, or another format")
        return array


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, path: StrPath, size: int) -> Array:
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{path}: array {name!r} must be stored as numpy does, got another compression: write it with np.savez")
    if info.file_size > min(largest_bytes(), _DEFLATE * size):
        raise ValueError(
            f"{path}: array {name!r} must be what the file can hold, got a claim of {info.file_size} bytes in a file of {size}: forged"
        )
    with archive.open(info) as stream:
        return _npy(stream, info.file_size, f"{path}: array {name!r}")  # type: ignore[arg-type]


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
    zipped = first_bytes(path, 2) == _GZIP
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


def first_bytes(path: StrPath, count: int) -> bytes:
    """The beginning of a file, from which one knows what it is; ``ValueError`` if it is not there."""
    _size(path)
    with open(path, "rb") as stream:
        return stream.read(count)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]
