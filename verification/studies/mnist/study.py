"""MNIST and Fashion-MNIST: PAC-Bayes certificates of networks whose priors saw half of the training images, and of others that saw none.

They need the files of the data sets (``GENBOUNDS_DATA``) and run only if they are named: ``genbounds verify mnist fashion_mnist``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from genbounds.verification.rows.kinds import Row
from genbounds.verification.runs.canary import Canary
from genbounds.verification.runs.cells import Cell, Cost, Result, Study, cell_name
from genbounds.verification.studies import entries
from genbounds.verification.studies.entries import Entry, rows_of
from genbounds.verification.studies.mnist.cell import (
    CLOTHES,
    CONVOLUTIONAL,
    CONVOLUTIONAL_FREE,
    DENSE,
    DENSE_FREE,
    NOISY,
    SUBSPACE_FREE,
    MnistCell,
)
from genbounds.verification.studies.mnist.picking import PICKED, PICKED_CLOTHES, PICKED_FEW, PickedCell


class Mnist(Study):
    """The certificates of docs/mnist.md, and the label-noise rows.

    Args:
        full: three seeds of every certificate, which are paid for: the best of them may be cited.
    """

    name = "mnist"
    title = "MNIST"
    revision = 4
    description = "MNIST, its 60 000 training images as the sample: PAC-Bayes certificates, and the error on the 10 000 test images."

    def __init__(self, full: bool = False) -> None:
        self.full = full

    def cells(self) -> Sequence[MnistCell | PickedCell]:
        """Data-dependent and data-free routes, three levels of label noise, and pick-to-learn."""
        seeds = 3 if self.full else 1
        routes: list[MnistCell | PickedCell] = [*self.routes(), *self.picked()]
        return [replace(cell, population=self.name, seed=seed, seeds=seeds) for seed in range(seeds) for cell in routes]

    def picked(self) -> list[PickedCell]:
        """The networks of pick-to-learn."""
        return [PICKED, PICKED_FEW]

    def routes(self) -> list[MnistCell]:
        """One cell of each, those of every data set."""
        noisy = [replace(NOISY, label_noise=Fraction(percent, 100)) for percent in (10, 20, 40)]
        return [DENSE, CONVOLUTIONAL, CONVOLUTIONAL_FREE, DENSE_FREE, SUBSPACE_FREE, *noisy]

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """Train and certify one network after the other."""
        from genbounds.verification.studies.mnist.certificates import entries_of_cell
        from genbounds.verification.studies.mnist.picked_certificate import picked_entry

        found = [[picked_entry(cell)] if isinstance(cell, PickedCell) else entries_of_cell(cell) for cell in cells]
        return [{"entries": [entry.to_dict() for entry in entries]} for entries in found]

    def cost(self, cell: Cell) -> Cost | None:
        """One network of each cell; its time is not a training's alone, so no operations are given."""
        return Cost(networks=1, memory=3 * 2**30)

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
                "population": self.title + (f" with {float(100 * cell.label_noise):g} % of labels flipped" if cell.label_noise else ""),
                "network": cell.network,
                "training": f"{cell.training}, seed {cell.seed}",
                "scale": "realistic",
            }
            for data in result["entries"]:
                entry = Entry.from_dict(data)
                entries.append((entry, {**words, "network": _whose(cell, entry)}))
        return rows_of(entries)


def _whose(cell: MnistCell | PickedCell, entry: Entry) -> str:
    """The predictor that a certificate is about."""
    if isinstance(cell, PickedCell):
        return cell.network
    plain = entry.certificate.bound.startswith("holdout.")  # of the one network at the prior's means
    return f"{cell.network} at the prior's means" if plain else f"{cell.network}, {cell.gaussian}"


class FashionMnist(Mnist):
    """The same routes on Fashion-MNIST, and one more, which was made for it."""

    name = "fashion_mnist"
    title = "Fashion-MNIST"
    revision = 2
    description = (
        "Fashion-MNIST, its 60 000 training images as the sample: PAC-Bayes certificates, and the error on the 10 000 test images, ten "
        "of which repeat training images and are counted as right and as wrong."
    )

    def routes(self) -> list[MnistCell]:
        """A network whose prior is fitted on images moved as clothes may be, and those of MNIST."""
        return [CLOTHES, *super().routes()]

    def picked(self) -> list[PickedCell]:
        """One that was made for clothes, and those of MNIST."""
        return [PICKED_CLOTHES, *super().picked()]
