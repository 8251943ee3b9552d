"""Rows as JSON values, and back: a row that contradicts its own numbers is refused."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from genbounds.bounds.certificate import Certificate
from genbounds.bounds.exact import from_json, to_json
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.rows.consistency import check_row
from genbounds.verification.rows.interval import Interval
from genbounds.verification.rows.kinds import KINDS, Row
from genbounds.verification.rows.labels import label
from genbounds.verification.rows.since import Kind


def row_to_dict(row: Row) -> dict[str, Any]:
    """A row as JSON values, with its kind, its id and what it is about (``label``)."""
    kind = next(name for name, cls in KINDS.items() if type(row) is cls)
    values = {entry.name: _encoded(getattr(row, entry.name)) for entry in dataclasses.fields(row)}
    return {"kind": kind, "id": row.id, "label": label(row), **values}


def row_from_dict(data: Mapping[str, Any], but: frozenset[Kind] = frozenset()) -> Row:
    """Read what ``row_to_dict`` wrote; ``ValueError`` if the kind is unknown, or if the row contradicts its own numbers (``check_row``).

    ``but`` names what may differ from today's catalogue, where an older report is read.
    The id is the hash of cell, bound and quantity, the names of the number: it says which number it is, not what its value is.
    """
    if data.get("kind") not in KINDS:
        raise ValueError(
            f"kind of a row must be one of {', '.join(KINDS)}, got {data.get('kind')!r}: read it with the version that wrote it"
        )
    cls = KINDS[data["kind"]]
    row = cls(**{entry.name: _decoded(data[entry.name]) for entry in dataclasses.fields(cls)})
    if row.id != data["id"]:
        remedy = "the file was changed by hand, or another version of genbounds wrote it"
        raise ValueError(f"id of a row must be the hash {row.id} of its cell, bound and quantity, got {data['id']!r}: {remedy}")
    check_row(row, but)
    return row


def _encoded(value: Any) -> Any:
    if isinstance(value, Certificate):
        return {"certificate": value.to_dict()}
    if isinstance(value, Interval):
        return {"interval": {"lower": to_json(value.lower), "upper": to_json(value.upper), "method": value.method}}
    if isinstance(value, Verdict):
        return str(value)
    if isinstance(value, Mapping):
        return {"curves": value}
    if isinstance(value, float) and math.isnan(value):
        raise ValueError("a number of a report must not be NaN: a quantity that was not measured is None")
    return to_json(value)


def _decoded(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"certificate"}:
        return Certificate.from_dict(value["certificate"])
    if isinstance(value, dict) and set(value) == {"interval"}:
        inner = value["interval"]
        return Interval(float(from_json(inner["lower"])), float(from_json(inner["upper"])), inner["method"])
    if isinstance(value, dict) and set(value) == {"curves"}:
        return value["curves"]
    return from_json(value)
