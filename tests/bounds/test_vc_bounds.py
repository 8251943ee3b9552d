"""What the VC bounds and dimensions must satisfy beyond their values."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from flint import arb
from tests.bounds.draws import Draws
from tests.reference import vc as reference

from genbounds.bounds import vc
from genbounds.bounds.special.precision import precision
from genbounds.bounds.worlds.balls import BALLS

D = Draws(3)


def _base() -> dict[str, Any]:
    dimension = int(D.random.choice([0, 1, D.whole(1, 1e9)]))
    return {"empirical_risk": D.unit(), "n": D.whole(), "vc_dimension": dimension, "delta": D.delta()}


def _network(fewest: int = 1) -> dict[str, int]:
    units = int(D.random.choice([fewest, 2, D.whole(fewest, 1e5)]))
    return {"units": units, "parameters": units + D.whole(1, 1e8) - 1}


WHOLE = ("vapnik_chervonenkis1971", "bousquet2004introduction", "shalev_shwartz2014growth", "relative_deviation", "sauer")


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("delta", [Fraction(84, 100), Fraction(9, 10), Fraction(95, 100), Fraction(9999, 10000)])
@pytest.mark.parametrize("n", [10, 1000, 10**4, 10**8, 10**12])
def test_a_class_that_fits_every_sample_is_given_no_risk_below_one(name: str, delta: Fraction, n: int) -> None:
    """x uniform, every label 1, all sets of at most n points: some set holds the sample, so that R_n = 0 and R = 1 with certainty."""
    bound = getattr(vc, name)
    for form in bound.forms:
        assert bound(empirical_risk=0, n=n, vc_dimension=n, delta=delta, form=form).value >= 1


def test_the_world_refutes_what_the_textbook_prints() -> None:
    """The test above can fail: (4 + sqrt(ln Pi(2n)))/(delta sqrt(2n)) is below the risk, 1, in that world."""
    n, delta = 10**4, 0.9
    growth = float(vc.log_growth_sauer(vc_dimension=n, n=2 * n))
    assert (4 + math.sqrt(growth)) / (delta * math.sqrt(2 * n)) < 0.957


def test_the_mean_of_the_largest_gap_is_below_its_bound_by_enumeration() -> None:
    """At delta times its value the textbook's bound is one on E sup |R - R_n|: all sets of at most d of 5 equally likely points."""
    points, size = 5, 3
    for dimension in range(1, points + 1):
        total = 0.0
        for sample in product(range(points), repeat=size):
            sets = (set(chosen) for count in range(dimension + 1) for chosen in combinations(range(points), count))
            total += max(abs((1 - len(chosen) / points) - sum(x not in chosen for x in sample) / size) for chosen in sets)
        limit = vc.shalev_shwartz2014growth(empirical_risk=0, n=size, vc_dimension=dimension, delta=Fraction(999, 1000)).value
        assert 0 < total / points**size <= float(limit) * 0.999


def test_the_closed_dimension_of_threshold_networks_is_above_the_implicit_one() -> None:
    for _ in range(30):
        network = _network()
        implicit = vc.dimension_threshold_network(**network).value
        assert network["parameters"] <= implicit <= vc.dimension_threshold_network(**network, form="closed").value


@pytest.mark.parametrize("size", [10**12, 10**18, 10**30])
def test_dimensions_beyond_the_whole_doubles_are_proved_to_the_last_integer(size: int) -> None:
    """Doubles are then more than 1 apart: the search ends all the same, and the proof counts the integers between them."""
    for units in (3, 10**9, size):
        true = reference.dimension_threshold_network(parameters=size, units=units)
        assert vc.dimension_threshold_network(parameters=size, units=units).value == true
        assert vc.dimension_threshold_network.value(parameters=size, units=units) == pytest.approx(float(true), rel=1e-12)
    width = math.isqrt(size) - 1
    for widths in ((width, width, 1), (width, 7, width, 1), (size, 1)):
        true = reference.dimension_relu_network(widths=widths)
        assert vc.dimension_relu_network(widths=widths).value == true
        assert vc.dimension_relu_network.value(widths=widths) == pytest.approx(float(true), rel=1e-12)


@pytest.mark.parametrize("guess", [13.0, 50.0, 77.0, 78.0, 79.0, 85.0])
def test_the_last_crossing_does_not_depend_on_where_the_search_left_it(guess: float) -> None:
    """13 log2(4 e m/13) - m is not negative from m = 3 on, and lastly at 78."""
    with precision(128):
        found = BALLS.last_crossing(lambda m: 13 * BALLS.log2(4 * BALLS.exp(arb(1)) * m / 13) - m, guess)
    assert found == 78


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


DOUBLE_SAMPLE = ("vapnik_chervonenkis1971", "bousquet2004introduction", "relative_deviation", "realizable")


@pytest.mark.parametrize("name", DOUBLE_SAMPLE)
def test_the_exact_sum_at_twice_the_sample_is_never_above_the_printed_form(name: str) -> None:
    """And at n points it would be smaller still: the sum is the one at 2n."""
    formula = getattr(vc, name)
    for _ in range(40):
        base = {**_base(), "vc_dimension": int(D.random.integers(0, 5000)), "n": D.whole(1, 1e6)}
        inputs = {key: value for key, value in base.items() if key in formula.inputs}
        assert formula(**inputs).value <= formula(**inputs, form="printed").value * (1 + 1e-15)
    few: dict[str, Any] = {"empirical_risk": 0, "n": 50, "vc_dimension": 3, "delta": Fraction(1, 20)}
    small = {key: value for key, value in few.items() if key in formula.inputs}
    at_2n, at_n = (math.log(sum(math.comb(m, i) for i in range(4))) for m in (100, 50))
    value = formula(**small).value
    recovered = {
        "vapnik_chervonenkis1971": value**2 * 50 / 8 - math.log(80),
        "bousquet2004introduction": value**2 * 50 / 8 - math.log(40),
        "relative_deviation": value * 50 / 4 - math.log(80),
        "realizable": value * 50 / 2 * math.log(2) - math.log(40),
    }[name]
    assert recovered == pytest.approx(at_2n, rel=1e-12)
    assert recovered > at_n + 1


@pytest.mark.parametrize("name", ["relative_deviation", "realizable"])
def test_the_growth_function_at_twice_the_sample_gives_what_the_dimension_gives(name: str) -> None:
    """With Sauer's sum at 2n passed by hand, both readings of a theorem agree; that of a network is smaller."""
    by_dimension, by_growth = getattr(vc, name), getattr(vc, f"{name}_growth")
    some: dict[str, Any] = {"n": 60_000, "delta": Fraction(1, 20), "empirical_risk": Fraction(1, 100)}
    inputs = {key: value for key, value in some.items() if key in by_growth.inputs}
    growth = vc.log_growth_sauer(vc_dimension=169, n=120_000)
    assert by_growth(**inputs, log_growth_2n=growth).value == pytest.approx(by_dimension(**inputs, vc_dimension=169).value, rel=1e-14)
    network = vc.log_growth_relu_network(widths=(2, 3, 1), n=120_000)
    assert by_growth(**inputs, log_growth_2n=network).value < by_dimension(**inputs, vc_dimension=169).value * 0.6


@pytest.mark.parametrize(
    ("name", "network", "rule"),
    [
        ("dimension_sigmoid_network", {"parameters": 3, "units": 4}, "parameters must be at least units"),
        (
            "dimension_piecewise_polynomial_network",
            {"parameters": 3, "units": 4, "layers": 2, "pieces": 2, "degree": 1},
            "parameters must be at least units",
        ),
        (
            "dimension_piecewise_polynomial_network",
            {"parameters": 13, "units": 4, "layers": 5, "pieces": 2, "degree": 1},
            "layers must be at most units",
        ),
    ],
)
def test_networks_that_cannot_be_are_refused(name: str, network: dict[str, int], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        getattr(vc, name)(**network)
