"""The certificates of a report have proofs, and the checker of docs/ takes them."""

from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

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
    made, proved, missing, _ = script.prove(json.loads(json.dumps(handmade_report.to_dict())))
    assert missing == []
    assert made == proved
    assert made.total() == len(handmade_report.bounds) > 0


def test_a_certificate_whose_value_was_made_smaller_is_not(script: ModuleType, handmade_report: Report) -> None:
    data: dict[str, Any] = json.loads(json.dumps(handmade_report.to_dict()))
    row = next(row for row in data["rows"] if row["kind"] == "bound")
    row["certificate"]["certificate"]["value"] *= 0.99
    made, proved, missing, _ = script.prove(data)
    assert made.total() - proved.total() == 1
    assert len(missing) == 1
    assert missing[0].startswith(row["id"])


@pytest.mark.shipped
def test_every_certificate_of_the_default_report_is_proved_within_a_minute(script: ModuleType) -> None:
    where = os.environ.get("GENBOUNDS_REPORT")
    if not where:
        pytest.skip("GENBOUNDS_REPORT names no report")
    made, proved, missing, spent = script.prove(json.loads(Path(where).read_text(encoding="utf-8")))
    assert missing == []
    assert made == proved
    assert made.total() >= 100
    assert spent["checking"] < 60
