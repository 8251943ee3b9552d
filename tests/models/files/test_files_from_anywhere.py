"""Whatever a file holds, reading it gives what it holds or a ``ValueError`` that names it, in bounded time and memory."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import random
import resource
import struct
import time
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from genbounds.models.files import limits
from genbounds.models.files.datafiles import read_idx, read_predictions
from genbounds.models.files.samples import read_sample
from genbounds.models.files.saved_weights import read_state_dict
from genbounds.verification.report.read import read_report
from genbounds.verification.report.write import write_report
from genbounds.verification.rows.report import Report
from genbounds.verification.runs.plan import PLAN, read_plan
from genbounds.verification.runs.store import Record, Store, TornLineWarning, checksum

WEIGHTS = {"0.weight": torch.arange(6.0).reshape(2, 3), "0.bias": torch.zeros(2)}


def npz(path: Path) -> None:
    np.savez(path, x=np.arange(12.0).reshape(4, 3), y=np.arange(4))


def predictions(path: Path) -> None:
    np.savez(path, predictions=np.arange(4), labels=np.arange(4))


def npy(path: Path) -> None:
    np.save(path, np.arange(12.0).reshape(4, 3))
    np.save(path.parent / "labels.npy", np.arange(4))


def read_pair(path: Path) -> object:
    return read_sample(path, path.parent / "labels.npy")


def csv(path: Path) -> None:
    pytest.importorskip("pandas")
    path.write_text("a,b,label\n" + "".join(f"{n}.5,{n * n},{n % 3}\n" for n in range(20)))


def parquet(path: Path) -> None:
    pytest.importorskip("pyarrow")
    from pyarrow import parquet, table

    parquet.write_table(table({"a": np.arange(4.0), "b": np.arange(4), "label": np.arange(4)}), path)


def hdf5(path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "w") as file:
        file["y"] = np.arange(4)
        file.create_dataset("x", data=np.arange(12.0).reshape(4, 3), chunks=(2, 3), compression="gzip")


def packed(path: Path) -> None:
    np.savez_compressed(path, x=np.arange(12.0).reshape(4, 3), y=np.arange(4))


def idx(path: Path) -> None:
    path.write_bytes(b"\0\0\x08\x02" + struct.pack(">II", 5, 7) + bytes(range(35)))


def zipped(path: Path) -> None:
    path.write_bytes(gzip.compress(b"\0\0\x08\x02" + struct.pack(">II", 5, 7) + bytes(range(35)), mtime=0))


def plan(path: Path) -> None:
    path.write_text(json.dumps({"tiles": {"study": [["a", "b"], ["c"]]}, "tile_bytes": 1000, "version": 1}))


def store(path: Path) -> None:
    path.write_bytes(b"".join(Record(f"a{n}", "study", {"n": n}, {"bound": 0.5 * n}).line() for n in range(3)))


def report(path: Path) -> None:
    written = write_report(Report("nothing yet", {"full": False, "seed": 0, "revisions": {}}, ()), path.parent / "report")
    path.write_bytes(written["report.json"].read_bytes())


def read_store(path: Path) -> object:
    folder = path.parent / "store"
    (folder / "runs").mkdir(parents=True, exist_ok=True)
    (folder / "runs" / "a.jsonl").write_bytes(path.read_bytes())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TornLineWarning)
        return Store(folder).read()


def read_the_plan(path: Path) -> object:
    (path.parent / PLAN).write_bytes(path.read_bytes())
    return read_plan(path.parent)


KINDS = {
    "npz": (npz, read_sample),
    "compressed": (packed, read_sample),
    "predictions": (predictions, read_predictions),
    "npy": (npy, read_pair),
    "csv": (csv, read_sample),
    "parquet": (parquet, read_sample),
    "hdf5": (hdf5, read_sample),
    "idx": (idx, read_idx),
    "gzip": (zipped, read_idx),
    "torch": (lambda path: torch.save(WEIGHTS, path), read_state_dict),
    "legacy": (lambda path: torch.save(WEIGHTS, path, _use_new_zipfile_serialization=False), read_state_dict),
    "safetensors": (lambda path: save_file(WEIGHTS, path), read_state_dict),
    "store": (store, read_store),
    "plan": (plan, read_the_plan),
    "report": (report, read_report),
}


def mutated(data: bytes, rng: random.Random) -> bytes:
    """One to three of: bits flipped (half of them in the first 200 bytes), a cut, bytes put in, a part twice."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 3)):
        kind = rng.randrange(5)
        place = rng.randrange(min(len(changed), 200 if rng.random() < 0.5 else len(changed)) or 1)
        if kind <= 1 and changed:
            changed[place] ^= 1 << rng.randrange(8)
        elif kind == 2:
            del changed[place:]
        elif kind == 3:
            changed[place:place] = rng.choice([b"((((", b"\0\xff", b"[" * 5000, b"9" * 5000, b'"', b"null", b"\x85" * 3, b"1e999"])
        else:
            changed[place:place] = changed[place : place + 40]
    return bytes(changed)


def refusal(read: Callable[[Path], object], path: Path) -> str | None:
    """The words of a ``ValueError``; any other error passes through."""
    try:
        read(path)
    except ValueError as error:
        return str(error)
    return None


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_mutated_files_give_what_they_hold_or_a_value_error(kind: str, tmp_path: Path) -> None:
    write, read = KINDS[kind]
    path = tmp_path / "file"
    ends = {"npz": ".npz", "compressed": ".npz", "predictions": ".npz", "npy": ".npy", "csv": ".csv"}
    path = path.with_suffix(ends.get(kind, ""))
    write(path)
    data, rng, errors = path.read_bytes(), random.Random(f"mutations of {kind}"), 0
    read(path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(150):
        path.write_bytes(mutated(data, rng))
        start = time.process_time()
        words = refusal(read, path)
        if words is not None:
            errors += 1
            assert str(tmp_path) in words
            assert len(words) < 1000 + len(str(path))
        assert time.process_time() - start < 5
    assert errors > 30 or kind == "store"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000, "kilobytes"


def member(path: Path, content: bytes, compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("x.npy", content)
        archive.writestr("y.npy", content)
    return path


def npy_header(header: str, version: bytes = b"\x01\x00") -> bytes:
    length = struct.pack("<H" if version == b"\x01\x00" else "<I", len(header))
    return b"\x93NUMPY" + version + length + header.encode("latin1")


@pytest.mark.parametrize(
    "header",
    ["{'descr': '<f8', 'fortran_order': False, 'shape': (", "(" * 900,
     "'" * 3, "{'descr': '<f8'}", "\0", "-" * 9000, "[" * 9000, "1" * 9000,
     "{'descr': ',', 'fortran_order': False, 'shape': (1,)}", "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 1)}"],
)  # fmt: skip
def test_headers_of_npz_files(header: str, tmp_path: Path) -> None:
    path = member(tmp_path / "a.npz", npy_header(header))
    with pytest.raises(ValueError, match=r"a\.npz"):
        read_sample(path)


@pytest.mark.slow
def test_a_header_that_would_fill_the_memory_is_not_read(tmp_path: Path) -> None:
    content = npy_header(" " * 50_000_000, b"\x02\x00")
    path = member(tmp_path / "a.npz", content, zipfile.ZIP_DEFLATED)
    with pytest.raises(ValueError, match=r"header of 50000000 bytes"):
        read_sample(path)


@pytest.mark.parametrize("compression", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_compressions_that_numpy_does_not_write(compression: int, tmp_path: Path) -> None:
    inner = io.BytesIO()
    np.save(inner, np.zeros((3, 2)))
    with pytest.raises(ValueError, match=r"a\.npz.*another compression"):
        read_sample(member(tmp_path / "a.npz", inner.getvalue(), compression))


@pytest.mark.slow
def test_no_array_takes_more_than_its_share_of_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bomb that a machine of 64 GB would survive: what is allowed follows the memory that is there."""
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros((10**6, 2)), y=np.zeros(10**6))
    (tmp_path / "idx").write_bytes(gzip.compress(b"\0\0\x08\x01" + struct.pack(">I", 10**7) + bytes(10**7)))
    assert len(read_sample(tmp_path / "a.npz").inputs) == 10**6
    monkeypatch.setattr(limits, "_available", lambda: 16 * 10**6)
    for read, name in ((read_sample, "a.npz"), (read_idx, "idx")):
        with pytest.raises(ValueError, match=name):
            read(tmp_path / name)


def doubling(levels: int) -> object:
    nested: object = ()
    for _ in range(levels):
        nested = (nested, nested)
    return nested


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("where", ["key", "pair", "all", "value"])
def test_nested_tuples_are_refused_in_bounded_time(where: str, zipped: bool, tmp_path: Path) -> None:
    """The hash of such a tuple takes twice as long for each level. Written by hand, as it must not be hashed here either."""
    raw = pickle.dumps(doubling(60), protocol=2)[2:-1]
    made = {"key": b"}" + raw + b"K\x01s", "pair": b"(" + raw + b"K\x01d", "all": raw, "value": b"}X\x01\0\0\0a" + raw + b"s"}
    content, path, start = b"\x80\x02" + made[where] + b".", tmp_path / "a.pt", time.process_time()
    if zipped:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("archive/data.pkl", content)
            archive.writestr("archive/version", "3\n")
    else:
        head = b"".join(pickle.dumps(value, protocol=2) for value in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}))
        path.write_bytes(head + content + pickle.dumps([], protocol=2))
    with pytest.raises(ValueError, match=r"a\.pt.*unfolds"):
        read_state_dict(path)
    assert time.process_time() - start < 5


def test_views_that_unfold_to_more_than_the_memory_are_refused(tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(1).expand(10**12)}, tmp_path / "a.pt")
    with pytest.raises(ValueError, match=r"a\.pt must hold tensors that fit"):
        read_state_dict(tmp_path / "a.pt")


@pytest.mark.slow
def test_state_dicts_of_many_tensors_and_checkpoints_are_read(tmp_path: Path) -> None:
    many = {f"layer.{index}.weight": torch.full((2,), float(index)) for index in range(2000)}
    for new in (True, False):
        torch.save({"state_dict": many, "epoch": 3, "optimizer": {"betas": (0.9, 0.999), "params": list(range(2000))}}, tmp_path / "a.pt",
                   _use_new_zipfile_serialization=new)  # fmt: skip
        assert len(read_state_dict(tmp_path / "a.pt").tensors) == 2000


BAD_CONTENTS = [
    "[" * 20_000 + "]" * 20_000,
    "null",
    "3",
    '{"key":["a"],"study":"s","cell":{},"result":{},"about":{}}',
    '{"key":"a","study":"s","cell":{},"result":null,"about":{}}',
    '{"key":"a","study":"s","cell":{"$x":1},"result":{},"about":{}}',
    '{"key":"a","study":"s","cell":{"x":{"$fraction":"1/0"}},"result":{},"about":{}}',
    '{"key":"a","study":"s","cell":{"x":{"$fraction":"1e99999999"}},"result":{},"about":{}}',
    '{"key":"a","study":"s","cell":{"x":{"$fraction":3}},"result":{},"about":{}}',
    '{"key":"a","study":"s","cell":{"x":' + "9" * 5000 + '},"result":{},"about":{}}',
    '{"key":"a","study":"s","cell":{},"result":{},"about":{},"more":1}',
]


@pytest.mark.parametrize("content", BAD_CONTENTS, ids=range(len(BAD_CONTENTS)))
def test_one_bad_line_is_reported_and_blocks_no_other(content: str, tmp_path: Path) -> None:
    """Its checksum fits: only a person, or another version, writes so."""
    (tmp_path / "runs").mkdir()
    good = Record("good", "study", {"n": 1}, {"bound": 0.5}).line()
    bad = f'{{"checksum":"{checksum(content)}","record":{content}}}\n'.encode()
    (tmp_path / "runs" / "a.jsonl").write_bytes(good + bad + good.replace(b"good", b"torn"))
    with pytest.warns(TornLineWarning, match=r"a\.jsonl, line 2"):
        assert list(Store(tmp_path).read()) == ["good"]


@pytest.mark.parametrize(
    "text",
    ["null", "[]", "3", '"a"', "{}", '{"tiles": null}', '{"tiles": []}', '{"tiles": {"s": null}}', '{"tiles": {"s": [null]}}',
     '{"tiles": {"s": ["ab"]}}', '{"tiles": {"s": [[1]]}}', '{"tiles": {}, "tile_bytes": null}', '{"tiles": {}, "tile_bytes": true}',
     "[" * 20_000, "\x00", '{"tiles": {}, "tile_bytes": ' + "9" * 5000 + "}"],
)  # fmt: skip
def test_odd_plans(text: str, tmp_path: Path) -> None:
    (tmp_path / PLAN).write_text(text)
    with pytest.raises(ValueError, match=r"plan\.json must be a tile plan") as caught:
        read_plan(tmp_path)
    assert len(str(caught.value)) < 1000


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [{"asked": None}, {"asked": []},
     {"asked": {"seed": None}}, {"asked": {"seed": -1}}, {"asked": {"revisions": []}}, {"asked": {"full": 3}},
     {"rows": None}, {"rows": [None]}, {"rows": [3]}, {"rows": {"a": 1}}],
)  # fmt: skip
def test_odd_reports(change: dict[str, object], tmp_path: Path) -> None:
    report(tmp_path / "report.json")
    whole = json.loads((tmp_path / "report.json").read_text())
    (tmp_path / "report.json").write_text(json.dumps({**whole, **change}))
    with pytest.raises(ValueError, match=r"report\.json"):
        read_report(tmp_path / "report.json")
