"""PAC-Bayes on digits: Gaussian networks with a prior that saw no data or half of the draws, drawn, voted, and under label noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from genbounds.verification.populations import population
from genbounds.verification.rows.kinds import Row
from genbounds.verification.runs.cells import Cell, Cost, Result, Study, cell_name
from genbounds.verification.runs.planner import training_cost
from genbounds.verification.studies import compression
from genbounds.verification.studies.compression import ON_DIGITS, CompressionCell
from genbounds.verification.studies.entries import Entry, rows_of


@dataclass(frozen=True)
class PosteriorCell:
    """A Gaussian network trained on a PAC-Bayes bound.

    Args:
        population, n: the sample is n draws with replacement from the population.
        widths: inputs, hidden units, outputs.
        prior: "data-free" (means at the initialisation, the bound on all n draws) or "half" (means fitted on half of the draws, the bound
            on the others).
        std: standard deviation of the prior's coordinates, fixed in advance.
        objective: the bound that training minimises.
        steps, learning_rate, initial_scale, p_min, batch_size: see ``PosteriorTraining``.
        fit_steps: of the prior's fit, where it is fitted.
        dimension: of a random subspace in which prior and posterior live; 0 for all weights.
        label_noise: every drawn label is replaced by another class with this probability, uniformly and independently.
        derandomised: certify one drawn network and the majority vote as well.
        seed: another seed is another sample and other random numbers.
        pairs: independent (weights, example) pairs for the empirical Gibbs risk; as many twice over for the risk on the pool.

    The constants of the cells below were tried on draws that no cell uses.
    """

    prior: Literal["data-free", "half"]
    objective: str
    std: float
    steps: int
    learning_rate: float
    initial_scale: float
    seed: int = 0
    population: str = "digits"
    n: int = 1200
    widths: tuple[int, ...] = (64, 64, 10)
    pairs: int = 100_000
    p_min: float = 0.01
    batch_size: int = 128
    fit_steps: int = 300
    dimension: int = 0
    label_noise: Fraction = Fraction(0)
    derandomised: bool = False

    @property
    def network(self) -> str:
        """The architecture in words."""
        kind = f"{'-'.join(map(str, self.widths))} {'ReLU' if len(self.widths) > 2 else 'linear'}"
        return f"{kind}, Gaussian {f'in a random subspace of {self.dimension} dimensions' if self.dimension else 'weights'}"

    @property
    def training(self) -> str:
        """The training in words."""
        prior = "data-free prior" if self.prior == "data-free" else "prior means fitted on half of the draws"
        noise = f", {float(self.label_noise):.0%} of the labels flipped" if self.label_noise else ""
        return f"{prior}, standard deviation {self.std:g}; posterior trained on pac_bayes.{self.objective}{noise}"


DATA_FREE = PosteriorCell(
    "data-free", "seeger2002", std=3.0, steps=500, learning_rate=0.1, initial_scale=0.1, widths=(64, 10), p_min=0.05, batch_size=256
)
HIDDEN = replace(DATA_FREE, widths=(64, 10, 10), std=1.5, steps=700, initial_scale=0.2)
SUBSPACE = replace(DATA_FREE, dimension=200, learning_rate=0.05, pairs=20_000)
LARGE = PosteriorCell("data-free", "seeger2002", std=0.5, steps=800, learning_rate=0.03, initial_scale=0.2, n=10**5, widths=(64, 32, 10))
HALF = PosteriorCell("half", "seeger2002", std=0.03, steps=120, learning_rate=0.003, initial_scale=0.9)
HALF_SUBSPACE = replace(HALF, dimension=50, widths=(64, 32, 10), pairs=20_000)
NOISE = (Fraction(1, 10), Fraction(1, 5), Fraction(2, 5))


class PacBayes(Study):
    """Priors, posteriors and predictors made of them, each beside the risk of the same predictor on the pool.

    Args:
        full: more seeds, and another training objective for each prior.
    """

    name = "pac_bayes"
    revision = 6
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
            return compression.cost(cell)
        posterior = training_cost(cell.widths, cell.steps, cell.batch_size).times(2)
        fit = training_cost(cell.widths, cell.fit_steps, cell.n // 2).operations if cell.prior == "half" else 0.0
        weights = sum(a * b for a, b in pairwise(cell.widths))
        # A step evaluates the bound and its gradient; three times the pairs are drawn; a drawn network has a bound for each of many draws.
        seconds = 0.003 * cell.steps + 3 * cell.pairs * (2.5e-5 if cell.dimension else 2e-6) + cell.derandomised * (3 + 0.0012 * weights)
        return Cost(1, posterior.operations + fit, posterior.memory, seconds)

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """Train and certify one network after the other."""
        from genbounds.verification.studies import compression_certificates, gibbs_certificates

        found: list[Result] = []
        for cell in cells:
            entries = [compression_certificates.certify(cell)[0]] if isinstance(cell, CompressionCell) else gibbs_certificates.certify(cell)
            found.append({"entries": [entry.to_dict() for entry in entries]})
        return found

    def rows(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Row]:
        """One row for each certificate."""
        entries = []
        for cell, result in zip(cells, results, strict=True):
            size = population(cell.population).size
            words = {
                "study": self.name,
                "cell": cell_name(self, cell),
                "population": cell.population,
                "network": cell.network,
                "training": f"{cell.training}, seed {cell.seed}",
                "scale": "realistic" if cell.n <= size else "non-vacuous",
            }
            for data in result["entries"]:
                entry = Entry.from_dict(data)
                entries.append((entry, {**words, "n_over_pool": Fraction(entry.n, size)}))
        return rows_of(entries)
