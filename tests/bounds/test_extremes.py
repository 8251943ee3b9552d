"""Sizes at which float64 overflows, underflows or cancels: n of 1e12, delta of 1e-300, norms of 1e300 and 1e-300, widths of 1e5.

Every bound is read at each of them in turn, the other inputs being everyday ones. The certificate is compared with the reference, which
works with 700 digits and no largest number; the float reading with the certificate. Nothing may warn, be no number or come out below.
"""

from __future__ import annotations

import math
import warnings
from fractions import Fraction
from typing import Any

import pytest
from mpmath import mp, mpf
from tests.bounds.strategies.case import reference_of
from tests.bounds.strategies.changes import accepted
from tests.bounds.strategies.table import CASES, READINGS, TESTED, with_form
from tests.reference import special

from genbounds.bounds import Capacity, Formula

COUNTS = ("n", "draws", "pairs")
LARGEST = mpf(1.7e308)
CANCELLING = {("stability.hardt2016nonconvex", "smoothness"): "logarithms of gammas of 1e303 cancel in floats; its certificates are exact"}
DIGITS = 700  # 1 + 1e-300 is not a 1


def _extremes(formula: Formula, name: str, everyday: Any) -> list[Any]:
    """The extreme values of an input: sizes, probabilities, widths, and whatever is a real number without an upper end."""
    domain = formula.domains[name]
    assert domain is not None
    if (formula.name, name) in CANCELLING:
        return []
    if name in COUNTS:
        return [10**12]
    if name == "delta":
        return [1e-300]
    if name == "widths":
        return [(100_000,) * (len(everyday) - 1) + (everyday[-1],)]
    if domain.whole or domain.high < math.inf:
        return []
    ends = [1e300] if domain.low == 0 and not domain.low_open else [1e300, 1e-300]
    return [(end,) * len(everyday) if domain.vector else end for end in ends]


def _moves() -> list[tuple[str, str, Any]]:
    """Every extreme that the formula admits, with its everyday inputs."""
    found = []
    for key in TESTED:
        formula, _ = READINGS[key]
        example = CASES[key].example
        found += [(key, name, end) for name in formula.inputs for end in _extremes(formula, name, example[name])]
    return [(key, name, end) for key, name, end in found if accepted(READINGS[key][0], {**CASES[key].example, name: end})]


MOVES = _moves()


def _label(move: Any) -> str:
    return f"{move:.0e}" if isinstance(move, float) else f"{move[0]:.0e}" if isinstance(move, tuple) else str(move)


@pytest.mark.slow
@pytest.mark.parametrize(("key", "name", "end"), MOVES, ids=[f"{key}-{name}-{_label(end)}" for key, name, end in MOVES])
def test_a_certificate_at_an_extreme_is_just_above_the_exact_value_and_the_float_reading_is_not_below(
    key: str, name: str, end: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    formula, form = READINGS[key]
    case, inputs = CASES[key], {**CASES[key].example, name: end}
    if case.from_choices:  # a search works on doubles, and the reference repeats it
        inputs = {other: float(entry) if isinstance(entry, Fraction) else entry for other, entry in inputs.items()}
    if name not in COUNTS:  # there 60 digits are enough, and xi(1e12) in 700 takes a minute
        monkeypatch.setattr(special, "DIGITS", DIGITS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plain = formula.value(**with_form(key, inputs))
        try:
            result = formula(**with_form(key, inputs))
        except ValueError as error:  # a capacity beyond the largest double is not a quantity
            if not isinstance(formula, Capacity) or "1.8e308" not in str(error) or not math.isinf(plain):
                raise
            return
    certified = mp.mpmathify(result.value)  # type: ignore[arg-type]
    with mp.workdps(DIGITS):
        true = case.from_choices(inputs, result) if case.from_choices else (case.reference or reference_of(formula, form))(**inputs)
        assert certified >= true - abs(true) * mpf(10) ** -50
        assert mp.isinf(certified) or certified <= true + abs(true) * mpf(10) ** -9 + mpf(2) ** -1074
        assert not mp.isinf(certified) or true > LARGEST
    assert isinstance(plain, float)
    assert not math.isnan(plain)
    assert math.isinf(plain) or plain >= certified - abs(certified) * max(case.float_below, 1e-12) - mpf(10) ** -300


OF_DELTA = [key for key in TESTED if "delta" in READINGS[key][0].inputs]


@pytest.mark.parametrize("key", OF_DELTA)
@pytest.mark.parametrize("delta", [5e-324, 1e-310])
def test_the_fast_reading_holds_where_one_over_delta_overflows(key: str, delta: float) -> None:
    formula, _ = READINGS[key]
    inputs = with_form(key, {**CASES[key].example, "delta": delta})
    certificate: Any = formula(**inputs)
    assert formula.value(**inputs) == pytest.approx(certificate.value, rel=1e-9)


def test_the_extremes_reach_every_kind_of_input() -> None:
    reached = {name for _, name, _ in MOVES}
    assert {"n", "delta", "widths", "norm_product", "spectral_norms", "data_norm", "kl", "radius", "lipschitz", "draws"} <= reached
    assert {key for key, name, _ in MOVES if name == "n"} == {key for key in TESTED if "n" in READINGS[key][0].inputs}
    without = {key for key in TESTED if "delta" in READINGS[key][0].inputs} - {key for key, name, _ in MOVES if name == "delta"}
    assert without == set()
