"""A certificate read from a file is one that its theorem gives today."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from genbounds.bounds.holdout import clopper_pearson
from genbounds.models.files.certificates import read_certificate

FOUND = clopper_pearson(errors=3, n=400, delta="0.025")


def written(folder: Path, **changes: Any) -> Path:
    path = folder / "c.json"
    path.write_text(json.dumps({**FOUND.to_dict(), **changes}))
    return path


def test_what_was_written_is_read(tmp_path: Path) -> None:
    assert read_certificate(written(tmp_path)) == FOUND


def test_a_larger_value_is_no_smaller_claim(tmp_path: Path) -> None:
    assert read_certificate(written(tmp_path, value=0.5)).value == 0.5


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        (lambda data: {"value": data["value"] / 1.001}, "the value in"),
        (lambda data: {"delta": {"fraction": "1/1000"}}, "the delta in"),
        (lambda data: {"bounds_on": "gibbs risk"}, "must be on the risk"),
        (lambda data: {"bound": "holdout.perfect"}, "holdout.perfect"),
        (lambda data: {"assumptions": data["assumptions"][1:]}, "must list what holdout.clopper_pearson assumes"),
        (lambda data: {"assumptions": []}, "must list what holdout.clopper_pearson assumes"),
    ],
)
def test_what_the_theorem_does_not_give_is_refused(tmp_path: Path, changes: Callable[[Any], dict[str, Any]], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        read_certificate(written(tmp_path, **changes(FOUND.to_dict())))


def test_an_assumption_with_other_words_is_not_the_theorems(tmp_path: Path) -> None:
    first, *others = FOUND.to_dict()["assumptions"]
    other = json.loads(json.dumps(first).replace("independent", "exchangeable"))
    assert other != first
    with pytest.raises(ValueError, match="today's statement"):
        read_certificate(written(tmp_path, assumptions=[other, *others]))
