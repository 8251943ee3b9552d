"""What the results of the study of backpropagation make of each claim."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from genbounds.verification.checks.effects import mean_effect
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.populations.protocol import Array
from genbounds.verification.runs.cells import Result
from genbounds.verification.studies.backpropagation.gradients import STEP, Checked
from genbounds.verification.studies.backpropagation.norms import ALLOWED, Normed
from genbounds.verification.studies.backpropagation.powers import Powers
from genbounds.verification.studies.phenomenon import Finding

ROUNDING = 1e-10
"""Relative error allowed to a recursion against automatic differentiation, both in float64: a forgotten term shows as one of order 1."""
QUOTIENT = 1e-6
"""Allowed to it against difference quotients: their own error is of order STEP^2 + 1e-16/STEP, below 1e-9."""


def of_recursion(claim: str, cells: Sequence[Checked], results: Sequence[Result]) -> Finding:
    """Whether the recursion agrees with both."""
    parts = {part: max(result[part] for result in results) for part in ("deltas", "weights", "biases")}
    smooth = [result["quotients"] for result in results if result["quotients"] is not None]
    quotient = max(smooth, default=0.0)
    wrong = max(parts.values()) > ROUNDING or quotient > QUOTIENT
    return Finding(
        claim,
        Verdict.REFUTED if wrong else Verdict.NOT_REFUTED,
        "Largest relative difference from automatic differentiation: "
        + ", ".join(f"{part} {error:.1e}" for part, error in parts.items())
        + f"; from difference quotients of step {STEP:g} in each of {sum(one['entries'] for one in results)} entries {quotient:.1e} "
        f"({len(results) - len(smooth)} networks left out, where a step crossed a kink).",
        f"{len(results)} networks, widths {', '.join(sorted({'-'.join(map(str, cell.widths)) for cell in cells}))}, "
        f"{', '.join(sorted({cell.activation for cell in cells}))}",
    )


def of_backward(cells: Sequence[Normed], results: Sequence[Result]) -> list[Finding]:
    """The bounds on delta, and its growth per layer in the settings that the claims name."""
    above = sum(int(np.sum(np.array(one["deltas"]) > np.array(one["upper"]) * ALLOWED)) for one in results)
    below = sum(int(np.sum(np.array(one["deltas"]) * ALLOWED < np.array(one["lower"]))) for one in results)
    vectors = sum(len(one["deltas"]) for one in results)
    sizes = _sizes(cells)
    unit, residual = (_picked(cells, results, "sigmoid", kind, "unit") for kind in (False, True))
    quarter = [float(np.max(np.array(one["deltas"][:-1]) / 0.25 ** np.arange(cell.depth, 0, -1))) for cell, one in unit]
    smallest = min(one["deltas"][0] for _, one in unit)
    usual, large = _rates(_picked(cells, results, "sigmoid", False, 1.0)), _rates(_picked(cells, results, "relu", False, 2.0))
    dense, kept = _rates(unit), _rates(residual)
    vanishing, exploding = mean_effect(np.exp(usual)), mean_effect(np.exp(large))
    closer = mean_effect(np.abs(dense) - np.abs(kept))
    return [
        Finding(
            "bounds on delta",
            Verdict.REFUTED if above or below else Verdict.NOT_REFUTED,
            f"Of {vectors} vectors, {above} are longer than the upper bound and {below} shorter than the lower one.",
            sizes,
        ),
        Finding(
            "0.25^depth",
            Verdict.REFUTED if max(quarter) > ALLOWED else Verdict.NOT_REFUTED,
            f"||delta_j|| is at most {max(quarter):.3g} of 0.25^(layers above), and {smallest:.2g} at the least; the factor per layer is "
            f"{mean_effect(np.exp(dense))}.",
            sizes,
        ),
        Finding("vanishing", vanishing.below(1), f"The factor per layer is {vanishing} (claimed: below 1).", sizes),
        Finding("exploding", exploding.above(1), f"The factor per layer is {exploding} (claimed: above 1).", sizes),
        Finding(
            "residual networks keep them",
            closer.above(0),
            f"The absolute logarithm of the factor per layer is larger by {closer} in dense than in residual networks (claimed: above 0); "
            f"the factors are {mean_effect(np.exp(dense))} and {mean_effect(np.exp(kept))}.",
            sizes,
        ),
    ]


def of_forward(cells: Sequence[Normed], results: Sequence[Result]) -> list[Finding]:
    """The forward bound with and without ||sigma(0)||."""
    broken = sum(_failures(one, "forward") for one in results)
    layers = sum(len(one["forward"]) for one in results)
    other = sum(_failures(one, "without") for cell, one in zip(cells, results, strict=True) if cell.activation != "sigmoid")
    shares = [_failures(one, "without") / len(one["without"]) for cell, one in zip(cells, results, strict=True) if _plain_sigmoid(cell)]
    share = mean_effect(shares)
    return [
        Finding(
            "forward bound",
            Verdict.REFUTED if broken or other else Verdict.NOT_REFUTED,
            f"It fails at {broken} of {layers} layers; without ||sigma(0)|| it fails at {other} of the layers where sigma(0) = 0.",
            _sizes(cells),
        ),
        Finding(
            "exception",
            share.above(0),
            f"Without ||sigma(0)|| it fails at a share of {share} of the layers of dense sigmoid networks (claimed: above 0).",
            _sizes(cells),
        ),
    ]


def of_powers(cells: Sequence[Powers], results: Sequence[Result]) -> list[Finding]:
    """The sandwich of symmetric matrices, and the rate of any."""
    pairs = list(zip(cells, results, strict=True))
    outside = sum(_outside(cell, one) for cell, one in pairs if cell.symmetric)
    vectors = sum(len(one["logs"]) for cell, one in pairs if cell.symmetric)
    ratios = [np.exp(_late_slope(one["logs"]) - np.log(cell.radius)) for cell, one in pairs if not cell.symmetric]
    ratio = mean_effect(ratios)
    sizes = (
        f"matrices of width {', '.join(map(str, sorted({cell.width for cell in cells})))}, "
        f"lambda in {sorted({cell.radius for cell in cells})}, {cells[0].depth} layers, {len({cell.seed for cell in cells})} seeds"
    )
    return [
        Finding(
            "symmetric powers",
            Verdict.REFUTED if outside else Verdict.NOT_REFUTED,
            f"{outside} of {vectors} norms lie outside the two bounds.",
            sizes,
        ),
        Finding(
            "lambda^L",
            ratio.within(0.97, 1.03),
            f"Over the second half of the layers the factor per layer is {ratio} times lambda (claimed: between 0.97 and 1.03).",
            sizes,
        ),
    ]


def _picked(
    cells: Sequence[Normed], results: Sequence[Result], activation: str, residual: bool, scale: float | str
) -> list[tuple[Normed, Result]]:
    wanted = (activation, residual, scale)
    return [(cell, one) for cell, one in zip(cells, results, strict=True) if (cell.activation, cell.residual, cell.scale) == wanted]


def _rates(picked: Sequence[tuple[Normed, Result]]) -> Array:
    """ln(||delta_1||/||delta_(n+1)||) per layer; a vector of zeros counts as 1e-300."""
    return np.array([np.log(max(one["deltas"][0], 1e-300)) / cell.depth for cell, one in picked])


def _failures(one: Result, which: str) -> int:
    return int(np.sum(np.array(one["values"][1:]) > np.array(one[which]) * ALLOWED))


def _plain_sigmoid(cell: Normed) -> bool:
    return cell.activation == "sigmoid" and not cell.residual


def _outside(cell: Powers, one: Result) -> int:
    steps = np.arange(len(one["logs"]))
    middle, allowed = np.array(one["logs"]) - steps * np.log(cell.radius), 1e-12 * (steps + 1) * cell.width
    return int(np.sum((middle > allowed) | (middle < one["overlap"] - allowed)))


def _late_slope(logs: Sequence[float]) -> float:
    half = len(logs) // 2
    return float(np.polyfit(np.arange(half, len(logs)), logs[half:], 1)[0])


def _sizes(cells: Sequence[Any]) -> str:
    depths, widths = sorted({cell.depth for cell in cells}), sorted({cell.width for cell in cells})
    return f"{', '.join(map(str, depths))} layers of width {', '.join(map(str, widths))}, {len({cell.seed for cell in cells})} seeds"
