"""The perceptron on separable populations: mistakes of every run, and the expected risk of its iterates and of its last weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import log2
from typing import Any, Literal

import numpy as np
import torch

from genbounds.bounds import Quantity
from genbounds.bounds import assumptions as a
from genbounds.bounds.assumptions import Assumption, Status
from genbounds.bounds.perceptron import leave_one_out, novikoff, random_iterate
from genbounds.models.ensemble import IndexSamples, PerceptronRun, cycle, one_pass, pool_errors
from genbounds.verification.checks.shares import share
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.populations import FinitePool, population
from genbounds.verification.populations.margins import largest_margin_direction
from genbounds.verification.populations.protocol import Array
from genbounds.verification.rows.bound_row import BoundRow, Scale
from genbounds.verification.rows.kinds import Row
from genbounds.verification.runs.canary import Canary
from genbounds.verification.runs.cells import Cell, Cost, Result, Study, cell_name, digest
from genbounds.verification.studies import averages
from genbounds.verification.studies.averages import expectation_row, interval

GRID = 2.0**-20
"""Every coordinate of the populations is a multiple of this, so that the runs are exact in float64 (see ``check_exact``)."""


@dataclass(frozen=True)
class PerceptronCell:
    """Perceptrons through the origin, each on its own sample of n draws.

    Args:
        population: a separable one with labels -1 and +1.
        n: draws of a sample, shown in the order in which they were drawn.
        passes: "one", or "all" until a pass without a mistake.
        draws: samples, and so perceptrons.
        scale: of the row in the report.
        seed: another seed is other samples.
    """

    population: str
    n: int
    passes: Literal["one", "all"]
    draws: int
    scale: Scale
    seed: int = 0

    @property
    def training(self) -> str:
        """The training in words."""
        return "one pass" if self.passes == "one" else "cycled in a fixed order until no mistake is left"


CELLS = (
    PerceptronCell("digits_0_vs_rest", 1200, "one", 1000, "realistic"),
    PerceptronCell("digits_0_vs_rest", 1200, "all", 400, "realistic"),
    PerceptronCell("digits_0_vs_rest", 20_000, "one", 400, "non-vacuous"),
    PerceptronCell("digits_0_vs_rest", 6000, "all", 400, "non-vacuous"),
    PerceptronCell("separable", 1200, "one", 1000, "realistic"),
    PerceptronCell("separable", 1200, "all", 400, "realistic"),
)


class Perceptron(Study):
    """Novikoff's bound on each run, and the two bounds on an expected risk compared with the mean of exact risks over many runs.

    Args:
        full: five times as many draws.
    """

    name = "perceptron"
    revision = 2
    description = "The perceptron on separable populations: its mistakes run by run, and expected risks against means over many samples."
    dtype = "float64"

    def __init__(self, full: bool = False) -> None:
        self.full = full

    def cells(self) -> Sequence[PerceptronCell]:
        """Settings times seeds."""
        return [replace(cell, seed=seed) for cell in CELLS for seed in range(5 if self.full else 1)]

    def cost(self, cell: Cell) -> Cost:
        """A score and an update of each perceptron at each draw. The number of passes is unknown: the seconds are those of usual runs."""
        examples, pool = cell.draws * cell.n, population(cell.population)
        seconds = 1.0 + examples * (1e-6 if cell.passes == "one" else 4e-6)
        return Cost(cell.draws, 4.0 * examples * pool.features, 8 * (examples + 2 * cell.draws * pool.size), seconds)

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """Run the perceptrons of each cell as one batch."""
        return [measure(cell) for cell in cells]

    def canary(self) -> Canary:
        """A mean far above a bound."""
        return averages.canary(self.name)

    def rows(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Row]:
        """Two rows a setting, over the draws of all its seeds: the mistakes, and the expected risk."""
        settings: dict[tuple[Any, ...], list[int]] = {}
        for position, cell in enumerate(cells):
            settings.setdefault((cell.population, cell.n, cell.passes), []).append(position)
        rows: list[Row] = []
        for positions in settings.values():
            first = cells[positions[0]]
            rows += _rows(first, [results[position] for position in positions], cell_name(self, first))
        return rows


def measure(cell: PerceptronCell) -> dict[str, Any]:
    """Run the perceptrons of a cell. All numbers are whole and exact; ``iterate_errors`` is None unless there was one pass."""
    pool = population(cell.population)
    check_exact(pool)
    drawn = np.stack([pool.sample((digest(cell), draw), cell.n) for draw in range(cell.draws)])
    inputs, labels = torch.tensor(pool.inputs), torch.tensor(pool.labels)
    samples = IndexSamples(torch.from_numpy(drawn))
    run = one_pass(inputs, labels, samples, iterate_risk=True) if cell.passes == "one" else cycle(inputs, labels, samples)
    return {
        "mistakes": run.mistakes.tolist(),
        "iterate_errors": None if run.iterate_errors is None else run.iterate_errors.tolist(),
        "pool_errors": pool_errors(run.weights, inputs, labels).tolist(),
        "converged": bool(run.converged.all()),
        "most_passes": int(run.passes.max()),
        "runs_breaking_an_inequality": broken_inequalities(run, pool),
    }


def check_exact(pool: FinitePool) -> None:
    """Float64 runs are exact if all coordinates are multiples of a power of two, and no number needs more than 53 bits.

    Products of a weight and a coordinate are then multiples of its square, and all sums of them, of squared norms too, are at most
    (number of mistakes) * radius^2, of which there are (radius / margin)^2 at most, whatever the number of passes.

    Raises:
        ValueError: another grid, or too wide a range.
    """
    if pool.margin is None:
        raise ValueError(f"population must be separable through the origin, got {pool.name!r}: its perceptron never stops")
    grid = GRID if np.any(pool.inputs * 16 != np.round(pool.inputs * 16)) else 1 / 16
    largest = (pool.input_radius / pool.margin) ** 2 * pool.input_radius**2
    if np.any(pool.inputs / grid != np.round(pool.inputs / grid)) or largest >= 2**52 * grid**2:
        raise ValueError(f"inputs of {pool.name!r} must be multiples of 2^-20 of moderate size, so that every run is exact: round them")


def separator(pool: FinitePool) -> Array:
    """The vector whose margin ``pool.margin`` is; it has no unit norm."""
    return largest_margin_direction(pool.inputs * pool.labels[:, None]) if pool.separator is None else pool.separator


def broken_inequalities(run: PerceptronRun, pool: FinitePool) -> int:
    """Runs in which mistakes * margin <= <w, u> <= ||w|| <= sqrt(sum of ||x||^2 over the mistakes) fails, in exact fractions."""
    assert pool.margin is not None
    direction = [Fraction(float(u)) for u in separator(pool)]
    length = sum((u * u for u in direction), Fraction(0))
    margin = Fraction(pool.margin)
    broken = 0
    for weights, mistakes, squares in zip(run.weights.tolist(), run.mistakes.tolist(), run.squared_norms.tolist(), strict=True):
        exact = [Fraction(weight) for weight in weights]
        along = sum((w * u for w, u in zip(exact, direction, strict=True)), Fraction(0))
        norm = sum((w * w for w in exact), Fraction(0))
        left = along >= 0 and (mistakes * margin) ** 2 * length <= along**2
        broken += not (left and along**2 <= norm * length and norm <= Fraction(squares))
    return broken


def _rows(cell: PerceptronCell, results: Sequence[Result], name: str) -> list[Row]:
    pool = population(cell.population)
    words: dict[str, Any] = {
        "study": Perceptron.name,
        "cell": name,
        "population": cell.population,
        "network": f"perceptron through the origin, {pool.inputs.shape[1]} inputs",
        "training": cell.training,
        "scale": cell.scale,
        "n_over_pool": Fraction(cell.n, pool.size),
    }
    return [_mistakes(cell, pool, results, words), _expected_risk(cell, pool, results, words)]


def _mistakes(cell: PerceptronCell, pool: FinitePool, results: Sequence[Result], words: dict[str, Any]) -> BoundRow:
    certificate = novikoff(**_geometry(pool)).audited({a.SEPARABLE: _SEPARATED, a.FIRST_WEIGHTS_ZERO: _FROM_ZERO})
    mistakes = _all(results, "mistakes")
    broken = sum(result["runs_breaking_an_inequality"] for result in results)
    most = max(mistakes)
    verdict = Verdict.REFUTED if broken or most > certificate.value else Verdict.NOT_REFUTED
    chain = "mistakes * margin <= <w, u> <= ||w|| <= root of the sum of ||x||^2 over the mistakes"
    row = BoundRow.compared(
        certificate,
        Fraction(most),
        cell.n,
        verdict=verdict,
        risk_what=f"most mistakes in any of {len(mistakes)} runs",
        note=f"{np.mean(mistakes):.4g} mistakes on average; {chain}: broken in {broken} runs, in exact arithmetic",
        **words,
    )
    return replace(row, bits_of_slack=log2(certificate.value / most) if most else None)


def _expected_risk(cell: PerceptronCell, pool: FinitePool, results: Sequence[Result], words: dict[str, Any]) -> BoundRow:
    audit: dict[Assumption, tuple[Status, str]] = {
        a.IID_SAMPLE: ("by construction", f"{cell.n} draws with replacement from the pool"),
        a.POPULATION_SEPARABLE: _SEPARATED,
        a.FEATURES_FIXED_IN_ADVANCE: ("by construction", "the pool's own inputs"),
        a.FIRST_WEIGHTS_ZERO: _FROM_ZERO,
    }
    if cell.passes == "one":
        audit[a.ONE_PASS] = ("by construction", "each example once, in the order in which it was drawn")
        audit[a.RANDOM_ITERATE] = ("by construction", "the risks of all n iterates are averaged, which is the mean over the index")
        certificate, what = random_iterate(**_geometry(pool), n=cell.n), "exact mean pool risk of the iterates, averaged"
        risks = np.array(_all(results, "iterate_errors"), dtype=np.float64) / (cell.n * pool.size)
        note = f"on its own examples each run errs at {np.mean(_all(results, 'mistakes')) / cell.n:.3g} of the steps on average"
    else:
        done, passes = all(result["converged"] for result in results), max(result["most_passes"] for result in results)
        audit[a.CYCLED_TO_CONVERGENCE] = (
            "checked" if done else "violated",
            f"the last pass of every run made no mistake; {passes} passes at most" if done else f"mistakes were left after {passes} passes",
        )
        certificate, what = leave_one_out(**_geometry(pool), n=cell.n), "exact pool risk of the last weights, averaged"
        risks = np.array(_all(results, "pool_errors"), dtype=np.float64) / pool.size
        note = f"between {risks.min():.3g} and {risks.max():.3g}"
    return expectation_row(
        certificate.audited(audit),
        interval(risks, 0.0, 1.0, share(Perceptron.name) / len(CELLS)),
        float(np.mean(risks)),
        cell.n,
        risk_what=f"{what} over {len(risks)} samples",
        empirical=None,
        note=note,
        **words,
    )


_FROM_ZERO: tuple[Status, str] = ("by construction", "weights 0, and y x added at each mistake")
_SEPARATED: tuple[Status, str] = (
    "checked",
    "y <u, x> for one vector u and ||x|| over the whole pool, in fractions; the margin rounded down, the radius up",
)


def _geometry(pool: FinitePool) -> dict[str, Quantity]:
    assert pool.margin is not None
    return {
        "radius": Quantity(pool.input_radius, "upper", "largest ||x|| of the pool, in fractions, rounded up"),
        "margin": Quantity(pool.margin, "lower", "margin over the pool of one separating vector, in fractions, rounded down"),
    }


def _all(results: Sequence[Result], name: str) -> list[int]:
    return [value for result in results for value in result[name]]
