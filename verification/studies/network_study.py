"""What the studies of single networks share: train a tile, certify each network, write its rows."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from fractions import Fraction

from genbounds.verification.populations import population
from genbounds.verification.rows.bound_row import Scale
from genbounds.verification.rows.kinds import Row
from genbounds.verification.runs.canary import Canary
from genbounds.verification.runs.cells import Cell, Cost, Result, Study, cell_name
from genbounds.verification.runs.planner import training_cost
from genbounds.verification.studies import entries
from genbounds.verification.studies.certifying import entries_of_network
from genbounds.verification.studies.entries import Entry, rows_of
from genbounds.verification.studies.trained_network import NetworkCell, train


class NetworkStudy(Study):
    """A list of networks, each with the bounds that are certified for it. Subclasses name their networks and the scale.

    Args:
        full: more seeds of every network.
    """

    scale: Scale
    networks: tuple[NetworkCell, ...]
    seeds: tuple[int, int]
    """How many seeds of each network a quick and a full report take."""
    tile_size = 16

    def __init__(self, full: bool = False) -> None:
        self.full = full

    def cells(self) -> Sequence[NetworkCell]:
        """Every network with every seed."""
        return [replace(network, seed=seed) for network in self.networks for seed in range(self.seeds[self.full])]

    def group(self, cell: Cell) -> Hashable:
        """Networks that differ in their seed alone train as one ensemble."""
        alike: NetworkCell = replace(cell, seed=0)
        return alike

    def cost(self, cell: Cell) -> Cost:
        """Of the training, where a step on the whole sample sees every point of the pool once; and of the certificates."""
        return training_cost(cell.widths, cell.steps, cell.batch_size or population(cell.population).size).taking(0.05)

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """Train the networks together and certify each."""
        return [{"entries": [entry.to_dict() for entry in entries_of_network(trained)]} for trained in train(cells)]

    def canary(self) -> Canary:
        """Certificates far below the risk."""
        return entries.canary(self.name)

    def rows(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Row]:
        """One row for each certificate."""
        entries = []
        for cell, result in zip(cells, results, strict=True):
            pool = population(cell.population)
            words = {
                "study": self.name,
                "cell": cell_name(self, cell),
                "population": cell.population,
                "network": cell.network,
                "training": f"{cell.training}, seed {cell.seed}",
                "scale": self.scale,
            }
            for data in result["entries"]:
                entry = Entry.from_dict(data)
                entries.append((entry, {**words, "n_over_pool": Fraction(entry.n, pool.size)}))
        return rows_of(entries)
