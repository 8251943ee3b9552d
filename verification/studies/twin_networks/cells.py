"""The settings of the runs: linear twins whose constants are known, twins of a network, and one task from several starts."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

WIDTHS = (64, 16, 10)
"""Of the networks on the digits."""


@dataclass(frozen=True)
class LinearTwins:
    """Pairs of linear models, each pair on a sample of its own; the second one has one example of it replaced. One pass from weights 0.

    Args:
        population: labels -1 and +1.
        loss: "logistic", convex, with constant steps that end with a projection; or "sigmoid", not convex, with steps c/t.
        n: draws of a sample, and steps.
        step: the step size, or c.
        pairs: how many.
        seed: another seed is other samples.
    """

    population: str
    loss: Literal["logistic", "sigmoid"]
    n: int
    step: Fraction
    pairs: int
    seed: int = 0


@dataclass(frozen=True)
class NetworkTwins:
    """A ReLU network, and twins of it that share its start and its order, each with another example of the sample replaced.

    Args:
        n: draws of the sample.
        step: size of all steps; each takes one example, in the order of one random permutation after another.
        steps: how many.
        twins: how many of them.
        seed: another seed is another sample, start and order.
    """

    n: int
    step: Fraction
    steps: int
    twins: int
    seed: int = 0
    population: str = "digits"


@dataclass(frozen=True)
class Starts:
    """Tasks, each a sample of its own, and tanh networks that learn it from eight starts.

    Four of them have fresh weights, small to large; four were trained on other examples before.

    Args:
        tasks: how many, all trained as one ensemble.
        n: draws of each sample.
        step: size of all steps; each takes one example, in the order of one random permutation after another.
        passes: over the sample.
        examples: of the pool, at which the curvature of each start is measured.
        seed: another seed is other samples, orders and draws of the starts.
    """

    tasks: int
    n: int
    step: Fraction
    passes: int
    examples: int
    seed: int = 0
    population: str = "digits"
