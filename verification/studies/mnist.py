"""MNIST: PAC-Bayes certificates of dense and convolutional networks, with priors that saw half of the training images and with none.

It needs the files of MNIST (``GENBOUNDS_DATA``) and runs only if it is named: ``genbounds verify mnist``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from genbounds.verification.rows.kinds import Row
from genbounds.verification.runs.cells import Cell, Cost, Result, Study, cell_name
from genbounds.verification.studies.entries import Entry, rows_of


@dataclass(frozen=True)
class MnistCell:
    """One Gaussian network, trained on a PAC-Bayes bound and certified; all but ``seed`` is fixed before a run.

    Args:
        layers: "dense" (``widths`` are the hidden ones) or "convolutional" (``widths``: two numbers of channels of 5 x 5 kernels, each
            followed by ReLU and 2 x 2 maxima, then hidden dense widths).
        prior: "half": means fitted on half of the training images, distorted anew in each of ``epochs`` epochs at ``fit_rate``, and the
            bound on the other half; "data-free": means at the initialisation, scale on a paid grid, and the bound on all images.
        dimension: of the random subspace in which the weights move (0: every weight has a Gaussian of its own).
        std: of the prior, where it is not on the grid; the posterior starts with ``initial_scale`` of it.
        objective, steps, batch_size, learning_rate, draws: see ``PosteriorTraining``.
        pairs: independent (weights, example) pairs.
        label_noise: the probability with which each label of the sample is flipped to another class.
        derandomised: whether one drawn network and the majority vote are certified too.
    """

    layers: Literal["dense", "convolutional"]
    widths: tuple[int, ...]
    prior: Literal["half", "data-free"]
    std: float
    steps: int
    learning_rate: float
    initial_scale: float
    pairs: int
    dimension: int = 0
    epochs: int = 0
    fit_rate: float = 0.001
    objective: str = "quadratic"
    batch_size: int = 256
    draws: int = 1
    label_noise: Fraction = Fraction(0)
    derandomised: bool = False
    seed: int = 0
    population: str = "mnist"

    @property
    def network(self) -> str:
        """The architecture in words."""
        if self.layers == "dense":
            return f"784-{'-'.join(map(str, self.widths))}-10 ReLU"
        first, second, *dense = self.widths
        return f"5x5 convolutions {first} and {second}, dense {'-'.join(map(str, (*dense, 10)))}, ReLU"

    @property
    def gaussian(self) -> str:
        """Where the Gaussian lives, in words."""
        return f"Gaussian in a random subspace of dimension {self.dimension}" if self.dimension else "Gaussian weights"

    @property
    def training(self) -> str:
        """The training in words."""
        if self.prior == "half":
            prior = f"prior fitted on half of the images ({self.epochs} epochs, distorted), standard deviation {self.std:g}"
        else:
            prior = "prior at the initialisation, its scale on a paid grid"
        noise = f"; labels flipped with probability {float(self.label_noise):g}" if self.label_noise else ""
        return f"{prior}; posterior: {self.steps} steps on pac_bayes.{self.objective}{noise}"


DENSE = MnistCell(
    "dense", (400, 400), "half", std=0.01, epochs=30, steps=200, learning_rate=1e-4, initial_scale=1.0, pairs=1_000_000, derandomised=True
)
CONVOLUTIONAL = MnistCell(
    "convolutional",
    (16, 32, 128),
    "half",
    std=0.003,
    epochs=30,
    fit_rate=0.002,
    steps=50,
    learning_rate=1e-5,
    initial_scale=1.0,
    pairs=150_000,
)
NOISY = MnistCell("dense", (300,), "half", std=0.01, epochs=4, steps=50, learning_rate=1e-4, initial_scale=1.0, pairs=100_000)
DENSE_FREE = MnistCell(
    "dense", (100,), "data-free", std=0.3, steps=6000, learning_rate=0.02, initial_scale=0.3, pairs=200_000, objective="seeger2002"
)
CONVOLUTIONAL_FREE = MnistCell(
    "convolutional",
    (8, 16),
    "data-free",
    std=0.4,
    steps=5000,
    learning_rate=0.02,
    initial_scale=0.3,
    pairs=200_000,
    objective="seeger2002",
    draws=4,
)
SUBSPACE_FREE = replace(CONVOLUTIONAL_FREE, dimension=1000, draws=1, steps=3000, pairs=100_000)


class Mnist(Study):
    """The certificates of docs/mnist.md, and the label-noise rows.

    Args:
        full: three seeds of every certificate.
    """

    name = "mnist"
    revision = 4
    description = "MNIST, its 60 000 training images as the sample: PAC-Bayes certificates beside the error on the 10 000 test images."

    def __init__(self, full: bool = False) -> None:
        self.full = full

    def cells(self) -> Sequence[MnistCell]:
        """Data-dependent and data-free routes, and three levels of label noise."""
        noisy = [replace(NOISY, label_noise=Fraction(percent, 100)) for percent in (10, 20, 40)]
        routes = [DENSE, CONVOLUTIONAL, CONVOLUTIONAL_FREE, DENSE_FREE, SUBSPACE_FREE, *noisy]
        return [replace(cell, seed=seed) for seed in range(3 if self.full else 1) for cell in routes]

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """Train and certify one network after the other."""
        from genbounds.verification.studies.mnist_certificates import certify

        return [{"entries": [entry.to_dict() for entry in certify(cell)]} for cell in cells]

    def cost(self, cell: Cell) -> Cost | None:
        """One network of each cell; its time is not a training's alone, so no operations are given."""
        return Cost(networks=1, memory=3 * 2**30)

    def rows(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Row]:
        """One row for each certificate."""
        entries = []
        for cell, result in zip(cells, results, strict=True):
            words = {
                "study": self.name,
                "cell": cell_name(self, cell),
                "population": f"MNIST with {float(100 * cell.label_noise):g} % of labels flipped" if cell.label_noise else "MNIST",
                "network": cell.network,
                "training": f"{cell.training}, seed {cell.seed}",
                "scale": "realistic",
            }
            for data in result["entries"]:
                entry = Entry.from_dict(data)
                plain = entry.certificate.bound.startswith("holdout.")  # of the one network at the prior's means
                entries.append((entry, words if plain else {**words, "network": f"{cell.network}, {cell.gaussian}"}))
        return rows_of(entries)
