"""The best of K coins, against all tables of coins and examples listed by hand."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

from genbounds.bounds import Bound, get
from genbounds.verification import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios.best_of_a_class import BestOfAClass, law_of_the_fewest


@pytest.mark.parametrize(("n", "size", "p"), [(1, 2, Fraction(1, 2)), (2, 3, Fraction(1, 10)), (3, 2, Fraction(7, 10))])
def test_the_law_is_that_of_all_tables(n: int, size: int, p: Fraction) -> None:
    law = [Fraction(0)] * (n + 1)
    for table in itertools.product(itertools.product((0, 1), repeat=n), repeat=size):
        probability = Fraction(1)
        for error in itertools.chain(*table):
            probability *= p if error else 1 - p
        law[min(map(sum, table))] += probability
    assert law_of_the_fewest(n, size, p) == law


@pytest.mark.parametrize(("n", "size"), [(20, 100), (50, 128)])
def test_doubles_agree_with_fractions(n: int, size: int) -> None:
    exact = law_of_the_fewest(n, size, Fraction(3, 10))
    # The same law from the double branch: one coin more than Fractions are made for, times one coin fewer, brackets it.
    doubles = law_of_the_fewest(n, 129, Fraction(3, 10))
    assert float(sum(doubles)) == pytest.approx(1, abs=1e-12)
    assert float(exact[0]) == pytest.approx(1 - (1 - 0.7**n) ** size, rel=1e-9)
    assert doubles[0] == pytest.approx(1 - (1 - 0.7**n) ** 129, rel=1e-9)


@pytest.mark.slow
def test_the_union_over_the_class_must_be_paid() -> None:
    assert not check("finite_class", scenarios=BestOfAClass()).refuted
    assert check("finite_class", scenarios=BestOfAClass()).resolution > 0.85
    # Hoeffding's bound does not pay: it assumes a hypothesis that was fixed before, and is not judged here.
    assert not check("hoeffding", scenarios=BestOfAClass()).judged


def test_both_of_two_seldom_wrong_coins_must_be_paid_for() -> None:
    """One candidate costs next to nothing at delta = .9999; two coins that err once in 250 show no error with more probability."""
    bound = get("kawaguchi2017validation")
    assert isinstance(bound, Bound)
    found, world = match(bound, BestOfAClass()), BestOfAClass.world(2, 2, Fraction(1, 250))

    def halved(math: Any, **inputs: Any) -> Mapping[str, Any]:
        faulty = {**inputs, "candidates": inputs["candidates"] / 2}
        return bound.forms[bound.declaration.form].formula(math, **faulty)  # type: ignore[no-any-return]

    assert not judge(found, world, Fraction("0.9999")).refuted
    assert judge(found, world, Fraction("0.9999"), halved).refuted
