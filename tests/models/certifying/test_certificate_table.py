"""The table of certificates: JSON, text, Markdown, LaTeX and HTML, and numbers rounded up."""

from __future__ import annotations

import copy
import dataclasses
import json
import re
import sys
import types
from typing import Any

import pytest
from tests.models.certified_networks import DELTA, data, fit, mlp

from genbounds.models import certify
from genbounds.models.certifying.certificate_table import CertificateTable


@pytest.mark.slow
def test_the_table_survives_json_and_prints() -> None:
    init = mlp()
    table = certify(fit(copy.deepcopy(init), *data()), data(), initial=init, held_out=data(seed=2), input_radius=50)
    back = CertificateTable.from_dict(json.loads(json.dumps(table.to_dict(), allow_nan=False)))
    assert back == table
    with pytest.raises(dataclasses.FrozenInstanceError):
        table.delta = DELTA  # type: ignore[misc]
    text, markdown, latex, page = table.summary(), table.markdown(), table.latex(), table._repr_html_()
    for row in table.rows:
        assert row.bound in text
        assert row.bound.replace("_", r"\_") in markdown
        assert row.bound.replace("_", r"\_") in latex
        assert rf"\cite{{{row.source.key}}}" in latex
        assert row.source.key in table.bibtex()
        assert row.bound in page
    assert latex.count(r"\\") == len(table.rows) + 2
    assert all(line.count("&") == 5 for line in latex.splitlines() if line.endswith(r"\\"))
    lines = markdown.splitlines()
    assert all(line.replace(r"\|", "").count("|") in (3, 5, 7) for line in lines if line.startswith("|"))


@pytest.mark.slow
def test_printed_values_are_rounded_up() -> None:
    table = certify(fit(mlp(), *data()), data(), held_out=data(seed=2))
    printed = {line.split()[0]: line for line in table.summary().splitlines() if line.startswith(("holdout.", "vc.", "margin."))}
    for row in table.rows:
        if row.note in ("held out", ""):
            numbers = [float(word) for word in printed[row.bound].replace(row.note, "").split() if word.replace(".", "").isdigit()]
            assert any(number >= row.value and number <= row.value * 1.001 for number in numbers), row.bound


@pytest.mark.slow
def test_an_infinite_value_is_not_printed_as_a_number() -> None:
    table = _table()
    spoilt = dataclasses.replace(table, rows=(*table.rows[:-1], dataclasses.replace(table.rows[-1], value=float("inf"))))
    for text in (spoilt.summary(), spoilt.markdown(), spoilt.latex(), spoilt._repr_html_()):
        assert text.count("no finite bound") == 1
        assert not re.search(r"\binf\b", text)
    assert "no finite bound" not in table.summary()


def _table() -> CertificateTable:
    return certify(fit(mlp(), *data()), data(), held_out=data(150, seed=1))


@pytest.mark.slow
def test_a_table_is_a_sequence_of_its_rows() -> None:
    table = _table()
    assert len(table) == len(table.rows) > 2
    assert list(table) == [table[index] for index in range(len(table))] == list(table.rows)
    assert table[-1] is table.rows[-1]
    assert table[:2] == table.rows[:2]
    assert table[table[0].bound] is table[0]
    assert min(table) is table[0]
    with pytest.raises(IndexError):
        table[len(table)]


@pytest.mark.slow
def test_to_pandas_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)  # type: ignore[arg-type]
    with pytest.raises(ImportError, match="to_pandas needs pandas, which is not installed: pip install pandas"):
        _table().to_pandas()


@pytest.mark.slow
def test_to_pandas_has_one_record_for_each_row(monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, Any] = {}

    class Frame:
        @staticmethod
        def from_records(records: list[tuple[Any, ...]], columns: tuple[str, ...]) -> list[dict[str, Any]]:
            made.update(records=records, columns=columns)
            return [dict(zip(columns, record, strict=True)) for record in records]

    monkeypatch.setitem(sys.modules, "pandas", types.SimpleNamespace(DataFrame=Frame))  # type: ignore[arg-type]
    table = _table()
    frame = table.to_pandas()
    assert [row["value"] for row in frame] == [row.value for row in table]
    assert [row["bound"] for row in frame] == [row.bound for row in table]
    held_out = next(row for row in frame if row["bound"] == "holdout.clopper_pearson")
    assert held_out["n"] == 150
    assert held_out["delta"] == pytest.approx(float(DELTA))
    assert {row["kind"] for row in frame} == {"certificate"}
