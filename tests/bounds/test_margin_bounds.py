"""What the margin bounds of the second table must satisfy beyond their values."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from tests.bounds.strategies.table import CASES

from genbounds.bounds import margin

EXAMPLE: dict[str, Any] = {
    "margin_risk": Fraction(1, 20),
    "margin": 1,
    "spectral_norms": (1, 1),
    "frobenius_distances": (2**0.5, 1),
    "widths": (10, 10, 2),
    "input_radius": 1,
    "n": 10**7,
    "delta": Fraction(1, 20),
}


def test_too_much_noise_says_nothing() -> None:
    certificate = margin.neyshabur2018pacbayes(**EXAMPLE, noise_scale=1)
    assert certificate.value == 1
    assert certificate.vacuous


def test_the_chosen_noise_scale_is_the_best_on_the_grid() -> None:
    chosen = margin.neyshabur2018pacbayes_grid(**EXAMPLE)
    values = [margin.neyshabur2018pacbayes(**EXAMPLE, noise_scale=2.0**j).value for j in range(-15, 2)]
    assert chosen.value == min(values)


@pytest.mark.slow
@pytest.mark.parametrize("distance", [0, 1, 100, 10**6])
def test_where_every_noise_is_small_the_cheapest_is_chosen_and_the_bound_does_not_fall_with_the_radius(distance: int) -> None:
    """Above 1 a larger noise scale has a longer index and a smaller KL: the largest is not the best, and falls as the radius grows."""
    inputs = {**EXAMPLE, "spectral_norms": (1,), "frobenius_distances": (distance,), "widths": (1, 2), "margin_risk": 0, "n": 20_000}
    before = 0.0
    for radius in (Fraction(1, 10**12), Fraction(1, 10**9), Fraction(1, 10**6), Fraction(1, 1000), 1):
        inputs["input_radius"] = radius
        chosen = margin.neyshabur2018pacbayes_grid(**inputs).value
        assert chosen == min(margin.neyshabur2018pacbayes(**inputs, noise_scale=2.0**j).value for j in range(-12, 45))
        assert chosen >= before
        before = chosen


@pytest.mark.parametrize("scale", [0.3, Fraction(1, 3), 3])
def test_a_noise_scale_off_the_grid_is_refused(scale: Any) -> None:
    with pytest.raises(ValueError, match="noise_scale must be a power of two"):
        margin.neyshabur2018pacbayes(**EXAMPLE, noise_scale=scale)


def test_noise_below_its_bound_moves_no_margin_by_half_of_it() -> None:
    """Gaussian noise on a ReLU network of the example's norms: the share of draws that exceed the spectral bound is below eta."""
    random, scale, draws = np.random.default_rng(0), 2.0**-6, 300
    first = random.normal(size=(10, 10))
    first /= np.linalg.norm(first, 2)
    second = random.normal(size=(2, 10))
    second /= np.linalg.norm(second, 2)
    points = random.normal(size=(200, 10))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    tau = [np.sqrt(a) + np.sqrt(b) + np.sqrt(2 * np.log(2 / 0.01)) for a, b in ((10, 10), (10, 2))]
    allowed = (1 + scale * tau[0]) * (1 + scale * tau[1]) - 1
    outputs = np.maximum(points @ first.T, 0) @ second.T
    exceeded = 0
    for _ in range(draws):
        moved = (
            np.maximum(points @ (first + scale * random.normal(size=first.shape)).T, 0)
            @ (second + scale * random.normal(size=second.shape)).T
        )
        exceeded += np.max(np.linalg.norm(moved - outputs, axis=1)) > allowed
    assert exceeded <= 12  # P(Bin(300, .01) > 12) < 1e-4, and the true rate is far below .01


def test_a_margin_between_powers_of_two_is_rounded_down() -> None:
    high = margin.neyshabur2018pacbayes(**{**EXAMPLE, "margin": 1.9}, noise_scale=2.0**-9)
    assert high.value == margin.neyshabur2018pacbayes(**EXAMPLE, noise_scale=2.0**-9).value
    below = margin.neyshabur2018pacbayes(**{**EXAMPLE, "margin": Fraction(10**30 - 1, 10**30)}, noise_scale=2.0**-9)
    assert below.choices["halvings"] == 1


def test_the_fat_shattering_bound_never_falls_with_the_dimension() -> None:
    dimensions = np.concatenate([np.linspace(0, 3400, 200), [1e4, 1e9]])
    values = margin.bartlett1998fat_shattering.value(margin_risk=0, fat_shattering_dimension=dimensions, n=100, delta=0.05)
    assert np.all(np.diff(values) >= 0)


def test_on_a_chain_the_bound_for_graphs_has_the_complexity_of_the_bound_for_chains() -> None:
    """Norms and distances that are powers of two, so that no grid adds anything: b_i N_i D_i = ||X|| prod(rho s) b_i / s_i."""
    common: dict[str, Any] = {"margin_risk": 0, "margin": 0.5, "outputs": 3, "n": 2**44, "delta": Fraction(1, 20)}
    chain = margin.spectral_fixed_class(
        **common, spectral_norms=(2, 0.5, 4), distances_2_1=(1, 2, 8), lipschitz=(1, 2, 1), widths=(10, 20, 30, 3), data_norm=2**22
    )
    graph = margin.spectral_graph(
        **common,
        distances_2_1=(1, 2, 8),
        input_lipschitz=(1, 2, 2),
        inputs_at_zero=(0, 0, 0),
        output_lipschitz=(4, 8, 1),
        entries=(200, 600, 90),
        data_norm=2**22 - 1,
    )
    assert 0 < chain.terms["complexity"] < 0.5
    assert graph.terms["complexity"] == pytest.approx(chain.terms["complexity"], rel=1e-12)
    assert graph.value > chain.value


@pytest.mark.slow
@pytest.mark.parametrize("n", [20, 200])
def test_the_complexity_is_above_that_of_networks_that_were_found(n: int) -> None:
    """f(x) = v (x + w relu(u x)) with |u|, |w|, |v| within 2^-6 of 1, in one dimension: a graph with a skip. The best of 3 10^4 networks of
    the class for random signs is a lower bound on the complexity of the ramp losses, and the certificate's must be above it.
    """
    rng = np.random.default_rng(5)
    x, moved = rng.normal(size=n), 2.0**-6
    x *= np.sqrt(n) / np.linalg.norm(x) * (1 - 1e-9)  # ||X||_F = sqrt(n), just below
    u, w, v = (1 + rng.uniform(-moved, moved, (3, 30_000, 1))).reshape(3, -1, 1)
    outputs = v * (x + w * np.maximum(u * x, 0))
    losses = np.clip(1 - outputs / 2, 0, 1)  # margin 2, all labels +1
    signs = rng.choice([-1.0, 1.0], (50, n))
    signs = np.concatenate([signs, -signs])
    found = (losses @ signs.T).max(axis=0).mean() / n
    top = 1 + moved
    certificate = margin.spectral_graph(
        margin_risk=0,
        margin=2,
        distances_2_1=(moved, moved, moved),  # from u = w = v = 1
        input_lipschitz=(1, top, 1 + top**2),
        inputs_at_zero=(0, 0, 0),
        output_lipschitz=(top**2, top, 1),
        entries=(1, 1, 1),
        outputs=1,
        data_norm=float(np.linalg.norm(x)),
        n=n,
        delta=Fraction(1, 20),
    )
    assert 0.3 * moved / n**0.5 < found < certificate.terms["complexity"] / 2 < 0.4


def test_a_constant_that_underflows_still_moves_the_graphs_grid() -> None:
    """lambda + zeta/r is above lambda = 1, a point of the grid of its own, however small zeta/r is."""
    inputs = {**CASES["margin.spectral_graph"].example, "input_lipschitz": (1, 1, 1), "data_norm": 1e300}
    at_zero = margin.spectral_graph(**{**inputs, "inputs_at_zero": (0, 5e-324, Fraction(1, 10**400))})
    assert at_zero.choices["input_index"] == (0.0, 1.0, 1.0)
