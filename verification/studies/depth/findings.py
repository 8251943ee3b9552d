"""What the results of the study of depth make of each claim, and the tables that its curves share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from genbounds.verification.checks.effects import Effect, mean_effect, slope_effect
from genbounds.verification.checks.outcomes import Outcome
from genbounds.verification.checks.scaling import Scaling, scaling
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.populations.protocol import Array
from genbounds.verification.runs.cells import Cell, Result
from genbounds.verification.studies.depth.extraction import Constructed
from genbounds.verification.studies.depth.searched import Searched
from genbounds.verification.studies.depth.table import KINDS, Tabled, rate
from genbounds.verification.studies.depth.trained import Trained
from genbounds.verification.studies.phenomenon import Finding


def of_kind(kind: type, cells: Sequence[Cell], results: Sequence[Result]) -> tuple[list[Any], list[Result]]:
    """The cells of one kind, and their results."""
    kept = [(cell, result) for cell, result in zip(cells, results, strict=True) if isinstance(cell, kind)]
    return [cell for cell, _ in kept], [result for _, result in kept]


def depths_of(cells: Sequence[Any]) -> list[int]:
    """The depths, each once, in increasing order."""
    return sorted({cell.depth for cell in cells})


def by_seed_and_depth(cells: Sequence[Any], results: Sequence[Result], key: str) -> Array:
    """(seeds, depths)."""
    found = {(cell.seed, cell.depth): result[key] for cell, result in zip(cells, results, strict=True)}
    return np.array([[found[seed, depth] for depth in depths_of(cells)] for seed in sorted({cell.seed for cell in cells})])


def middle(cells: Sequence[Any], results: Sequence[Result], key: str) -> list[float]:
    """Geometric means over the seeds, one for each depth."""
    return [float(value) for value in np.exp(np.mean(np.log(by_seed_and_depth(cells, results, key)), axis=0))]


def size_of(built: Result) -> float:
    """W L log2 W of a constructed network."""
    return rate("piecewise linear", built["parameters"], built["layers"])


def rates_of(kind: str, cells: Sequence[Any], results: Sequence[Result]) -> list[float]:
    """What a kind's bounds should be proportional to."""
    return [rate(kind, result["parameters"], cell.layers) for cell, result in zip(cells, results, strict=True)]


def _effect(found: Scaling) -> Effect:
    slope = found.difference
    return Effect(slope.value, slope.lower, slope.upper, slope.confidence)


def of_trained(cells: Sequence[Trained], results: Sequence[Result]) -> list[Finding]:
    """The bound against B^L, and its slope in depth compared with that of the risk."""
    depths, bounds, norms = (
        np.array(depths_of(cells)),
        by_seed_and_depth(cells, results, "bound"),
        by_seed_and_depth(cells, results, "layer_norm"),
    )
    deep = depths >= 2
    centred = depths[deep] - depths[deep].mean()
    slopes = np.log(bounds[:, deep]) @ centred / (centred @ centred)
    layer = np.log(norms[:, deep]).mean(axis=1)
    relation, factor, b = mean_effect(slopes / layer), mean_effect(np.exp(slopes)), mean_effect(np.exp(layer))
    found = scaling(depths, bounds, by_seed_and_depth(cells, results, "risk"), key="depth")
    sizes = (
        f"width {cells[0].width}, {depths[0]} to {depths[-1]} weight matrices, n = {cells[0].n}, {len(bounds)} seeds, digits below 5 or not"
    )
    risks = by_seed_and_depth(cells, results, "risk").mean(axis=0)
    return [
        Finding(
            "norm product",
            relation.within(0.8, 1.2),
            f"From 2 layers on, each further layer multiplies the bound by {factor}; B is {b}; the ratio of the logarithms is {relation} "
            "(claimed: between 0.8 and 1.2).",
            sizes,
        ),
        Finding(
            "not the risk",
            _effect(found).above(0),
            f"Slopes in depth on logarithmic axes: bound {found.bound.value:.3g} [{found.bound.lower:.3g}, {found.bound.upper:.3g}], risk "
            f"{found.risk.value:.3g} [{found.risk.lower:.3g}, {found.risk.upper:.3g}], difference {_effect(found)} at 99 %; flagged: "
            f"{found.flag or 'nothing'}. Mean risk {risks[0]:.3f} at depth {depths[0]}, {risks[-1]:.3f} at depth {depths[-1]}.",
            sizes,
        ),
    ]


def of_searched(cells: Sequence[Searched], results: Sequence[Result]) -> list[Finding]:
    """The complexities found against both bounds, and their growth."""
    allowed = 1 + 1e-9
    broken = [one for one in results if one["found"] > allowed * min(one["bound_2015"], one["printed_2018"], one["bound_2018"])]
    depths, found = np.array(depths_of(cells)), by_seed_and_depth(cells, results, "found")
    slope = slope_effect(np.log(depths), np.log(found))
    close = max(one["found"] / min(one["bound_2015"], one["printed_2018"]) for one in results)
    last = found[:, -1] / by_seed_and_depth(cells, results, "unit")[:, -1]
    sizes = (
        f"{depths[0]} to {depths[-1]} layers of width {cells[0].width}, {cells[0].n} points in dimension {cells[0].inputs} with all "
        f"{2 ** (cells[0].n - 1)} sign vectors, {cells[0].restarts} searches of {cells[0].steps} steps each, {len(found)} samples"
    )
    return [
        Finding(
            "two factors",
            Verdict.REFUTED if broken else Verdict.NOT_REFUTED,
            f"The complexity found is above a bound in {len(broken)} of {len(results)} cases, and at most {close:.3g} times the "
            "smaller bound.",
            sizes,
        ),
        Finding(
            "no 2^L in the class",
            slope.below(0.5),
            f"The complexity found grows like the depth to the power {slope} (claimed: below 1/2); at depth {depths[-1]} it is "
            f"{mean_effect(last)} times ||X||_F/n, where the factor of 2015 is {2.0 ** (depths[-1] - 1):g} and that of 2018 "
            f"{1 + np.sqrt(2 * np.log(2) * depths[-1]):.3g}. A search finds lower bounds only.",
            sizes,
        ),
    ]


def of_constructed(cells: Sequence[Constructed], results: Sequence[Result]) -> list[Finding]:
    """Whether the points are shattered, and how their number and the upper bound grow."""
    wrong, above = sum(one["wrong"] for one in results), sum(one["lower"] > one["upper"] for one in results)
    enumerated = [cell.bits for cell, one in zip(cells, results, strict=True) if one["every"]]
    size = np.log([size_of(one) for one in results])
    lower, upper = (slope_effect(size, np.log([one[key] for one in results])) for key in ("lower", "upper"))
    theirs = slope_effect(
        np.log([one["parameters"] * one["layers"] * np.log2(one["parameters"] / one["layers"]) for one in results]),
        np.log([one["lower"] for one in results]),
    )
    both = [effect.within(0.8, 1.2) for effect in (lower, upper)]
    largest = max(results, key=size_of)
    sizes = f"{len(results)} networks, W up to {max(one['parameters'] for one in results)}, L up to {max(one['layers'] for one in results)}"
    return [
        Finding(
            "shattered by construction",
            Verdict.REFUTED if wrong or above else Verdict.NOT_REFUTED,
            f"{wrong} wrong signs among {sum(one['outputs'] for one in results)} exact outputs. For {len(enumerated)} networks, of up to "
            f"{max(enumerated)} bits, every labelling is tried, and for the others random ones. The largest shatters {largest['lower']} "
            f"points; the upper bound is {largest['upper']:.4g}.",
            sizes,
        ),
        Finding(
            "W L log W",
            Outcome.REPRODUCED if all(one is Outcome.REPRODUCED for one in both) else Outcome.NOT_REPRODUCED,
            f"Exponents in W L log2 W: shattered points {lower}, upper bound {upper} (claimed: between 0.8 and 1.2); shattered points in "
            f"W L log2(W/L), the rate of Theorem 3: {theirs}. At the largest network they are {largest['lower'] / size_of(largest):.3g} "
            f"and {largest['upper'] / size_of(largest):.3g} times W L log2 W.",
            sizes,
        ),
    ]


def of_table(cells: Sequence[Tabled], results: Sequence[Result]) -> Finding:
    """The exponents of the catalogue's bounds in the rates of the notes' table."""
    exponents = {kind: slope_effect(np.log(rates_of(kind, cells, results)), np.log([one[kind] for one in results])) for kind in KINDS}
    inside = all(effect.within(0.9, 1.1) is Outcome.REPRODUCED for effect in exponents.values())
    last = results[-1]
    numbers = ", ".join(f"{kind} {last[kind]:.3g}" for kind in (*KINDS, "sigmoid"))
    return Finding(
        "side by side",
        Outcome.REPRODUCED if inside else Outcome.NOT_REPRODUCED,
        "Exponents in each rate: "
        + ", ".join(f"{kind} {effect}" for kind, effect in exponents.items())
        + f" (claimed: between 0.9 and 1.1). With {cells[-1].layers} layers, W = {last['parameters']}: {numbers}.",
        f"{cells[0].inputs} inputs, width {cells[0].width}, {cells[0].layers} to {cells[-1].layers} layers; pieces of degree 2",
    )
