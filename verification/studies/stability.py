"""Stability where its constants are known: linear models on inputs of bounded norm; and a deeper network, where they are not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from genbounds.bounds import Certificate, Quantity
from genbounds.bounds import assumptions as a
from genbounds.bounds.assumptions import Assumption, Status
from genbounds.bounds.special.rounding import decimal_up
from genbounds.bounds.stability import hardt2016convex, hardt2016nonconvex
from genbounds.models.randomness.streams import Stream
from genbounds.verification.checks.shares import share
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.learners.linear_models import logistic_constants, sigmoid_constants
from genbounds.verification.learners.twins import logistic_twins, sigmoid_twins
from genbounds.verification.populations import population
from genbounds.verification.rows.bound_row import Scale
from genbounds.verification.rows.interval import Interval
from genbounds.verification.rows.kinds import Row
from genbounds.verification.runs.canary import Canary
from genbounds.verification.runs.cells import Cell, Cost, Result, Study, cell_name, digest
from genbounds.verification.runs.planner import training_cost
from genbounds.verification.studies import averages, regularised, twins
from genbounds.verification.studies.averages import Usual, expectation_row, interval


@dataclass(frozen=True)
class DescentCell:
    """Linear networks without bias, each trained on its own sample by stochastic gradient descent, one example per step; each has a twin.

    Args:
        population: labels -1 and +1.
        loss: "logistic", with constant steps in the order of one random permutation, and projected; or "sigmoid", with steps c/t in the
            order in which the examples were drawn.
        n: draws of a sample; there are as many steps.
        step: the step size, or c.
        radius: for the logistic loss, each step ends with the projection on the ball of this radius (a projection moves no two points
            apart, so the theorem is untouched); it bounds the loss.
        draws: samples, and so networks.
        seed: another seed is other samples.
    """

    population: str
    loss: Literal["logistic", "sigmoid"]
    n: int
    step: Fraction
    draws: int
    scale: Scale
    radius: Fraction = Fraction(1)
    seed: int = 0

    @property
    def training(self) -> str:
        """The training in words."""
        if self.loss == "sigmoid":
            return f"{self.n} steps of size ({self.step})/t, one pass in the order of the draws, sigmoid loss"
        return f"one pass in random order, steps of size {self.step}, projected on a ball of radius {self.radius}, logistic loss"


DESCENTS = (
    DescentCell("digits_0_vs_rest", "logistic", 1200, Fraction(1, 512), 4000, "realistic", Fraction(1, 2)),
    DescentCell("separable", "logistic", 1200, Fraction(1, 64), 1000, "realistic", Fraction(1)),
    DescentCell("digits_0_vs_rest", "sigmoid", 1200, Fraction(1, 8), 2000, "realistic"),
)


CONTRADICTION = "gaps and twins exclude each other"
"""Said where the two limits on one mean have no number in common."""
EXCEPTION = 1e-9
"""The part of all samples on which a gap may lie outside ``usual_gap``."""


class Stability(Study):
    """Expected gaps of gradient descent and means over many samples; exact minimisers with a certificate; twins of a deeper network.

    Together the rows refute a bound that holds with probability ``share("stability")`` at most: the gaps with half of it, the minimisers
    with the other (``regularised.SHARE``); the twins are not judged.

    Args:
        full: five times as many draws.
    """

    name = "stability"
    revision = 6
    description = (
        "Uniform stability: linear networks on inputs of bounded norm, whose constants are proved, and a deeper one, which has none."
    )
    dtype = "float64"

    def __init__(self, full: bool = False) -> None:
        self.full = full

    def cells(self) -> Sequence[Cell]:
        """Settings times seeds."""
        settings: tuple[Cell, ...] = (*DESCENTS, *regularised.CELLS, *twins.CELLS)
        return [replace(cell, seed=seed) for cell in settings for seed in range(5 if self.full else 1)]

    def cost(self, cell: Cell) -> Cost:
        """Of the training, example by example, whose steps take far longer than their operations; a minimiser is found in no time."""
        pool = population(cell.population)
        if isinstance(cell, regularised.RegularisedCell):
            return Cost(1, memory=8 * pool.size * pool.features, seconds=0.01)
        if isinstance(cell, twins.TwinCell):
            return training_cost(cell.widths, cell.n, 1, 8).times(cell.twins + 1).taking(2.5)
        one = training_cost((pool.features, 1), cell.n, 1, 8)
        return one.times(2 * cell.draws).taking(1e-6 * cell.draws * cell.n, 16 * cell.draws * (cell.n + 2 * pool.size))

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """Each cell is one batch."""
        return [_KINDS[type(cell)][0](cell) for cell in cells]

    def canary(self) -> Canary:
        """A mean far above a bound."""
        return averages.canary(self.name)

    def rows(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Row]:
        """The rows of each setting, over all its seeds."""
        settings: dict[Cell, list[tuple[Cell, Result, dict[str, Any]]]] = {}
        for cell, result in zip(cells, results, strict=True):
            size = population(cell.population).size
            words = {
                "study": self.name,
                "cell": cell_name(self, cell),
                "population": cell.population,
                "training": cell.training,
                "n_over_pool": Fraction(cell.n, size),
                "scale": cell.scale,
            }
            settings.setdefault(replace(cell, seed=0), []).append((cell, result, words))
        return [row for cell, found in settings.items() for row in _KINDS[type(cell)][1](found)]


def measure(cell: DescentCell) -> dict[str, Any]:
    """For each network its expected loss over the pool minus its average on its own sample, ``gaps``, and ``differences``, which have the
    same mean, from its twin; the range of these, ``half``; and mean losses.
    """
    pool = population(cell.population)
    keys = range(cell.draws)
    drawn = np.stack([pool.sample((digest(cell), draw), cell.n) for draw in keys])
    if cell.loss == "logistic":
        found = logistic_twins(pool, drawn, digest(cell), keys, cell.step, cell.radius, _stream(cell))
    else:
        found = sigmoid_twins(pool, drawn, digest(cell), keys, cell.step)
    return {
        "gaps": found.gaps.tolist(),
        "differences": found.differences.tolist(),
        "half": found.half,
        "mean_pool_loss": float(found.pool_losses.mean()),
        "mean_sample_loss": float(found.sample_losses.mean()),
    }


def _stream(cell: DescentCell) -> Stream:
    return Stream(f"descent {digest(cell)}", "training")


def bound_of_descent(cell: DescentCell) -> Certificate:
    """The bound on the expected gap, with every assumption audited."""
    radius = population(cell.population).input_radius
    found = f"||x|| <= {decimal_up(radius, 5)} over the whole pool"
    audit: dict[Assumption, tuple[Status, str]] = {
        a.IID_SAMPLE: ("by construction", f"{cell.n} draws with replacement from the pool"),
        a.OBLIVIOUS_ORDER: ("by construction", "a stream of its own, or the order of the draws"),
        a.START_FIXED_IN_ADVANCE: ("by construction", "weights 0"),
        a.STEPS_FIXED_IN_ADVANCE: ("by construction", "as many steps as examples, of sizes that the cell states; the last iterate"),
    }
    if cell.loss == "logistic":
        lipschitz, smoothness = logistic_constants(radius)
        audit |= {
            a.CONVEX_LOSS: ("by construction", "ln(1 + exp(-y <w, x>)) is convex in w"),
            a.LIPSCHITZ_LOSS: ("checked", f"{found}, and the derivative of the loss in y <w, x> is at most 1"),
            a.SMOOTH_LOSS: ("checked", f"{found}, and the second derivative in y <w, x> is at most 1/4"),
            a.PLAIN_SGD: (
                "by construction",
                "one example per step, no momentum, constant steps; then a projection, which is non-expansive",
            ),
        }
        inputs = _constants(lipschitz, smoothness)
        return hardt2016convex(**inputs, step_sizes=(cell.step,) * cell.n, n=cell.n).audited(audit)
    lipschitz, smoothness = sigmoid_constants(radius)
    audit |= {
        a.BOUNDED_LOSS: ("by construction", "1 / (1 + exp(y <w, x>)) lies in [0, 1]"),
        a.LIPSCHITZ_LOSS: ("checked", f"{found}, and the derivative of the loss in y <w, x> is at most 1/4"),
        a.SMOOTH_LOSS: ("checked", f"{found}, and the second derivative in y <w, x> is at most 1/(6 sqrt 3)"),
        a.PLAIN_SGD: ("by construction", "one example per step, no momentum, no projection"),
        a.STEPS_AT_MOST_C_OVER_T: ("by construction", f"steps {cell.step}/t"),
    }
    inputs = _constants(lipschitz, smoothness)
    return hardt2016nonconvex(**inputs, step_scale=cell.step, steps=cell.n, n=cell.n).audited(audit)


def _constants(lipschitz: Fraction, smoothness: Fraction) -> dict[str, Quantity]:
    how = "from the largest ||x|| of the pool, rounded up, and the derivatives of the loss"
    return {"lipschitz": Quantity(lipschitz, "upper", how), "smoothness": Quantity(smoothness, "upper", how)}


def half_range(cell: DescentCell) -> float:
    """The gap lies within plus and minus this: the width of the interval of losses that weights in the ball can have (sigmoid: 1).

    ln(1 + e^r) - ln(1 + e^-r) = r for margins within r = R * radius.
    """
    return 1.0 if cell.loss == "sigmoid" else population(cell.population).input_radius * float(cell.radius) * (1 + 1e-9)


def usual_gap(cell: DescentCell) -> Usual:
    """Where the gap lies on all samples but a part ``EXCEPTION`` of them, whatever the training, as all weights lie in a ball.

    The loss is Lipschitz in the margin, so that the largest gap over the ball is on average at most 2 lip R B / sqrt(n) (symmetrisation,
    contraction, Cauchy-Schwarz), and above that by M sqrt(ln(2/exception) / (2n)) with probability exception / 2 at most, on either side
    (McDiarmid), M being the width of the losses.
    """
    radius, width = population(cell.population).input_radius, half_range(cell)
    slope, ball = (1.0, float(cell.radius)) if cell.loss == "logistic" else (0.25, float(cell.step) * radius / 4 * (1 + math.log(cell.n)))
    return Usual((2 * slope * radius * ball + width * math.sqrt(math.log(2 / EXCEPTION) / 2)) / math.sqrt(cell.n) * (1 + 1e-9), EXCEPTION)


def _descent_rows(found: Sequence[tuple[DescentCell, Result, dict[str, Any]]]) -> list[Row]:
    """Two limits on one mean, each with half of the row's probability of failure: by the gaps, and by the differences of twins.

    Where they exclude each other the samples were not what they are said to be (a leak, coupled draws), and the row is refuted.
    """
    cell, first, words = found[0]
    gaps, differences = (np.array([entry for _, result, _ in found for entry in result[name]]) for name in ("gaps", "differences"))
    sample_loss, pool_loss = (float(np.mean([result[name] for _, result, _ in found])) for name in ("mean_sample_loss", "mean_pool_loss"))
    errors = [entry.std(ddof=1) / len(entry) ** 0.5 for entry in (gaps, differences)]
    delta = share(Stability.name) / 4 / len(DESCENTS)
    by_gaps: Interval = interval(gaps, -half_range(cell), half_range(cell), delta, usual_gap(cell))
    by_twins: Interval = interval(differences, -first["half"], first["half"], delta)
    both = averages.common(by_gaps, by_twins)
    row = expectation_row(
        bound_of_descent(cell),
        both or by_gaps,
        float(differences.mean()),
        cell.n,
        network=f"{population(cell.population).inputs.shape[1]}-1 linear, without biases",
        risk_what=f"expected gap of the {cell.loss} loss over {len(gaps)} samples, each gap exact over the pool",
        note=(
            f"by twins that differ in one example, standard error {errors[1]:.2g}; the gaps themselves have mean {gaps.mean():.3g}, "
            f"standard error {errors[0]:.2g}; average loss {sample_loss:.4g} on the samples, {pool_loss:.4g} on the pool"
        ),
        **words,
    )
    if both is None:
        said = f"{row.note}; {CONTRADICTION}: {by_gaps.lower:.3g} to {by_gaps.upper:.3g}, and {by_twins.lower:.3g} to {by_twins.upper:.3g}"
        row = replace(row, verdict=Verdict.REFUTED, note=said)
    return [row]


_KINDS: dict[type, tuple[Any, Any]] = {
    DescentCell: (measure, _descent_rows),
    regularised.RegularisedCell: (regularised.measure, regularised.rows),
    twins.TwinCell: (twins.measure, twins.rows),
}
