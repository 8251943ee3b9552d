"""Every bound of the catalogue is judged by the suite, at a size where it says something; a bound that nothing feeds is named."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from genbounds.bounds import Bound, Capacity, Source, bound, catalogue, registry
from genbounds.bounds.assumptions import IID_SAMPLE
from genbounds.bounds.inputs import UNIT
from genbounds.verification.checks.check import check
from genbounds.verification.checks.matching import match
from genbounds.verification.checks.rungs.brute_force import meetings
from genbounds.verification.rows.kinds import Row
from genbounds.verification.rows.trial_row import TrialRow
from genbounds.verification.scenarios import names, scenario

BOUNDS = [one.name for one in catalogue() if isinstance(one, Bound)]


def test_every_form_of_every_capacity_has_a_small_world_that_knows_what_it_gives() -> None:
    forms = [(one, form) for one in catalogue() if isinstance(one, Capacity) for form in one.forms]
    assert [(one.name, form) for one, form in forms if not any(meeting.judged for meeting in meetings(one, form))] == []


def test_every_form_of_every_bound_has_a_scenario_that_fits_its_declarations() -> None:
    scenarios = [scenario(name) for name in names()]
    forms = [(bound, form) for bound in catalogue() if isinstance(bound, Bound) for form in bound.forms]
    assert [(bound.name, form) for bound, form in forms if not any(match(bound, one, form).judged for one in scenarios)] == []


@pytest.mark.slow
@pytest.mark.shipped
def test_every_form_is_judged_and_every_bound_where_it_is_not_vacuous(shipped: Callable[[str], list[Row]]) -> None:
    """The whole matrix. Draws raise a false alarm with its share of the report's probability, .00025."""
    found: dict[str, list[TrialRow]] = {}
    for row in shipped("matrix"):
        assert isinstance(row, TrialRow)
        found.setdefault(f"{row.bound} {row.form}", []).append(row)
    assert set(found) == {f"{one.name} {form}" for one in catalogue() for form in one.forms}
    refuted = [row.evidence for rows in found.values() for row in rows if row.verdict.is_failure]
    assert refuted == []
    assert [name for name, rows in found.items() if not any(row.judged for row in rows)] == []
    informative = {row.bound for rows in found.values() for row in rows if row.informative}
    assert [name for name in BOUNDS if name not in informative] == []


@pytest.fixture
def unfed(monkeypatch: pytest.MonkeyPatch) -> Bound:
    """A bound, in the catalogue for the time of a test, on an input that no scenario supplies and no capacity gives."""
    monkeypatch.setattr(registry, "_formulas", dict(registry._formulas))

    @bound(
        source=Source("hoeffding1963probability", "Theorem 2"),
        assumes=(IID_SAMPLE,),
        symbols={"n": "n", "luck": "l", "delta": "d"},
        domains={"luck": UNIT},
    )
    def unheard_of(math, *, n, luck, delta):  # type: ignore[no-untyped-def]
        """A bound that nothing feeds."""
        return {"deviation": luck * math.sqrt(math.log_quotient(1, delta) / n)}

    assert isinstance(unheard_of, Bound)
    return unheard_of


@pytest.mark.slow
def test_a_bound_that_nothing_feeds_fails_the_suite_with_what_is_missing(unfed: Bound) -> None:
    listed = [one.name for one in catalogue() if isinstance(one, Bound)]
    lacking = {name: check(name, rungs="exact").lacking() for name in listed if name == unfed.name or name == "holdout.hoeffding"}
    assert lacking.pop("holdout.hoeffding") == ""
    ((name, said),) = lacking.items()
    assert name == unfed.name
    assert f"{name} is judged by no scenario" in said
    assert "nothing supplies luck" in said
