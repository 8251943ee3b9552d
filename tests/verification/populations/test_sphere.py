"""The angle formula against an integral over the circle, and against draws (five standard errors, false alarm 6e-7 each)."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

from genbounds.verification.populations.sphere import TeacherSphere


@pytest.mark.parametrize("dimension", [2, 3, 20])
def test_against_draws(dimension: int) -> None:
    random = np.random.default_rng(dimension)
    law, student = TeacherSphere(random.normal(size=dimension), 0.05), random.normal(size=dimension)
    inputs, labels = law.sample("draws", 200_000)
    wrong, risk = float((labels * (inputs @ student) <= 0).mean()), law.risk(student)
    assert abs(wrong - risk) <= 5 * math.sqrt(risk * (1 - risk) / 200_000)
    assert np.linalg.norm(inputs, axis=1).max() <= law.input_radius
    assert abs(wrong - law.risk(student + 0.3 * law.teacher)) > 0.005


def test_small_angles_keep_their_digits() -> None:
    tiny = 1e-9
    law = TeacherSphere(np.array([1.0, 0.0]))
    assert law.risk(np.array([1.0, tiny])) == pytest.approx(float(mpmath.atan(tiny) / mpmath.pi), rel=1e-14)
    assert law.risk(np.array([-1.0, 0.0])) == 1.0
    assert law.risk(np.zeros(2)) == 1.0


def test_bad_parameters_are_refused_and_hashes_tell_laws_apart() -> None:
    for teacher in ([1.0], [0.0, 0.0], [math.nan, 1.0]):
        with pytest.raises(ValueError, match="teacher"):
            TeacherSphere(np.array(teacher))
    with pytest.raises(ValueError, match="noise"):
        TeacherSphere(np.ones(3), 0.6)
    assert TeacherSphere(np.ones(3)).content_hash != TeacherSphere(np.ones(3), 0.1).content_hash
