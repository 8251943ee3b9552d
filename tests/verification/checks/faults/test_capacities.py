"""Faults of capacities: their faulty values are read by the bounds that they feed."""

from __future__ import annotations

import numpy as np
import pytest

from genbounds.bounds import Bound, Capacity, get
from genbounds.verification.checks.faults import capacities
from genbounds.verification.checks.faults.capacities import in_feed, kill_capacity
from genbounds.verification.checks.faults.fates import UNCHANGED
from genbounds.verification.checks.faults.generated import faults
from genbounds.verification.checks.faults.killing import Killed
from genbounds.verification.checks.faults.settings import settings
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios import scenario


def killed(name: str, by: str, place: str) -> list[Killed]:
    capacity, bound = get(name), get(by)
    assert isinstance(capacity, Capacity)
    assert isinstance(bound, Bound)
    return kill_capacity(capacity, [bound], [scenario(place)], "thumbnail")


def test_a_faulty_value_reaches_the_bound_as_the_capacity_would() -> None:
    """The growth function at twice the number of examples, in place of that at n."""
    capacity, bound = get("vc.log_growth_sauer"), get("vc.growth_function")
    assert isinstance(capacity, Capacity)
    assert isinstance(bound, Bound)
    fault = next(one for one in faults(capacity) if one.operator == "n for 2n")
    every = settings(match(bound, scenario("consistent hypothesis")), "thumbnail")
    setting = next(one for one in every if 0 < one.ready.world.common["vc_dimension"] < one.ready.world.common["n"])
    ready, formula = in_feed(fault, capacity)(setting.ready)
    n, dimension = (int(setting.ready.world.common[name]) for name in ("n", "vc_dimension"))
    read_at = {n: setting.ready, 2 * n: ready}
    for examples, one in read_at.items():
        expected = float(capacity.value(vc_dimension=dimension, n=examples))
        assert float(np.ravel(one.inputs["log_growth"])[0]) == pytest.approx(expected, rel=1e-12)
    assert np.all(ready.values(formula=formula) > setting.sound)


@pytest.mark.slow
def test_half_of_massarts_lemma_is_caught_by_the_bound_that_takes_it() -> None:
    found = killed("rademacher.massart", "rademacher.uniform_deviation", "best of K scores")
    fates = {(one.operator, one.where): one.fate for one in found}
    assert fates[UNCHANGED, "the formula as it is"] == "same"
    assert "caught" in fates.values()


@pytest.mark.parametrize(
    ("name", "by", "place"),
    [
        ("rademacher.neyshabur2015", "holdout.hoeffding", "fixed hypothesis"),
        ("pac_bayes.gaussian_kl", "pac_bayes.seeger2002", "Gaussian posterior"),  # feeds the bound, which is judged by draws alone there
    ],
)
def test_a_capacity_that_no_bound_reads_exactly_is_caught_by_what_it_bounds(name: str, by: str, place: str) -> None:
    first, *found = killed(name, by, place)
    assert (first.operator, first.fate) == (UNCHANGED, "same")
    fates = [one.fate for one in found]
    assert fates.count("caught") >= 0.7 * len(fates)
    assert set(fates) <= {"caught", "true"}


def test_where_nothing_is_known_of_it_a_fault_survives_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacities, "meetings", lambda capacity: ())
    found = killed("rademacher.neyshabur2015", "holdout.hoeffding", "fixed hypothesis")
    assert {one.evidence for one in found} == {"no exact rung judges it or a bound that it feeds"}
    assert {one.fate for one in found} == {"survived"}
