"""The published schema of report.json: what is written fits it, it names every field of every row, and it refuses what is none."""

from __future__ import annotations

import copy
import dataclasses
import json
import os
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.rows.kinds import KINDS
from genbounds.verification.rows.report import SCHEMA, Report

PUBLISHED: dict[str, Any] = json.loads(resources.files("genbounds.verification.report").joinpath("report.schema.json").read_text("utf-8"))


def problems(data: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(PUBLISHED).iter_errors(data)]


@pytest.fixture(scope="module")
def data(handmade_report: Report) -> Any:
    return json.loads(json.dumps(handmade_report.to_dict()))


@pytest.mark.slow
def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(PUBLISHED)
    assert PUBLISHED["properties"]["schema"] == {"const": SCHEMA}
    assert set(PUBLISHED["$defs"]["verdict"]["enum"]) == set(map(str, Verdict))


@pytest.mark.parametrize("kind", KINDS)
def test_it_names_every_field_of_every_row_and_no_other(kind: str) -> None:
    fields = {entry.name for entry in dataclasses.fields(KINDS[kind])} | {"kind", "id", "label"}
    assert set(PUBLISHED["$defs"][kind]["properties"]) == fields == set(PUBLISHED["$defs"][kind]["required"])
    assert {"$ref": f"#/$defs/{kind}"} in PUBLISHED["properties"]["rows"]["items"]["oneOf"]


def test_a_report_of_every_common_kind_fits(data: Any) -> None:
    assert {row["kind"] for row in data["rows"]} >= {"trial", "bound", "coverage", "enumeration", "bracket", "mutant", "faults", "canary"}
    assert problems(data) == []
    assert problems(Report("nothing", {}, ()).to_dict()) == []


@pytest.mark.slow
def test_what_is_changed_no_longer_fits(data: Any) -> None:
    for row in {row["kind"]: row for row in data["rows"]}.values():
        assert problems({**data, "rows": [row]}) == []
        for name in row:
            assert problems({**data, "rows": [{key: value for key, value in row.items() if key != name}]}), (row["kind"], name)
    data = {**data, "rows": data["rows"][:1]}
    for name, value in (("verdict", "fine"), ("id", "short"), ("n", "many"), ("surplus", 1), ("kind", "none"), ("n", 0)):
        changed = copy.deepcopy(data)
        changed["rows"][0][name] = value
        assert problems(changed), name
    for name in ("value", "assumptions", "inputs"):
        changed = copy.deepcopy(data)
        changed["rows"][0]["certificate"]["certificate"][name] = "none"
        assert problems(changed), name


@pytest.mark.slow
@pytest.mark.shipped
def test_the_default_report_fits() -> None:
    where = os.environ.get("GENBOUNDS_REPORT")
    if not where:
        pytest.skip("needs the default report: GENBOUNDS_REPORT names its report.json")
    found = json.loads(Path(where).read_text(encoding="utf-8"))
    kinds = Draft202012Validator(PUBLISHED)
    for row in found["rows"]:
        errors = list(kinds.evolve(schema={**PUBLISHED["$defs"][row["kind"]], "$defs": PUBLISHED["$defs"]}).iter_errors(row))
        assert errors == [], (row["id"], errors[0].message)
    assert problems({**found, "rows": found["rows"][:50]}) == []
