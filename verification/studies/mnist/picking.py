"""Pick-to-learn on MNIST and Fashion-MNIST: one plain network, trained and certified on the same images."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, ClassVar, Literal

from genbounds.verification.runs.cells import fields
from genbounds.verification.studies.mnist.cell import CONVOLUTIONAL


@dataclass(frozen=True)
class PickedCell:
    """A convolutional network by pick-to-learn; all but ``seed`` is fixed before a run.

    Args:
        widths: two numbers of channels of 5 x 5 kernels, then hidden dense widths.
        spent, first_steps, rounds, at_most, steps, share, learning_rate, later_rate, averaging: see ``Picking``.
        distortion: how images are moved, spent and picked ones alike: as digits may be, or as clothes may be.
        seeds: how many seeds are certified on the images, so that the best of them may be cited: all certificates pay for it.
    """

    widths: tuple[int, ...]
    spent: int
    first_steps: int
    rounds: int
    at_most: int
    steps: int
    share: float
    learning_rate: float = 0.003
    later_rate: float = 0.0006
    averaging: float = 0.99
    distortion: Literal["digits", "clothes"] = "digits"
    seed: int = 0
    population: str = "mnist"
    seeds: int = 1
    label_noise: ClassVar[Fraction] = Fraction(0)

    @property
    def identity(self) -> dict[str, Any]:
        """What the random numbers of a cell depend on, in addition to its seed."""
        given = fields(replace(self, seed=0))
        return {name: value for name, value in given.items() if name != "seeds"}

    @property
    def network(self) -> str:
        """The architecture in words."""
        return replace(CONVOLUTIONAL, widths=self.widths).network

    @property
    def training(self) -> str:
        """The training in words."""
        moved = "distorted as clothes are" if self.distortion == "clothes" else "distorted"
        first = f"pick-to-learn: {self.spent} images spent on {self.first_steps} steps ({moved})"
        return f"{first}, then at most {self.rounds} rounds of {self.at_most} picks and {self.steps} steps"


PICKED = PickedCell((16, 32, 128), spent=6000, first_steps=5000, rounds=10, at_most=60, steps=100, share=0.4)
PICKED_FEW = replace(PICKED, spent=600, first_steps=1200, rounds=8, later_rate=0.001, averaging=0.98)
PICKED_CLOTHES = replace(PICKED, spent=12_000, first_steps=2000, rounds=1, at_most=600, averaging=0.98, distortion="clothes")
