"""Held-out certificates from predictions, losses and predictors: values, what is accepted, and what is refused with which remedy."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import scipy.stats
import torch
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier

from genbounds.models import certify_losses, certify_predictions, certify_predictor
from genbounds.models.certifying.certificate_table import CertificateTable
from genbounds.models.certifying.predictions import count_errors

SCORES = np.array([[0.1, 0.9, 0.0], [0.5, 0.2, 0.3], [0.4, 0.4, 0.2], [0.0, 0.0, 1.0]])
LABELS = np.array([1, 0, 0, 1])


@pytest.mark.parametrize(
    ("predictions", "labels"),
    [
        (SCORES, LABELS),
        (torch.tensor(SCORES, requires_grad=True), torch.tensor(LABELS)),
        (torch.tensor(SCORES).bfloat16(), LABELS[:, None]),
        (SCORES.tolist(), np.eye(3)[LABELS]),
        (np.array([1, 0, 2, 2]), LABELS),
        (np.array([1.0, 0.0, 2.0, 2.0])[:, None], LABELS.astype(float)),
        (np.array(["b", "a", "c", "c"]), np.array(["b", "a", "a", "b"])),
        (np.log(SCORES + 1e-9), LABELS),
        (np.array([[0.0, math.inf, 0.0], [1.0, -math.inf, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 1.0]]), LABELS),
    ],
)
def test_two_errors_of_four_in_every_layout(predictions: Any, labels: Any) -> None:
    """The third example is a tie of its scores, the fourth is wrong."""
    assert count_errors(predictions, labels) == (2, 4)


@pytest.mark.parametrize(
    ("predictions", "labels", "said"),
    [
        (SCORES, LABELS + 2, "labels must lie in 0, ..., 2"),
        (SCORES, [1, 2, 3, 1], "subtract 1"),
        (SCORES, [0.5, 1, 0, 1], "whole numbers from 0 to 2"),
        (SCORES, [0, 1], r"labels must have shape \(4,\)"),
        (np.where(SCORES > 0.8, np.nan, SCORES), LABELS, "NaN"),
        ([0.2, 0.7], [0, 1], "got scores"),
        (["a", "b"], [0, 1], "one kind"),
        ([-1, 1, -1], [0, 1, 1], r"0 and 1, or -1 and \+1"),
        ([0, 1, 1], [-1, -1, -1], r"0 and 1, or -1 and \+1"),
        (["Cat", "dog "], ["cat", "dog"], "small and capital letters"),
        ([0, 1, 2, 1], [10, 11, 12, 11], "each stands for one of the others"),
        ([], [], "at least 1"),
        (np.zeros((2, 3, 4)), [0, 1], "one row for each example"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_remedy(predictions: Any, labels: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        certify_predictions(predictions, labels)


@pytest.mark.parametrize(
    ("predictions", "labels"),
    [
        ([0, 0, 0], [1, 1, 1]),  # one class each: it may just be wrong
        ([2, 3, 2], [0, 1, 1]),  # not one to one
        ([2, 3], [0, 1]),  # no class occurs twice
        (["dog", "bird"], ["cat", "fox"]),
        ([-1, -1], [1, 1]),
        ([0, 0], [1, 1]),
    ],
)
def test_a_predictor_that_is_always_wrong_is_certified_so_and_the_coding_is_asked_about(predictions: Any, labels: Any) -> None:
    table = certify_predictions(predictions, labels)
    assert table.best is not None
    assert table.best.value == 1
    assert "are both coded alike?" in dict(table.facts)["classes in common"]
    assert "classes in common" not in dict(certify_predictions([0, 1], [1, 0]).facts)


def test_a_forest_is_certified_by_what_it_predicts() -> None:
    inputs, labels = load_digits(return_X_y=True)
    forest = RandomForestClassifier(20, random_state=0).fit(inputs[:900], labels[:900])
    table = certify_predictor(forest, inputs[900:], labels[900:], delta=Fraction(1, 100))
    errors = int((forest.predict(inputs[900:]) != labels[900:]).sum())
    assert table.best is not None
    assert table.best.value == pytest.approx(scipy.stats.beta.ppf(0.99, errors + 1, 897 - errors), rel=1e-12)
    assert CertificateTable.from_dict(table.to_dict()) == table
    assert "the number to cite (holdout.clopper_pearson, fixed before the data were seen" in table.summary()
    assert "further held-out labels" in table.summary()
    with pytest.raises(ValueError, match="callable"):
        certify_predictor(3, inputs, labels)


def test_losses_by_both_bounds_at_half_of_delta_each() -> None:
    losses = np.random.default_rng(1).uniform(3, 3.2, size=400)
    table = certify_losses(losses, low=2, high=6, delta=Fraction(1, 20))
    unit = (losses - 2) / 4
    mean, variance = unit.mean(), unit.var(ddof=1)
    wanted = mean + math.sqrt(2 * variance * math.log(80) / 400) + 7 * math.log(80) / (3 * 399)
    assert table.best is not None
    assert table.best.bound == "holdout.empirical_bernstein"
    assert table.best.value == pytest.approx(wanted, rel=1e-10)
    assert dict(table.facts)["mean loss over the population"] == f"at most {math.ceil((2 + 4 * wanted) * 1e3) / 1e3:.4g}"
    assert table.best.delta == Fraction(1, 20)


def test_mean_and_variance_of_losses_are_never_below_the_exact_ones() -> None:
    generator = np.random.default_rng(7)
    for n in (2, 3, 50):
        for scale in (1e-12, 0.1, 1.0):
            losses = generator.uniform(size=n) * scale
            table = certify_losses(losses)
            exact = [Fraction(float(value)) for value in losses]
            mean = sum(exact) / n
            variance = sum((value - mean) ** 2 for value in exact) / (n - 1)
            row = table["holdout.empirical_bernstein"]
            assert Fraction(row.inputs["empirical_risk"].value) >= mean  # type: ignore[union-attr, arg-type]
            assert Fraction(row.inputs["variance"].value) >= variance  # type: ignore[union-attr, arg-type]
            assert float(row.inputs["variance"].value) <= float(variance) * (1 + 1e-12) + 1e-290  # type: ignore[union-attr, arg-type]


@pytest.mark.parametrize(
    ("losses", "options", "said"),
    [
        ([0.5, 1.5], {}, "at example 1"),
        ([0.5, math.nan], {}, "got nan at example 1"),
        ([0.5], {}, "n at least 2"),
        ([0.5, 0.6], {"low": 1, "high": 1}, "low must be below high"),
        ([Fraction(1, 3), Fraction(2, 3)], {}, "losses must be doubles"),
        (np.array([0.1, 0.2], dtype=np.longdouble), {}, "losses must be doubles"),
        (np.array([0, 2**53 + 1]), {"high": 2**60}, "losses must be doubles"),
        ([0.05, 0.1], {"high": Fraction(1, 10)}, "at example 1"),  # the double 0.1 lies above 1/10
    ],
)
def test_losses_outside_their_range_are_refused(losses: Any, options: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        certify_losses(losses, **options)


def test_counting_shared_examples_as_errors_keeps_the_level() -> None:
    """m + Bin(n - m, R) against the limit for n: the exact failure probability is at most delta at every risk, for every m."""
    n, delta = 12, 0.1
    limits = [1.0 if k == n else float(scipy.stats.beta.ppf(1 - delta, k + 1, n - k)) for k in range(n + 1)]
    for m in range(n):
        for risk in np.linspace(0.01, 0.99, 99):
            low = [k for k in range(n - m + 1) if limits[m + k] < risk]
            assert scipy.stats.binom.pmf(low, n - m, risk).sum() <= delta + 1e-12
            dropped = [k for k in range(n - m + 1) if limits[k] < risk]  # the fault: shared examples counted as right, n unchanged
            if m == 8 and risk > 0.6:
                assert scipy.stats.binom.pmf(dropped, n - m, risk).sum() > delta or not dropped
