"""The settings: networks over a grid of hyperparameters, one network in many scales, and pairs of solutions."""

from __future__ import annotations

from dataclasses import dataclass

N = 400
"""Draws of every sample."""


@dataclass(frozen=True)
class GridCell:
    """Networks of one setting, each on a sample of its own; network k of all settings has the same sample and seed of its start.

    Args:
        width: of the hidden layer.
        batch, step, decay: size of the minibatches, learning rate, weight decay.
        epochs: passes over the sample.
        networks: how many.
        pairs: draws of weights and an example, for each Gibbs risk.
        seed: another seed is other samples and starts.
    """

    width: int
    batch: int
    step: float
    decay: float
    epochs: int
    networks: int
    pairs: int
    seed: int = 0
    population: str = "digits"


@dataclass(frozen=True)
class ScalesCell:
    """A trained network, and the same function with the first layer times c and the second over c, for c = 2^k.

    Args:
        width: of the hidden layer.
        exponents: k.
        epochs: passes over the sample.
        seed: another seed is another sample and start.
    """

    width: int
    exponents: tuple[int, ...]
    epochs: int
    seed: int = 0
    population: str = "digits"


@dataclass(frozen=True)
class PairsCell:
    """Two solutions on each sample by gradient descent with all examples: a wide network, and one too narrow to fit every example.

    Args:
        wide, narrow: hidden units.
        step, steps: of gradient descent.
        pairs: how many samples.
        seed: another seed is other samples and starts.
    """

    wide: int
    narrow: int
    step: float
    steps: int
    pairs: int
    seed: int = 0
    population: str = "digits"
