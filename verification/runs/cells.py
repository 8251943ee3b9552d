"""Cells: the smallest units of a study, each named by a hash of everything that determines its numbers."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import re
from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from functools import cache
from typing import Any, TypeAlias

import numpy as np

from genbounds.verification.populations import population
from genbounds.verification.runs.canary import Canary

Cell: TypeAlias = Any
"""A frozen dataclass of plain values."""
Result: TypeAlias = Mapping[str, Any]
"""What a cell gives: canonical JSON values by name."""


@dataclass(frozen=True)
class Cost:
    """What a cell costs, as far as that can be said beforehand.

    Attributes:
        networks: how many it trains.
        operations: floating-point operations of the training, additions and multiplications counted singly.
        memory: bytes while it runs.
        seconds: what else takes time (drawing, measuring, certifying), as one core of an AMD EPYC took for it with its other cores busy, as
            they are in a run with several workers: good for an estimate.
    """

    networks: int = 0
    operations: float = 0.0
    memory: int = 0
    seconds: float = 0.0

    def times(self, count: int) -> Cost:
        """The cost of so many at once.

        >>> Cost(1, 10.0, 8).times(3)
        Cost(networks=3, operations=30.0, memory=24, seconds=0.0)
        """
        return Cost(count * self.networks, count * self.operations, count * self.memory, count * self.seconds)

    def taking(self, seconds: float, memory: int = 0) -> Cost:
        """The same, with so many seconds more, and so many bytes.

        >>> Cost(1, 10.0, 8).taking(0.5, 2)
        Cost(networks=1, operations=10.0, memory=10, seconds=0.5)
        """
        return Cost(self.networks, self.operations, self.memory + memory, self.seconds + seconds)


class Study(ABC):
    """One phenomenon, as a list of cells. A study is a file, or a folder where it takes several:
    a subclass with its cells and what a tile of them does.

    A study must be picklable (a class at the top of a module, plain attributes), since tiles may run in other
    processes.

    Attributes:
        name: what the command line calls it; unique among the studies.
        revision: raised in the same commit as any change of the study's numbers, so that old results are not reused.
        description: one sentence for the report.
        tile_size: how many cells one worker runs at once; no part of a cell's name.
        dtype: the floating-point type of the training, for cells that have no field ``dtype`` of their own.
        measures_tiles: whether ensembles of its networks are cut to a memory that is measured once a run folder, and the same
            wherever a tile of cells runs; for a study whose ensembles train by torch (dense ReLU networks on the CPU are not cut).
        extent: which of its sizes it is, for a study that has more than a quick and a full one.
    """

    name: str
    revision: int
    description: str
    tile_size: int = 1
    dtype: str = "float32"
    measures_tiles: bool = False
    extent: str | None = None

    @abstractmethod
    def cells(self) -> Sequence[Cell]:
        """All cells, in the order of the report: frozen dataclasses. A field ``population`` names a population."""

    @abstractmethod
    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """The results of some cells, in their order. They depend on the cells alone: no clock, no global random state."""

    def rows(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Any]:
        """The rows (``genbounds.verification.rows.kinds``) that the results of all cells give, in the report's order; none by default."""
        return ()

    def canary(self) -> Canary | None:
        """A fault planted before the study's own checks, in every run, with the sound case; None where a study has no checks."""
        return None

    def cost(self, cell: Cell) -> Cost | None:
        """What a cell costs, for ``genbounds verify --dry-run``; None, the default, where the study does not say."""
        return None

    def group(self, cell: Cell) -> Hashable:
        """Cells of different groups never share a tile: give whatever must be equal within one, such as the architecture."""
        return None


def cell_name(study: Study, cell: Cell) -> str:
    """The name of a cell: 32 hex digits that change with anything that could change its numbers.

    Hashed are the study's name and revision, the cell's class and fields, the dtype, and the content of the population.
    """
    source = getattr(cell, "population", None)
    content = population(source).content_hash if isinstance(source, str) else getattr(source, "content_hash", None)
    identity = {
        "study": study.name,
        "revision": study.revision,
        "cell": fields(cell),
        "kind": type(cell).__name__,
        "dtype": getattr(cell, "dtype", study.dtype),
        "population": content,
    }
    return digest(identity)


def fields(cell: Cell) -> dict[str, Any]:
    """The fields of a cell by name; a population that is an object stands for itself by its name.

    Raises:
        ValueError: the cell is not a frozen dataclass.
    """
    kind: Any = type(cell)
    values = {name: getattr(cell, name) for name in _field_names(kind)}
    return {name: value.name if hasattr(value, "content_hash") else value for name, value in values.items()}


@cache
def _field_names(kind: type[Any]) -> tuple[str, ...]:
    if not dataclasses.is_dataclass(kind):
        raise ValueError(f"cell must be an instance of a frozen dataclass, got {kind.__name__}")
    if not kind.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        raise ValueError(f"cell must be frozen, got {kind.__name__}: write @dataclass(frozen=True)")
    return tuple(field.name for field in dataclasses.fields(kind))


def digest(value: Any) -> str:
    """BLAKE2b hash of canonical JSON, 32 hex digits."""
    return hashlib.blake2b(canonical_json(value).encode(), digest_size=16).hexdigest()


def canonical_json(value: Any, *, sort_keys: bool = True) -> str:
    """The one JSON text of a value: sorted keys, no spaces, exact numbers. Without ``sort_keys`` their order is kept.

    Floats are written as Python's shortest text that reads back to the same double; Fractions, infinities and NaN have
    tags. Tuples become lists, enums their values, dataclasses their fields, numpy values the plain ones. ``parse_json``
    reads
    it back.

    Raises:
        ValueError: a value of another type, a key that is not a word, or one that starts with "$".

    >>> canonical_json({"delta": Fraction(1, 20), "b": (1, 0.1), "a": math.inf})
    '{"a":{"$float":"inf"},"b":[1,0.1],"delta":{"$fraction":"1/20"}}'
    """
    return (_SORTED if sort_keys else _AS_GIVEN).encode(_json_value(value))


_SORTED, _AS_GIVEN = (json.JSONEncoder(sort_keys=sort, separators=(",", ":"), allow_nan=False) for sort in (True, False))
_PLAIN = frozenset({str, int, bool, type(None)})


def parse_json(text: str | bytes) -> Any:
    """The value that ``canonical_json`` wrote (lists for tuples).

    >>> parse_json(canonical_json([Fraction(1, 3), 0.1, -math.inf]))
    [Fraction(1, 3), 0.1, -inf]
    """
    return json.loads(text, object_hook=_untag)


def _json_value(value: Any) -> Any:
    kind = type(value)  # what most of a record is made of comes first: a run names, writes and reads perhaps a hundred thousand
    if kind in _PLAIN or (kind is float and math.isfinite(value)):
        return value
    if kind is dict:
        return {_word(key): _json_value(item) for key, item in value.items()}
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return _json_value(value.value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"$float": repr(float(value))}
    if isinstance(value, Fraction):
        return {"$fraction": f"{value.numerator}/{value.denominator}"}
    if isinstance(value, list | tuple):
        return [_json_value(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _json_value({field.name: getattr(value, field.name) for field in dataclasses.fields(value)})
    if isinstance(value, Mapping):
        return {_word(key): _json_value(item) for key, item in value.items()}
    raise ValueError(f"a cell or result must be made of plain values, got {value!r} of type {type(value).__name__}")


def _word(key: Any) -> str:
    if not isinstance(key, str) or key.startswith("$"):
        raise ValueError(f"a key must be a word that does not start with '$', got {key!r}")
    return str(key)


def _untag(value: dict[str, Any]) -> Any:
    if value.keys() == {"$fraction"}:
        if not re.fullmatch(r"-?\d+/\d+", value["$fraction"]):  # an exponent would take all memory
            raise ValueError(f"a fraction must be written as a/b, got {value['$fraction'][:50]!r}")
        return Fraction(value["$fraction"])
    if value.keys() == {"$float"}:
        return float(value["$float"])
    return value
