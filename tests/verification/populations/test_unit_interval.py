"""Exact risks on [0, 1] against a count over a fine grid, and against draws (five standard errors, false alarm 6e-7)."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from genbounds.verification.populations.unit_interval import UnitInterval, pieces_of_network

LAW = UnitInterval((Fraction(1, 4), Fraction(2, 3)), Fraction(1, 8))


def network(seed: int, units: int = 5) -> tuple[list[tuple[float, float]], list[float], float]:
    random = np.random.default_rng(seed)
    return [(float(a), float(b)) for a, b in random.normal(size=(units, 2))], random.normal(size=units).tolist(), float(random.normal())


@pytest.mark.parametrize("seed", range(8))
def test_a_network_against_a_grid(seed: int) -> None:
    hidden, output, bias = network(seed)
    points = (np.arange(200_000) + 0.5) / 200_000
    scores = bias + sum(v * np.maximum(0, a * points + b) for (a, b), v in zip(hidden, output, strict=True))
    labels = 1 - 2 * (np.searchsorted([1 / 4, 2 / 3], points, side="right") % 2)
    wrong = float(np.where(scores * labels <= 0, 7 / 8, 1 / 8).mean())
    assert float(LAW.risk(pieces_of_network(hidden, output, bias))) == pytest.approx(wrong, abs=5e-5)


def test_a_network_against_draws() -> None:
    hidden, output, bias = network(3)
    inputs, labels = LAW.sample("draws", 200_000)
    scores = bias + sum(v * np.maximum(0, a * inputs[:, 0] + b) for (a, b), v in zip(hidden, output, strict=True))
    wrong, risk = float((scores * labels <= 0).mean()), float(LAW.risk(pieces_of_network(hidden, output, bias)))
    assert abs(wrong - risk) <= 5 * math.sqrt(risk * (1 - risk) / 200_000)
    assert abs(wrong - float(UnitInterval((Fraction(1, 2),)).risk(pieces_of_network(hidden, output, bias)))) > 0.005


def test_the_pieces_of_networks_by_hand() -> None:
    assert pieces_of_network([], [], 0.0) == [(Fraction(0), 0)]
    assert LAW.risk([(Fraction(0), 0)]) == 1
    # A tent that touches 0 in its middle: two pieces of one sign are one, and a point has no length.
    assert pieces_of_network([(1.0, -0.5), (-1.0, 0.5)], [1.0, 1.0], 0.0) == [(Fraction(0), 1)]
    assert pieces_of_network([(1.0, -0.5)], [1.0], 0.0) == [(Fraction(0), 0), (Fraction(1, 2), 1)]
    assert LAW.risk(LAW.target) == LAW.bayes_risk == Fraction(1, 8)
    assert LAW.risk([(start, -sign) for start, sign in LAW.target]) == Fraction(7, 8)


def test_bad_parameters_are_refused_and_hashes_tell_laws_apart() -> None:
    with pytest.raises(ValueError, match="increase"):
        UnitInterval((Fraction(1, 2), Fraction(1, 2)))
    with pytest.raises(ValueError, match="noise"):
        UnitInterval((), Fraction(3, 4))
    assert UnitInterval((Fraction(1, 4),)).content_hash != UnitInterval((Fraction(1, 3),)).content_hash
    assert UnitInterval((Fraction(2, 8),)).content_hash == UnitInterval((Fraction(1, 4),)).content_hash
