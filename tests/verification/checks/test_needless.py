"""The proofs that stand in the place of a hostile world: their numbers, and that each speaks of an assumption of a bound."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

from genbounds.bounds import Bound, get
from genbounds.verification.checks.needless import OPEN, PROVED


def test_every_proof_is_of_an_assumption_of_a_form() -> None:
    assert not set(PROVED) & set(OPEN)
    for name, form, assumption in (*PROVED, *OPEN):
        bound = get(name)
        assert isinstance(bound, Bound)
        listed = {str(key): one.assumes for key, one in bound.forms.items()}
        assert assumption in {entry.name for entry in listed[form]}, (name, form)


@pytest.mark.parametrize("step", [Fraction(1), Fraction(7, 10), Fraction(1, 2), Fraction(2, 7), Fraction(1, 20)])
def test_all_submissions_of_the_ladder_together_fail_with_a_hundredth_of_delta(step: Fraction) -> None:
    values, h = math.ceil(1 / step), float(step)  # those above the least of at most ceil(1/h) + 1 multiples
    total = 0.0
    for t in range(1, 3000):
        models = math.lgamma(t + values - 1) - math.lgamma(t) - math.lgamma(values)  # ln C(t + values - 2, values - 1)
        total += math.exp(models - (1 / h + 2) * math.log(4 * t / h) - 1)
    assert total + math.exp(-1) / 64 / 3000 < 0.01
    listed: set[tuple[int, ...]] = {()}
    for _ in range(4):  # the sequences of 4 scores that never increase, above the least, counted one by one
        listed = {(*before, score) for before in listed for score in range(1, values + 1) if not before or score <= before[-1]}
        if values > 7:
            return
    assert len(listed) == math.comb(4 + values - 1, values - 1)


@pytest.mark.parametrize("n", [2, 3, 10, 1000, 10**6])
def test_the_deviation_at_every_margin_is_below_that_of_one(n: int) -> None:
    rate = 2 * (n - 1)
    assert 1 + 2 * rate / (2 * n - rate) == pytest.approx(2 * n - 1)  # the integral of 4 a e exp(-(2 n - a) e^2), and 1
    for delta in (0.9999, 0.5, 1e-6):
        for kl in (0.0, 1.0, 100.0):
            every = (2 * (kl + math.log(2)) + math.log((2 * n - 1) / delta)) / (2 * (n - 1))
            printed = get("margin.neyshabur2018perturbed").value(margin_risk=0, kl=kl, n=n, delta=delta)
            assert math.sqrt(every) <= printed


def test_the_mean_of_the_largest_excess_over_all_dimensions_is_negative() -> None:
    """In units of n^(-1/2), with the cover of 32 and 128; dimensions at which the bound is above 1 need no proof."""
    c, least = 0.3, math.sqrt(2 * math.log(2))
    of_one = (math.sqrt(1 + (least - c) ** 2) - (least - c)) / 2
    assert of_one < 0.227
    informative = 0
    for n in [*range(1, 1000), *(10**power for power in range(3, 60))]:
        total = 0.0
        for d in range(1, 200):
            used = d * math.log(34 * math.e * n / d) * math.log2(578 * n)
            if 2 * (used + math.log(2)) / n >= 1:
                break
            informative = informative or n
            cover = math.log(2) + d * math.log(32 * math.e * n / d) * math.log2(128 * n)
            level = math.sqrt(2 * (used + math.log(2))) - c
            total += math.exp(cover - level**2 / 2) / level
        assert of_one + total < 0.237, n
    assert informative >= 370


def test_the_printed_deviation_fails_at_any_margin_with_less_than_delta() -> None:
    """The union over dimensions, in units of delta: a quarter for d = 0, and N_d exp(-C_d)/4 where the bound is not vacuous."""
    value = get("margin.bartlett1998fat_shattering").value
    for n in [*range(1, 1000), *(10**power for power in range(3, 60))]:
        total = 0.25
        for d in range(1, 200):
            used = d * math.log(34 * math.e * n / d) * math.log2(578 * n)
            if 2 * (used + math.log(4)) / n >= 1:
                break
            cover = math.log(2) + d * math.log(32 * math.e * n / d) * math.log2(128 * n)
            assert cover <= math.log(2) + used - 9.7 * d
            total += math.exp(cover - used) / 4
            if n in (1000, 10**12) and d < 3:  # at this deviation e the exponent n e^2/2 is C_d + ln(4/delta)
                deviation = float(value(margin_risk=0, fat_shattering_dimension=d, n=n, delta=0.05, form="printed"))
                assert n * deviation**2 / 2 == pytest.approx(used + math.log(80), rel=1e-9)
        assert total < 0.2501, n


@pytest.mark.parametrize("n", [1, 2, 5])
def test_the_largest_of_some_signed_sums_passes_the_level_as_rarely_as_is_said(n: int) -> None:
    """P(max over N vectors of entries in [-1, 1] of their signed mean >= e) <= N exp(-n e^2/2): over all signs, one by one."""
    vectors = list(itertools.product((-1, 0, 1), repeat=n))
    for count in (1, 3, len(vectors)):
        for level in (0.2, 0.5, 1.0):
            passing = sum(
                max(sum(s * u for s, u in zip(signs, vector, strict=True)) for vector in vectors[-count:]) >= n * level
                for signs in itertools.product((-1, 1), repeat=n)
            )
            assert passing / 2**n <= count * math.exp(-n * level**2 / 2)


def test_an_activation_that_looks_at_the_sample_costs_no_more_up_to_depth_8() -> None:
    """sqrt(2 ((L - 1) ln 3 + ln 2)) against the factor of the bound, which for a scalar output is at most 2^(L - 1); L = 1 has none."""
    for depth in range(2, 12):
        chosen = math.sqrt(2 * ((depth - 1) * math.log(3) + math.log(2)))
        fixed = 1 + math.sqrt(2 * math.log(2) * (depth - 1))
        assert (chosen <= min(fixed, 2 ** (depth - 1))) == (depth <= 8)


@pytest.mark.parametrize("scale", [0.1, 0.7, 3.0])
def test_signed_sums_of_vectors_have_the_moments_that_are_used(scale: float) -> None:
    """E cosh(s ||sum of eps_i x_i||) <= exp(s^2 ||X||^2/2), over all signs, for inputs in all directions and along a few."""
    inputs = np.random.default_rng(3).normal(size=(4, 9, 5))
    inputs[1, :, 1:] = 0  # on a line
    inputs[2] = np.eye(9, 5)  # orthogonal, or 0
    for points in inputs:
        sums = np.array(list(itertools.product((-1, 1), repeat=9))) @ points
        mean = np.cosh(scale * np.linalg.norm(sums, axis=1)).mean()
        assert mean <= math.exp(scale**2 * np.square(points).sum() / 2) * (1 + 1e-12)


def test_peeling_one_of_several_activations_costs_a_factor_of_three_at_most() -> None:
    """E exp(s sup |sum of eps_i a(t_i)|) over t in a symmetric set and a in {t, |t|}, compared with 3 E exp(s sup sum of eps_i t_i)."""
    signs = np.array(list(itertools.product((-1, 1), repeat=6)))
    for seed, count in itertools.product(range(5), (1, 4, 30)):
        vectors = np.random.default_rng([seed, count]).normal(size=(count, 6))
        linear = np.abs(signs @ vectors.T).max(axis=1)
        peeled = np.maximum(linear, np.abs(signs @ np.abs(vectors).T).max(axis=1))
        for scale in (0.1, 1.0, 5.0):
            assert np.exp(scale * peeled).mean() <= 3 * np.exp(scale * linear).mean()
