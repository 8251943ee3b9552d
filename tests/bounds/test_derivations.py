"""Steps of the derivations in docstrings, checked by brute force where that is cheap."""

from __future__ import annotations

import math
from itertools import combinations_with_replacement, pairwise, product
from typing import Any

import numpy as np
import pytest
import scipy.stats

from genbounds.bounds import catalogue
from genbounds.bounds.declaration import PRINTED
from genbounds.bounds.holdout import cesabianchi2008improved, empirical_bernstein
from genbounds.bounds.margin import mohri2018uniform, neyshabur2018output_change
from genbounds.bounds.vc import (
    dimension_piecewise_polynomial_network,
    dimension_relu_network,
    dimension_threshold_network,
    relative_deviation,
)

NOT_DERIVED = {"vc.dimension_sigmoid_network"}
FAMILIES = ("holdout", "vc", "rademacher", "margin")


def test_what_is_neither_read_nor_derived_is_on_a_list() -> None:
    found = {formula.name for formula in catalogue() for form in formula.forms.values() if form.provenance == PRINTED}
    assert {name for name in found if name.split(".")[0] in FAMILIES} == NOT_DERIVED


@pytest.mark.parametrize("n", [1, 2, 3, 10, 50, 300])
def test_a_binomial_with_mean_above_one_reaches_it_with_probability_a_quarter(n: int) -> None:
    p = np.linspace(1 / n, 1, 2001)[1:]
    assert np.min(scipy.stats.binom.sf(np.ceil(n * p - 1e-9) - 1, n, p)) > 0.25


def test_the_sample_variance_is_seldom_far_below_the_true_one() -> None:
    """Step (2) of empirical_bernstein, for coins: P(V <= s^2 - sqrt(2 s^2 L/(n - 1))) <= exp(-L), by enumeration of the number of heads."""
    for n in (2, 3, 5, 20, 101):
        heads = np.arange(n + 1)
        variance = heads * (n - heads) / (n * (n - 1))
        for p, cost in product((0.02, 0.1, 0.3, 0.5), (0.1, 0.5, 1.0, 2.0, 4.0)):
            true = p * (1 - p)
            low = variance <= true - math.sqrt(2 * true * cost / (n - 1))
            assert scipy.stats.binom.pmf(heads, n, p)[low].sum() <= math.exp(-cost)


@pytest.mark.parametrize(("n", "p", "delta"), [(5, 0.3, 0.5), (20, 0.1, 0.3), (60, 0.05, 0.2), (60, 0.4, 0.05)])
def test_empirical_bernstein_and_the_relative_deviation_hold_by_enumeration(n: int, p: float, delta: float) -> None:
    heads = np.arange(n + 1)
    mass = scipy.stats.binom.pmf(heads, n, p)
    bernstein = empirical_bernstein.value(empirical_risk=heads / n, variance=heads * (n - heads) / (n * (n - 1)), n=n, delta=delta)
    relative = relative_deviation.value(empirical_risk=heads / n, n=n, vc_dimension=0, delta=delta)
    assert mass[bernstein < p].sum() <= delta
    assert mass[relative < p].sum() <= delta


@pytest.mark.slow
def test_the_grid_of_rates_proves_the_bound_with_the_constant_36() -> None:
    """At every M the rate that its derivation takes is below it, with the weight of its place on the grid."""
    for n, delta in product((1, 10, 1000, 10**6), (0.9, 0.05, 1e-9)):
        for mean in np.concatenate([[0.0], np.geomspace(1e-7, 1, 60)]):
            total, cost = n * mean, math.log((n * mean + 3) / delta)
            largest = 1.0 if total == 0 else min(1.0, math.sqrt(2 * cost / total))
            j = math.ceil(-2 * math.log2(largest) - 1e-12)
            rate = 2 ** (-j / 2)
            assert largest / math.sqrt(2) * (1 - 1e-9) <= rate <= largest * (1 + 1e-9)
            proved = (rate * total + math.log((j + 1) * (j + 2) / delta)) / (1 - math.exp(-rate)) / n
            assert proved <= cesabianchi2008improved.value(online_risk=float(mean), n=n, delta=delta) * (1 + 1e-12)


@pytest.mark.parametrize(("models", "levels"), [(1, 3), (2, 3), (4, 2), (5, 4), (6, 6)])
def test_the_ladder_shows_few_sequences(models: int, levels: int) -> None:
    """Sequences that never increase, of every length below the number of models: C(k + B - 1, B) of them, at most k^B."""
    counted = sum(1 for length in range(models) for _ in combinations_with_replacement(range(levels), length))
    assert counted == math.comb(models + levels - 1, levels) <= models**levels


@pytest.mark.parametrize("widths", [(2, 3, 1), (10, 20, 20, 1), (5, 1, 1, 1, 1), (1000, 1, 1)])
def test_printed_dimensions_are_above_the_largest_number_that_the_growth_function_allows(widths: tuple[int, ...]) -> None:
    parameters = sum(after * (before + 1) for before, after in pairwise(widths))
    layers, units = len(widths) - 1, sum(widths[1:])
    network: dict[str, Any] = {"parameters": parameters, "units": units, "layers": layers, "pieces": 2}
    assert dimension_piecewise_polynomial_network(**network, degree=1).value >= dimension_relu_network(widths=widths).value
    if units > 1:
        closed = dimension_threshold_network(parameters=parameters, units=units, form="closed").value
        assert closed >= dimension_threshold_network(parameters=parameters, units=units).value


def test_the_weights_of_all_margins_cost_at_most_what_the_uniform_bound_adds() -> None:
    base: dict[str, Any] = {"margin_risk": 0, "largest_margin": 1, "complexity": 0, "n": 1000, "delta": 0.05}
    for k in range(1, 40):
        for margin in (2.0**-k, 2.0**-k * 1.999):
            if margin < 1:
                assert float(mohri2018uniform.value(**base, margin=margin)) >= math.sqrt(math.log(k) / 1000) + math.sqrt(
                    math.log(40) / 2000
                )


def test_a_perturbation_moves_the_output_no_further_than_the_lemma_says() -> None:
    """ReLU networks of three layers, drawn: the change of the output at an input of norm 2, and prod(s + u) - prod s, are below it."""
    random = np.random.default_rng(5)
    for _ in range(50):
        weights = [random.normal(size=shape) for shape in ((4, 3), (5, 4), (2, 5))]
        norms = [np.linalg.norm(w, 2) for w in weights]
        noises = [random.normal(size=w.shape) for w in weights]
        noises = [u * random.uniform(0, 1 / 3) * s / np.linalg.norm(u, 2) for u, s in zip(noises, norms, strict=True)]
        sizes = [np.linalg.norm(u, 2) for u in noises]
        x = random.normal(size=3)
        plain = moved = 2 * x / np.linalg.norm(x)
        for layer, (w, u) in enumerate(zip(weights, noises, strict=True)):
            plain, moved = w @ plain, (w + u) @ moved
            if layer < 2:
                plain, moved = np.maximum(plain, 0), np.maximum(moved, 0)
        limit = float(neyshabur2018output_change.value(spectral_norms=np.array(norms), noise_norms=np.array(sizes), input_radius=2.0))
        assert np.linalg.norm(plain - moved) <= limit
        assert 2 * (np.prod(np.add(norms, sizes)) - np.prod(norms)) <= limit * (1 + 1e-12)
