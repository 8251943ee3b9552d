"""What every formula owes: its declared monotonicity, one number in two readings, broadcasting, pickling, a source."""

from __future__ import annotations

import copy
import math
import pickle
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.bounds.strategies.changes import PUSHES, accepted, everyday, moves
from tests.bounds.strategies.table import CASES, DRAWS, READINGS, TESTED, with_form

from genbounds.bounds import Bound, Capacity, Certificate, Formula, Quantity, catalogue, get
from genbounds.bounds.bibliography import entries

FORMULAS = catalogue()
NAMES = [formula.name for formula in FORMULAS]


def number(result: Certificate | Quantity) -> float:
    """The value of a certificate or of a capacity."""
    value = result.value
    assert not isinstance(value, tuple)
    return float(value) if value < 10**308 else math.inf


def moved_inputs(formula: Formula) -> list[tuple[str, int]]:
    """The inputs that are declared monotone in the number itself, with the sign."""
    declared = formula.declaration
    signs = [(name, 1) for name in declared.increasing] + [(name, -1) for name in declared.decreasing]
    return [(name, sign) for name, sign in signs if name not in declared.by_inclusion]


MOVED = [key for key in TESTED if moved_inputs(READINGS[key][0])]


def certified(key: str, inputs: dict[str, Any]) -> float | None:
    """The certificate's number; None for a capacity beyond the largest double, which is not a quantity."""
    formula, _ = READINGS[key]
    try:
        return number(formula(**with_form(key, inputs)))
    except ValueError:
        assert isinstance(formula, Capacity)
        return None


def assert_directions(key: str, inputs: dict[str, Any], push: Callable[[], Any]) -> list[str]:
    """Each monotone input moved by itself does as is declared; the names of those that the others left room to move."""
    formula, _ = READINGS[key]
    value, compared = certified(key, inputs), []
    for name, sign in moved_inputs(formula):
        found = moves(formula, name, inputs, push())
        other = None if found is None else certified(key, found[0])
        if found is None or value is None or other is None:
            continue
        changed, up = found
        below, above = (value, other) if up == (sign > 0) else (other, value)
        wrong = f"{name} of {key} is declared {'increasing' if sign > 0 else 'decreasing'}"
        assert below <= above + abs(above) * 1e-9, f"{wrong}: {value} at {inputs[name]}, {other} at {changed[name]}"
        compared.append(name)
    return compared


@pytest.mark.parametrize("key", MOVED)
def test_the_declared_directions_hold(key: str) -> None:
    """For one draw of the inputs after another, a quarter of which must leave an input room to move."""
    compared: Counter[str] = Counter()

    @settings(max_examples=DRAWS)
    @given(data=st.data())
    def every_direction(data: Any) -> None:
        compared.update(assert_directions(key, data.draw(CASES[key].inputs), lambda: data.draw(PUSHES)))

    every_direction()
    still = [name for name, _ in moved_inputs(READINGS[key][0]) if compared[name] < DRAWS // 4]
    assert still == [], f"the inputs of {key} in tests/bounds/strategies/ leave too little room"


@pytest.mark.parametrize(("key", "name"), [("holdout.hoeffding", "n"), ("pac_bayes.gaussian_kl_blocks", "distances")])
def test_a_direction_declared_the_wrong_way_round_is_found(key: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    turned = [(other, -sign if other == name else sign) for other, sign in moved_inputs(READINGS[key][0])]
    monkeypatch.setitem(globals(), "moved_inputs", lambda formula: turned)
    with pytest.raises(AssertionError, match=f"^{name} of {key} is declared "):
        assert_directions(key, CASES[key].example, lambda: (Fraction(1, 2), Fraction(1, 2), 0, 1))


@pytest.mark.parametrize("key", TESTED)
@settings(max_examples=DRAWS)
@given(data=st.data())
def test_the_float_reading_agrees_with_the_certificate(key: str, data: Any) -> None:
    formula, _ = READINGS[key]
    inputs = everyday(formula, data.draw(CASES[key].inputs))
    certified = number(formula(**with_form(key, inputs)))
    plain = formula.value(**with_form(key, inputs))
    assert isinstance(plain, float)
    if math.isinf(plain):  # an intermediate result overflowed, which errs upwards
        assert certified > 1e200
        return
    assert plain >= certified - abs(certified) * CASES[key].float_below - 1e-300
    assert plain <= certified + abs(certified) * CASES[key].float_tolerance + CASES[key].float_jump + 1e-300


@pytest.mark.parametrize("key", TESTED)
@settings(max_examples=-(-DRAWS // 2))  # three draws of the inputs each
@given(data=st.data())
def test_arrays_give_what_scalars_give(key: str, data: Any) -> None:
    formula, _ = READINGS[key]
    first = everyday(formula, data.draw(CASES[key].inputs))
    drawn = [first] + [everyday(formula, data.draw(CASES[key].inputs)) for _ in range(2)]
    rows = [{name: first[name] if isinstance(first[name], tuple) else row[name] for name in first} for row in drawn]
    rows = [row if accepted(formula, row) else first for row in rows]
    single = [formula.value(**with_form(key, row)) for row in rows]
    assume(np.all(np.isfinite(single)))
    stacked = {name: np.array([row[name] for row in rows], dtype=np.float64) for name in first}
    together = formula.value(**with_form(key, stacked))
    assert together.shape == (3,)
    np.testing.assert_allclose(together, single, rtol=CASES[key].float_tolerance, atol=0)


@pytest.mark.parametrize("key", [key for key in TESTED if set(READINGS[key][0].inputs) - READINGS[key][0].vectors])
def test_a_column_against_a_scalar_broadcasts(key: str) -> None:
    formula, _ = READINGS[key]
    example = CASES[key].example
    name = next(name for name in formula.inputs if name not in formula.vectors)
    single = formula.value(**with_form(key, example))
    column = formula.value(**with_form(key, {**example, name: np.full((2, 1), float(example[name]))}))
    assert column.shape == (2, 1)
    np.testing.assert_allclose(column, single, rtol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_a_formula_pickles_by_its_name(name: str) -> None:
    formula = get(name)
    assert pickle.loads(pickle.dumps(formula)) is formula
    assert copy.deepcopy(formula) is formula
    assert formula.__wrapped__.__module__ == formula.__module__
    assert formula.__qualname__ == name.split(".")[1]


@pytest.mark.parametrize("key", TESTED)
def test_a_certificate_pickles_and_compares(key: str) -> None:
    formula, _ = READINGS[key]
    result = formula(**with_form(key, CASES[key].example))
    assert isinstance(result, Certificate if isinstance(formula, Bound) else Quantity)
    assert pickle.loads(pickle.dumps(result)) == result


@pytest.mark.parametrize("key", [key for key in TESTED if isinstance(READINGS[key][0], Bound)])
def test_terms_add_up_to_the_value(key: str) -> None:
    formula, _ = READINGS[key]
    certificate = formula(**with_form(key, CASES[key].example))
    assert math.fsum(certificate.terms.values()) == pytest.approx(certificate.value, rel=1e-12)


@pytest.mark.parametrize("key", sorted(READINGS))
def test_sources_are_in_the_bibliography_and_constants_say_where_they_are_from(key: str) -> None:
    formula, form = READINGS[key]
    reading = formula.forms[form]
    assert reading.source.key in entries()
    assert reading.source.place
    assert reading.provenance in ("read in the source", "derived here", "as printed, not re-read")


@pytest.mark.parametrize("name", NAMES)
def test_declarations_name_inputs_and_every_input_says_what_it_is(name: str) -> None:
    formula = get(name)
    declared = formula.declaration
    assert set(declared.increasing) | set(declared.decreasing) | set(declared.fixed_in_advance) <= set(formula.inputs)
    assert not set(declared.increasing) & set(declared.decreasing)
    assert set(declared.by_inclusion) <= {*declared.increasing, *declared.decreasing}
    assert all(domain is not None and domain.meaning for domain in formula.domains.values())
    assert formula.statement.endswith(".")
    if isinstance(formula, Bound):
        assert formula.assumes
        assert ("delta" in formula.inputs) == (formula.mode == "HP")
