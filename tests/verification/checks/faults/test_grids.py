"""A price that is wrong where a search does not go: found at another point of the grid, and nothing is found in the sound formula."""

from __future__ import annotations

import numpy as np
import pytest

from genbounds.bounds import Bound, catalogue, get
from genbounds.verification.checks.faults.generated import faults, unchanged
from genbounds.verification.checks.faults.grids import moves
from genbounds.verification.checks.faults.killing import at_another_point, in_bound, tried_in
from genbounds.verification.checks.faults.settings import Setting, settings
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios import names, scenario

WHERE = {
    "pac_bayes.catoni_grid": "crowd of voters",
    "vc.maurer2009cover": "best of a class",
    "rademacher.kernel_predictor": "kernel memoriser",
    "margin.norm_product": "linear memoriser",
}


def bound(name: str) -> Bound:
    found = get(name)
    assert isinstance(found, Bound)
    return found


def some(name: str) -> list[Setting]:
    return list(settings(match(bound(name), scenario(WHERE[name])), "thumbnail"))[:6]


@pytest.mark.parametrize("name", WHERE)
def test_the_sound_formula_holds_at_every_point_that_is_tried(name: str) -> None:
    looked = some(name)
    assert looked
    assert all(at_another_point(in_bound(unchanged(bound(name))), setting) == "" for setting in looked)
    assert all(list(moves(setting.ready)) for setting in looked)


SEARCHED = [
    (theorem.name, name)
    for theorem in catalogue()
    for name, form in theorem.forms.items()
    if isinstance(theorem, Bound) and form.choose is not None
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "form"), SEARCHED)
def test_every_form_with_a_search_is_moved_and_holds_there(name: str, form: object) -> None:
    """One form of a theorem may choose what another does not: its choices are those that it makes."""
    theorem = bound(name)
    matches = [match(theorem, scenario(one), form) for one in names()]
    first = [next(settings(found, "thumbnail"), None) for found in matches if found.judged and not found.scenario.hostile]
    looked = [setting for setting in first if setting is not None]
    assert looked
    formula = theorem.forms[form].formula
    assert all(at_another_point(lambda ready: (ready, formula), setting) == "" for setting in looked)


def test_a_term_that_counts_only_where_the_search_does_not_go_is_caught() -> None:
    """Without its variance term the bound is smallest at a large rate, which the sound formula is never read at."""
    cover = bound("vc.maurer2009cover")
    fault = next(one for one in faults(cover) if one.where == "without scale * curve * variance * (n - 1) / n (_terms)")
    setting = list(settings(match(cover, scenario("valued losses")), "thumbnail"))[-1]
    assert tried_in(in_bound(fault), setting)[1] == ""
    assert at_another_point(in_bound(fault), setting).endswith(", at index = 0")


def test_a_point_that_is_not_of_the_grid_is_not_chosen() -> None:
    """2^level must be at least the norm."""
    setting = next(one for one in some("rademacher.kernel_predictor") if np.all(one.ready.inputs["norm"] > 2))
    for _, move in moves(setting.ready):
        assert np.array_equal(move(setting.ready).inputs["level"], setting.ready.inputs["level"])


def test_nothing_is_moved_where_nothing_is_searched() -> None:
    setting = next(settings(match(bound("hoeffding"), scenario("fixed hypothesis")), "thumbnail"))
    assert list(moves(setting.ready)) == []
