"""The cube's risks against a loop over corners, and its draws against the law."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest

from genbounds.verification.populations.cube import cube, parity, threshold


@pytest.mark.parametrize("noise", [Fraction(0), Fraction(1, 5)])
@pytest.mark.parametrize("rule", [parity(2), threshold(0)])
def test_risks_by_hand(rule, noise: Fraction) -> None:  # type: ignore[no-untyped-def]
    pool = cube(4, rule, noise)
    weights = np.array([1.0, -0.5, 0.25, 2.0])
    predictions = np.where(pool.inputs @ weights > 0, 1, -1)
    expected = Fraction(0)
    for corner in itertools.product((-1.0, 1.0), repeat=4):
        label = 1 if rule(np.array([corner]))[0] else -1
        guess = 1 if np.array(corner) @ weights > 0 else -1
        expected += Fraction(1, 16) * (noise if guess == label else 1 - noise)
    assert pool.risk(predictions) == expected
    assert pool.bayes_risk == noise
    assert pool.size == 16 * noise.denominator
    assert sorted(map(tuple, pool.inputs.tolist())) == sorted([*itertools.product((-1.0, 1.0), repeat=4)] * noise.denominator)


def test_parity_has_no_correlation_with_a_coordinate() -> None:
    pool = cube(5, parity(3))
    assert (pool.inputs * pool.labels[:, None]).sum(axis=0).tolist() == [0.0] * 5


@pytest.mark.parametrize(
    ("dimension", "noise", "said"), [(0, 0, "dimension"), (17, 0, "dimension"), (3, 1, "noise"), (16, "1/17", "noise")]
)
def test_what_cannot_be_listed_is_refused(dimension: int, noise: int | str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        cube(dimension, threshold(), Fraction(noise))
