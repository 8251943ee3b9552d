"""What a search chose is proved to fit: a class that is too small never reaches a certificate."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bounds.strategies.table import CASES, READINGS, TESTED, with_form

from genbounds.bounds import Certificate, Quantity, margin, rademacher
from genbounds.bounds.declaration import Form
from genbounds.bounds.membership import proved
from genbounds.bounds.special.precision import precision
from genbounds.bounds.worlds.balls import BALLS

SEARCHED = [key for key in TESTED if READINGS[key][0].forms[READINGS[key][1]].choose]
# Of these one index selects the class that the hypothesis is in; the others choose among statements that all hold.
CLASSES = {
    "norm_index", "distance_index", "halvings", "ratio_index", "most", "level", "data_index", "input_index", "output_index",
}  # fmt: skip


def form_of(key: str) -> Form:
    """The form of a key of the table."""
    formula, form = READINGS[key]
    return formula.forms[form]


def found_by(key: str) -> dict[str, Any]:
    """What the search of a form finds for its example."""
    formula, _ = READINGS[key]
    choose = form_of(key).choose
    assert choose is not None
    return choose(**{name: np.asarray(value, np.float64) for name, value in {**formula.defaults, **CASES[key].example}.items()})


CHOICES = [(key, name) for key in SEARCHED for name in found_by(key)]


def number(result: Certificate | Quantity) -> float:
    """The value of a certificate or of a capacity."""
    assert not isinstance(result.value, tuple)
    return float(result.value)


@cache
def form_certificate(key: str) -> Certificate | Quantity:
    """The certificate of the example, with the search as it is."""
    result: Certificate | Quantity = READINGS[key][0](**with_form(key, CASES[key].example))
    return result


def plant(monkeypatch: pytest.MonkeyPatch, key: str, name: str, change: Any) -> None:
    """Let the search of a form err in one choice."""
    formula, form = READINGS[key]
    right = formula.forms[form]
    assert right.choose is not None

    def wrong(**inputs: Any) -> dict[str, Any]:
        found = right.choose(**inputs)  # type: ignore[misc]
        return {**found, name: change(np.asarray(found[name], np.float64))}

    monkeypatch.setitem(formula.forms, form, replace(right, choose=wrong))


@pytest.mark.parametrize("key", SEARCHED)
def test_every_choice_has_its_conditions(key: str) -> None:
    form, found = form_of(key), found_by(key)
    assert form.membership is not None
    with precision(128):
        values = {**READINGS[key][0].defaults, **CASES[key].example, **found}
        conditions = form.membership(BALLS, **{name: BALLS.lift(value) for name, value in values.items()})
    assert set(conditions) == set(found)
    assert all(len(listed) for listed in conditions.values())


@pytest.mark.parametrize(("key", "name"), [(key, name) for key, name in CHOICES if name in CLASSES])
@pytest.mark.parametrize("less", [1, 5, 300])
def test_a_class_that_is_too_small_is_made_large_enough(monkeypatch: pytest.MonkeyPatch, key: str, name: str, less: int) -> None:
    formula, _ = READINGS[key]
    inputs = with_form(key, CASES[key].example)
    right = form_certificate(key)
    assert isinstance(right, Certificate)
    plant(monkeypatch, key, name, lambda choice: choice - less)
    found = formula(**inputs)
    assert isinstance(found, Certificate)
    spare = name in ("level", "data_index")  # whose searches take one more at a tie, where balls prove the tie
    assert np.all(np.asarray(found.choices[name]) >= np.asarray(right.choices[name]) - spare)
    assert spare or found.value >= right.value * (1 - 1e-9)


@pytest.mark.parametrize(("key", "name"), [(key, name) for key, name in CHOICES if name not in ("slope", "shift")])
def test_what_is_no_point_of_the_grid_is_refused(monkeypatch: pytest.MonkeyPatch, key: str, name: str) -> None:
    plant(monkeypatch, key, name, lambda choice: choice + 0.5)
    with pytest.raises(ValueError, match=f"{name}.* must be proved to fit"):
        READINGS[key][0](**with_form(key, CASES[key].example))


@pytest.mark.parametrize(("key", "name"), [(key, name) for key, name in CHOICES if name in ("counts", "last", "most", "index")])
def test_what_lies_below_the_grid_is_moved_into_it(monkeypatch: pytest.MonkeyPatch, key: str, name: str) -> None:
    formula, _ = READINGS[key]
    inputs = with_form(key, CASES[key].example)
    plant(monkeypatch, key, name, lambda choice: choice - 1000)
    assert number(formula(**inputs)) >= number(form_certificate(key)) * (1 - 1e-9)


def test_a_search_needs_conditions() -> None:
    form = form_of("margin.norm_product")
    with pytest.raises(TypeError, match="membership"):
        replace(form, membership=None)
    with pytest.raises(TypeError, match="membership"):
        replace(form, choose=None)


def test_more_bits_are_tried_before_a_choice_is_moved() -> None:
    size = Fraction(2**300 - 1, 2**300)

    def below(math: Any, *, size: Any, level: Any) -> Any:
        return {"level": [math.less(size, math.power(2, level))]}

    assert proved("x", below, {"size": size}, {"level": 0.0})["level"] == 0
    assert proved("x", below, {"size": 1 + Fraction(1, 2**300)}, {"level": 0.0})["level"] == 1


def spectral(norms: list[float], scale: float) -> Certificate:
    """A homogeneous network of width 1 with these norms."""
    layers = len(norms)
    return margin.spectral(
        homogeneous=True,
        margin_risk=0,
        margin=scale,
        spectral_norms=norms,
        distances_2_1=norms,
        lipschitz=(1,) * layers,
        widths=(1,) * layers + (2,),
        outputs=2,
        data_norm=1e-3,
        n=10**6,
        delta=Fraction(1, 20),
    )


@pytest.mark.parametrize(("norms", "scale"), [([1e-200, 1e-200, 1e300], 1e-110), ([1e-35] * 10 + [1e35] * 10, 1e-3)])
def test_the_order_of_the_layers_is_no_matter(norms: list[float], scale: float) -> None:
    there, back = spectral(norms, scale), spectral(norms[::-1], scale)
    assert there.value == back.value
    product = math.prod(map(Fraction, norms), start=Fraction(1))
    level = there.choices["level"]
    assert isinstance(level, float)
    assert Fraction(2) ** int(level) * Fraction(scale) >= product > Fraction(2) ** int(level - 1) * Fraction(scale)


@pytest.mark.slow
@given(st.lists(st.floats(5e-324, 1e300), min_size=1, max_size=6), st.floats(5e-324, 1e300))
def test_the_stratum_holds_the_network_over_the_whole_range(norms: list[float], scale: float) -> None:
    certificate = spectral(norms, scale)
    level = certificate.choices["level"]
    assert isinstance(level, float)
    assert Fraction(2) ** int(level) * Fraction(scale) >= math.prod(map(Fraction, norms), start=Fraction(1))


@given(st.one_of(st.floats(5e-324, 1e300), st.integers(1, 10**60), st.fractions(Fraction(1, 10**9), 10**9)))
def test_the_level_of_a_kernel_predictor_holds_its_norm(norm: Any) -> None:
    certificate = rademacher.kernel_predictor(empirical_risk=0, lipschitz=1, norm=norm, data_norm=20, n=800, delta=Fraction(1, 20))
    level = certificate.choices["level"]
    assert isinstance(level, float)
    assert Fraction(2) ** int(level) >= Fraction(norm)


def test_a_norm_beyond_the_whole_doubles_is_rounded_up_to_the_grid() -> None:
    norm = 6004799503160663.0  # three times it is 2^54 + 5, between two doubles
    inputs = {"margin_risk": 0, "margin": 1, "distances_2_1": (0, 0, 1), "lipschitz": (1, 1, 1), "widths": (1, 1, 1, 2), "outputs": 2}
    certificate = margin.spectral(**inputs, spectral_norms=(norm, 1, 1), data_norm=1e-20, n=100, delta=Fraction(1, 20))
    grid = certificate.choices["norm_index"]
    assert isinstance(grid, tuple)
    assert Fraction(grid[0]) >= 3 * Fraction(norm)  # type: ignore[arg-type]
