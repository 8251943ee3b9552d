"""Numbers as they were given: nothing is rounded, and what is not a number is refused, in long vectors too."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from genbounds.bounds import holdout
from genbounds.bounds.exact import exact, exact_vector, read_decimal


@pytest.mark.parametrize(
    "given",
    [
        [1, 2.5, 3],
        (Fraction(5, 2), 2**70),
        np.array([1.0, 0.1]),
        np.array([0.1, 3e38], dtype=np.float32),
        np.array([0.1], dtype=np.float16),
        np.array([2**63 - 1, -3]),
        np.array([2**64 - 1], dtype=np.uint64),
        np.array([Fraction(1, 3), 2], dtype=object),
        [np.float32(0.1), np.int8(-3)],
        [Decimal("0.1"), 1],
    ],
)
def test_a_vector_keeps_every_number_exactly_and_holds_python_numbers_only(given: Any) -> None:
    kept = exact_vector(given)
    assert [Fraction(number) for number in kept] == [Fraction(entry.item() if isinstance(entry, np.generic) else entry) for entry in given]
    assert {type(number) for number in kept} <= {int, float, Fraction}


@pytest.mark.skipif(np.finfo(np.longdouble).nmant <= 52, reason="a long double is a double here")
def test_a_long_double_is_not_rounded() -> None:
    third = np.longdouble(1) / 3
    kept = exact(third)
    assert type(kept) is Fraction
    assert kept == Fraction(*third.as_integer_ratio()) != Fraction(float(third))
    assert exact_vector(np.array([third, 0.5], dtype=np.longdouble)) == (kept, 0.5)
    assert [type(exact(np.longdouble(number))) for number in (0.5, 3, 0)] == [float] * 3
    assert exact(np.longdouble("1e400")) > 10**399
    up = np.nextafter(np.longdouble(1), np.longdouble(2))
    with pytest.raises(ValueError, match="x must be finite"):
        exact(np.longdouble("inf"), "x")
    assert holdout.hoeffding(empirical_risk=0, n=1, delta=2 - up).inputs["delta"] < 1  # type: ignore[operator]


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("kind", [list, tuple, np.array])
def test_a_vector_with_an_entry_that_is_not_finite_names_it(bad: float, kind: Any) -> None:
    with pytest.raises(ValueError, match=r"steps\[2\] must be finite"):
        exact_vector(kind([1.0, 2.0, bad]), "steps")


@pytest.mark.parametrize("bad", [True, "three", None, 1j])
def test_a_vector_with_an_entry_that_is_no_number_names_it(bad: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=r"steps\[1\] must be a number"):
        exact_vector([1, bad], "steps")
    with pytest.raises((TypeError, ValueError), match="steps must be a number"):
        exact(bad, "steps")


def test_an_empty_vector_is_refused() -> None:
    for empty in ([], (), np.array([]), np.array([], dtype=object)):
        with pytest.raises(ValueError, match="at least one number"):
            exact_vector(empty)


@pytest.mark.parametrize("text", ["nan", "inf", "abc", "1/0", "", "1,2"])
def test_text_that_is_no_number_is_answered_with_the_input_the_text_and_the_remedy(text: str) -> None:
    with pytest.raises(ValueError, match=r"^delta must be a number, got '.*': write it like 0\.05, 1/20, 1e-3 or 1000$"):
        read_decimal(text, "delta")
