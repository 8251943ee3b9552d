"""Where the constants come from is said by each formula itself; what says nothing is stamped so."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from genbounds.bounds import Bound, Formula, Source, bound, capacity, catalogue, registry
from genbounds.bounds.declaration import DERIVED, PRINTED, READ


@pytest.fixture(autouse=True)
def _catalogue_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_formulas", dict(registry._formulas))


@pytest.mark.parametrize("formula", catalogue(), ids=lambda formula: formula.name)
def test_every_formula_of_the_catalogue_says_it(formula: Formula) -> None:
    for form in formula.forms.values():
        assert form.provenance in (READ, DERIVED, PRINTED)


def made_up(**declared: Any) -> Bound:
    @bound(
        source=Source("hoeffding1963probability", "nowhere"), symbols={"n": "n", "delta": r"\delta"}, decreasing=("n", "delta"), **declared
    )
    def a_made_up_bound(math: Any, *, n: Any, delta: Any) -> dict[str, Any]:
        """The risk is at most 1/n."""
        return {"nothing": 1 / n}

    return a_made_up_bound


def test_a_made_up_bound_is_not_stamped_as_read() -> None:
    certificate = made_up()(n=10, delta=Fraction(1, 20))
    assert certificate.provenance == "not stated"
    assert "(not stated)" in certificate.summary()
    assert "(not stated)" in certificate._repr_html_()
    assert certificate.to_dict()["provenance"] == "not stated"
    assert "read in the source" not in certificate.summary()
    assert made_up(provenance=READ)(n=10, delta=Fraction(1, 20)).provenance == READ


def test_nor_is_a_made_up_capacity() -> None:
    @capacity(source=Source("hoeffding1963probability", "nowhere"), symbols={"n": "n"})
    def a_made_up_capacity(math: Any, *, n: Any) -> dict[str, Any]:
        """The capacity is at most n."""
        return {"all": n}

    assert a_made_up_capacity.provenance == "not stated"
