"""The cells of the studies of MNIST and Fashion-MNIST: a Gaussian network on images with its prior and its training."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

from genbounds.verification.runs.cells import fields

LATER = {"distortion": "digits"}
"""Fields that older cells did not have, with what these did: where a cell has the same, its random numbers stay what they were."""


@dataclass(frozen=True)
class MnistCell:
    """One Gaussian network, trained on a PAC-Bayes bound and certified; all but ``seed`` is fixed before a run.

    Args:
        layers: "dense" (``widths`` are the hidden ones) or "convolutional" (``widths``: two numbers of channels of 5 x 5 kernels, each
            followed by ReLU and 2 x 2 maxima, then hidden dense widths) or "padded" (the same with three 3 x 3 kernels that keep the size).
        prior: "half": means fitted on half of the training images, distorted anew in each of ``epochs`` epochs at ``fit_rate``, and the
            bound on the other half; "data-free": means at the initialisation, scale on a paid grid, and the bound on all images.
        dimension: of the random subspace in which the weights move (0: every weight has a Gaussian of its own).
        std: of the prior, where it is not on the grid; the posterior starts with ``initial_scale`` of it.
        objective, steps, batch_size, learning_rate, draws: see ``PosteriorTraining``.
        pairs: independent (weights, example) pairs.
        label_noise: the probability with which each label of the sample is flipped to another class.
        derandomised: whether one drawn network and the majority vote are certified too.
        distortion: how images are moved in the fit: as digits may be, or as clothes may be.
        seeds: how many seeds of this cell are certified on the images, so that the best of them may be cited: all certificates pay for it.
    """

    layers: Literal["dense", "convolutional", "padded"]
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
    distortion: Literal["digits", "clothes"] = "digits"
    seeds: int = 1

    @property
    def identity(self) -> dict[str, Any]:
        """What the random numbers of a cell depend on, in addition to its seed.

        >>> "distortion" in DENSE.identity, DENSE.identity == replace(DENSE, seed=2, seeds=3).identity
        (False, True)
        """
        given = fields(replace(self, seed=0))
        return {name: value for name, value in given.items() if name != "seeds" and LATER.get(name) != value}

    @property
    def convolutions(self) -> int:
        """The number of convolutional layers."""
        return {"dense": 0, "convolutional": 2, "padded": 3}[self.layers]

    @property
    def network(self) -> str:
        """The architecture in words."""
        if self.layers == "dense":
            return f"784-{'-'.join(map(str, self.widths))}-10 ReLU"
        *channels, last = map(str, self.widths[: self.convolutions])
        size = "5x5" if self.layers == "convolutional" else "3x3"
        dense = "-".join(map(str, (*self.widths[self.convolutions :], 10)))
        return f"{size} convolutions {', '.join(channels)} and {last}, dense {dense}, ReLU"

    @property
    def gaussian(self) -> str:
        """Where the Gaussian lives, in words."""
        return f"Gaussian in a random subspace of dimension {self.dimension}" if self.dimension else "Gaussian weights"

    @property
    def training(self) -> str:
        """The training in words."""
        if self.prior == "half":
            as_clothes = " as clothes are" if self.distortion == "clothes" else ""
            prior = f"prior fitted on half of the images ({self.epochs} epochs, distorted{as_clothes}), standard deviation {self.std:g}"
        else:
            prior = "prior at the initialisation, its scale on a paid grid"
        return f"{prior}; posterior: {self.steps} steps on pac_bayes.{self.objective}"


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
CLOTHES = replace(CONVOLUTIONAL, layers="padded", widths=(24, 48, 64, 128), epochs=50, pairs=500_000, distortion="clothes")
"""Made for Fashion-MNIST: three layers of kernels, and a longer fit on images that may be turned left to right."""
