"""What theorems say of flatness, and the claim on individually flat minima."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from genbounds.verification.checks.effects import mean_effect
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.populations.protocol import Array
from genbounds.verification.runs.cells import Result
from genbounds.verification.studies.flatness.cells import N, PairsCell, ScalesCell
from genbounds.verification.studies.flatness.correlation import Grid
from genbounds.verification.studies.flatness.gibbs import DELTA, SCALES
from genbounds.verification.studies.phenomenon import Finding

ROUNDING = 1e-9
"""Relative error allowed to sums of some 1e5 products in float64."""


def kl_bound(grid: Grid) -> Finding:
    """No lower limit on a Gibbs risk lies above its bound, but with the probability that all limits and bounds together may fail with."""
    bounds, lower, upper = (np.array([result[name] for _, result in grid]) for name in ("bound", "lower", "upper"))
    above = int((lower > bounds).sum())
    least = bounds.min(axis=1)
    return Finding(
        "kl bound",
        Verdict.REFUTED if above else Verdict.NOT_REFUTED,
        f"{above} of {bounds.size} bounds lie below the lower limit on the Gibbs risk over the pool (each limit and bound at delta = "
        f"{DELTA:.1e}); the best bound of a network is {least.min():.3g} to {least.max():.3g}, the Gibbs risk on the sample "
        f"{upper.min():.2g} to {upper.max():.2g}",
        f"{least.size} networks 64-m-10, n = {N}, posterior and prior of standard deviation {', '.join(map(str, SCALES))}",
    )


def failing_probability(grid: Grid) -> float:
    """The probability with which ``kl_bound`` refutes a bound that holds: three events for each network and scale."""
    return 3 * DELTA * sum(cell.networks for cell, _ in grid) * len(SCALES)


def rescaling(found: Sequence[tuple[ScalesCell, Result]]) -> Finding:
    """The outputs do not change in any bit, and the top eigenvalue of the second layer's block grows like c^2.

    The largest eigenvalue of a symmetric matrix is at least that of any diagonal block of it.
    """
    changed = max(result["changed"] for _, result in found)
    errors = [
        _relative(np.array(result["block"]), 4.0 ** np.array(cell.exponents) * _at_one(cell, result, "block")) for cell, result in found
    ]
    ratio = max(max(result["sharpness"]) / min(result["sharpness"]) for _, result in found)
    return Finding(
        "rescaling",
        Verdict.REFUTED if changed > 0 or max(errors) > ROUNDING else Verdict.NOT_REFUTED,
        f"outputs change by {changed:g}; the top eigenvalue of the second layer's block is c^2 times what it was, up to a relative error "
        f"of {max(errors):.1e}, and bounds the sharpness from below; the largest eigenvalue of the Hessian varies by a factor of up to "
        f"{ratio:.3g}",
        _scales_sizes(found),
    )


def invariant(found: Sequence[tuple[ScalesCell, Result]]) -> Finding:
    """Neither normalised flatness nor the Fisher-Rao norm moves."""
    errors = {
        name: max(_relative(np.array(result[name]), np.full(len(cell.exponents), _at_one(cell, result, name))) for cell, result in found)
        for name in ("normalised", "fisher")
    }
    traces = max(max(result["trace"]) / min(result["trace"]) for _, result in found)
    return Finding(
        "normalised flatness",
        Verdict.REFUTED if max(errors.values()) > ROUNDING else Verdict.NOT_REFUTED,
        f"the relative change of the normalised flatness is {errors['normalised']:.1e}, that of the Fisher-Rao norm "
        f"{errors['fisher']:.1e}, while the trace of the Hessian varies by a factor of {traces:.3g}",
        _scales_sizes(found),
    )


def fisher(found: Sequence[tuple[ScalesCell, Result]]) -> Finding:
    """The norm by outputs alone and by gradients in all weights."""
    error = max(_relative(np.array(result["fisher_by_gradients"]), np.array(result["fisher"])) for _, result in found)
    return Finding(
        "Fisher-Rao norm",
        Verdict.REFUTED if error > ROUNDING else Verdict.NOT_REFUTED,
        f"the relative difference of the two sides is at most {error:.1e}; the norm is {found[0][1]['fisher'][0]:.3g} for the first "
        "network",
        _scales_sizes(found),
    )


def individually_flat(found: Sequence[tuple[PairsCell, Result]]) -> Finding:
    """The gap of the other solution less that of the one whose examples have the smaller gradients, at equal trace of the Hessian."""
    cell = found[0][0]
    gradient, gap, risk, mean = (
        np.concatenate([np.array(r[name]) for _, r in found], axis=1) for name in ("gradient", "gap", "risk", "mean_gradient")
    )
    flat = gradient.argmin(axis=0)
    differences, risks = _other_less_flat(gap, flat), _other_less_flat(risk, flat)
    effect = mean_effect(differences)
    pick = np.arange(len(flat))
    return Finding(
        "individually flat",
        effect.above(0),
        f"the gap of the error is larger by {effect} where the examples' gradients are larger ({gradient[1 - flat, pick].mean():.2g} "
        f"against {gradient[flat, pick].mean():.2g} on average), the risk by {mean_effect(risks)}; the mean gradients are "
        f"{mean[1 - flat, pick].mean():.2g} and {mean[flat, pick].mean():.2g}",
        f"64-m-10 ReLU on digits, m = {cell.wide} and {cell.narrow}, n = {N}, {cell.steps} steps of size {cell.step:g} with all examples, "
        f"{len(flat)} samples",
    )


def _other_less_flat(values: Array, flat: Array) -> Array:
    pick = np.arange(len(flat))
    return np.asarray(values[1 - flat, pick] - values[flat, pick])


def _at_one(cell: ScalesCell, result: Result, name: str) -> float:
    return float(result[name][cell.exponents.index(0)])


def _relative(found: Array, expected: Array) -> float:
    return float((np.abs(found - expected) / np.abs(expected)).max())


def _scales_sizes(found: Sequence[tuple[ScalesCell, Result]]) -> str:
    cell = found[0][0]
    exponents = f"k = {cell.exponents[0]} to {cell.exponents[-1]}"
    return f"64-{cell.width}-10 ReLU without biases on digits, n = {N}, c = 2^k for {exponents}, {len(found)} seeds"
