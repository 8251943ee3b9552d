"""Mistakes are whole numbers: the floor of a mistake bound is never below it, in balls, in floats, in tensors."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

import genbounds.models  # noqa: F401  (registers the tensor world)
from genbounds.bounds import perceptron
from genbounds.bounds.worlds import BALLS, FLOATS


@pytest.mark.slow
@given(mistakes=st.integers(1, 10**6), scale=st.fractions(Fraction(1, 1000), 1000, max_denominator=10**6))
def test_a_quotient_that_is_a_whole_number_keeps_it(mistakes: int, scale: Fraction) -> None:
    """radius = m s and margin = s: m^2 exactly, though s and m s be no doubles and their balls hold numbers below and above."""
    radius, margin = mistakes * scale, scale
    assert perceptron.novikoff(radius=radius, margin=margin).value == mistakes**2
    assert perceptron.novikoff.value(radius=float(radius), margin=float(margin)) >= mistakes**2
    assert perceptron.novikoff_run(weight_norm=radius, margin=margin).value == mistakes


@pytest.mark.parametrize(("radius", "margin", "mistakes"), [(1, Fraction(3, 10), 11), (Fraction(199, 100), 1, 3), (1, 1, 1)])
def test_the_fraction_of_a_mistake_is_dropped(radius: Fraction, margin: Fraction, mistakes: int) -> None:
    n = 10**4
    assert perceptron.novikoff(radius=radius, margin=margin).value == mistakes
    assert perceptron.novikoff.value(radius=float(radius), margin=float(margin)) == mistakes
    assert perceptron.freund_schapire1999(radius=radius, margin=margin, deviation=0).value == mistakes
    assert perceptron.hinge(radius_times_norm=Fraction(radius) / margin, hinge_loss=0).value == mistakes
    for name, denominator in (("random_iterate", n), ("leave_one_out", n + 1), ("vapnik1998margin", n + 1)):
        assert getattr(perceptron, name)(radius=radius, margin=margin, n=n).value == pytest.approx(mistakes / denominator, rel=1e-15)


def test_an_undecided_floor_takes_the_larger_number() -> None:
    assert BALLS.floor(arb(100, 1e-30)) == 100
    assert BALLS.floor(arb(99.5, 0.25)) == 99
    assert BALLS.floor(arb(-0.5)) == -1
    assert FLOATS.floor(np.nextafter(100.0, 0)) == 100
    assert FLOATS.floor(99.9999) == 99


def test_the_gradient_of_a_floor_is_that_of_the_number_in_it() -> None:
    radius = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    found = perceptron.novikoff.value(radius=radius, margin=0.3)
    found.backward()
    assert found.item() == 11
    assert radius.grad is not None
    assert radius.grad.item() == pytest.approx(2 / 0.09, rel=1e-12)


def test_the_floor_is_printed() -> None:
    assert r"\left\lfloor" in perceptron.novikoff.latex()
