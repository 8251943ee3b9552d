"""Canonical JSON and the names of cells."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.populations import FinitePool, population
from genbounds.verification.runs.cells import Result, Study, canonical_json, cell_name, digest, parse_json

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.fractions() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4).filter(lambda word: not word.startswith("$")), inner, max_size=3)
    ),
    max_leaves=8,
)


@dataclass(frozen=True)
class Point:
    """A cell."""

    n: int
    delta: Fraction
    rate: float = 0.1
    population: str = "digits"


class Pointless(Study):
    """A study that is never run."""

    name = "pointless"
    revision = 1
    description = ""

    def cells(self) -> Sequence[Point]:
        return []

    def run_tile(self, cells: Sequence[Any]) -> list[Result]:
        return []


CELL = Point(100, Fraction(1, 20))


@pytest.mark.slow
@given(plain)
def test_values_come_back_exactly_and_with_their_types(value: Any) -> None:
    back = parse_json(canonical_json(value, sort_keys=False))
    assert back == value
    assert repr(back) == repr(value)
    assert canonical_json(back) == canonical_json(value)


def test_the_text_is_standard_json_with_sorted_keys() -> None:
    text = canonical_json({"b": math.nan, "a": (1, 1.0, -0.0, 1e300), "c": Verdict.REFUTED, "d": np.float64(0.1)})
    assert text == '{"a":[1,1.0,-0.0,1e+300],"b":{"$float":"nan"},"c":"refuted","d":0.1}'
    json.loads(text, parse_constant=lambda word: pytest.fail(word))


def test_numpy_and_dataclasses_are_plain() -> None:
    assert canonical_json([np.int64(3), np.arange(2), np.bool_(True), CELL]) == canonical_json(
        [3, [0, 1], True, {"n": 100, "delta": Fraction(1, 20), "rate": 0.1, "population": "digits"}]
    )


@pytest.mark.parametrize("value", [object(), {1: 2}, {"$x": 1}, {"a": {3}}, b"bytes", 1j])
def test_what_is_not_plain_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="must be"):
        canonical_json(value)


def test_the_name_changes_with_everything_that_could_change_the_numbers() -> None:
    study = Pointless()
    names = {cell_name(study, CELL)}
    for cell in (
        replace(CELL, n=101),
        replace(CELL, delta=Fraction(1, 21)),
        replace(CELL, rate=math.nextafter(0.1, 1)),
        replace(CELL, population="breast_cancer"),
    ):
        names.add(cell_name(study, cell))
    revised, renamed, double = Pointless(), Pointless(), Pointless()
    revised.revision, renamed.name, double.dtype = 2, "other", "float64"
    names |= {cell_name(other, CELL) for other in (revised, renamed, double)}
    assert len(names) == 8


def test_the_name_does_not_change_with_the_tile_size() -> None:
    study = Pointless()
    study.tile_size = 99
    assert cell_name(study, CELL) == cell_name(Pointless(), CELL)


def test_the_name_holds_the_population_by_content() -> None:
    class Other(Pointless):
        pass

    @dataclass(frozen=True)
    class Direct:
        population: Any

    pool = population("digits")
    moved = FinitePool(pool.name, pool.inputs * 2, pool.labels, "doubled")
    assert cell_name(Other(), Direct(pool)) != cell_name(Other(), Direct(moved))


@pytest.mark.slow
def test_the_name_is_the_same_in_another_process() -> None:
    code = "from genbounds.verification.runs.cells import digest; print(digest({'b': 1, 'a': [0.1, None]}))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert printed == digest({"a": (0.1, None), "b": 1})


def test_a_cell_must_be_a_frozen_dataclass() -> None:
    @dataclass
    class Loose:
        n: int = 1

    for cell in (Loose(), {"n": 1}, Point):
        with pytest.raises(ValueError, match="frozen"):
            cell_name(Pointless(), cell)
