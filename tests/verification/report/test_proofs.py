"""The certificates of a report have proofs, and the checker of docs/ takes them."""

from __future__ import annotations

import importlib.util
import os
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from genbounds.verification.report.read import read_of_today
from genbounds.verification.rows.report import Report

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("prove_report", ROOT / "docs" / "prove_report.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_certificate_of_a_report_is_proved(script: ModuleType, handmade_report: Report) -> None:
    made, proved, missing, _ = script.prove(handmade_report)
    assert missing == []
    assert made == proved
    assert made.total() == len(handmade_report.bounds) > 0


def test_a_certificate_whose_value_was_made_smaller_is_not(script: ModuleType, handmade_report: Report) -> None:
    row = handmade_report.bounds[0]
    smaller = replace(row, certificate=replace(row.certificate, value=row.certificate.value * 0.99))
    made, proved, missing, _ = script.prove(replace(handmade_report, rows=(smaller, *handmade_report.rows[1:])), ["another is left out"])
    assert made.total() - proved.total() == 1
    assert len(missing) == 2
    assert missing[0] == "another is left out"
    assert missing[1].startswith(row.id)


@pytest.mark.shipped
def test_every_certificate_of_the_default_report_is_proved_within_a_minute(script: ModuleType) -> None:
    where = os.environ.get("GENBOUNDS_REPORT")
    if not where:
        pytest.skip("GENBOUNDS_REPORT names no report")
    made, proved, missing, spent = script.prove(*read_of_today(where))
    assert missing == []
    assert made == proved
    assert made.total() >= 100
    assert spent["checking"] < 60
