"""Compression: small ternary networks under one prefix code, certified on the sample that they were trained on.

The cells on MNIST need its files (``GENBOUNDS_DATA``) and run only if they are named: ``genbounds verify compression``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from genbounds.verification.populations import population
from genbounds.verification.rows.kinds import Row
from genbounds.verification.runs.canary import Canary
from genbounds.verification.runs.cells import Cell, Cost, Result, Study, cell_name
from genbounds.verification.studies import entries
from genbounds.verification.studies.compression.cell import FRONTIER, ON_DIGITS, CompressionCell, compression_cost
from genbounds.verification.studies.entries import Entry, rows_of


class Compressed(Study):
    """The frontier of code length and errors on MNIST, and a small network on digits.

    Args:
        full: three seeds.
    """

    name = "compression"
    revision = 2
    description = "Ternary networks under one prefix code: what their code lengths and their errors on the training sample certify."

    def __init__(self, full: bool = False) -> None:
        self.full = full

    def cells(self) -> Sequence[CompressionCell]:
        """Digits, then the frontier on MNIST."""
        return [replace(cell, seed=seed) for seed in range(3 if self.full else 1) for cell in (ON_DIGITS, *FRONTIER)]

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """Train, encode, decode and certify one network after the other; the result holds the word that was decoded."""
        from genbounds.verification.studies.compression.certificates import compress_and_certify

        results: list[Result] = []
        for cell in cells:
            entry, word = compress_and_certify(cell)
            results.append({"entries": [entry.to_dict()], "word": word})
        return results

    def cost(self, cell: Cell) -> Cost:
        """One network of each cell, in the memory that the features take."""
        return compression_cost(cell)

    def canary(self) -> Canary:
        """Certificates far below the risk."""
        return entries.canary(self.name)

    def rows(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Row]:
        """One row for each certificate."""
        entries = []
        for cell, result in zip(cells, results, strict=True):
            words = {
                "study": self.name,
                "cell": cell_name(self, cell),
                "population": "MNIST" if cell.population == "mnist" else cell.population,
                "network": cell.network,
                "training": f"{cell.training}, seed {cell.seed}",
                "scale": "realistic",
                "n_over_pool": Fraction(cell.n, population("digits").size) if cell.population == "digits" else None,
            }
            entries += [(Entry.from_dict(data), words) for data in result["entries"]]
        return rows_of(entries)
