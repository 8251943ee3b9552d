"""PAC-Bayes on digits: Gaussian networks with a prior that saw no data or half of the draws, drawn, voted, and under label noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from genbounds.verification.populations import population
from genbounds.verification.rows.kinds import Row
from genbounds.verification.runs.canary import Canary
from genbounds.verification.runs.cells import Cell, Cost, Result, Study, cell_name
from genbounds.verification.runs.planner import training_cost
from genbounds.verification.studies import entries
from genbounds.verification.studies.compression.cell import ON_DIGITS, CompressionCell, compression_cost
from genbounds.verification.studies.entries import Entry, rows_of
from genbounds.verification.studies.pac_bayes.cell import DATA_FREE, HALF, HALF_SUBSPACE, HIDDEN, LARGE, NOISE, SUBSPACE, PosteriorCell


class PacBayes(Study):
    """Priors, posteriors and predictors made of them, each compared with the risk of the same predictor on the pool.

    Args:
        full: more seeds, and another training objective for each prior.
    """

    name = "pac_bayes"
    revision = 7
    description = "Randomised networks on digits: PAC-Bayes bounds with a data-free prior and with one fitted on half of the draws."

    def __init__(self, full: bool = False) -> None:
        self.full = full

    def cells(self) -> Sequence[PosteriorCell | CompressionCell]:
        """Every route, data-free compression too, the label noise, and one large sample; the full study has each of several seeds."""
        routes = [replace(cell, derandomised=True) for cell in (DATA_FREE, HALF)] + [HIDDEN, SUBSPACE, HALF_SUBSPACE]
        noisy = [replace(HALF, label_noise=noise, fit_steps=40) for noise in NOISE]
        cells: list[PosteriorCell | CompressionCell] = [*routes, ON_DIGITS, replace(HALF, objective="mcallester"), *noisy, LARGE]
        if not self.full:
            return cells
        cells.append(replace(DATA_FREE, objective="mcallester"))
        return [replace(cell, seed=seed) for cell in cells for seed in range(5)]

    def cost(self, cell: Cell) -> Cost:
        """Of the prior's fit and the posterior's training, which multiplies means and variances; the rest is a usual run's seconds."""
        if isinstance(cell, CompressionCell):
            return compression_cost(cell)
        posterior = training_cost(cell.widths, cell.steps, cell.batch_size).times(2)
        fit = training_cost(cell.widths, cell.fit_steps, cell.n // 2).operations if cell.prior == "half" else 0.0
        weights = sum(a * b for a, b in pairwise(cell.widths))
        # A step evaluates the bound and its gradient; three times the pairs are drawn; a drawn network has a bound for each of many draws.
        seconds = 0.006 * cell.steps + 6 * cell.pairs * (2.5e-5 if cell.dimension else 2e-6) + cell.derandomised * (6 + 0.0024 * weights)
        return Cost(1, posterior.operations + fit, posterior.memory, seconds)

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """Train and certify one network after the other."""
        from genbounds.verification.studies.compression.certificates import compress_and_certify
        from genbounds.verification.studies.pac_bayes.certificates import entries_of_cell

        found: list[Result] = []
        for cell in cells:
            entries = [compress_and_certify(cell)[0]] if isinstance(cell, CompressionCell) else entries_of_cell(cell)
            found.append({"entries": [entry.to_dict() for entry in entries]})
        return found

    def canary(self) -> Canary:
        """Certificates far below the risk."""
        return entries.canary(self.name)

    def rows(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Row]:
        """One row for each certificate."""
        entries = []
        for cell, result in zip(cells, results, strict=True):
            size = population(cell.population).size
            words = {
                "study": self.name,
                "cell": cell_name(self, cell),
                "population": cell.drawn_from if isinstance(cell, PosteriorCell) else cell.population,
                "network": cell.network,
                "training": f"{cell.training}, seed {cell.seed}",
                "scale": "realistic" if cell.n <= size else "non-vacuous",
            }
            for data in result["entries"]:
                entry = Entry.from_dict(data)
                mine = {**words, "n_over_pool": Fraction(entry.n, size)}
                if isinstance(cell, PosteriorCell) and entry.certificate.bound.startswith("holdout."):
                    mine["network"] = f"{cell.architecture} at the prior's means"
                entries.append((entry, mine))
        return rows_of(entries)
