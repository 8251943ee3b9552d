"""What the measurements say of each claim."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from genbounds.verification.checks.effects import Effect, mean_effect
from genbounds.verification.checks.outcomes import Outcome
from genbounds.verification.checks.rank_association import tau_b
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.populations.protocol import Array
from genbounds.verification.runs.cells import Cell, Result
from genbounds.verification.studies.phenomenon import Finding
from genbounds.verification.studies.residual.cell import ACTIVATIONS, LABELS, SHORTCUTS, WIDTH, Cells, InterpolationCell, widths
from genbounds.verification.studies.residual.pieces import most_pieces

Measured: TypeAlias = Sequence[tuple[Any, Result]]
FLOOR = 1e-6
"""Losses below this one count as equal to it, so that a logarithm says nothing about the last digits of a perfect fit."""
PRINTED = (72, 540, 595)
"""Norms of three solutions with 888 parameters, as the lecture notes have them."""
ROUNDING = 1e-9
"""How far the function through the kinks may be from the network, relative to its largest value: float64 in at most 47 layers."""


def of(kind: type, cells: Sequence[Cell], results: Sequence[Result]) -> Measured:
    """The cells of a kind."""
    return [(cell, result) for cell, result in zip(cells, results, strict=True) if isinstance(cell, kind)]


def depths(measured: Measured) -> list[int]:
    """All depths, in increasing order."""
    return sorted({cell.depth for cell, _ in measured})


def logs(measured: Measured, name: str, depth: int) -> Array:
    """ln of the final losses at a depth, by seed, over the loss of the best constant."""
    found = [result[name] for cell, result in measured if cell.depth == depth]
    return np.log([max(FLOOR, values["loss"]) / values["constant"] for values in found])


def counted(measured: Measured, interpolating: Measured) -> Finding:
    """The numbers of parameters against 30 times the depth less 12."""
    found = {cell.depth: result["parameters"] for cell, result in (*measured, *interpolating)}
    wrong = [depth for depth, count in found.items() if count != 30 * depth - 12]
    said = ", ".join(f"{depth} layers: {count}" for depth, count in sorted(found.items()))
    return Finding(
        "counts", Verdict.REFUTED if wrong else Verdict.NOT_REFUTED, f"Parameters counted in the networks: {said}.", sizes(measured)
    )


def pieces(measured: Measured) -> Finding:
    """That the function is the one through its kinks, and has no more pieces than the layers allow."""
    found = [
        (cell, result[f"{kind} leaky"]["pieces"]) for cell, result in measured for kind in SHORTCUTS if "pieces" in result[f"{kind} leaky"]
    ]
    away = max(one["away"] for _, one in found)
    wrong = [cell for cell, one in found if one["count"] > most_pieces(widths(cell.depth)) or one["away"] > ROUNDING]
    deepest = depths(measured)[-1]
    most = max(one["count"] for _, one in found)
    neurons = WIDTH * deepest + 1
    return Finding(
        "pieces",
        Verdict.REFUTED if wrong else Verdict.NOT_REFUTED,
        f"None of {len(found)} LeakyReLU networks has more than {most} pieces on [-3, 3]; the bound is {most_pieces(widths(3))} at depth "
        f"3 and {most_pieces(widths(deepest)):.1e} at depth {deepest} ({neurons} neurons); the function through the kinks is within "
        f"{away:.1e}.",
        sizes(measured),
    )


def by_depth(measured: Measured) -> list[Finding]:
    """Training and depth: plain, residual, and one against the other."""
    first, last = depths(measured)[0], depths(measured)[-1]

    def change(kind: str, activation: str) -> Array:
        return logs(measured, f"{kind} {activation}", last) - logs(measured, f"{kind} {activation}", first)

    def both(arrays: Sequence[Array]) -> tuple[Effect, str]:
        parts = ", ".join(f"{LABELS[name]} {mean_effect(array)}" for name, array in zip(ACTIVATIONS, arrays, strict=True))
        return mean_effect(np.mean(arrays, axis=0)), parts

    plain, plain_parts = both([change("plain", name) for name in ACTIVATIONS])
    kept, kept_parts = both([change("residual", name) for name in ACTIVATIONS])
    gain, gain_parts = both([logs(measured, f"residual {name}", last) - logs(measured, f"plain {name}", last) for name in ACTIVATIONS])
    ratio = f"ln(training loss at {last} layers / at {first})"
    course = {
        kind: "; ".join(
            f"{LABELS[name]} " + ", ".join(f"{np.exp(logs(measured, f'{kind} {name}', depth).mean()):.2g}" for depth in depths(measured))
            for name in ACTIVATIONS
        )
        for kind in SHORTCUTS
    }
    means = {kind: f"Loss divided by that of the best constant, by depth: {said}." for kind, said in course.items()}
    return [
        Finding(
            "plain",
            plain.above(0.0),
            (f"Plain networks, {ratio}: {plain} ({plain_parts}); claimed: above 0. {means['plain']}"),
            sizes(measured),
        ),
        Finding(
            "residual",
            kept.below(0.0),
            (f"Residual networks, {ratio}: {kept} ({kept_parts}); claimed: below 0. {means['residual']}"),
            sizes(measured),
        ),
        Finding(
            "shortcut",
            gain.below(0.0),
            f"ln(residual loss / plain loss) at {last} layers: {gain} ({gain_parts}); claimed: below 0.",
            sizes(measured),
        ),
    ]


def landscape(measured: Measured) -> list[Finding]:
    """Slices of the loss: kinks of LeakyReLU against tanh, and how convex they are with and without shortcuts."""
    trained = [(cell, result) for cell, result in measured if all("order" in result[f"residual {name}"] for name in ACTIVATIONS)]
    rough = _by_seed(trained, lambda result: result["residual tanh"]["order"] - result["residual leaky"]["order"])
    means = {name: _by_seed(trained, lambda result, name=name: result[f"residual {name}"]["order"]) for name in ACTIVATIONS}
    deepest = depths(measured)[-1]
    deep = [
        (cell, result)
        for cell, result in measured
        if cell.depth == deepest and all("not_convex" in result[f"{kind} {name}"] for kind in SHORTCUTS for name in ACTIVATIONS)
    ]

    def convexity(result: Result) -> float:
        return float(np.mean([result[f"residual {name}"]["not_convex"] - result[f"plain {name}"]["not_convex"] for name in ACTIVATIONS]))

    shares = {
        kind: float(np.mean([result[f"{kind} {name}"]["not_convex"] for _, result in deep for name in ACTIVATIONS])) for kind in SHORTCUTS
    }
    convex = _by_seed(deep, convexity)
    lines = sizes(measured) + f", {measured[0][0].directions} lines around each solution"
    return [
        Finding(
            "kinked",
            rough.above(0.0),
            "Second differences of the loss of residual networks fall as this power of the step (2 where it is smooth, 1 at a kink): "
            f"tanh {means['tanh']}, LeakyReLU {means['leaky']}, difference {rough}; claimed: above 0.",
            lines,
        ),
        Finding(
            "convex",
            convex.below(0.0),
            f"The share of a line on which the second difference is negative, at {deepest} layers: residual minus plain {convex}; means "
            f"{shares['residual']:.2f} and {shares['plain']:.2f}; claimed: below 0. Where a plain network is stuck at the best constant, "
            "its loss is flat.",
            lines,
        ),
    ]


def _by_seed(measured: Measured, value: Any) -> Effect:
    seeds = sorted({cell.seed for cell, _ in measured})
    return mean_effect([float(np.mean([value(result) for cell, result in measured if cell.seed == seed])) for seed in seeds])


def norms(interpolating: Measured) -> Finding:
    """Whether interpolating solutions of larger norm are farther from the truth, by Kendall's tau-b within each seed's data."""
    taus, shown = [], []
    for _, result in interpolating:
        solutions = [one for name in ACTIVATIONS for one in result[name]]
        shown += [(one["norm"], one["test"]) for one in solutions]
        if len({one["norm"] for one in solutions}) >= 3:
            taus.append(tau_b(np.array([one["norm"] for one in solutions]), np.array([one["test"] for one in solutions])))
    cell = interpolating[0][0]
    where = (
        f"{cell.depth} residual layers, {interpolating[0][1]['parameters']} parameters, {cell.n} noisy examples, "
        f"{len(interpolating)} seeds, starts of {', '.join(f'{scale:g}' for scale in cell.scales)} times PyTorch's"
    )
    found = "no solution interpolates"
    if shown:
        ordered = sorted(norm for norm, _ in shown)
        found = (
            f"{len(shown)} solutions interpolate, with norms from {ordered[0]:.3g} to {ordered[-1]:.3g}, squared {ordered[0] ** 2:.3g} to "
            f"{ordered[-1] ** 2:.3g}"
        )
    if len(taus) < 2:
        return Finding("norms", Outcome.NOT_REPRODUCED, f"{found}; in {len(taus)} seeds there are three or more to compare.", where)
    effect = mean_effect(taus)
    return Finding(
        "norms",
        effect.above(0.0),
        f"{found}; Kendall's tau between the norm and the squared distance from the truth, within a seed: {effect} over {len(taus)} "
        f"seeds; claimed: above 0. Of the printed norms {', '.join(map(str, PRINTED))} our norms span {spanned(shown, 1)} and our squared "
        f"norms {spanned(shown, 2)}.",
        where,
    )


def spanned(shown: Sequence[tuple[float, float]], power: int) -> int:
    """How many of the printed numbers lie between the least and the largest of our norms to that power."""
    found = [norm**power for norm, _ in shown]
    return sum(min(found) <= printed <= max(found) for printed in PRINTED)


def sizes(measured: Measured) -> str:
    """Depths, seeds, examples and steps."""
    first = measured[0][0]
    seeds = len({cell.seed for cell, _ in measured})
    return f"depths {', '.join(map(str, depths(measured)))}, width {WIDTH}, {seeds} seeds, {first.n} examples, {first.steps} steps of Adam"


def made_up(cell: Cells, works: bool) -> Result:
    """A result as it would be if shortcuts helped, or (``works`` false) if plain and residual networks had changed places: for the trap."""
    jitter = 0.01 * cell.seed
    if isinstance(cell, InterpolationCell):
        solutions = [
            {"norm": norm, "test": norm / 10 + jitter, "scale": 1.0, "loss": 0.0, "start": 1.0, "fit": [0.0]} for norm in (1.0, 2.0, 3.0)
        ]
        return {"parameters": 30 * cell.depth - 12, "inputs": [0.0], "targets": [0.0], "leaky": solutions, "tanh": []}
    found: dict[str, Any] = {"parameters": 30 * cell.depth - 12}
    for kind in SHORTCUTS:
        deep = (kind == "plain") == works
        for activation in ACTIVATIONS:
            values: dict[str, Any] = {"loss": math.exp(-1 + jitter + (0.5 if deep else -0.5) * math.log(cell.depth)), "constant": 1.0}
            values |= {"order": (2.0 if activation == "tanh" else 1.2) - jitter, "not_convex": (0.4 if deep else 0.2) + jitter}
            if activation == "leaky":
                values["pieces"] = {"count": 9, "away": 0.0, "kinks": [[0.0, 1.0], [0.0, 1.0]]}
            found[f"{kind} {activation}"] = values
    return found
