"""The identities between the PAC-Bayes bounds, and what they refuse."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from tests.bounds.draws import Draws

from genbounds.bounds import Choice, pac_bayes
from genbounds.bounds.special import kl_inverse

D = Draws(2)
EXAMPLE: dict[str, Any] = {"empirical_risk": Fraction(3, 100), "kl": 500, "n": 10**4, "delta": Fraction(1, 20)}


def _base() -> dict[str, Any]:
    return {"empirical_risk": D.unit(), "kl": D.random.choice([0.0, D.positive(-6, 5)]), "n": D.whole(), "delta": D.delta()}


def test_every_relaxation_is_above_the_kl_inversion() -> None:
    for _ in range(50):
        inputs = _base()
        tightest = pac_bayes.seeger2002.value(**inputs)
        for bound in (pac_bayes.mcallester, pac_bayes.mcallester1999, pac_bayes.quadratic, pac_bayes.tolstikhin_seldin):
            assert bound.value(**inputs) >= min(tightest, 1) * (1 - 1e-12)


def test_the_best_weight_of_thiemann_is_the_quadratic_form() -> None:
    weights = np.linspace(0.001, 1.999, 4001)
    for _ in range(20):
        inputs = {**_base(), "empirical_risk": D.random.uniform(0.01, 1)}
        best, target = pac_bayes.thiemann.value(**inputs, weight=weights).min(), pac_bayes.quadratic.value(**inputs)
        cost = (inputs["kl"] + np.log(2 * np.sqrt(inputs["n"]) / inputs["delta"])) / inputs["n"]
        weight = 2 / (np.sqrt(2 * inputs["empirical_risk"] / cost + 1) + 1)
        assert best >= target * (1 - 1e-12)
        assert pac_bayes.thiemann.value(**inputs, weight=weight) == pytest.approx(target, rel=1e-12)


def test_the_infimum_over_temperatures_is_the_kl_inverse_without_xi() -> None:
    cost = (500 + np.log(20)) / 10**4
    values = pac_bayes.catoni.value(**EXAMPLE, temperature=np.linspace(0.5, 4, 20001))
    assert values.min() == pytest.approx(kl_inverse(0.03, cost), rel=1e-8)
    assert values.min() >= kl_inverse(0.03, cost) * (1 - 1e-12)


def test_the_grid_of_temperatures_pays_and_is_the_best_of_its_points() -> None:
    grid = pac_bayes.catoni_grid(**EXAMPLE)
    values = []
    for j in range(-20, 12):
        weight = Fraction(2, 3 * (abs(j) + 1) * (abs(j) + 2))
        choice = Choice(2.0 ** (j / 2), weight=weight, how="grid")
        values.append(pac_bayes.catoni(**EXAMPLE, temperature=choice).value)
    assert grid.value == pytest.approx(min(values), rel=1e-13)
    assert grid.value > pac_bayes.catoni(**EXAMPLE, temperature=2.0 ** (float(grid.choices["index"]) / 2)).value


def test_a_negative_log_ratio_never_goes_below_the_empirical_risk() -> None:
    inputs = {"empirical_risk": Fraction(3, 10), "n": 100, "delta": Fraction(1, 20)}
    assert pac_bayes.disintegrated(**inputs, log_ratio=-1000).value == pytest.approx(0.3, rel=1e-12)
    assert pac_bayes.disintegrated(**inputs, log_ratio=0).value == pac_bayes.seeger2002(**inputs, kl=0).value


@pytest.mark.parametrize("weight", [0, 2, -1, float("nan")])
def test_a_weight_outside_the_interval_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="weight"):
        pac_bayes.thiemann(**EXAMPLE, weight=weight)
