"""The coin, against all sequences of errors listed by hand."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from genbounds.bounds import get
from genbounds.bounds.bounds_on import RISK
from genbounds.bounds.theorem import Bound
from genbounds.verification import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios.fixed_hypothesis import FixedHypothesis


@pytest.mark.parametrize(("n", "p"), [(2, Fraction(1, 10)), (5, Fraction(7, 10))])
def test_counts_and_variances_are_those_of_all_sequences(n: int, p: Fraction) -> None:
    world = FixedHypothesis.world(n, p)
    law = [Fraction(0)] * (n + 1)
    for errors in itertools.product((0, 1), repeat=n):
        k = sum(errors)
        law[k] += p**k * (1 - p) ** (n - k)
        assert float(world.inputs["variance"][k]) == pytest.approx(np.var(errors, ddof=1), abs=1e-15)
    assert list(world.probabilities) == law
    assert world.truths[RISK] == [p] * (n + 1)


def test_of_many_examples_the_listed_samples_are_those_that_show_too_little() -> None:
    world = FixedHypothesis.many(10**4, Fraction(1, 2))
    assert float(sum(world.probabilities)) == pytest.approx(1, abs=1e-12)
    assert all(shown <= Fraction(1, 2) for shown in world.inputs["empirical_risk"][:-1])
    assert world.truths[RISK][-1] == 0


@pytest.mark.slow
@pytest.mark.parametrize(("name", "reached"), [("bernstein", 0.9), ("bennett", 0.9), ("empirical_bernstein", 0.87), ("hoeffding", 0.9)])
def test_resolutions_that_only_many_examples_reach(name: str, reached: float) -> None:
    found = check(name, scenarios=FixedHypothesis(), rungs="exact")
    assert not found.refuted
    assert found.resolution > reached


@pytest.mark.slow
@pytest.mark.parametrize("factor", [0.85, 1.0])
def test_an_empirical_bernstein_bound_fifteen_percent_too_small_is_refuted(factor: float) -> None:
    bound = get("empirical_bernstein")
    assert isinstance(bound, Bound)

    def smaller(math: Any, **inputs: Any) -> Mapping[str, Any]:
        terms = dict(bound.forms[bound.declaration.form].formula(math, **inputs))
        return {name: term if name == "empirical risk" else factor * term for name, term in terms.items()}

    found = match(bound, FixedHypothesis())
    judged = judge(found, FixedHypothesis.many(10**6, Fraction(1, 2)), Fraction(1, 10**6), formula=smaller)
    assert judged.refuted == (factor < 1)
