"""A certificate made again from its own inputs."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from genbounds.bounds import Certificate, Choice, Quantity
from genbounds.bounds.holdout import clopper_pearson, hoeffding
from genbounds.bounds.pac_bayes import catoni, monte_carlo_errors, seeger2002
from genbounds.bounds.recomputed import least_delta, recomputed


def measured(delta: str) -> Quantity:
    return monte_carlo_errors(errors=3, pairs=1000, delta=delta).as_quantity()


def test_what_was_made_is_made_again() -> None:
    found = clopper_pearson(errors=3, n=400, delta="0.025")
    assert recomputed(found) == found
    assert recomputed(replace(found, value=0.0)) == found
    assert least_delta(found.inputs) == Fraction(1, 40)


def test_an_estimate_stays_one() -> None:
    guess = hoeffding.estimate(empirical_risk=Quantity(0.25, kind="estimate", how="a guess"), n=100, delta="0.05")
    assert recomputed(guess) == guess
    assert recomputed(guess).kind == "estimate"


def test_a_chosen_value_is_paid_again() -> None:
    tuned = Choice(2, alternatives=10, how="grid of ten temperatures")
    certificate = catoni(empirical_risk=0, kl=50, n=1000, temperature=tuned, delta="0.05")
    assert recomputed(certificate) == certificate
    assert recomputed(certificate).value > catoni(empirical_risk=0, kl=50, n=1000, temperature=2, delta="0.05").value
    assert least_delta(certificate.inputs) == certificate.delta


def test_what_measured_inputs_may_fail_with_is_in_the_least_delta() -> None:
    certificate = seeger2002(empirical_risk=measured("0.01"), kl=5, n=1000, delta="0.04")
    assert recomputed(certificate) == certificate
    assert least_delta(certificate.inputs) == certificate.delta == Fraction(1, 20)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"bound": "holdout.perfect"}, "holdout.perfect"),
        ({"bound": "vc.dimension_halfspace"}, "a theorem of the catalogue"),
        ({"form": "wishful"}, "form of holdout.clopper_pearson must be one of"),
        ({"inputs": {"errors": 3, "n": 400}}, "inputs of holdout.clopper_pearson must be those of the theorem|delta"),
        ({"inputs": {"errors": 401, "n": 400, "delta": Fraction(1, 40)}}, "errors"),
    ],
)
def test_what_the_catalogue_does_not_have_is_refused(changes: dict[str, Any], what: str) -> None:
    found: Certificate = clopper_pearson(errors=3, n=400, delta="0.025")
    with pytest.raises(ValueError, match=what):
        recomputed(replace(found, **changes))
