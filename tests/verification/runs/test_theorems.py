"""Stored results of theorems that have changed since run again, and nothing else does."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from genbounds.bounds import Bound, get
from genbounds.bounds.assumptions import ONE_PASS
from genbounds.verification.checks.faults.copies import with_formula
from genbounds.verification.runs import theorems
from genbounds.verification.runs.cells import Cell, Result, Study
from genbounds.verification.runs.run import results, run
from genbounds.verification.runs.store import OutdatedWarning, Record, Store
from genbounds.verification.runs.theorems import said_by, theorems_in


@dataclass(frozen=True)
class Named:
    theorem: str


class Naming(Study):
    """One cell for each of two theorems; the results can be told apart by when they were computed."""

    name, revision, description, dtype = "naming", 1, "names theorems", "float64"
    when = "first"

    def cells(self) -> Sequence[Named]:
        return [Named("holdout.hoeffding"), Named("holdout.bernstein")]

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        return [{"bound": cell.theorem, "when": self.when} for cell in cells]


def hoeffding() -> Bound:
    found = get("hoeffding")
    assert isinstance(found, Bound)
    return found


def with_an_assumption_more(bound: Bound) -> Bound:
    altered = with_formula(bound, bound.__wrapped__)
    altered.forms = {name: replace(form, assumes=(*form.assumes, ONE_PASS)) for name, form in bound.forms.items()}
    return altered


@pytest.fixture
def catalogue_of_today(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The catalogue as the store sees it, to be changed by a test."""
    known = dict(theorems._known())
    monkeypatch.setattr(theorems, "_known", lambda: known)
    theorems._of.cache_clear()
    yield known
    theorems._of.cache_clear()


def when(study: Study, store: Store) -> dict[str, str]:
    return {cell.theorem: result["when"] for cell, result in results([study], store)["naming"]}


@pytest.mark.parametrize("change", [with_an_assumption_more, lambda bound: with_formula(bound, get("bernstein").__wrapped__)])
def test_the_cells_of_a_theorem_that_changed_run_again_and_the_others_stay(
    tmp_path: Path, catalogue_of_today: dict[str, Any], change: Any
) -> None:
    study = Naming()
    run([study], tmp_path)
    catalogue_of_today["holdout.hoeffding"] = change(hoeffding())
    theorems._of.cache_clear()
    study.when = "second"
    with pytest.warns(OutdatedWarning, match=r"theorems that have changed since \(1 of naming\).*run again"):
        store = run([study], tmp_path)
    assert when(study, store) == {"holdout.hoeffding": "second", "holdout.bernstein": "first"}
    study.when = "third"
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # what was computed again is not spoken of again
        assert when(study, run([study], tmp_path))["holdout.hoeffding"] == "second"


def test_nothing_runs_again_where_no_theorem_changed(tmp_path: Path) -> None:
    study = Naming()
    run([study], tmp_path)
    study.when = "second"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert set(when(study, run([study], tmp_path)).values()) == {"first"}


def test_lines_of_before_are_taken_as_they_are(tmp_path: Path) -> None:
    """They do not say what their results rest on."""
    record = Record("a1", "study", {}, {"bound": "holdout.hoeffding"})
    line = record.line()
    start, told, rest = line.partition(b'"theorems":"')
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "old.jsonl").write_bytes(start + rest.partition(b'",')[2])
    assert told
    assert Store(tmp_path).keys() == {"a1"}


def test_a_line_of_other_theorems_is_no_result(tmp_path: Path) -> None:
    line = Record("a1", "study", {}, {"bound": "holdout.hoeffding"}).line()
    told = theorems_in("holdout.hoeffding").encode()
    assert told in line
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "new.jsonl").write_bytes(line.replace(told, b"0" * len(told)))
    store = Store(tmp_path)
    assert store.keys() == set()
    assert store.outdated == {"a1": "study"}


SOURCE = '''
def helper(math, x):
    """A docstring."""
    return math.sqrt(x)  # a comment


def formula(math, *, n):
    """Another docstring."""
    return {"term": helper(math, n) + 1}
'''


def code_of(folder: Path, source: str, number: int) -> list[str]:
    path = folder / f"probe_{number}.py"
    path.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(f"genbounds.bounds.probe_{number}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return theorems._code(module.formula)


def test_words_make_no_difference_and_code_does(tmp_path: Path) -> None:
    first = code_of(tmp_path, SOURCE, 1)
    assert len(first) == 2
    assert code_of(tmp_path, SOURCE.replace("docstring", "text").replace("a comment", "why"), 2) == first
    assert code_of(tmp_path, SOURCE.replace("+ 1", "+ 2"), 3) != first
    assert code_of(tmp_path, SOURCE.replace("math.sqrt(x)", "x"), 4) != first


def test_what_is_said_depends_on_assumptions_and_premises_and_not_on_the_source() -> None:
    bound = hoeffding()
    assert said_by(with_an_assumption_more(bound)) != said_by(bound)
    form = bound.declaration.form
    cited = with_formula(bound, bound.__wrapped__)
    cited.forms = {**bound.forms, form: replace(bound.forms[form], source=get("bernstein").forms[get("bernstein").declaration.form].source)}
    assert said_by(cited) == said_by(bound)
