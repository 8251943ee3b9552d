"""Bad input gives an error that names the input and the remedy, and no number: for certificates and for ``.value``, scalars and arrays."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from tests.bounds.grouped import grouped
from tests.bounds.strategies.table import CASES, READINGS, TESTED

from genbounds.bounds import Bound, Capacity, Choice, DirectionError, Quantity, get

DEFAULTS = [key for key in TESTED if key == READINGS[key][0].name]
INPUTS = [(key, name) for key in DEFAULTS for name in READINGS[key][0].inputs]


def vectors(key: str) -> frozenset[str]:
    """The vector inputs of a formula."""
    return READINGS[key][0].vectors


def vector_or_not(key: str, name: str, bad: Any) -> Any:
    """The bad value in the place of one entry of a vector, or alone."""
    example = CASES[key].example[name]
    return (bad, *example[1:]) if isinstance(example, tuple) else bad


def outside(key: str, name: str) -> list[Any]:
    """Numbers just outside the domain of an input."""
    domain = READINGS[key][0].domains[name]
    assert domain is not None
    found: list[Any] = []
    if math.isfinite(domain.low):
        low = int(domain.low) if domain.low == int(domain.low) else domain.low
        found += [low, -1.0] if domain.low_open else [low - 1, float(low) - 1e-3]
    if math.isfinite(domain.high):
        high = domain.high
        found += [high, high + 4] if domain.high_open else [high + 1, high * (1 + 1e-9) + 1e-9] if high < 1e300 else [2 * int(high)]
    if domain.whole:
        found += [admissible_count(key, name) + 0.5, Fraction(7, 2)]
    return found


def admissible_count(key: str, name: str) -> float:
    """An admissible count of the example."""
    example = CASES[key].example[name]
    return float(example[0] if isinstance(example, tuple) else example)


@grouped([(key, name, bad) for key, name in INPUTS for bad in (math.nan, math.inf, -math.inf)])
def test_nan_and_infinities_are_refused(key: str, name: str, bad: float) -> None:
    formula, _ = READINGS[key]
    arguments = {**CASES[key].example, name: vector_or_not(key, name, bad)}
    with pytest.raises(ValueError, match=rf"^{name}\b.*: \w"):
        formula(**arguments)
    with pytest.raises(ValueError, match=rf"^{name}\b.*: \w"):
        formula.value(**arguments)
    array = np.array([CASES[key].example[name], arguments[name]], dtype=np.float64)
    with pytest.raises(ValueError, match=rf"^{name}\b"):
        formula.value(**{**CASES[key].example, name: array})


@grouped(INPUTS)
def test_numbers_outside_the_domain_are_refused(key: str, name: str) -> None:
    formula, _ = READINGS[key]
    domain = formula.domains[name]
    assert domain is not None
    for bad in outside(key, name):
        arguments = {**CASES[key].example, name: vector_or_not(key, name, bad)}
        message = rf"{name} must .*got .*: \w"
        with pytest.raises(ValueError, match=message):
            formula(**arguments)
        with pytest.raises(ValueError, match=message):
            formula.value(**arguments)
        with pytest.raises(ValueError, match=message):
            formula.estimate(**arguments) if isinstance(formula, Bound) else formula(**arguments)


@grouped(INPUTS)
def test_what_is_no_number_is_refused(key: str, name: str) -> None:
    formula, _ = READINGS[key]
    no_numbers = ("0,05", "many", None, True, np.True_, {}, object(), 1j, b"1", np.array(["a"]), np.array([True]))
    for value in [bad for entry in no_numbers for bad in (entry, vector_or_not(key, name, entry))]:
        arguments = {**CASES[key].example, name: value}
        with pytest.raises((TypeError, ValueError), match=rf"^{name}\b.*: \w"):
            formula(**arguments)
        with pytest.raises((TypeError, ValueError), match=rf"^{name}\b.*: \w"):
            formula.value(**arguments)


@grouped(INPUTS)
def test_a_decimal_text_is_the_exact_number(key: str, name: str) -> None:
    """``"0.05"`` is 1/20, not the double near it, in every input of every formula; ``.value`` reads it too."""
    formula, _ = READINGS[key]
    example = CASES[key].example
    given = example[name]
    exactly = Fraction(repr(given)) if isinstance(given, float) else given
    text = tuple(f"{Fraction(entry)}" for entry in given) if isinstance(given, tuple) else f"{Fraction(exactly)}"
    by_text, by_number = formula(**{**example, name: text}), formula(**{**example, name: exactly})
    assert by_text.value == by_number.value
    assert formula.value(**{**example, name: text}) == pytest.approx(formula.value(**{**example, name: exactly}), rel=1e-12)


@grouped(INPUTS)
def test_empty_and_misshapen_inputs_are_refused(key: str, name: str) -> None:
    formula, _ = READINGS[key]
    example = CASES[key].example
    for bad in ((), [], np.array([])):
        with pytest.raises(ValueError, match=name):
            formula(**{**example, name: bad})
        with pytest.raises(ValueError, match=name):
            formula.value(**{**example, name: bad})
    wrong = 1 if isinstance(example[name], tuple) else (example[name], example[name])
    with pytest.raises(ValueError, match=rf"^{name} must .*: \w"):
        formula(**{**example, name: wrong})
    with pytest.raises(ValueError, match=name):
        formula(**{**example, name: np.ones((2, 2))})


@grouped([(key, name) for key, name in INPUTS if name in vectors(key) and len(vectors(key)) > 1])
def test_vectors_of_lengths_that_do_not_fit_are_refused(key: str, name: str) -> None:
    formula, _ = READINGS[key]
    longer = {**CASES[key].example, name: (*CASES[key].example[name], CASES[key].example[name][-1])}
    for read in (formula, formula.value):
        with pytest.raises(ValueError, match=name):
            read(**longer)


@pytest.mark.parametrize("key", [key for key in DEFAULTS if len(READINGS[key][0].inputs) - len(vectors(key)) > 1])
def test_arrays_that_do_not_broadcast_are_refused(key: str) -> None:
    formula, _ = READINGS[key]
    scalars = [name for name in formula.inputs if name not in formula.vectors]
    example = CASES[key].example
    two, three = (np.full(size, float(example[name])) for size, name in zip((2, 3), scalars[-2:], strict=True))
    with pytest.raises(ValueError, match="the shapes of the inputs must broadcast"):
        formula.value(**{**example, scalars[-2]: two, scalars[-1]: three})


@pytest.mark.parametrize("key", DEFAULTS)
def test_unknown_and_missing_inputs_and_forms_are_named(key: str) -> None:
    formula, _ = READINGS[key]
    example = CASES[key].example
    for read in (formula, formula.value, *([formula.estimate] if isinstance(formula, Bound) else [])):
        with pytest.raises(TypeError, match=r"no input 'sharpness'.*its inputs are"):
            read(**example, sharpness=3)
        for name in set(formula.inputs) - set(formula.defaults):
            with pytest.raises(TypeError, match=f"missing input '{name}'"):
                read(**{other: value for other, value in example.items() if other != name})
        with pytest.raises(ValueError, match=rf"^{formula.form_argument} must be one of .*got 'folklore': \w"):
            read(**example, **{formula.form_argument: "folklore"})
        with pytest.raises(TypeError):
            read(1, **example)
    with pytest.raises(ValueError, match="must be one of"):
        formula.latex("folklore")


@grouped(INPUTS)
def test_only_quantities_that_err_on_the_safe_side_are_admitted(key: str, name: str) -> None:
    formula, _ = READINGS[key]
    example, declared = CASES[key].example, formula.declaration
    safe = {"exact"} | ({"upper"} if name in declared.increasing else set()) | ({"lower"} if name in declared.decreasing else set())
    plain = formula(**example)
    for kind in ("exact", "upper", "lower", "estimate"):
        arguments = {**example, name: Quantity(example[name], kind, "a measurement on twins")}  # type: ignore[arg-type]
        if isinstance(formula, Capacity):
            result = formula(**arguments)
            assert result.kind == ("upper" if kind in safe else "estimate")
            assert (name in result.how) == (kind not in safe) or name in formula.inputs
        elif kind in safe:
            assert formula(**arguments).value == plain.value
            assert formula(**arguments).kind == "certificate"
        else:
            with pytest.raises(DirectionError, match=rf"{name} of {formula.name} .*{kind}.*a measurement on twins.*\.estimate"):
                formula(**arguments)
        if isinstance(formula, Bound):
            estimate = formula.estimate(**arguments)
            assert estimate.kind == "estimate"
            assert estimate.value == plain.value
        if isinstance(formula, Bound) and kind == "estimate":  # which kind of input it was changes no rendering
            assert "ESTIMATE" in estimate.summary()
            assert "ESTIMATE" in estimate._repr_html_()
            assert r"\dagger" in estimate.latex()
        with pytest.raises(TypeError, match=rf"^{name} of .*\.value must be a plain number"):
            formula.value(**arguments)


@grouped(INPUTS)
def test_a_choice_is_refused_where_nothing_is_to_be_chosen(key: str, name: str) -> None:
    formula, _ = READINGS[key]
    choice = Choice(CASES[key].example[name], alternatives=7, how="seven values")
    if isinstance(formula, Bound) and name in formula.declaration.fixed_in_advance and formula.mode == "HP":
        paid = {**CASES[key].example, "delta": Fraction(CASES[key].example["delta"]) / 7}
        assert formula(**{**CASES[key].example, name: choice}).value == formula(**paid).value
    else:
        with pytest.raises(ValueError, match=rf"^{name} of .*got a Choice: \w"):
            formula(**{**CASES[key].example, name: choice})
    with pytest.raises(TypeError, match=name):
        formula.value(**{**CASES[key].example, name: choice})


@pytest.mark.parametrize(
    ("key", "change", "message"),
    [
        ("holdout.hoeffding", {"delta": 5}, "got 5"),
        (
            "holdout.hoeffding",
            {"empirical_risk": 12},
            "pass a fraction such as Fraction(errors, n), not a percentage",
        ),
        ("holdout.hoeffding", {"n": 0}, "n must be a whole number of at least 1, got 0"),
        ("holdout.clopper_pearson", {"errors": 1001}, "errors must be at most n"),
        ("pac_bayes.monte_carlo_errors", {"errors": 1001}, "errors must be at most pairs"),
        ("vc.dimension_relu_network", {"widths": (10, 5, 3)}, "widths must end in 1"),
        ("vc.dimension_relu_network", {"widths": (10,)}, "widths must name the inputs and at least one layer"),
        ("stability.hardt2016convex", {"step_sizes": (2.0, 2.5)}, "step_sizes must be at most 2/smoothness"),
        ("stability.bousquet_elisseeff2002", {"empirical_risk": 2}, "empirical_risk must be at most loss_range"),
        ("margin.spectral", {"outputs": 7}, "outputs must equal the last of the widths"),
        ("margin.bartlett2017spectral", {"margin": 10**5}, "margin must be at most n"),
        ("margin.norm_product", {"margin": 0}, "a margin bound needs a positive margin: with margin 0 or less nothing is separated"),
    ],
)
def test_what_the_message_says(key: str, change: dict[str, Any], message: str) -> None:
    formula = get(key)
    for read in (formula, formula.value):
        with pytest.raises(ValueError, match=re.escape(message)):
            read(**{**CASES[key].example, **change})


@pytest.mark.parametrize(
    ("name", "message"),
    [("hoefding", "did you mean holdout.hoeffding"), ("nonsense_xyz", "genbounds list"), ("spectral_", "margin.spectral")],
)
def test_an_unknown_name_is_answered_with_the_nearest(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        get(name)


@pytest.mark.parametrize("large", [10**400, -(10**5000), Fraction(10**400, 3)], ids=["int", "longer", "fraction"])
def test_numbers_beyond_the_doubles_are_refused_by_the_fast_reading_and_read_exactly_by_certificates(large: Any) -> None:
    for given in (large, [1, large], np.array([large, 1], dtype=object)):
        with pytest.raises(ValueError, match=r"radius must be at most 1.8e308 to be read in floats, got one of \d+ bits: call the bound"):
            get("perceptron.novikoff").value(radius=given, margin=1)
    certificate = get("holdout.hoeffding")(empirical_risk=0, n=10**400, delta=Fraction(1, 20))
    assert certificate.inputs["n"] == 10**400  # type: ignore[union-attr]
    assert 0 < certificate.value < 1e-199  # type: ignore[union-attr]
