"""The store, with real torn files, real full disks (a limit on file size) and folders that cannot be written."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import warnings
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import pytest

from genbounds.verification.runs.store import ConflictError, Record, Store, StoreError, TornLineWarning

VALUES = {"bound": 0.1 + 0.2, "risk": Fraction(1, 3), "none": None, "infinite": math.inf, "words": "naïve"}


def record(number: int, **values: object) -> Record:
    return Record(f"{number:032x}", "study", {"n": number}, {**VALUES, **values}, {"seconds": number / 7})


def fill(store: Store, records: Sequence[Record]) -> Path:
    with store.writer() as writer:
        writer.write(records)
        assert writer.path is not None
        return writer.path


def test_what_was_written_is_read_exactly(tmp_path: Path) -> None:
    store = Store(tmp_path)
    fill(store, [record(1), record(2)])
    fill(store, [record(3)])
    assert store.read() == {one.key: one for one in (record(1), record(2), record(3))}
    assert list(store.read()[record(1).key].result) == [*VALUES], "the order of the values is kept"
    assert store.keys() == {record(number).key for number in (1, 2, 3)}


def test_an_empty_folder_holds_nothing_and_a_writer_that_wrote_nothing_leaves_no_file(tmp_path: Path) -> None:
    store = Store(tmp_path / "new")
    assert store.read() == {}
    with store.writer():
        pass
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("cut", [2, 10, 60, 150])
def test_a_torn_last_line_is_skipped_and_named(tmp_path: Path, cut: int) -> None:
    store = Store(tmp_path)
    path = fill(store, [record(1), record(2)])
    whole = path.read_bytes()
    os.truncate(path, len(whole) - cut)
    with pytest.warns(TornLineWarning, match=f"{path.name}, line 2"):
        found = store.read()
    assert set(found) == {record(1).key}


def test_a_line_whose_newline_alone_is_missing_counts(tmp_path: Path) -> None:
    store = Store(tmp_path)
    path = fill(store, [record(1), record(2)])
    os.truncate(path, path.stat().st_size - 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(store.read()) == 2


def test_every_flipped_byte_is_noticed(tmp_path: Path) -> None:
    """A changed byte can only lose the line, or leave its values as they are: no wrong number is ever read."""
    store = Store(tmp_path)
    path = fill(store, [record(1)])
    whole = path.read_bytes()
    for position in range(0, len(whole) - 1, 3):
        damaged = bytearray(whole)
        damaged[position] ^= 1
        path.write_bytes(bytes(damaged))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", TornLineWarning)
            assert store.read() in ({}, {record(1).key: record(1)})


def test_the_same_result_twice_is_one_result(tmp_path: Path) -> None:
    store = Store(tmp_path)
    fill(store, [record(1)])
    fill(store, [Record(record(1).key, "study", {"n": 1}, dict(VALUES), {"seconds": 99.0})])
    assert len(list(store.records())) == 1


def test_two_results_under_one_key_are_a_conflict_that_names_both_files(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first = fill(store, [record(1)])
    second = fill(store, [record(1, bound=math.nextafter(0.1 + 0.2, 1))])
    with pytest.raises(ConflictError) as caught:
        store.read()
    assert first.name in str(caught.value)
    assert second.name in str(caught.value)


@pytest.mark.parametrize("blocked", ["file", "runs"])
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, blocked: str) -> None:
    folder = tmp_path / "out"
    if blocked == "file":
        folder.write_text("a file stands where the folder should be")
    else:
        folder.mkdir()
        (folder / "runs").write_text("a file stands where the folder should be")
    with pytest.raises(StoreError, match=r"must be writable, got .*out: .*another folder"):
        Store(folder).prepare()
    with pytest.raises(StoreError, match="must be writable"):
        fill(Store(folder), [record(1)])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="Permission denied"):
        Store(tmp_path).prepare()


@pytest.mark.slow
def test_a_full_disk_loses_the_tile_and_nothing_else(tmp_path: Path) -> None:
    """A limit on the size of files stands in for the full disk: the write fails half-way, as it does there."""
    code = f"""
import resource, sys
from genbounds.verification.runs.store import Record, Store, StoreError
store = Store({str(tmp_path)!r})
with store.writer() as writer:
    writer.write([Record("a", "study", {{}}, {{"text": "x" * 1000}})])
    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
    try:
        writer.write([Record(key, "study", {{}}, {{"text": "x" * 1000}}) for key in "bcdefg"])
    except StoreError as error:
        print(error)
        sys.exit(7)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 7, done.stderr
    assert "must be writable" in done.stdout
    assert "File too large" in done.stdout
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert set(Store(tmp_path).read()) == {"a"}


def test_a_field_that_a_result_lacks_is_named_with_file_and_line(tmp_path: Path) -> None:
    """At every depth; what is there is read as ever."""
    store = Store(tmp_path)
    path = fill(store, [record(1), record(2, inner={"deep": [{"n": 3}]})])
    found = store.read()[record(2).key].result
    assert found["inner"]["deep"][0]["n"] == 3
    assert found.get("no field") is None
    for table in (found, found["inner"], found["inner"]["deep"][0]):
        with pytest.raises(StoreError, match=rf"{path.name}, line 2, must hold 'no field' .*remove the line, and its cell runs again"):
            table["no field"]
