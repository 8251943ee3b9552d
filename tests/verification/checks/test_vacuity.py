"""Vacuity: closed answers for a deviation of the form sqrt(c / n)."""

from __future__ import annotations

import math

import pytest

from genbounds.verification.checks.vacuity import informative_sample_size, is_vacuous


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
    n = informative_sample_size(lambda n: norm * 2.0 * math.sqrt(n) / n)
    assert n == pytest.approx(4 * norm**2, abs=1.01, rel=1e-12)
    assert n is not None
    assert n > 4 * norm**2 - 0.01


def test_the_trivial_value_may_be_another() -> None:
    assert informative_sample_size(lambda n: 16 * 100 / n, trivial=100) == 17


def test_never_is_none_and_already_is_the_start() -> None:
    assert informative_sample_size(lambda n: 2.0) is None
    assert informative_sample_size(lambda n: 0.5, start=30) == 30
    with pytest.raises(ValueError, match="start"):
        informative_sample_size(lambda n: 0.5, start=0)
