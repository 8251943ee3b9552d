"""The store: results by content-hashed key, in append-only files of JSON lines.

``FOLDER/runs/`` holds one file for each run, written by its driving process alone. A line is one cell and carries its own
checksum; a tile's lines are written and flushed to the disk together. Whoever reads takes the union of the files, so
that two runs into one folder never touch each other's lines. A line that was torn by a crash fails its checksum, is
skipped and named; two different results under one key are an error. A line says which theorems its result rests on, by a
hash of what they say: one of other theorems than today's counts as missing, so that its cell runs again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn

from genbounds.verification.runs.cells import canonical_json, digest, parse_json
from genbounds.verification.runs.theorems import theorems_in

RUNS = "runs"
LONGEST_LINE = 2**28
"""Bytes. The longest that a study writes are some megabytes."""


class StoreError(ValueError):
    """The folder can't be read or written; the message says why and what to do."""


class ConflictError(StoreError):
    """Two different results stand under one key."""


class OutdatedWarning(UserWarning):
    """Results are of theorems that have changed since; their cells run again."""


class TornLineWarning(UserWarning):
    """A line of a store was skipped because its checksum does not fit."""


@dataclass(frozen=True)
class Record:
    """One cell with its result.

    ``about`` says when and where it was computed; it is not a part of the result, and two records that differ in it alone
    agree.
    """

    key: str
    study: str
    cell: Mapping[str, Any]
    result: Mapping[str, Any]
    about: Mapping[str, Any] = field(default_factory=dict)

    def line(self) -> bytes:
        """The record as one line with its checksum. Keys stay in their order: the terms of a bound have one."""
        content = canonical_json(self, sort_keys=False)
        return f'{{"checksum":"{checksum(content)}","theorems":"{theorems_in(content)}","record":{content}}}\n'.encode()


class StoredTable(dict[str, Any]):
    """A result as it was read, or a table in it, which says where it stands when something asks for a field that it lacks.

    >>> StoredTable({"n": 10}, "a.jsonl, line 3")["n"]
    10
    """

    def __init__(self, values: Mapping[str, Any], where: str) -> None:
        """Of the values, with all tables in them, which stand in a line of a file."""
        super().__init__({name: _placed(value, where) for name, value in values.items()})
        self.where = where

    def __missing__(self, name: str) -> NoReturn:
        """A sound checksum says that a line is whole, and not that this version of the study wrote it."""
        held = ", ".join(map(repr, self))[:200] or "nothing"
        raise StoreError(
            f"{self.where} must hold {name!r} in its result, as this version of genbounds writes it, got {held}: "
            "the line was changed by hand, or other code wrote it; remove the line, and its cell runs again"
        )


def _placed(value: Any, where: str) -> Any:
    if isinstance(value, dict):
        return StoredTable(value, where)
    return [_placed(one, where) for one in value] if isinstance(value, list) else value


@dataclass
class Store:
    """The results in one folder.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = Store(folder)
    ...     with store.writer() as writer:
    ...         writer.write([Record("a1", "study", {"n": 10}, {"bound": 0.5})])
    ...     store.read()["a1"].result
    {'bound': 0.5}
    """

    folder: Path
    outdated: dict[str, str]
    """Of the last time that all records were read: keys with nothing but results of theorems that have changed since, and their studies.

    Lines of versions that did not say what their results rest on are taken as they are.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        """Name the folder; nothing is read or written yet."""
        self.folder = Path(folder)
        self.outdated = {}

    def prepare(self) -> None:
        """Make the folder and try to write into it, before any work is done.

        Raises:
            StoreError: it can't be made or written.
        """
        runs = self.folder / RUNS
        try:
            runs.mkdir(parents=True, exist_ok=True)
            probe = runs / f".probe-{secrets.token_hex(8)}"
            probe.touch(exist_ok=False)
            probe.unlink()
        except OSError as error:
            raise _cannot_write(self.folder, error) from error

    def writer(self) -> Writer:
        """A writer with a file of its own, which is made when the first record comes."""
        return Writer(self.folder)

    def records(self) -> Iterator[Record]:
        """Every distinct record, a line at a time, file by file in the order of their names; none of theorems that have changed since.

        Raises:
            ConflictError: two different results under one key.
            StoreError: a file can't be read.

        Warns:
            TornLineWarning: lines whose checksum does not fit; their cells count as missing.
        """
        seen: dict[str, tuple[str, str]] = {}
        outdated: dict[str, str] = {}
        for path in self._files():
            for number, line in enumerate(_lines(path), start=1):
                record = _parsed(line)
                if record is None:
                    where = f"{path.name}, line {number}"
                    warnings.warn(f"{where}: torn or damaged, skipped; its cell will run again", TornLineWarning, stacklevel=2)
                    continue
                if _outdated(line):
                    outdated[record.key] = record.study
                    continue
                value = _value(record)
                if record.key not in seen:
                    seen[record.key] = (value, path.name)
                    yield replace(record, result=StoredTable(record.result, f"{path}, line {number},"))
                elif seen[record.key][0] != value:
                    raise ConflictError(
                        f"runs must agree, but {seen[record.key][1]} and {path.name} hold different results for cell "
                        f"{record.key} of study {record.study!r}: they come from different machines or versions, "
                        f"or the study changed without a new revision; move one of the files out of {self.folder / RUNS}"
                    )
        self.outdated = {key: study for key, study in outdated.items() if key not in seen}

    def read(self) -> dict[str, Record]:
        """All records by key. See ``records`` for what is raised and warned of."""
        return {record.key: record for record in self.records()}

    def keys(self) -> set[str]:
        """The keys of all records; memory does not grow with the results."""
        return {record.key for record in self.records()}

    def _files(self) -> Sequence[Path]:
        try:
            return sorted((self.folder / RUNS).glob("*.jsonl"))
        except OSError as error:
            raise StoreError(f"the run folder must be readable, got {self.folder}: {error.strerror}") from error


class Writer:
    """Appends tiles of records to one new file. Use it in a ``with`` statement, from one process."""

    def __init__(self, folder: Path) -> None:
        """Remember where the file goes."""
        self._folder = folder
        self._file: int | None = None
        self.path: Path | None = None

    def write(self, records: Sequence[Record]) -> None:
        """Append a tile and wait until the disk has it. On an error no part of the tile counts.

        Raises:
            StoreError: the disk is full, or the folder can't be written.
        """
        data = b"".join(record.line() for record in records)
        try:
            descriptor = self._open()
            end = os.lseek(descriptor, 0, os.SEEK_END)
            try:
                view = memoryview(data)
                while view:
                    view = view[os.write(descriptor, view) :]
                os.fsync(descriptor)
            except OSError:
                # Without this, half a tile could stay behind; if even that fails, its last line fails its checksum.
                os.ftruncate(descriptor, end)
                raise
        except OSError as error:
            raise _cannot_write(self._folder, error) from error

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Writer:
        """Nothing is opened before the first record."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the file."""
        self.close()

    def _open(self) -> int:
        if self._file is None:
            runs = self._folder / RUNS
            runs.mkdir(parents=True, exist_ok=True)
            stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime())
            self.path = runs / f"{stamp}-{os.getpid()}-{secrets.token_hex(4)}.jsonl"
            self._file = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_APPEND, 0o644)
        return self._file


def write_atomically(path: Path, text: str) -> None:
    """Write a small file so that a reader sees the old text or the new one, never half of either.

    Raises:
        StoreError: the disk is full, or the folder can't be written.
    """
    temporary = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(temporary, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):  # where the folder itself is a file, there is nothing to clean up
            temporary.unlink(missing_ok=True)
        raise _cannot_write(path.parent, error) from error


def _lines(path: Path) -> Iterator[bytes]:
    """The lines; of one that is too long for any cell, nothing."""
    try:
        with open(path, "rb") as file:
            while line := file.readline(LONGEST_LINE):
                if line.endswith(b"\n") or len(line) < LONGEST_LINE:
                    yield line
                    continue
                while (rest := file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                    pass
                yield b""
    except OSError as error:
        raise StoreError(f"the run folder must be readable, got {path}: {error.strerror}") from error


def _outdated(line: bytes) -> bool:
    """Whether a line is of theorems that say something else today."""
    start, _, content = line.partition(b',"record":')
    _, told, theorems = start.partition(b'"theorems":"')
    return bool(told) and theorems.rstrip(b'"').decode(errors="replace") != theorems_in(content.decode(errors="replace"))


def _parsed(line: bytes) -> Record | None:
    """The record of a line, or None where the line is not whole, or holds what no run writes, whatever its checksum says."""
    try:
        raw = json.loads(line)
        content = json.dumps(raw["record"], separators=(",", ":"))
        if raw["checksum"] != checksum(content):
            return None
        record = Record(**parse_json(content))
        texts, tables = (record.key, record.study), (record.cell, record.result, record.about)
        if not all(isinstance(text, str) for text in texts) or not all(isinstance(table, dict) for table in tables):
            return None
        _value(record)
        return record
    except Exception:  # JSON that is nested too deeply, numbers too long to read, fractions over 0: one bad line must not block the others
        return None


def _value(record: Record) -> str:
    return digest([record.study, record.cell, record.result])


def checksum(content: str) -> str:
    """Of the record of a line: 16 hex digits of BLAKE2b."""
    return hashlib.blake2b(content.encode(), digest_size=8).hexdigest()


def _cannot_write(folder: Path, error: OSError) -> StoreError:
    return StoreError(
        f"the output folder must be writable, got {folder}: {error.strerror or error}; "
        "free space there or choose another folder (what was finished before is kept)"
    )
