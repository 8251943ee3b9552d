"""The row of a figure: the numbers from which it is drawn, so that a stored report draws it again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.runs.identifiers import row_id


@dataclass(frozen=True, kw_only=True)
class CurvesRow:
    """What one study of a phenomenon draws.

    ``title`` and ``caption`` are for the reader; ``alt`` says in words what the figure shows, for those who do not see it; ``curves`` are
    plain values (texts, finite numbers, None, lists and mappings of them) by name.

    >>> row = CurvesRow(study="s", cell="c", title="T", caption="C.", alt="A.", curves={"x": [1, 2], "y": [0.5, None]})
    >>> str(row.verdict), row.quantity
    ('not applicable', 'figure')
    """

    study: str
    cell: str
    title: str
    caption: str
    alt: str
    curves: Mapping[str, Any]

    def __post_init__(self) -> None:
        """Refuse what JSON does not have."""
        _check_plain(self.curves, "curves")

    @property
    def bound(self) -> str:
        """What is drawn, which stands where other rows name a bound."""
        return f"figure of {self.study}"

    @property
    def quantity(self) -> str:
        """A study has one figure."""
        return "figure"

    @property
    def id(self) -> str:
        """The 10 hex digits by which ``genbounds cite`` finds the row."""
        return row_id(self.cell, self.bound, self.quantity)

    @property
    def verdict(self) -> Verdict:
        """A figure has no verdict."""
        return Verdict.NOT_APPLICABLE


def _check_plain(value: Any, where: str) -> None:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise ValueError(f"{where} must have texts as keys, got {key!r}: write str(key)")
            _check_plain(inner, f"{where}[{key!r}]")
    elif isinstance(value, list | tuple):
        for position, inner in enumerate(value):
            _check_plain(inner, f"{where}[{position}]")
    elif not (value is None or type(value) in (str, bool, int) or (type(value) is float and math.isfinite(value))):
        raise ValueError(f"{where} must be a plain finite value, got {value!r}: take .tolist() of an array, None for what was not measured")
