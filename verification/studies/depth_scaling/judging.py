"""What the measurements say of each claim."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from genbounds.verification.checks.effects import mean_effect, slope_effect
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.populations.protocol import Array
from genbounds.verification.runs.cells import Cell, Result
from genbounds.verification.studies.depth_scaling.cell import LABELS, SCALED, SCALINGS, WINDOWED, Cells, OutputCell, WindowCell, tau
from genbounds.verification.studies.depth_scaling.limits import linear_limits, relu_limits
from genbounds.verification.studies.phenomenon import Finding

Measured: TypeAlias = Sequence[tuple[Any, Result]]
"""Cells of one kind with their results."""
FLAT = 0.1
"""A norm that grows as a power of the depth below this one counts as not growing; the converse's power is 1/4."""
ROUNDING = 1e-9
"""Relative error of a spectral norm in float64, generously: products of at most 64 matrices of width 64."""


def of(kind: type, cells: Sequence[Cell], results: Sequence[Result]) -> Measured:
    """The cells of a kind."""
    return [(cell, result) for cell, result in zip(cells, results, strict=True) if isinstance(cell, kind)]


def depths(measured: Measured) -> list[int]:
    """All depths, in increasing order."""
    return sorted({cell.depth for cell, _ in measured})


def at(measured: Measured, depth: int) -> list[Result]:
    """The results at a depth, one for each seed."""
    return [result for cell, result in measured if cell.depth == depth]


def laws(outputs: Measured, alpha: float) -> list[Finding]:
    """Whether the mean factors by layer lie where the two theorems allow them; half of alpha for each."""
    width, places = outputs[0][0].width, [(depth, name) for depth in depths(outputs) for name in SCALED]
    cost = math.log(4 * len(places) / alpha)
    sizes = _sizes(outputs) + f", one input, {len(places)} pairs of a scaling and a depth"
    found = []
    for kind, limits in (("linear", linear_limits), ("relu", relu_limits)):
        outside, shown = [], ""
        for depth, name in places:
            results, scale = at(outputs, depth), tau(name, depth)
            mean = float(np.mean([result[kind][name]["mean_factor"] for result in results]))
            low, high = limits(scale, width, depth * len(results), cost)
            said = (
                f"{LABELS[name]}, L = {depth}: each layer multiplies the squared norm by {mean:.5g}, where [{low:.5g}, {high:.5g}] is "
                "allowed"
            )
            if not low <= mean <= high:
                outside.append(said)
            if name == "root":
                shown = said  # the deepest comes last
        verdict = Verdict.REFUTED if outside else Verdict.NOT_REFUTED
        found.append(Finding(kind, verdict, ("; ".join(outside) or shown) + ".", sizes))
    return found


def growth(outputs: Measured) -> list[Finding]:
    """The output's norm at the largest depth, of ReLU networks."""
    deepest = depths(outputs)[-1]
    last = at(outputs, deepest)

    def logs(kind: str, name: str) -> Array:
        return np.array([result[kind][name]["ln_norm"] for result in last])

    places = depths(outputs)
    by_depth = np.array([[result["relu"]["root"]["ln_norm"] for result in at(outputs, depth)] for depth in places]).T
    stable, exploding = slope_effect(np.log(places), by_depth), mean_effect(logs("relu", "fourth") - math.log(deepest) / 4)
    normalised = ", ".join(f"{LABELS[name]} {np.exp(logs('normalised', name).mean()):.3g}" for name in SCALINGS)
    sizes = _sizes(outputs)
    return [
        Finding(
            "stable",
            stable.below(FLAT),
            f"The norm grows as L to the power {stable} (claimed: below {FLAT}); at L = {deepest} its logarithm is "
            f"{mean_effect(logs('relu', 'root'))} (in the mean square at most 1 is expected). With batch normalisation the norm is "
            f"multiplied by: {normalised}.",
            sizes,
        ),
        Finding(
            "explodes",
            exploding.above(0.0),
            f"The logarithm of the norm divided by L^(1/4) at L = {deepest} and τ = 1/∜L is {exploding} (claimed: above 0); at τ = 1 the "
            f"logarithm of the norm is {logs('relu', 'one').mean():.4g}, without a shortcut {logs('relu', 'plain').mean():.3g}.",
            sizes,
        ),
    ]


def products(measured: Measured) -> list[Finding]:
    """The products over all windows, without and with batch normalisation."""
    excess = max(result[name]["excess"] for _, result in measured for name in WINDOWED)
    places = depths(measured)
    exponents = {
        (name, normalised): slope_effect(np.log(places), _largest(measured, name, normalised))
        for name in WINDOWED
        for normalised in (False, True)
    }
    kept = exponents["root", False]
    norms = ", ".join(f"{np.exp(row.mean()):.3g}" for row in _largest(measured, "root", False).T)
    sizes = _sizes(measured) + f", {places[-1] * (places[-1] + 1) // 2} windows at the largest depth"
    return [
        Finding(
            "product",
            Verdict.REFUTED if excess > ROUNDING else Verdict.NOT_REFUTED,
            f"The largest value of ln(norm) - ln(product) over all windows and networks is {excess:.3g}.",
            sizes,
        ),
        Finding(
            "windows",
            kept.below(FLAT),
            f"The largest norm is {norms} at L = {', '.join(map(str, places))}: it grows as L to the power {kept} (claimed: below "
            f"{FLAT}). With batch normalisation the power is {exponents['root', True]}. With τ = 1/∜L it is {exponents['fourth', False]} "
            f"without and {exponents['fourth', True]} with normalisation.",
            sizes,
        ),
    ]


def _largest(measured: Measured, name: str, normalised: bool) -> Array:
    """ln of the largest norm over the windows, (seeds, depths)."""
    chosen = [(cell, result) for cell, result in measured if cell.normalised == normalised]
    return np.log([[result[name]["largest"] for result in at(chosen, depth)] for depth in depths(chosen)]).T


def trained(measured: Measured) -> list[Finding]:
    """Losses and errors at the largest depth, paired by seed."""
    deepest = depths(measured)[-1]
    plain, normalised = (at([pair for pair in measured if pair[0].normalised == flag], deepest) for flag in (False, True))

    def values(results: Sequence[Result], name: str, what: str = "loss") -> Array:
        return np.array([result[name][what] for result in results])

    others = np.min([values(plain, name) for name in SCALINGS if name != "root"], axis=0)
    gain = mean_effect(values(plain, "root") - others)
    saved = mean_effect(values(normalised, "one") - values(plain, "one"))
    errors = mean_effect(values(normalised, "root", "test_error") - values(normalised, "one", "test_error"))
    first = measured[0][0]
    sizes = _sizes([pair for pair in measured if pair[0].depth == deepest]) + f", {first.n} digits, {first.steps} steps"

    def losses(results: Sequence[Result]) -> str:
        return ", ".join(f"{LABELS[name]} {values(results, name).mean():.3g}" for name in SCALINGS)

    return [
        Finding(
            "training",
            gain.below(0.0),
            f"Training loss with τ = 1/√L minus the least of the others: {gain}. Means: {losses(plain)} (guessing has ln 10 = 2.30).",
            sizes,
        ),
        Finding(
            "normalised",
            saved.below(0.0),
            f"Training loss at τ = 1 with normalisation minus that without: {saved}. Means with it: {losses(normalised)}.",
            sizes,
        ),
        Finding(
            "both",
            errors.below(0.0),
            f"Test error with τ = 1/√L minus that with τ = 1, both normalised: {errors}; means "
            f"{values(normalised, 'root', 'test_error').mean():.3g} and {values(normalised, 'one', 'test_error').mean():.3g}.",
            sizes,
        ),
    ]


def _sizes(measured: Measured) -> str:
    seeds = len({cell.seed for cell, _ in measured})
    return f"depths {', '.join(map(str, depths(measured)))}, width {measured[0][0].width}, {seeds} seeds"


def made_up(cell: Cells, variance: float) -> Mapping[str, Any]:
    """A result as it would be if the weights had this variance times 1/width and everything came out as expected: for the trap."""
    if isinstance(cell, OutputCell):
        factors = {name: 1 + variance * tau(name, cell.depth) ** 2 for name in SCALED} | {"plain": 1.0}
        linear = {
            name: {"mean_factor": factor, "ln_norm": cell.depth * math.log(factor) / 2 + 0.01 * cell.seed}
            for name, factor in factors.items()
        }
        relu = {
            name: {"mean_factor": (1 + factor) / 2, "ln_norm": cell.depth * math.log((1 + factor) / 2) / 2 + 0.01 * cell.seed}
            for name, factor in factors.items()
        }
        return {"linear": linear, "relu": relu, "normalised": relu}
    if isinstance(cell, WindowCell):
        return {name: {"largest": cell.depth ** (tau(name, 2)) + 0.01 * cell.seed, "ln_bound": 10.0, "excess": -0.1} for name in WINDOWED}
    return {name: {"losses": [2.0, 1.0], "loss": 1.0 + 0.01 * cell.seed, "error": 0.5, "test_error": 0.5, "rate": 0.1} for name in SCALINGS}
