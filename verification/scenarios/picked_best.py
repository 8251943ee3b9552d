"""The best of finitely many hypotheses on a sample: what every class of them shows and is charged for, whatever its hypotheses are."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from genbounds.bounds.assumptions import (
    ALGORITHM_FIXED_IN_ADVANCE,
    BOUNDED_LOSS,
    CANDIDATES_INDEPENDENT_OF_SAMPLE,
    CLASS_FIXED_IN_ADVANCE,
    CONDITIONAL_INFORMATION,
    EVALUATED_INFORMATION,
    EXPECTED_EMPIRICAL_RISK,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LOCAL_COMPLEXITY,
    LOSS_IN_UNIT_INTERVAL,
    MUTUAL_INFORMATION,
    PRIOR_CODE_FIXED_IN_ADVANCE,
    SUBGAUSSIAN_LOSS,
    UNBIASED_VARIANCE,
    VARIANCE_BOUND,
    ZERO_ONE_LOSS,
    Audit,
)
from genbounds.bounds.bounds_on import EXPECTED_GAP, EXPECTED_RISK, RISK
from genbounds.verification.populations.protocol import Array
from genbounds.verification.scenarios.scenario import World, holding, log_up, violating

SHOWN = frozenset({"n", "errors", "empirical_risk", "variance"})
CHARGED = frozenset({"variance_bound", "loss_range", "class_size", "candidates", "log_inverse_prior", "bits"})
INFORMED = frozenset({"subgaussian", "conditional_information", "expected_empirical_risk"})
"""What else is known where the mean over samples is looked at."""


def audit_of_the_picked(
    *,
    examples: str,
    fixed: str,
    words: str,
    variance: str,
    loss: str = "an error or none",
    picked: str = "the best on the sample is picked",
) -> Audit:
    """What holds of a hypothesis that is picked on the sample from a class fixed before it, each with the reason.

    Args:
        examples: why they are independent.
        fixed: why the class looks at no sample.
        words: which weight, or which word of a code, each hypothesis has.
        variance: what ``variance_bound`` is.
        loss: why it is 0 or 1.
        picked: how the hypothesis comes from the sample.
    """
    return (
        holding(examples, IID_SAMPLE)
        | holding(loss, ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL, BOUNDED_LOSS)
        | holding(fixed, CLASS_FIXED_IN_ADVANCE, CANDIDATES_INDEPENDENT_OF_SAMPLE)
        | holding(words, PRIOR_CODE_FIXED_IN_ADVANCE)
        | holding("K functions have the local complexity that their number allows", LOCAL_COMPLEXITY)
        | holding("errors (n - errors)/(n (n - 1)), by its definition", UNBIASED_VARIANCE)
        | holding(variance, VARIANCE_BOUND)
        | holding("losses in [0, 1] are subgaussian with scale 1/2", SUBGAUSSIAN_LOSS)
        | holding(f"{picked}, by a rule fixed before it", ALGORITHM_FIXED_IN_ADVANCE)
        | holding("the entropy of one of K outputs is at most ln K", MUTUAL_INFORMATION, CONDITIONAL_INFORMATION, EVALUATED_INFORMATION)
        | holding("the smallest risk of all: the fewest errors are on average no more", EXPECTED_EMPIRICAL_RISK)
        | violating(picked, HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
    )


def charged(n: int, size: int, variance_bound: Any) -> dict[str, Any]:
    """What a bound is told of n examples and ``size`` hypotheses of equal weight, of which none has a larger variance.

    >>> charged(10, 3, 0.25)["bits"]
    2
    """
    return {
        "n": n,
        "loss_range": 1,
        "variance_bound": variance_bound,
        "class_size": size,
        "candidates": size,
        "log_inverse_prior": log_up(size),
        "bits": max((size - 1).bit_length(), 1),
    }


def shown_by(errors: Array, n: int) -> dict[str, Array]:
    """What a sample of n examples shows of a hypothesis with so many errors on it."""
    return {"errors": errors, "empirical_risk": errors / n, "variance": errors * (n - errors) / (n * max(n - 1, 1))}


def best_on_samples(label: str, wrong: Array, drawn: Array, variance_bound: float, known: Mapping[str, Any] | None = None) -> World:
    """The hypothesis with the fewest errors on each sample, the first of equals.

    Args:
        label: of the world.
        wrong: which points of the pool each hypothesis gets wrong, (K, N).
        drawn: the samples, rows of the pool, (draws, n).
        variance_bound: that of no hypothesis is larger.
        known: other inputs, the same for every sample.
    """
    n = drawn.shape[1]
    errors = np.stack([wrong[:, sample].sum(axis=1) for sample in drawn])
    risks = wrong.mean(axis=1)
    picked, shown = risks[errors.argmin(axis=1)], shown_by(errors.min(axis=1), n)
    gaps = picked - shown["empirical_risk"]
    common = charged(n, len(wrong), variance_bound) | {
        "subgaussian": Fraction(1, 2),
        "conditional_information": log_up(len(wrong)),
        "expected_empirical_risk": float(risks.min()),
    }
    truths = {RISK: picked, EXPECTED_RISK: picked, EXPECTED_GAP: gaps}
    return World(label, common | dict(known or {}), shown, truths, (), (-1.0, 1.0), {EXPECTED_RISK: (picked, 0.0, 1.0)})
