"""A certificate stands for its value: formats, rounding and comparisons, none of which shows less than the value."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genbounds.bounds import Certificate, Quantity
from genbounds.bounds.holdout import clopper_pearson, hoeffding
from genbounds.bounds.special.rounding import formatted

EXAMPLE = hoeffding(empirical_risk="0.005", n=10000, delta="0.05")
SPECS = (".4f", ".0f", ".3e", ".2%", "g", ".3g", "f", "e", "%", "12", ">14.2f", "+.1f", "020.5f", ",.3f", ".17", ".1f", "E", "_.2f")


def read(text: str) -> Fraction:
    """What a reader takes a printed number for."""
    text = re.sub(r"[\s,_+]", "", text)
    return Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)


def certificate(value: float) -> Certificate:
    """The example with another value."""
    return Certificate(**{**{name: getattr(EXAMPLE, name) for name in EXAMPLE.__dataclass_fields__}, "value": value})


VALUES = st.floats(0, 1e300) | st.floats(0, 2) | st.sampled_from([0.0, 5e-324, 0.1, 1e23, 1.7976931348623157e308])


@given(value=VALUES, spec=st.sampled_from(SPECS))
def test_a_format_never_shows_less_than_the_value(value: float, spec: str) -> None:
    shown = read(f"{certificate(value):{spec}}")
    assert shown >= Fraction(value)
    plain = re.search(r"\.(\d+)f", spec)
    if plain:
        assert shown - Fraction(value) < Fraction(1, 10 ** int(plain[1]))


@given(value=VALUES, digits=st.integers(-3, 20))
def test_round_is_upward(value: float, digits: int) -> None:
    rounded = round(certificate(value), digits)
    assert rounded >= value
    if 1e-15 < value < 1e15:
        assert Fraction(rounded) - Fraction(value) <= Fraction(10) ** -digits + Fraction(math.ulp(rounded))
    assert round(certificate(value)) == math.ceil(value)


@given(value=VALUES)
def test_the_repr_and_the_summary_never_show_less_than_the_value(value: float) -> None:
    for text in (repr(certificate(value)), str(certificate(value)), f"{certificate(value)}"):
        assert Fraction(re.search(r"<= ([-+\d.e]+)", text)[1]) >= Fraction(value)  # type: ignore[index]


def test_infinity_is_shown_as_such() -> None:
    assert f"{certificate(math.inf):.3f}" == "inf"
    assert round(certificate(math.inf), 2) == round(certificate(math.inf)) == math.inf


def test_an_infinite_value_is_not_printed_as_an_upper_bound() -> None:
    """Also a term that overflows, and never as ``<= inf``, which reads like a bound that holds."""
    found = replace(EXAMPLE, value=math.inf, terms={"empirical risk": 0.005, "deviation": math.inf})
    for text in (repr(found), str(found), f"{found}", found.latex(), found._repr_html_()):
        assert "no finite bound" in text
        assert "inf " not in text.replace("inf\\", "inf ")
        assert not re.search(r"(<=|&le;) *(inf|beyond)", text)
    assert "it says nothing" in str(found)
    assert "95 %" not in str(found)
    for text in (repr(EXAMPLE), str(EXAMPLE), EXAMPLE.latex(), EXAMPLE._repr_html_()):
        assert "no finite bound" not in text


@pytest.mark.parametrize("spec", ["d", "x", "n", ".3s", "10c"])
def test_formats_of_other_things_are_refused(spec: str) -> None:
    with pytest.raises(ValueError, match=r"must end in one of e, f, g, %|nvalid format"):
        format(EXAMPLE, spec)


@pytest.mark.slow
@given(value=st.fractions(0, 10), digits=st.integers(0, 12))
def test_a_quantity_is_rounded_in_its_direction(value: Fraction, digits: int) -> None:
    upper, lower = Quantity(value, "upper", "made up"), Quantity(value, "lower", "made up")
    assert read(f"{lower:.{digits}f}") <= value <= read(f"{upper:.{digits}f}")
    assert Fraction(float(lower)) <= value <= Fraction(float(upper))
    assert abs(read(f"{Quantity(value, 'exact', 'made up'):.{digits}f}") - value) <= Fraction(1, 2 * 10**digits)


def test_the_planted_rounding_to_nearest_is_seen() -> None:
    """0.02951304... to four digits: nearest is 0.0295, which the test above would refuse."""
    assert formatted(0.02951304960703, ".4f", "nearest") == "0.0295" < "0.0296" == formatted(0.02951304960703, ".4f", "up")
    assert read(formatted(0.02951304960703, ".4f", "nearest")) < Fraction(0.02951304960703)


def test_comparisons_with_numbers_are_exact() -> None:
    tenth = certificate(0.1)  # a little above 1/10
    assert tenth > Fraction(1, 10)
    assert tenth > Decimal("0.1")
    assert tenth == 0.1
    assert tenth != Fraction(1, 10)
    assert tenth <= 0.1 <= tenth
    assert tenth < np.float64(0.2)
    assert 0.05 < tenth < 1
    with pytest.raises(TypeError):
        tenth < "0.2"  # type: ignore[operator]  # noqa: B015


def test_certificates_are_ordered_by_value_and_equal_only_in_everything() -> None:
    other = clopper_pearson(errors=50, n=10000, delta="0.05")
    assert other < EXAMPLE
    assert min([EXAMPLE, other]) is other
    assert sorted([EXAMPLE, other])[0] is other
    same_value = Certificate(**{**{name: getattr(EXAMPLE, name) for name in EXAMPLE.__dataclass_fields__}, "note": "another"})
    assert same_value <= EXAMPLE <= same_value
    assert same_value != EXAMPLE
    again = hoeffding(empirical_risk=Fraction(1, 200), n=10000, delta=Fraction(1, 20))
    assert again == EXAMPLE
    assert Certificate.from_dict(EXAMPLE.to_dict()) == EXAMPLE


def test_equal_ones_share_their_hash() -> None:
    again = hoeffding(empirical_risk=Fraction(1, 200), n=10000, delta=Fraction(1, 20))
    assert hash(again) == hash(EXAMPLE) == hash(EXAMPLE.value)
    assert len({again, EXAMPLE}) == 1


def test_what_is_printed() -> None:
    assert repr(EXAMPLE) == "<Certificate holdout.hoeffding: risk <= 0.0172388>"
    assert str(EXAMPLE) == f"{EXAMPLE}" == EXAMPLE.summary()
    assert float(EXAMPLE) == EXAMPLE.value
