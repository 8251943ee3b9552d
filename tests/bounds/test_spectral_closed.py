"""The closed spectral form compared with its chain, and the two lemmas of Neyshabur et al. with what they relax."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest

from genbounds.bounds import margin
from genbounds.bounds.pac_bayes import gaussian_kl

NETWORK: dict[str, Any] = {
    "margin_risk": 0,
    "margin": 1,
    "spectral_norms": (1, 1),
    "distances_2_1": (1, 1),
    "lipschitz": (1, 1),
    "widths": (10, 10, 2),
    "outputs": 2,
    "delta": Fraction(1, 20),
}


@pytest.mark.parametrize(("n", "printed"), [(10**6, 1.10921114342), (10**8, 0.182877758997), (10**10, 0.0254834403651)])
def test_the_numbers_of_the_sheet(n: int, printed: float) -> None:
    fixed = margin.spectral_closed_fixed_class(**NETWORK, data_norm=n**0.5, n=n)
    assert fixed.terms["complexity"] == pytest.approx(min(printed, 1), rel=3e-12)  # no class has a complexity above 1/2
    # All norms are 1 and the margin is 1: the grid points are the values themselves, and only their price is added.
    paid = margin.spectral_closed(**NETWORK, data_norm=n**0.5, n=n)
    assert paid.terms["complexity"] >= fixed.terms["complexity"]
    assert paid.terms["confidence"] > fixed.terms["confidence"]


@pytest.mark.parametrize("n", [10**8, 10**10, 10**12])
@pytest.mark.parametrize("outputs", [1, 2])
def test_the_chain_is_below_the_closed_form(n: int, outputs: int) -> None:
    inputs = {**NETWORK, "widths": (10, 10, outputs), "outputs": outputs, "data_norm": n**0.5, "n": n}
    for chained, closed in (("spectral", "spectral_closed"), ("spectral_fixed_class", "spectral_closed_fixed_class")):
        assert getattr(margin, chained)(**inputs).terms["complexity"] < getattr(margin, closed)(**inputs).terms["complexity"] / 2.4


def test_beyond_its_range_the_closed_form_is_the_trivial_complexity() -> None:
    inputs = {**NETWORK, "data_norm": 1000, "n": 1000}
    assert margin.spectral_closed_fixed_class(**inputs).terms["complexity"] == 1
    nothing = margin.spectral_closed_fixed_class(**{**inputs, "distances_2_1": (0, 0)})
    assert nothing.terms["complexity"] == 0


def test_observed_norms_are_for_the_grid_and_chosen_ones_are_paid() -> None:
    inputs = {**NETWORK, "data_norm": 10**4, "n": 10**8}
    fixed = margin.spectral_closed_fixed_class(**inputs)
    assert {"margin fixed in advance", "spectral_norms fixed in advance"} <= {entry.assumption.name for entry in fixed.assumptions}
    assert not any(
        "fixed in advance" in e.assumption.name and "norms" in e.assumption.name for e in margin.spectral_closed(**inputs).assumptions
    )


def test_the_lemma_at_the_divergence_of_the_sheet() -> None:
    """Noise 2^-9 on squared Frobenius norms 2 and 1: KL = 3 * 2^17 = 393216, and the printed slack .793."""
    divergence = gaussian_kl(mean_q=(1, 1, 1), std_q=(2.0**-9,) * 3, mean_p=(0, 0, 0), std_p=(2.0**-9,) * 3)
    assert divergence.value == 393216
    certificate = margin.neyshabur2018perturbed(margin_risk=0, kl=divergence, n=10**7, delta=Fraction(1, 20))
    assert round(certificate.value, 3) == 0.793
    assert "perturbation of half probability" in {entry.assumption.name for entry in certificate.assumptions}
    ours = margin.neyshabur2018pacbayes(
        margin_risk=0, margin=1, spectral_norms=(1, 1), frobenius_distances=(2**0.5, 1), widths=(10, 10, 2), input_radius=1,
        noise_scale=2.0**-9, n=10**7, delta=Fraction(1, 20),
    )  # fmt: skip
    assert ours.value < certificate.value
    with pytest.raises(ValueError, match="n must be at least 2"):
        margin.neyshabur2018perturbed(margin_risk=0, kl=1, n=1, delta=Fraction(1, 20))


def test_perturbed_networks_move_less_than_the_second_lemma_says() -> None:
    random = np.random.default_rng(5)
    largest = 0.0
    for _ in range(100):
        layers = [random.normal(size=(6, 5)), random.normal(size=(4, 6)), random.normal(size=(3, 4))]
        norms = [float(np.linalg.norm(w, 2)) for w in layers]
        noises = [random.normal(size=w.shape) for w in layers]
        noises = [u * s / 3.001 / float(np.linalg.norm(u, 2)) for u, s in zip(noises, norms, strict=True)]
        x = random.normal(size=5)
        moved = np.linalg.norm(output([w + u for w, u in zip(layers, noises, strict=True)], x) - output(layers, x))
        inputs = {"noise_norms": [float(np.linalg.norm(u, 2)) for u in noises], "input_radius": float(np.linalg.norm(x))}
        bound = float(margin.neyshabur2018output_change(spectral_norms=norms, **inputs))
        product = inputs["input_radius"] * (np.prod([s + u for s, u in zip(norms, inputs["noise_norms"], strict=True)]) - np.prod(norms))
        assert moved <= product <= bound
        largest = max(largest, moved / bound)
    assert largest > 0.02
    with pytest.raises(ValueError, match="noise_norms must be at most"):
        margin.neyshabur2018output_change(spectral_norms=(1, 1), noise_norms=(0.5, 0.6), input_radius=1)


def output(layers: list[np.ndarray], x: np.ndarray) -> np.ndarray:
    """A ReLU network without biases."""
    for w in layers[:-1]:
        x = np.maximum(w @ x, 0)
    return np.asarray(layers[-1] @ x)


def test_the_linear_fat_shattering_dimension_feeds_its_bound() -> None:
    dimension = margin.fat_shattering_linear(norm=1, radius=Fraction(1, 2), scale=Fraction(1, 16))
    assert dimension.value == 64
    certificate = margin.bartlett1998fat_shattering(
        margin_risk=0, fat_shattering_dimension=dimension, n=10**6, delta=Fraction(1, 20), form="printed"
    )
    assert certificate.value == pytest.approx(0.229889859635905, rel=1e-13)


@pytest.mark.parametrize("shattered", [2, 3, 5])
def test_points_on_an_orthonormal_frame_attain_the_linear_fat_shattering_dimension(shattered: int) -> None:
    """The frame e_1..e_d of norm 1: each sign pattern is a ball's w with y_i <w, e_i> at least the scale, and of no larger scale."""
    scale = Fraction(math.isqrt(10**40 // shattered), 10**20)  # just below 1/sqrt(d)
    for signs in product((-1, 1), repeat=shattered):
        w = [sign * scale for sign in signs]  # <w, e_i> = w_i
        assert sum(entry**2 for entry in w) <= 1
        assert all(sign * entry >= scale for sign, entry in zip(signs, w, strict=True))
    dimension = margin.fat_shattering_linear(norm=1, radius=1, scale=scale)
    assert shattered <= dimension.value <= shattered * (1 + 1e-15)  # type: ignore[operator]
    # At a larger scale w_i >= scale for all i has norm above 1, and the dimension is below d.
    larger = scale + Fraction(1, 10**15)
    assert shattered * larger**2 > 1
    assert margin.fat_shattering_linear(norm=1, radius=1, scale=larger).value < shattered  # type: ignore[operator]


def test_the_binary_bound_is_the_norm_product_at_a_fixed_class() -> None:
    fixed = margin.norm_product_fixed_class(
        margin_risk=0, margin=0.5, norm_product=8, depth=1, outputs=1, data_norm=100, n=10**4, delta=Fraction(1, 20)
    )
    binary = margin.mohri2018binary(margin_risk=0, margin=0.5, complexity=Fraction(8 * 100, 10**4), n=10**4, delta=Fraction(1, 20))
    assert binary.value == pytest.approx(fixed.value, rel=1e-14)
