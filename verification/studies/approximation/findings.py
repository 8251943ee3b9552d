"""What the results of the study of approximation make of each claim."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from genbounds.verification.checks.effects import mean_effect, slope_effect
from genbounds.verification.checks.outcomes import Outcome
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.runs.cells import Result
from genbounds.verification.studies.approximation.barron import POINTS, REFITTED, WIDTHS, Barron
from genbounds.verification.studies.approximation.pieces import Lined
from genbounds.verification.studies.approximation.sawtooth import Sawtooth
from genbounds.verification.studies.approximation.width_or_depth import DEEP, FOLDS, SHALLOW, Fitted, Square, parameters
from genbounds.verification.studies.phenomenon import Finding


def of_sawtooth(cells: Sequence[Sawtooth], results: Sequence[Result]) -> list[Finding]:
    """The pieces of the deep network, and what the best shallow one does."""
    folds = [cell.folds for cell in cells]
    wrong = [cell for cell, one in zip(cells, results, strict=True) if (one["pieces"], one["units"]) != (2**cell.folds, 3 * cell.folds)]
    fewer = [cell for cell, one in zip(cells, results, strict=True) if one["wrong"] < one["fewest"]]
    last = results[-1]
    sizes = f"k = {folds[0]} to {folds[-1]}"
    return [
        Finding(
            "sawtooth",
            Verdict.REFUTED if wrong else Verdict.NOT_REFUTED,
            f"Counted in fractions, {len(cells) - len(wrong)} of {len(cells)} networks have 2^k pieces and 3 k units; the last has "
            f"{last['pieces']} pieces and {last['units']} units.",
            sizes,
        ),
        Finding(
            "no shallow sawtooth",
            Verdict.REFUTED if fewer else Verdict.NOT_REFUTED,
            f"At k = {folds[-1]} a shallow network of {last['units']} units that follows the first teeth is wrong at {last['wrong']} of "
            f"{last['points']} points, where {last['fewest']:g} is the least possible. Its root mean square error is "
            f"{last['spline']:.4f}; the least error of any function with so many pieces is {last['least']:.4f}, and that of the deep "
            "network is 0.",
            sizes,
        ),
    ]


def of_lines(cells: Sequence[Lined], results: Sequence[Result]) -> list[Finding]:
    """Exact counts against the bound, and against the number of units."""
    above = sum(one["pieces"] > one["bound"] for one in results)
    shapes, seeds = sorted({(cell.depth, cell.width) for cell in cells}), sorted({cell.seed for cell in cells})
    found = {(cell.depth, cell.width, cell.seed): one["pieces"] for cell, one in zip(cells, results, strict=True)}
    rows = np.array([[found[(*shape, seed)] for shape in shapes] for seed in seeds])
    units = np.array([depth * width for depth, width in shapes])
    slope = slope_effect(np.log(units), np.log(rows))
    deepest = max(zip(cells, results, strict=True), key=lambda pair: pair[0].depth * pair[0].width)
    ratio = mean_effect(np.mean(rows / units, axis=1))
    sizes = (
        f"{len(shapes)} shapes of {', '.join(map(str, sorted({depth for depth, _ in shapes})))} hidden layers and widths "
        f"{', '.join(map(str, sorted({width for _, width in shapes})))}, random weights and lines, {len(seeds)} seeds"
    )
    return [
        Finding(
            "pieces along a line",
            Verdict.REFUTED if above else Verdict.NOT_REFUTED,
            f"{above} of {len(results)} exact counts are above the bound; a network with {deepest[0].depth} layers of {deepest[0].width} "
            f"units has {deepest[1]['pieces']} pieces, and the bound is {deepest[1]['bound']:.3g}.",
            sizes,
        ),
        Finding(
            "few pieces",
            slope.within(0.7, 1.3),
            f"The number of pieces grows like the number of units to the power {slope} (claimed: between 0.7 and 1.3); pieces over units "
            f"are {ratio} on average.",
            sizes,
        ),
    ]


def of_barron(cells: Sequence[Barron], results: Sequence[Result]) -> list[Finding]:
    """Whether networks within the bound were found at every width and dimension, and the rate of those that were drawn."""
    dimensions, seeds = sorted({cell.dimension for cell in cells}), sorted({cell.seed for cell in cells})
    found = {(cell.dimension, cell.seed): one for cell, one in zip(cells, results, strict=True)}
    missed, closest = 0, 0.0
    for dimension in dimensions:
        for place, width in enumerate(WIDTHS):
            kind = "fitted" if width <= REFITTED else "sampled"
            best = max(found[dimension, seed][kind][place] / found[dimension, seed]["bound"][place] for seed in seeds)
            missed, closest = missed + (best > 1), max(closest, best)
    rows = np.array([[np.mean([np.log(found[d, seed]["sampled"][i]) for d in dimensions]) for i in range(len(WIDTHS))] for seed in seeds])
    slope = slope_effect(np.log(WIDTHS), rows)
    each = [slope_effect(np.log(WIDTHS), [np.log(found[d, seed]["sampled"]) for seed in seeds]) for d in dimensions]
    outcomes = [one.within(-0.65, -0.35) for one in (slope, *each)]
    sizes = f"dimensions {', '.join(map(str, dimensions))}, widths {WIDTHS[0]} to {WIDTHS[-1]}, {POINTS} points, {len(seeds)} seeds"
    return [
        Finding(
            "Barron's bound",
            Verdict.UNDECIDED if missed else Verdict.NOT_REFUTED,
            f"The networks found are above the bound at {missed} of {len(dimensions) * len(WIDTHS)} widths and dimensions; over all seeds "
            f"the worst is at {closest:.3g} of it.",
            sizes,
        ),
        Finding(
            "Barron's rate",
            Outcome.REPRODUCED if all(one is Outcome.REPRODUCED for one in outcomes) else Outcome.NOT_REPRODUCED,
            f"The exponent is {slope} on average; by dimension "
            f"{', '.join(f'{d}: {one}' for d, one in zip(dimensions, each, strict=True))} (claimed: between -0.65 and -0.35).",
            sizes,
        ),
    ]


def of_square(cells: Sequence[Square], results: Sequence[Result]) -> Finding:
    """Exact errors of the deep network compared with the least of shallow ones."""
    wrong = [cell for cell, one in zip(cells, results, strict=True) if one["deep"] != 4.0 ** -(cell.terms + 1)]
    better = [one["units"] for one in results if one["deep"] < one["shallow"]]
    last = results[-1]
    return Finding(
        "width against depth",
        Verdict.REFUTED if wrong else Verdict.NOT_REFUTED,
        f"The deep error is 4^-(k+1), exactly, in {len(cells) - len(wrong)} of {len(cells)} cases. "
        + (f"The deep network is better from {min(better)} units on. " if better else "The deep network is not better yet. ")
        + f"At {last['units']} units: deep {last['deep']:.3g}, shallow {last['shallow']:.3g}.",
        f"{results[0]['units']} to {last['units']} units",
    )


def of_fitted(cells: Sequence[Fitted], results: Sequence[Result]) -> Finding:
    """Trained networks of equally many parameters."""
    errors = {(cell.widths, cell.seed): one["error"] for cell, one in zip(cells, results, strict=True)}
    seeds = sorted({cell.seed for cell in cells})
    shallow, deep = (np.array([errors[widths, seed] for seed in seeds]) for widths in (SHALLOW, DEEP))
    ratio = mean_effect(np.log(shallow / deep))
    return Finding(
        "training",
        ratio.above(0),
        f"ln(shallow error/deep error) is {ratio} (claimed: above 0); root mean square errors are {mean_effect(shallow)} of the shallow "
        f"and {mean_effect(deep)} of the deep network. Both could represent the sawtooth's {2**FOLDS} pieces exactly.",
        f"{FOLDS} folds, {parameters(SHALLOW)} parameters each ({_shape(SHALLOW)} and {_shape(DEEP)}), {cells[0].steps} steps of Adam, "
        f"{len(seeds)} seeds",
    )


def _shape(widths: Sequence[int]) -> str:
    return "-".join(map(str, widths))


def of_kind(kind: type, cells: Sequence[Any], results: Sequence[Result]) -> tuple[list[Any], list[Result]]:
    """The cells of one kind, and their results."""
    kept = [(cell, one) for cell, one in zip(cells, results, strict=True) if isinstance(cell, kind)]
    return [cell for cell, _ in kept], [one for _, one in kept]
