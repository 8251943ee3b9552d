"""Reports: equal after JSON, and refused where they were changed."""

from __future__ import annotations

import json

import pytest

from genbounds.verification.rows.report import Report
from genbounds.verification.rows.stored import row_from_dict, row_to_dict


def test_json_gives_back_an_equal_report(handmade_report: Report) -> None:
    text = json.dumps(handmade_report.to_dict(), allow_nan=False)
    again = Report.from_dict(json.loads(text))
    assert again == handmade_report
    assert json.dumps(again.to_dict(), allow_nan=False) == text
    assert [type(row) for row in again.rows] == [type(row) for row in handmade_report.rows]
    for row, other in zip(again.bounds, handmade_report.bounds, strict=True):
        assert row.certificate.value.hex() == other.certificate.value.hex()
        assert row.certificate.delta == other.certificate.delta


def test_a_changed_file_is_refused(handmade_report: Report) -> None:
    data = row_to_dict(handmade_report.rows[0])
    with pytest.raises(ValueError, match="changed by hand"):
        row_from_dict({**data, "cell": "another"})
    with pytest.raises(ValueError, match="kind of a row"):
        row_from_dict({**data, "kind": "horoscope"})
    with pytest.raises(ValueError, match="schema"):
        Report.from_dict({**handmade_report.to_dict(), "schema": 99})


def test_two_rows_of_one_id_are_refused(handmade_report: Report) -> None:
    row = handmade_report.rows[0]
    with pytest.raises(ValueError, match="another `quantity`"):
        Report("twice", {}, (row, row))
