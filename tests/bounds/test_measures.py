"""Measures: their values, invariances, refusals, and that none of them enters a bound."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from genbounds.bounds import bibliography, catalogue, holdout, margin, measures
from genbounds.bounds.measures import Measure


def test_no_measure_enters_a_bound() -> None:
    measured = measures.lipschitz_product(spectral_norms=[2.0])
    with pytest.raises(TypeError, match="got Measure"):
        holdout.hoeffding(empirical_risk=measured, n=10, delta=0.05)
    with pytest.raises(TypeError, match="Measure"):
        holdout.hoeffding.value(empirical_risk=measured, n=10, delta=0.05)
    with pytest.raises(TypeError):
        float(measured)  # type: ignore[arg-type]
    assert "no bound" in measured.summary()
    assert not any(formula.family == "measures" for formula in catalogue())


def test_products_of_norms_do_not_overflow() -> None:
    measured = measures.lipschitz_product(spectral_norms=[1e300] * 3)
    assert measured.value == np.inf
    assert measured.log_value == pytest.approx(900 * np.log(10))
    assert measures.lipschitz_product(spectral_norms=[1e300, 1e-300]).value == pytest.approx(1)


def test_the_spectral_complexity_is_the_core_of_the_printed_bound() -> None:
    norms, distances = np.array([1.5, 2.0, 0.7]), np.array([3.0, 0.0, 1.0])
    direct = np.prod(norms) * np.sum((distances / norms) ** (2 / 3)) ** 1.5
    assert measures.spectral_complexity(spectral_norms=norms, distances_2_1=distances).value == pytest.approx(direct)
    assert measures.spectral_complexity(spectral_norms=norms, distances_2_1=[0, 0, 0]).value == 0


def test_the_path_norm_is_a_sum_over_paths_and_invariant_under_rescaling() -> None:
    random = np.random.default_rng(0)
    first, second, third = random.normal(size=(4, 3)), random.normal(size=(5, 4)), random.normal(size=(2, 5))
    for power in (1, 2):
        paths = sum(
            abs(first[j, i] * second[k, j] * third[o, k]) ** power for i, j, k, o in product(range(3), range(4), range(5), range(2))
        ) ** (1 / power)
        measured = measures.path_norm(weights=[first, second, third], power=power)
        scaled = measures.path_norm(weights=[first * 8, second, third / 8], power=power)
        assert measured.value == pytest.approx(paths)
        assert scaled.value == pytest.approx(paths)
    assert measures.path_norm(weights=[np.full((10**3, 10), 1e200)] + [np.full((10**3, 10**3), 1e200)] * 2).value == np.inf


def test_flatness_is_invariant_under_rescaling_and_is_the_least_over_noise_scales() -> None:
    norms, flat, scale = np.array([3.0, 1.0]), np.array([2.0, 0.5]), 10.0
    value = measures.normalized_flatness(frobenius_norms=norms, flatness=flat, scale=scale).value
    rescaled = measures.normalized_flatness(frobenius_norms=norms * [4, 0.25], flatness=flat / [16, 1 / 16], scale=scale).value
    assert rescaled == pytest.approx(value)
    grid = np.exp(np.linspace(-6, 6, 20001))
    least = sum(np.min(grid * a + w**2 / (2 * scale * grid)) for a, w in zip(flat, norms, strict=True))
    assert least == pytest.approx(value, rel=1e-6)


def test_the_arc_cosine_kernel_is_the_limit_of_wide_networks() -> None:
    """Monte Carlo over 2e5 first-layer weights: six standard errors, false-alarm probability below 1e-8."""
    random = np.random.default_rng(3)
    x = random.normal(size=(3, 4))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    active = random.normal(size=(200_000, 4)) @ x.T > 0
    for i in range(3):
        for j in range(3):
            sample = active[:, i] * active[:, j] * float(x[i] @ x[j])
            error = np.std(sample) / np.sqrt(200_000)
            assert abs(np.mean(sample) - measures.arc_cosine_kernel(x)[i, j]) <= 6 * error + 1e-12


def test_the_kernel_predictor_has_a_certificate() -> None:
    """tr K = n/2 and y^T K^-1 y = 50: twice the complexity is sqrt(2 * 50/1000) at margin 1, before the grid of the norm."""
    fixed = margin.norm_product_fixed_class(
        margin_risk=0, margin=1, norm_product=50**0.5, depth=1, outputs=1, data_norm=500**0.5, n=1000, delta=0.05
    )
    assert fixed.terms["complexity"] == pytest.approx(0.316227766016838, rel=1e-12)


@pytest.mark.parametrize(
    ("momentum", "value"),
    [(0.0, 38.9625), (0.9, 389.625)],
)
def test_noise_scale(momentum: float, value: float) -> None:
    assert measures.noise_scale(learning_rate=0.1, n=50000, batch_size=128, momentum=momentum).value == pytest.approx(value)


def test_refusals_and_sources() -> None:
    with pytest.raises(ValueError, match="spectral_norms must be"):
        measures.lipschitz_product(spectral_norms=[0.0])
    with pytest.raises(ValueError, match="fit together"):
        measures.path_norm(weights=[np.ones((2, 3)), np.ones((1, 3))])
    with pytest.raises(ValueError, match="norm 1"):
        measures.arc_cosine_kernel([[2.0, 0.0]])
    with pytest.raises(ValueError, match="condition number"):
        measures.arora2019kernel(kernel=np.ones((2, 2)), targets=[1.0, -1.0])
    with pytest.raises(ValueError, match="batch_size"):
        measures.noise_scale(learning_rate=0.1, n=10, batch_size=11)
    with pytest.raises(ValueError, match="largest_loss"):
        measures.sharpness(loss=1.0, largest_loss=0.5)
    with pytest.raises(ValueError, match="scale"):
        measures.normalized_flatness(frobenius_norms=[1.0], flatness=[1.0], scale=0.0)
    some: list[Measure] = [
        measures.lipschitz_product(spectral_norms=[1.0]),
        measures.spectral_complexity(spectral_norms=[1.0], distances_2_1=[1.0]),
        measures.path_norm(weights=[[[1.0]]]),
        measures.normalized_flatness(frobenius_norms=[1.0], flatness=[1.0], scale=1.0),
        measures.sharpness(loss=0.0, largest_loss=1.0),
        measures.arora2019kernel(kernel=np.eye(2), targets=[1.0, -1.0]),
        measures.noise_scale(learning_rate=1.0, n=2, batch_size=1),
    ]
    assert all(measure.source.key in bibliography.entries() and measure.bibtex() for measure in some)
