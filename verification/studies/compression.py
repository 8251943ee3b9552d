"""Compression: small ternary networks under one prefix code, certified on the sample that they were trained on.

The cells on MNIST need its files (``GENBOUNDS_DATA``) and run only if they are named: ``genbounds verify compression``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from genbounds.verification.populations import population
from genbounds.verification.populations.mnist import TRAINING
from genbounds.verification.rows.kinds import Row
from genbounds.verification.runs.cells import Cell, Cost, Result, Study, cell_name
from genbounds.verification.studies.entries import Entry, rows_of


@dataclass(frozen=True)
class CompressionCell:
    """One ternary network: its architecture within its population's family, and its training.

    On digits the sample is ``n`` draws with replacement; on MNIST it is the ``n`` = 60 000 training images.
    ``normalisation`` to ``widths`` are those of ``Architecture``, ``epochs`` to ``batch_size`` of ``Compression``; ``errors_per_bit`` is
    that of ``polish_last_layer``.
    """

    population: str
    n: int
    normalisation: str
    filters: int
    threshold: float
    widths: tuple[int, ...]
    epochs: int
    price: float
    learning_rate: float
    batch_size: int
    errors_per_bit: float
    seed: int = 0

    @property
    def network(self) -> str:
        """The architecture in words."""
        return f"ternary, {' and '.join(map(str, self.widths))} channels"

    @property
    def training(self) -> str:
        """The training in words."""
        return f"{self.epochs} epochs at {self.price:g} nats a bit, last layer polished"


ON_DIGITS = CompressionCell(
    "digits", 1200, "none", 1, 0.25, (6,), epochs=150, price=2e-3, learning_rate=0.01, batch_size=64, errors_per_bit=0.3
)
ON_MNIST = CompressionCell(
    "mnist", TRAINING, "moments", 3, 0.5, (8, 16), epochs=20, price=5e-5, learning_rate=0.005, batch_size=256, errors_per_bit=0.5
)
FRONTIER = (
    replace(ON_MNIST, widths=(8, 12), price=4e-5),
    replace(ON_MNIST, widths=(8, 12), price=4e-5, epochs=40),
    replace(ON_MNIST, widths=(8, 12), price=8e-5),
    replace(ON_MNIST, widths=(8, 8), price=3e-5),
    replace(ON_MNIST, widths=(6, 12), price=5e-5),
    replace(ON_MNIST, widths=(6, 16), price=4e-5),
    replace(ON_MNIST, widths=(12, 12), price=5e-5),
    ON_MNIST,
    replace(ON_MNIST, price=1e-4),
    replace(ON_MNIST, widths=(8, 24), price=7e-5),
    replace(ON_MNIST, widths=(12, 24), price=1e-4),
)


class Compressed(Study):
    """The frontier of code length and errors on MNIST, and a small network on digits.

    Args:
        full: three seeds.
    """

    name = "compression"
    revision = 1
    description = "Ternary networks under one prefix code: what their code lengths and their errors on the training sample certify."

    def __init__(self, full: bool = False) -> None:
        self.full = full

    def cells(self) -> Sequence[CompressionCell]:
        """Digits, then the frontier on MNIST."""
        return [replace(cell, seed=seed) for seed in range(3 if self.full else 1) for cell in (ON_DIGITS, *FRONTIER)]

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """Train, encode, decode and certify one network after the other; the result holds the word that was decoded."""
        from genbounds.verification.studies.compression_certificates import certify

        results: list[Result] = []
        for cell in cells:
            entry, word = certify(cell)
            results.append({"entries": [entry.to_dict()], "word": word})
        return results

    def cost(self, cell: Cell) -> Cost:
        """One network of each cell, in the memory that the features take."""
        return cost(cell)

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


def cost(cell: CompressionCell) -> Cost:
    """Of one cell: its convolutions are too small for their operations to be what takes the time."""
    if cell.population == "mnist":
        return Cost(networks=1, memory=3 * 2**30, seconds=25 + 2.2 * cell.epochs)
    return Cost(networks=1, memory=2**28, seconds=1 + 0.03 * cell.epochs)
