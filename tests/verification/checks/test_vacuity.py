"""Vacuity: closed answers for a deviation of the form sqrt(c / n)."""

from __future__ import annotations

import math
from typing import Any

import pytest

from genbounds.verification.checks.vacuity import informative_from, informative_sample_size, is_vacuous


class Linear:
    """A bound norm * data_norm / n, with data_norm = radius * sqrt(n): informative from n > (norm * radius)^2."""

    trivial: Any = 1

    def value(self, *, norm: float, data_norm: float, n: int) -> float:
        return norm * data_norm / n


def test_outward() -> None:
    assert is_vacuous(1.0)
    assert not is_vacuous(math.nextafter(1.0, 0))
    assert is_vacuous(2.0, trivial=2.0)
    assert not is_vacuous(1.5, trivial=2.0)
    assert is_vacuous(math.inf)
    with pytest.raises(ValueError, match="nan"):
        is_vacuous(math.nan)


@pytest.mark.parametrize("norm", [1.5, 10.0, 1000.0, 1e6])
def test_a_data_norm_grows_with_the_sample(norm: float) -> None:
    n = informative_from(Linear(), lambda n: {"norm": norm, "data_norm": 2.0 * math.sqrt(n), "n": n})
    assert n == pytest.approx(4 * norm**2, abs=1.01, rel=1e-12)
    assert n is not None
    assert n > 4 * norm**2 - 0.01


def test_a_trivial_value_may_be_an_input() -> None:
    class Mistakes:
        trivial = "n"

        def value(self, *, radius: float, margin: float, n: int) -> float:
            return (radius / margin) ** 2

    assert informative_from(Mistakes(), lambda n: {"radius": 4.0, "margin": 1.0, "n": n}) == 17


def test_never_is_none_and_already_is_the_start() -> None:
    assert informative_sample_size(lambda n: 2.0) is None
    assert informative_sample_size(lambda n: 0.5, start=30) == 30
    with pytest.raises(ValueError, match="start"):
        informative_sample_size(lambda n: 0.5, start=0)


def test_a_capacity_has_no_vacuity() -> None:
    class Capacity(Linear):
        trivial = None

    with pytest.raises(ValueError, match="trivial value"):
        informative_from(Capacity(), lambda n: {})
