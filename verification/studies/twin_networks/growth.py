"""How the distance of network twins depends on steps, examples and step size, and whether the start predicts the gap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from genbounds.verification.checks.effects import Effect, mean_effect, slope_effect
from genbounds.verification.checks.outcomes import Outcome
from genbounds.verification.checks.rank_association import tau_b
from genbounds.verification.populations.protocol import Array
from genbounds.verification.runs.cells import Result
from genbounds.verification.studies.phenomenon import Finding
from genbounds.verification.studies.twin_networks.cells import NetworkTwins, Starts

Found = Sequence[tuple[NetworkTwins, Result]]


def findings(found: Found, n: int, step: Fraction) -> list[Finding]:
    """The effects of first hit, steps, examples, step size and epochs, each over independent seeds."""
    base = [(cell, result) for cell, result in found if (cell.n, cell.step) == (n, step)]
    by_n = [(cell, result) for cell, result in found if cell.step == step]
    by_step = [(cell, result) for cell, result in found if cell.n == n]
    sizes = f"64-16-10 ReLU on digits, n = {n}, step size {step}, {base[0][0].steps} steps, {base[0][0].twins} twins, {len(base)} seeds"
    late = mean_effect([tau_b(np.array(result["hits"]), np.array(result["last"])) for _, result in base])
    return [
        Finding("late hit", late.below(0), f"Kendall's tau between the first hit and the last distance: {late}", sizes),
        _sublinear(base, sizes),
        _varied("more examples", by_n, lambda cell: cell.n, sizes, "n", lambda effect: effect.below(0)),
        _varied("larger steps", by_step, lambda cell: float(cell.step), sizes, "the step size", lambda effect: effect.above(0)),
        _epochs(base, sizes),
    ]


def _sublinear(base: Found, sizes: str) -> Finding:
    """The exponents of the distances from the end of the first epoch on; the claim needs all of them below 1."""
    steps = np.array(base[0][1]["steps"])
    later = steps >= base[0][0].n
    tables = {"raw": [r["raw"] for _, r in base], "normalised": [r["normalised"] for _, r in base]}
    for layer in range(len(base[0][1]["layers"][0])):
        tables[f"layer {layer + 1}"] = [[at[layer] for at in r["layers"]] for _, r in base]
    effects = {name: slope_effect(np.log(steps[later]), np.log(np.array(rows)[:, later])) for name, rows in tables.items()}
    outcomes = [effect.below(1) for effect in effects.values()]
    worst = next((one for one in (Outcome.REVERSED, Outcome.NOT_REPRODUCED) if one in outcomes), Outcome.REPRODUCED)
    said = ", ".join(f"{name} {effect}" for name, effect in effects.items())
    return Finding("sublinear", worst, f"exponents of the number of steps after the first epoch: {said}", sizes)


def _varied(
    name: str, found: Found, of: Callable[[NetworkTwins], float], sizes: str, what: str, judge: Callable[[Effect], Outcome]
) -> Finding:
    """The exponent of the last distance in what was varied, and the slope of the gap in its logarithm."""
    values = sorted({of(cell) for cell, _ in found})
    distance, gap = (_table(found, of, values, quantity) for quantity in ("raw", "gap"))
    effect, gaps = slope_effect(np.log(values), np.log(distance)), slope_effect(np.log2(values), gap)
    return Finding(
        name,
        judge(effect),
        f"exponent of {what} in the last distance: {effect}; the gap changes by {gaps} for each doubling",
        f"{sizes}; {what} in {', '.join(f'{value:g}' for value in values)}",
    )


def _epochs(base: Found, sizes: str) -> Finding:
    steps = np.array(base[0][1]["steps"])
    later = steps >= base[0][0].n
    effect = slope_effect(np.log2(steps[later]), np.array([result["gap"] for _, result in base])[:, later])
    return Finding(
        "train faster",
        effect.above(0),
        f"each doubling of the number of epochs adds {effect} to the gap of the cross-entropy, from 1 epoch to "
        f"{steps[-1] / base[0][0].n:g}",
        sizes,
    )


def _table(found: Found, of: Callable[[NetworkTwins], float], values: Sequence[float], quantity: str) -> Array:
    """The last value, a row for each seed and a column for each setting."""
    seeds = sorted({cell.seed for cell, _ in found})
    last = {(cell.seed, of(cell)): result[quantity][-1] for cell, result in found}
    return np.array([[last[seed, value] for value in values] for seed in seeds])


def starts(found: Sequence[tuple[Starts, Result]]) -> list[Finding]:
    """Kendall's tau of curvature and gap, and of early risk and gap, over the starts of each task."""
    cell = found[0][0]
    sizes = f"64-16-10 tanh on digits, n = {cell.n}, {cell.passes} epochs, step size {cell.step}, 8 starts for each of {cell.tasks} tasks"
    result = []
    for name, measure in (("curvature", "curvature"), ("early risk", "risk")):
        rows = [(m, gap) for _, r in found for m, gap in zip(r[measure], r["gap"], strict=True)]
        effect = mean_effect([tau_b(np.array(m), np.array(gap)) for m, gap in rows])
        result.append(
            Finding(name, effect.above(0), f"Kendall's tau between the start's {name} and the last gap within a task: {effect}", sizes)
        )
    return result


def curves(found: Found, n: int, step: Fraction) -> dict[str, Any]:
    """Means over the seeds: the base setting at all checkpoints, and the last distances as n and the step size are varied."""
    base = [result for cell, result in found if (cell.n, cell.step) == (n, step)]
    names = ("raw", "normalised", "early", "late")
    means = {name: np.mean([result[name] for result in base], axis=0).tolist() for name in names}
    layers = np.mean([result["layers"] for result in base], axis=0).T.tolist()
    by_n = [(cell, result) for cell, result in found if cell.step == step]
    by_step = [(cell, result) for cell, result in found if cell.n == n]
    counts, steps = sorted({cell.n for cell, _ in by_n}), sorted({float(cell.step) for cell, _ in by_step})
    return {
        "base": {"steps": base[0]["steps"], "epoch": n, **means, "layers": layers},
        "by_n": {"at": [count / n for count in counts], "raw": _table(by_n, lambda c: c.n, counts, "raw").mean(axis=0).tolist()},
        "by_step": {
            "at": [size / float(step) for size in steps],
            "raw": _table(by_step, lambda c: float(c.step), steps, "raw").mean(axis=0).tolist(),
        },
        "center": {"n": n, "step": str(step)},
    }
