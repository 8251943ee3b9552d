"""What was measured of each claim on overparametrised training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from genbounds.verification.checks.effects import Effect, mean_effect, slope_effect
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.populations.protocol import Array
from genbounds.verification.runs.cells import Result
from genbounds.verification.studies.overparametrised.cells import DIMENSION, POINTS, AccuracyCell, DescentCell, KernelCell, SmoothCell
from genbounds.verification.studies.phenomenon import Finding

ROUNDING = 1e-12
"""Allowed to one step's error term: outputs of size 1 or so, sums of a few thousand products in float64."""
FLOOR = 1e-12
"""Residuals of less than this part of the first one are rounding: their logarithms say nothing."""
CONDITION = 1e-6
"""Relative error allowed to leave-one-out errors: the kernel matrices have condition numbers of up to about 1e4, squared times 1e-16."""

Descents = Sequence[tuple[DescentCell, Result]]


def descent(found: Descents) -> list[Finding]:
    """Convergence, dynamics, drift, distance to the infinite width, and the effects of width and depth."""
    wide = [(cell, result) for cell, result in found if cell.depth == 1]
    widths = sorted({cell.width for cell, _ in wide})
    base = next(cell.width for cell, _ in found if cell.depth > 1)
    deep = [(cell, result) for cell, result in found if cell.width == base]
    depths = sorted({cell.depth for cell, _ in deep})
    seeds = len({cell.seed for cell, _ in found})
    sizes = (
        f"ReLU, {POINTS} examples in {DIMENSION} dimensions, widths {', '.join(map(str, widths))}, {found[0][0].steps} steps, {seeds} seeds"
    )
    excess = [_excess(result) for cell, result in wide if cell.width == widths[-1]]
    convergence = mean_effect(excess)
    deviation, drift, infinite = (exponent(wide, name) for name in ("deviation", "drift", "infinite"))
    wider, deeper = exponent(wide, "left"), exponent(deep, "left", "depth")
    last = {name: _mean(wide, name, widths[-1]) for name in ("deviation", "drift", "infinite")}
    disagreement = max(result["disagreement"] for _, result in wide if result["disagreement"] is not None)
    return [
        Finding(
            "linear convergence",
            convergence.below(0),
            f"at width {widths[-1]}, the largest logarithm of the squared residual divided by what the theorem states is {convergence}",
            sizes,
        ),
        Finding(
            "dynamics",
            deviation.below(0),
            f"exponent of the width in the largest distance between the outputs and the dynamics of the first kernel: {deviation}; at "
            f"width {widths[-1]} the distance is {last['deviation']:.2g} of the distance that the outputs travel",
            sizes,
        ),
        Finding(
            "kernel drift",
            drift.below(0),
            f"exponent of the width in ||K_T - K_0||/||K_0||: {drift}; at width {widths[-1]} it is {last['drift']:.2g}",
            sizes,
        ),
        Finding(
            "infinite width",
            infinite.within(-0.65, -0.35),
            f"exponent of the width in the relative distance of the kernel at the start from its mean: {infinite}; at width {widths[-1]} "
            f"it is {last['infinite']:.2g}; the kernels computed by Jacobians and by products differ by {disagreement:.1e}",
            sizes,
        ),
        Finding("wider is easier", wider.below(0), f"exponent of the width in the share of the residual that is left: {wider}", sizes),
        Finding(
            "deeper is harder",
            deeper.above(0),
            f"exponent of the depth in the share of the residual that is left: {deeper}",
            f"ReLU of width {base}, depths {', '.join(map(str, depths))}, {found[0][0].steps} steps, {seeds} seeds",
        ),
    ]


def _excess(result: Result) -> float:
    """The largest ln of ||f_t - y||^2 over (1 - alpha lambda_0/2)^t ||f_0 - y||^2, over t >= 1."""
    squares = 2 * np.log(np.array(result["real"]))
    steps = np.arange(1, len(squares))
    return float((squares[1:] - squares[0] - steps * np.log(result["contraction"])).max())


def value(result: Result, name: str) -> float:
    """A result by name; "left" is the last residual over the first, and what rounding leaves where it is less."""
    return max(FLOOR, float(result["real"][-1] / result["real"][0])) if name == "left" else float(result[name])


def table(found: Descents, name: str, by: str = "width") -> tuple[list[int], Array]:
    """The places, and a row for each seed with a column for each place."""
    at = {(cell.seed, getattr(cell, by)): value(result, name) for cell, result in found}
    seeds, places = sorted({seed for seed, _ in at}), sorted({place for _, place in at})
    return places, np.array([[at[seed, place] for place in places] for seed in seeds])


def exponent(found: Descents, name: str, by: str = "width") -> Effect:
    """The slope of the logarithm in the logarithm of width or depth, with its interval over the seeds."""
    places, rows = table(found, name, by)
    return slope_effect(np.log(places), np.log(rows))


def _mean(found: Descents, name: str, width: int) -> float:
    return float(np.mean([value(result, name) for cell, result in found if cell.width == width]))


def error_term(found: Sequence[tuple[SmoothCell, Result]]) -> Finding:
    """At no step is the error term above its bound by more than rounding."""
    quotient = max(max(e / b for e, b in zip(r["errors"], r["bounds"], strict=True)) for _, r in found)
    refuted = any(error > bound + ROUNDING for _, r in found for error, bound in zip(r["errors"], r["bounds"], strict=True))
    steps = sum(len(r["errors"]) for _, r in found)
    return Finding(
        "error term",
        Verdict.REFUTED if refuted else Verdict.NOT_REFUTED,
        f"over {steps} steps the error term is at most {quotient:.3g} of its bound",
        f"tanh, {POINTS} examples in {DIMENSION} dimensions, widths {', '.join(map(str, sorted({c.width for c, _ in found})))}, "
        f"{len({c.seed for c, _ in found})} seeds",
    )


def leave_one_out(found: Sequence[tuple[KernelCell, Result]]) -> list[Finding]:
    """The identity against refits, the inequality behind the bound, and the means of both compared with the risk."""
    identity, inequality = (max(result[name] for _, result in found) for name in ("identity", "inequality"))
    cell = found[0][0]
    bias = mean_effect(np.concatenate([result["differences"] for _, result in found]))
    sizes = f"n in {', '.join(map(str, cell.sizes))}, {DIMENSION} dimensions, {cell.draws} samples of each size, kernel of infinite width"
    risk, bound = (np.mean([result[name] for _, result in found], axis=0) for name in ("risk", "bound"))
    return [
        Finding(
            "leave-one-out identity",
            Verdict.REFUTED if identity > CONDITION else Verdict.NOT_REFUTED,
            f"the formula and fits without the example differ by at most {identity:.1e} of the largest error",
            sizes,
        ),
        Finding(
            "leave-one-out bound",
            Verdict.REFUTED if inequality > 1 + CONDITION else Verdict.NOT_REFUTED,
            f"squared leave-one-out errors are at most {inequality:.3g} times the product of k(x, x) and the decrease of the squared "
            f"norm; at n = {cell.sizes[-1]} the mean squared error is {risk[-1]:.3g} and the bound for the best number of examples "
            f"{bound[-1]:.3g}; leave-one-out error minus the risk of n - 1 examples: {bias}",
            sizes,
        ),
    ]


def accuracy(found: Sequence[tuple[AccuracyCell, Result]]) -> list[Finding]:
    """Networks less kernel regression, and networks less the last layer alone."""
    cell = found[0][0]
    values = {name: np.concatenate([np.array(result[name]) for _, result in found]) for name in ("network", "kernel", "features")}
    means = {name: float(one.mean()) for name, one in values.items()}
    sizes = f"digits, n = {cell.n}, 64-{cell.width}-10 ReLU, {cell.epochs} epochs, {len(values['network'])} samples"
    result = []
    for name, other, words in (
        ("network and kernel", "kernel", "kernel regression"),
        ("last layer only", "features", "the last layer alone"),
    ):
        effect = mean_effect(values["network"] - values[other])
        result.append(
            Finding(
                name, effect.above(0), f"networks {means['network']:.3f}, {words} {means[other]:.3f}; the difference is {effect}", sizes
            )
        )
    return result


def curves(descents: Descents, smooth: Sequence[tuple[SmoothCell, Result]], kernel: Any, accuracies: Any) -> dict[str, Any]:
    """Means over the seeds of all that is drawn."""
    wide = [(cell, result) for cell, result in descents if cell.depth == 1]
    base = next(cell.width for cell, _ in descents if cell.depth > 1)
    deep = [(cell, result) for cell, result in descents if cell.width == base]
    widths = sorted({cell.width for cell, _ in wide})
    shown = [widths[0], widths[len(widths) // 2], widths[-1]]
    seed = wide[0][0].seed
    paths = {str(cell.width): result for cell, result in wide if cell.width in shown and cell.seed == seed}
    by_width = {name: np.exp(np.log(table(wide, name)[1]).mean(axis=0)).tolist() for name in ("deviation", "drift", "infinite", "left")}
    depths, left = table(deep, "left", "depth")
    terms = {str(cell.width): {key: result[key] for key in ("errors", "bounds")} for cell, result in smooth if cell.seed == seed}
    first = kernel[0][1]
    return {
        "paths": {width: {key: path[key] for key in ("real", "predicted")} for width, path in paths.items()},
        "widths": widths,
        "by_width": by_width,
        "depths": depths,
        "by_depth": np.exp(np.log(left).mean(axis=0)).tolist(),
        "terms": terms,
        "kernel": {name: first[name] for name in ("sizes", "risk", "leave_one_out", "bound")},
        "accuracies": {name: accuracies[0][1][name] for name in ("network", "kernel", "features")},
    }
