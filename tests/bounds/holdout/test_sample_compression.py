"""The learners that the docstring names are rebuilt from their compression sets, and certified by what they err on outside."""

from __future__ import annotations

from fractions import Fraction
from math import comb
from typing import Any

import numpy as np
import pytest
from scipy.stats import beta
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from genbounds.bounds.holdout import campi2023compression, sample_compression

DELTA = Fraction(1, 20)


def examples(n: int, noise: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Points of a square on both sides of a line, with a gap; some labels wrong."""
    rng = np.random.default_rng(3)
    x = rng.uniform(-1, 1, (n, 2))
    side = x @ [1.0, 0.5] + 0.1
    x, side = x[np.abs(side) > 0.02], side[np.abs(side) > 0.02]
    return x, np.where((side > 0) ^ (rng.random(len(side)) < noise), 1, -1)


def perceptron(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, set[int]]:
    """Cycled until no mistake is left: the weights, and where mistakes were made."""
    inputs = np.column_stack([x, np.ones(len(x))])
    mistaken: set[int] = set()
    w, clean = np.zeros(3), False
    while not clean:
        clean = True
        for i, (point, label) in enumerate(zip(inputs, y, strict=True)):
            if label * (point @ w) <= 0:
                w, clean = w + label * point, False
                mistaken.add(i)
    return w, mistaken


def test_a_perceptron_is_rebuilt_from_the_examples_of_its_mistakes_in_their_order() -> None:
    x, y = examples(300)
    w, mistaken = perceptron(x, y)
    kept = sorted(mistaken)
    again, all_of_them = perceptron(x[kept], y[kept])
    assert np.array_equal(again, w)
    assert len(all_of_them) == len(kept) < len(x) / 4
    small: dict[str, Any] = {"size": len(kept), "n": len(x), "delta": DELTA}
    assert campi2023compression(**small).value < sample_compression(errors=0, **small).value < 1


@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_a_support_vector_machine_is_rebuilt_from_its_support_vectors(noise: float) -> None:
    """Hard and soft: the penalty is against the sum of the losses, so that the others may be left out."""
    x, y = examples(300, noise)
    machine = SVC(kernel="linear", C=1e6 if noise == 0 else 10.0, tol=1e-8).fit(x, y)
    kept = machine.support_
    again = SVC(kernel="linear", C=machine.C, tol=1e-8).fit(x[kept], y[kept])
    assert again.coef_ == pytest.approx(machine.coef_, rel=1e-3)
    others = np.setdiff1d(np.arange(len(x)), kept)
    errors = int((again.predict(x[others]) != y[others]).sum())
    assert sample_compression(errors=errors, size=len(kept), n=len(x), delta=DELTA).value < 1


@pytest.mark.slow
def test_prototypes_rebuild_the_nearest_neighbour_rule_and_its_errors_outside_are_charged() -> None:
    """Hart's condensation, one pass: an example that the prototypes get wrong becomes one."""
    x, y = examples(400, 0.02)
    kept = [0]
    for i in range(1, len(x)):
        if KNeighborsClassifier(1).fit(x[kept], y[kept]).predict(x[i : i + 1])[0] != y[i]:
            kept.append(i)
    others = np.setdiff1d(np.arange(len(x)), kept)
    errors = int((KNeighborsClassifier(1).fit(x[kept], y[kept]).predict(x[others]) != y[others]).sum())
    assert errors > 0
    found = sample_compression(errors=errors, size=len(kept), n=len(x), delta=DELTA).value
    share = 1 / (20 * comb(len(x), len(kept)) * (len(kept) + 1) * (len(kept) + 2))
    assert found == pytest.approx(beta.isf(share, errors + 1, len(others) - errors), rel=1e-6)
    assert found < 1


def test_a_message_costs_its_bits() -> None:
    """One bit is half of delta: which of two rules of rebuilding was used, say."""
    given: dict[str, Any] = {"errors": 3, "size": 5, "n": 200}
    assert sample_compression(**given, delta=DELTA, bits=1).value == sample_compression(**given, delta=DELTA / 2).value
