"""Rows as JSON: infinities go through, NaN does not."""

from __future__ import annotations

import dataclasses
import json

import pytest

from genbounds.verification.rows.report import Report
from genbounds.verification.rows.stored import row_from_dict, row_to_dict


def test_an_infinite_number_goes_through_json(handmade_report: Report) -> None:
    row = dataclasses.replace(handmade_report.bounds[0], bits_of_slack=float("inf"))
    assert row_from_dict(json.loads(json.dumps(row_to_dict(row), allow_nan=False))) == row


def test_nan_is_refused(handmade_report: Report) -> None:
    row = dataclasses.replace(handmade_report.bounds[0], baseline=float("nan"))
    with pytest.raises(ValueError, match="must not be NaN"):
        row_to_dict(row)
