"""What the VC bounds and dimensions must satisfy beyond their values."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from tests.bounds.draws import Draws

from genbounds.bounds import vc

D = Draws(3)


def _base() -> dict[str, Any]:
    dimension = int(D.random.choice([0, 1, D.whole(1, 1e9)]))
    return {"empirical_risk": D.unit(), "n": D.whole(), "vc_dimension": dimension, "delta": D.delta()}


def _network(fewest: int = 1) -> dict[str, int]:
    units = int(D.random.choice([fewest, 2, D.whole(fewest, 1e5)]))
    return {"units": units, "parameters": units + D.whole(1, 1e8) - 1}


def test_the_closed_dimension_of_threshold_networks_is_above_the_implicit_one() -> None:
    for _ in range(30):
        network = _network()
        implicit = vc.dimension_threshold_network(**network).value
        assert network["parameters"] <= implicit <= vc.dimension_threshold_network(**network, form="closed").value


def test_a_single_threshold_unit_has_its_parameters_as_dimension() -> None:
    for form in ("implicit", "closed"):
        assert vc.dimension_threshold_network(parameters=7, units=1, form=form).value == 7


def test_the_double_sample_is_at_most_all_dichotomies() -> None:
    inputs = {"empirical_risk": 0, "n": 100, "delta": Fraction(1, 20)}
    everything = np.sqrt(8 * (200 * np.log(2) + np.log(80)) / 100)
    for dimension in (150, 200, 201, 10**9):
        assert vc.vapnik_chervonenkis1971(**inputs, vc_dimension=dimension).value == pytest.approx(everything, rel=1e-14)
    assert vc.vapnik_chervonenkis1971(**inputs, vc_dimension=0).value == pytest.approx(np.sqrt(8 * np.log(80) / 100), rel=1e-14)


def test_the_relative_deviation_solves_its_quadratic() -> None:
    for _ in range(20):
        inputs = _base()
        risk, scale = vc.relative_deviation.value(**inputs), vc.relative_deviation.value(**{**inputs, "empirical_risk": 0.0})
        assert risk - inputs["empirical_risk"] == pytest.approx(np.sqrt(scale * risk), rel=1e-9)


def test_baum_haussler_refuses_large_errors_and_single_units() -> None:
    with pytest.raises(ValueError, match="epsilon"):
        vc.baum_haussler1989_sample_size(parameters=13, units=4, epsilon=0.2)
    with pytest.raises(ValueError, match="units"):
        vc.baum_haussler1989_sample_size(parameters=13, units=1, epsilon=0.1)


def test_baum_haussler_sample_size_makes_its_failure_probability() -> None:
    """8 Pi(2m) exp(-e m/16) at the stated m, with Pi(2m) <= (2 N e m/W)^W, is at most 8 exp(-1.5 W)."""
    for units in (2, 3, 10, 1000):
        for epsilon in (0.125, 0.1, 0.01, 1e-6):
            parameters = 2 * units
            m = vc.baum_haussler1989_sample_size.value(parameters=parameters, units=units, epsilon=epsilon)
            exponent = parameters * np.log(2 * units * np.e * m / parameters) - epsilon * m / 16
            assert exponent <= -1.5 * parameters
