"""Closed forms and quadratures against draws (five standard errors, false alarm 6e-7 each), integrals at 30 digits, and scipy's."""

from __future__ import annotations

import math
from typing import Any

import mpmath
import numpy as np
import pytest
from scipy import integrate, stats

from genbounds.verification.populations.gaussian_mixture import GaussianMixture

PLANE = GaussianMixture(
    np.array([0.2, 0.3, 0.5]), np.array([[1.0, 0.0], [-1.0, 0.5], [0.0, -1.0]]), np.array([0.5, 1.0, 0.7]), np.array([1, 1, -1])
)
LINE = GaussianMixture(np.array([0.3, 0.3, 0.4]), np.array([[-2.0], [2.0], [0.0]]), np.array([0.6, 0.9, 1.1]), np.array([1, 1, -1]))


def density(law: GaussianMixture, label: int, point: float) -> float:
    kept = law.labels == label
    return float((law.shares[kept] * stats.norm.pdf(point, law.means[kept, 0], law.spreads[kept])).sum())


@pytest.mark.parametrize(("weights", "bias"), [([1.0, 0.0], 0.0), ([0.5, 2.0], 0.7), ([-1.0, 0.3], -0.4)])
def test_the_risk_of_a_linear_rule(weights: list[float], bias: float) -> None:
    inputs, labels = PLANE.sample(("risk", 1), 200_000)
    wrong = float((labels * (inputs @ np.array(weights) + bias) <= 0).mean())
    risk = PLANE.risk(np.array(weights), bias)
    assert abs(wrong - risk) <= 5 * math.sqrt(risk * (1 - risk) / 200_000)
    assert abs(wrong - PLANE.risk(np.array(weights), bias + 0.5)) > 0.005  # the comparison can fail


def test_a_rule_with_cuts_against_an_integral() -> None:
    """+1, -1 from -1 on, +1 from 1.5 on; each piece is integrated at 30 digits."""
    with mpmath.workdps(30):
        total = mpmath.mpf(0)
        for p, (m,), s, y in zip(LINE.shares, LINE.means, LINE.spreads, LINE.labels, strict=True):
            for left, right, sign in ((-mpmath.inf, -1, 1), (-1, 1.5, -1), (1.5, mpmath.inf, 1)):
                total += mpmath.mpf(p) * (mpmath.ncdf(right, m, s) - mpmath.ncdf(left, m, s)) * int(sign != y)
    assert LINE.risk_of_cuts([-1.0, 1.5], 1) == pytest.approx(float(total), rel=1e-13)
    assert LINE.risk_of_cuts([40.0], -1) - LINE.risk_of_cuts([], -1) == pytest.approx(0.0, abs=1e-15)


@pytest.mark.slow
def test_the_bayes_risk_is_the_integral_of_the_smaller_density() -> None:
    least, _ = integrate.quad(lambda x: min(density(LINE, 1, x), density(LINE, -1, x)), -12, 12, limit=500, epsabs=1e-11)
    assert LINE.bayes_risk == pytest.approx(least, abs=1e-8)
    assert LINE.bayes_risk < LINE.risk_of_cuts([-1.0, 1.5], 1)
    same = GaussianMixture(np.array([0.5, 0.5]), np.zeros((2, 1)), np.ones(2), np.array([1, -1]))
    assert same.bayes_risk == 0.5


@pytest.mark.slow
def test_a_rule_on_the_plane_line_by_line() -> None:
    """A linear rule has a closed form; a disc around 0 is compared with draws, and with a fine sum over squares."""

    def half_plane(height: float) -> tuple[list[float], int]:
        return [-(2.0 * height + 0.7) / 0.5], -1

    def disc(height: float) -> tuple[list[float], int]:
        half = math.sqrt(max(0.0, 1 - height**2))
        return ([-half, half] if half else []), -1

    assert PLANE.risk_on_lines(half_plane) == pytest.approx(PLANE.risk(np.array([0.5, 2.0]), 0.7), abs=1e-12)
    inputs, labels = PLANE.sample(("disc", 1), 400_000)
    wrong = float((np.where((inputs**2).sum(axis=1) < 1, 1, -1) != labels).mean())
    risk = PLANE.risk_on_lines(disc)
    assert abs(wrong - risk) <= 5 * math.sqrt(risk * (1 - risk) / 400_000)
    inside = sum(  # of a component with spread s at distance r, a noncentral chi-squared probability
        p * y * stats.ncx2.cdf(1 / s**2, 2, float(m @ m) / s**2)
        for p, m, s, y in zip(PLANE.shares, PLANE.means, PLANE.spreads, PLANE.labels, strict=True)
    )
    assert risk == pytest.approx(float(PLANE.shares[PLANE.labels == 1].sum() - inside), abs=1e-4)


def test_equal_laws_have_equal_hashes() -> None:
    twin = GaussianMixture(LINE.shares.copy(), LINE.means.copy(), LINE.spreads, LINE.labels)
    assert twin.content_hash == LINE.content_hash != PLANE.content_hash
    assert GaussianMixture(LINE.shares, LINE.means, LINE.spreads, -LINE.labels).content_hash != LINE.content_hash


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"shares": [0.5, 0.6]}, "shares"),
        ({"means": [[1.0]]}, "means"),
        ({"spreads": [1.0, 0.0]}, "spreads"),
        ({"labels": [1, 0]}, "labels"),
    ],
)
def test_bad_parameters_are_refused(changed: dict[str, Any], said: str) -> None:
    good: dict[str, Any] = {"shares": [0.5, 0.5], "means": [[1.0], [-1.0]], "spreads": [1.0, 1.0], "labels": [1, -1]}
    GaussianMixture(**good)
    with pytest.raises(ValueError, match=said):
        GaussianMixture(**good | changed)


def test_what_needs_a_line_or_a_plane_says_so() -> None:
    with pytest.raises(ValueError, match="on the line"):
        PLANE.risk_of_cuts([0.0], 1)
    with pytest.raises(ValueError, match="increasing"):
        LINE.risk_of_cuts([1.0, 0.0], 1)
    with pytest.raises(ValueError, match="plane"):
        LINE.risk_on_lines(lambda _: ([], 1))
    with pytest.raises(ValueError, match="on the line"):
        _ = PLANE.bayes_risk
