"""Data files: what the formats say, and that damaged or malicious files give a clear error, run nothing and allocate nothing."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import struct
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genbounds.models.files.datafiles import read_idx
from genbounds.models.files.samples import read_sample

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (5, 3, 2), dtype=np.uint8)
LABELS = np.arange(5, dtype=np.uint8)


class Trap:
    """A pickle that leaves a mark when it is loaded."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return (os.mkdir, (str(self.mark),))


def idx(array: np.ndarray, kind: int) -> bytes:
    """The bytes of an IDX file, written by the format's own description."""
    return (
        bytes([0, 0, kind, array.ndim])
        + struct.pack(f">{array.ndim}I", *array.shape)
        + array.astype(array.dtype.newbyteorder(">")).tobytes()
    )


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize(("dtype", "kind"), [("u1", 8), ("i1", 9), ("i2", 11), ("i4", 12), ("f4", 13), ("f8", 14)])
def test_idx_of_every_type(tmp_path: Path, dtype: str, kind: int, zipped: bool) -> None:
    array = RNG.integers(-100 if dtype != "u1" else 0, 100, (4, 3, 2)).astype(dtype)
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(idx(array, kind)) if zipped else idx(array, kind))
    found = read_idx(path)
    assert found.dtype == np.dtype(dtype)
    assert np.array_equal(found, array)


@pytest.mark.parametrize(("first", "second"), [("x", "y"), ("inputs", "labels"), ("X", "y")])
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_npz(tmp_path: Path, first: str, second: str, save: Any) -> None:
    inputs = np.asfortranarray(RNG.normal(size=(5, 4)))
    save(tmp_path / "data.npz", **{first: inputs, second: LABELS})
    found = read_sample(tmp_path / "data.npz")
    assert np.array_equal(found.inputs, inputs)
    assert np.array_equal(found.labels, LABELS)


def test_a_pair_of_idx_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(gzip.compress(idx(IMAGES, 8)))
    (tmp_path / "b").write_bytes(idx(LABELS, 8))
    found = read_sample(tmp_path / "a", tmp_path / "b")
    assert found.inputs.shape == (5, 3, 2)
    assert found.labels.tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="a sample needs two"):
        read_sample(tmp_path / "a")


def _npy_header(text: str) -> bytes:
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


def _archive(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.npy", data)
    return path


def _array(values: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, values, allow_pickle=True)
    return stream.getvalue()


def test_object_arrays_are_never_unpickled(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    objects = np.empty(1, dtype=object)
    objects[0] = Trap(mark)
    path = _archive(tmp_path / "evil.npz", x=_array(objects), y=_array(LABELS))
    with pytest.raises(ValueError, match="plain numbers"):
        read_sample(path)
    np.savez(tmp_path / "structured.npz", x=np.zeros(3, dtype=[("a", "O")]), y=LABELS)
    with pytest.raises(ValueError, match="plain numbers"):
        read_sample(tmp_path / "structured.npz")
    assert not mark.exists()


def test_a_pickle_under_the_name_of_a_member_is_not_read(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    path = _archive(tmp_path / "evil.npz", x=pickle.dumps(Trap(mark)), y=_array(LABELS))
    with pytest.raises(ValueError, match="numpy's format"):
        read_sample(path)
    (tmp_path / "bare.npz").write_bytes(pickle.dumps(Trap(mark)))
    with pytest.raises(ValueError, match="none of these"):
        read_sample(tmp_path / "bare.npz")
    assert not mark.exists()


def _hostile(tmp_path: Path) -> dict[str, tuple[Path, Path | None]]:
    """Files that claim what they do not hold."""
    whole = _array(IMAGES)
    huge = _npy_header("{'descr': '<f8', 'fortran_order': False, 'shape': (1099511627776, 8), }\n")
    negative = _npy_header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, 8), }\n")
    code = _npy_header("{'descr': __import__('os').mkdir('mark'), 'fortran_order': False, 'shape': (1,), }\n")
    files = {
        "huge header": _archive(tmp_path / "1.npz", x=huge + bytes(64), y=whole),
        "negative axis": _archive(tmp_path / "2.npz", x=negative + bytes(64), y=whole),
        "header with code": _archive(tmp_path / "3.npz", x=code + bytes(64), y=whole),
        "array cut short": _archive(tmp_path / "4.npz", x=whole[:-3], y=whole),
        "no labels": _archive(tmp_path / "5.npz", x=whole),
        "unequal lengths": _archive(tmp_path / "6.npz", x=whole, y=_array(LABELS[:3])),
        "empty": _archive(tmp_path / "7.npz", x=_array(np.zeros((0, 3))), y=_array(np.zeros(0, int))),
        "words": _archive(tmp_path / "8.npz", x=_array(np.array([["a"]] * 5)), y=_array(LABELS)),
        "empty file": tmp_path / "9.npz",
        "archive cut short": tmp_path / "10.npz",
        "not there": tmp_path / "missing.npz",
    }
    (tmp_path / "9.npz").write_bytes(b"")
    (tmp_path / "10.npz").write_bytes((tmp_path / "5.npz").read_bytes()[:60])
    labels = tmp_path / "labels"
    labels.write_bytes(idx(LABELS, 8))
    pairs = {
        "idx cut short": idx(IMAGES, 8)[:-1],
        "idx with more": idx(IMAGES, 8) + b"x",
        "idx with a huge header": bytes([0, 0, 8, 3]) + struct.pack(">3I", 2**31, 2**31, 1),
        "idx without axes": bytes([0, 0, 8, 0]),
        "idx of unknown type": bytes([0, 0, 7, 1]) + bytes(8),
        "gzip cut short": gzip.compress(idx(IMAGES, 8))[:-9],
        "gzip damaged": gzip.compress(idx(IMAGES, 8))[:12] + b"\xff" * 30,
        "gzip with a huge header": gzip.compress(bytes([0, 0, 8, 3]) + struct.pack(">3I", 2**31, 2**31, 1)),
        "header cut short": b"\0\0\x08",
    }
    result: dict[str, tuple[Path, Path | None]] = {name: (path, None) for name, path in files.items()}
    for number, (name, data) in enumerate(pairs.items()):
        path = tmp_path / f"pair{number}"
        path.write_bytes(data)
        result[name] = (path, labels)
    return result


def test_hostile_files_give_errors_and_take_no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, (path, labels) in _hostile(tmp_path).items():
        tracemalloc.start()
        with pytest.raises(ValueError, match=r".") as caught:
            read_sample(path, labels)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 2**24, name
        assert str(path) in str(caught.value), (name, str(caught.value))
    assert not (tmp_path / "mark").exists()


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    """A member that claims 4 GiB in a file of a few hundred bytes: the claim alone is refused."""
    path = _archive(tmp_path / "bomb.npz", x=_array(IMAGES), y=_array(LABELS))
    data = bytearray(path.read_bytes())
    central = data.find(b"PK\x01\x02")
    data[central + 24 : central + 28] = struct.pack("<I", 2**32 - 2)
    path.write_bytes(data)
    with pytest.raises(ValueError, match="forged"):
        read_sample(path)
