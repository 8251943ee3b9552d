"""Every bound of the catalogue is judged by the suite, at a size where it says something; a bound that nothing feeds is named."""

from __future__ import annotations

import pytest

from genbounds.bounds import Bound, Source, bound, catalogue, registry
from genbounds.bounds.assumptions import IID_SAMPLE
from genbounds.bounds.inputs import UNIT
from genbounds.verification.checks.check import check

BOUNDS = [one.name for one in catalogue() if isinstance(one, Bound)]


@pytest.mark.parametrize("name", BOUNDS)
def test_every_bound_is_judged_where_it_is_not_vacuous(name: str) -> None:
    """Exact rungs and draws; the latter raise a false alarm with probability .001 in all of these tests together."""
    found = check(name, alpha=1e-3 / len(BOUNDS))
    assert not found.refuted, found.sentence()
    assert not found.lacking(), found.lacking()


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


def test_a_bound_that_nothing_feeds_fails_the_suite_with_what_is_missing(unfed: Bound) -> None:
    names = [one.name for one in catalogue() if isinstance(one, Bound)]
    lacking = {name: check(name, rungs="exact").lacking() for name in names if name == unfed.name or name == "holdout.hoeffding"}
    assert lacking.pop("holdout.hoeffding") == ""
    ((name, said),) = lacking.items()
    assert name == unfed.name
    assert f"{name} is judged by no scenario" in said
    assert "nothing supplies luck" in said
