"""Every capacity is compared with what it bounds; none is refuted, and each would be if it were a little less than its resolution."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from genbounds.bounds import Capacity, Source, capacity, catalogue, get, registry
from genbounds.bounds.assumptions import THRESHOLD_UNITS
from genbounds.bounds.inputs import NATURAL
from genbounds.verification.checks.check import check
from genbounds.verification.checks.faults.copies import with_formula
from genbounds.verification.checks.reading import total
from genbounds.verification.checks.rungs.brute_force import NAME, Meeting, look, meetings
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.rows.trial_row import checked_rows, checked_to_dict
from genbounds.verification.small_worlds import Known, SmallWorld
from genbounds.verification.studies.matrix import Matrix

FORMS = [(one.name, form) for one in catalogue() if isinstance(one, Capacity) for form in one.forms]


def named(name: str) -> Capacity:
    found = get(name)
    assert isinstance(found, Capacity)
    return found


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_every_capacity_is_judged_and_none_is_refuted(name: str, form: Any) -> None:
    found = [finding for one in meetings(named(name), form) if (finding := look(one, "thumbnail"))]
    assert found, [one.why_not() for one in meetings(named(name), form)]
    assert [one.evidence for one in found if one.verdict is not Verdict.NOT_REFUTED] == []
    assert max(one.resolution or 0.0 for one in found) > 0.005


def scaled(sound: Capacity, factor: Fraction) -> Capacity:
    """The capacity times a factor, outside the catalogue."""
    whole = sound.forms[sound.declaration.form].formula

    def less(math: Any, **inputs: Any) -> dict[str, Any]:
        return {name: math.ratio(factor.numerator, factor.denominator) * term for name, term in whole(math, **inputs).items()}

    return with_formula(sound, less)


@pytest.mark.parametrize("name", sorted({name for name, _ in FORMS}))
def test_a_part_of_a_capacity_is_refuted(name: str) -> None:
    """A hundredth less than the largest part that would be refuted."""
    sound = named(name)
    every = [(finding.with_cap or 0.0, one.small) for one in meetings(sound) if (finding := look(one, "thumbnail"))]
    largest, small = max(every, key=lambda pair: pair[0])
    faulty = scaled(sound, Fraction(largest) * Fraction(99, 100))
    (meeting,) = meetings(faulty, small=[small])
    finding = look(meeting, "thumbnail")
    assert finding is not None
    assert finding.verdict is Verdict.REFUTED
    assert "is at least" in finding.evidence
    assert finding.measured is not None
    assert finding.allowed is not None
    assert finding.measured > finding.allowed


def test_a_capacity_meets_small_worlds_by_its_declarations_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_formulas", dict(registry._formulas))

    @capacity(
        source=Source("hoeffding1963probability", "Theorem 2"),
        symbols={"vc_dimension": "d", "n": "n"},
        domains={"vc_dimension": NATURAL},
        gives="log_growth",
    )
    def one_pattern_too_few(math: Any, *, vc_dimension: Any, n: Any) -> Any:
        """Sauer's sum without its last term."""
        return {"patterns": math.log_binomial_sum(n, math.maximum(vc_dimension - 1, 0))}

    assert isinstance(one_pattern_too_few, Capacity)
    (meeting,) = (one for one in meetings(one_pattern_too_few) if one.judged)
    finding = look(meeting, "thumbnail")
    assert finding is not None
    assert finding.verdict is Verdict.REFUTED


def worlds(truth: float, **changes: Any) -> Iterator[SmallWorld]:
    def make(size: str) -> Iterator[Known]:
        yield Known("made up", {"parameters": 13, "units": 4}, truth)

    yield replace(SmallWorld("made up", "Made up.", "vc_dimension", frozenset({"parameters", "units"}), {}, make), **changes)  # type: ignore[arg-type]


def test_what_is_not_guaranteed_or_supplied_is_said() -> None:
    sound = named("vc.dimension_threshold_network")
    (unknown,) = meetings(sound, small=list(worlds(1e9)))
    assert look(unknown, "thumbnail") is None
    assert unknown.why_not() == "the small world does not guarantee 'linear threshold units'"
    holds = {THRESHOLD_UNITS: ("by construction", "said so")}
    (missing,) = meetings(sound, small=list(worlds(1e9, audit=holds, inputs=frozenset({"units"}))))
    assert missing.why_not() == "nothing supplies parameters"
    (judged,) = meetings(sound, small=list(worlds(1e9, audit=holds)))
    found = look(judged, "thumbnail")
    assert found is not None
    assert found.verdict is Verdict.REFUTED
    assert meetings(sound, small=list(worlds(1e9, gives="log_growth"))) == ()


def test_rows_of_the_matrix() -> None:
    study = Matrix()
    cells = [cell for cell in study.cells() if cell.bound == "rademacher.linear_l2"]
    rows = study.rows(cells, study.run_tile(cells))
    assert {(row.rung, str(row.verdict), row.mode) for row in rows} == {(NAME, "not refuted", "DET")}
    assert {row.scenario for row in rows} == {"linear functions"}
    assert max(row.resolution or 0.0 for row in rows) == 1.0
    assert {cell.bound for cell in study.cells()} == {one.name for one in catalogue()}


def test_a_capacity_of_which_nothing_is_known_says_so() -> None:
    sound = named("vc.log_growth_sauer")
    lost = with_formula(sound, sound.forms[""].formula)
    lost.declaration = replace(sound.declaration, gives="luck")
    (row,) = checked_rows(checked_to_dict(check(lost)), study="s", cell="c", bound="vc.lost", form="")
    assert row.evidence.startswith("no small world knows 'luck'; they know ")
    assert not row.judged


def test_floats_are_those_of_the_formula() -> None:
    sound = named("vc.log_growth_sauer")
    (meeting,) = (one for one in meetings(sound) if one.judged)
    known = next(one for one in meeting.small.settings("thumbnail") if one.inputs["n"] == 5)
    assert isinstance(meeting, Meeting)
    assert meeting.in_floats(known) == float(total(sound, "", {name: float(entry) for name, entry in known.inputs.items()}))
