"""The cells of the PAC-Bayes study: a Gaussian network with its prior and its training."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal


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
    def drawn_from(self) -> str:
        """The population in words, with the label noise that makes it another one."""
        return f"{self.population} with {float(100 * self.label_noise):g} % of labels flipped" if self.label_noise else self.population

    @property
    def architecture(self) -> str:
        """The architecture in words."""
        return f"{'-'.join(map(str, self.widths))} {'ReLU' if len(self.widths) > 2 else 'linear'}"

    @property
    def network(self) -> str:
        """The architecture in words, and where its Gaussian lives."""
        where = f"in a random subspace of {self.dimension} dimensions" if self.dimension else "weights"
        return f"{self.architecture}, Gaussian {where}"

    @property
    def training(self) -> str:
        """The training in words."""
        prior = "data-free prior" if self.prior == "data-free" else "prior means fitted on half of the draws"
        return f"{prior}, standard deviation {self.std:g}; posterior trained on pac_bayes.{self.objective}"


DATA_FREE = PosteriorCell(
    "data-free", "seeger2002", std=3.0, steps=500, learning_rate=0.1, initial_scale=0.1, widths=(64, 10), p_min=0.05, batch_size=256
)
HIDDEN = replace(DATA_FREE, widths=(64, 10, 10), std=1.5, steps=700, initial_scale=0.2)
SUBSPACE = replace(DATA_FREE, dimension=200, learning_rate=0.05, pairs=20_000)
LARGE = PosteriorCell("data-free", "seeger2002", std=0.5, steps=800, learning_rate=0.03, initial_scale=0.2, n=10**5, widths=(64, 32, 10))
HALF = PosteriorCell("half", "seeger2002", std=0.03, steps=120, learning_rate=0.003, initial_scale=0.9)
HALF_SUBSPACE = replace(HALF, dimension=50, widths=(64, 32, 10), pairs=20_000)
NOISE = (Fraction(1, 10), Fraction(1, 5), Fraction(2, 5))
