"""How a run of pick-to-learn goes: everything that is fixed before the sample is seen."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from torch import Tensor, nn

PerExample = Callable[[Tensor, Tensor], Tensor]
Augmentation = Callable[[Tensor, np.random.Generator], Tensor]


def margin_loss(outputs: Tensor, labels: Tensor) -> Tensor:
    """The largest output of another class minus the output of the label: at least 0 exactly where the label does not win.

    >>> import torch
    >>> margin_loss(torch.tensor([[2.0, 0.5], [1.0, 1.0]]), torch.tensor([0, 1])).tolist()
    [-1.5, 0.0]
    """
    own = outputs.gather(1, labels[:, None])
    others = outputs.scatter(1, labels[:, None], -math.inf)
    return (others.amax(dim=1, keepdim=True) - own)[:, 0]


@dataclass(frozen=True)
class Picking:
    """The settings of ``pick_to_learn``; all are fixed before the sample is seen.

    Args:
        spent: how many of the first examples are trained on from the start. They are chosen by position, so n is the number of the
            others.
        first_steps: steps of training on the spent part before anything is picked.
        rounds: the largest number of rounds of picking. What is still wrong after the last one is charged as if it had been picked.
        at_most: the largest number of examples picked in a round.
        steps: steps of training after each round.
        batch_size: examples in each step.
        share: the part of a batch that comes from the picked examples, if there are spent ones too.
        learning_rate: of AdamW in the first steps. It falls to ``later_rate`` along half a cosine.
        later_rate: the learning rate after the first steps, to the end.
        weight_decay: of AdamW.
        averaging: the network that is evaluated on the rest, and returned, is a running average of the trained weights, in which each
            step keeps this share of the average before it (0: the trained network itself).
        loss: of each example, (batch,) from outputs and labels. The examples with the largest losses are picked, and an example is
            right if its loss is below ``threshold``. With the default, ``margin_loss``, an example is wrong if its label does not win.
        threshold: of the loss.
        objective: what training minimises, a number from outputs and labels.
        augment: changes the inputs of a batch, drawing from a numpy generator; None leaves them as they are.

    Raises:
        ValueError: a setting outside its range.
    """

    spent: int = 0
    first_steps: int = 0
    rounds: int = 100
    at_most: int = 60
    steps: int = 100
    batch_size: int = 128
    share: float = 0.4
    learning_rate: float = 2e-3
    later_rate: float = 5e-4
    weight_decay: float = 0.0
    averaging: float = 0.0
    loss: PerExample = margin_loss
    threshold: float = 0.0
    objective: PerExample = nn.functional.cross_entropy
    augment: Augmentation | None = None

    def __post_init__(self) -> None:
        """Check the settings."""
        counts = {"spent": (self.spent, 0), "first_steps": (self.first_steps, 0), "rounds": (self.rounds, 0), "at_most": (self.at_most, 1)}
        counts |= {"steps": (self.steps, 1), "batch_size": (self.batch_size, 1)}
        for name, (value, least) in counts.items():
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ValueError(f"{name} must be a whole number of at least {least}, got {value!r}: pass a count")
        if self.first_steps and not self.spent:
            raise ValueError(f"first_steps must be 0 where nothing is spent, got {self.first_steps}: name the examples to spend, spent=...")
        for name in ("share", "averaging"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} must lie in [0, 1), got {getattr(self, name)}: pass a fraction such as 0.4")
        for name in ("learning_rate", "later_rate"):
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name} must be finite and greater than 0, got {getattr(self, name)}: pass a step size")
        if not 0 <= self.weight_decay < math.inf or not math.isfinite(self.threshold):
            raise ValueError(
                f"weight_decay must be at least 0 and threshold finite, got {self.weight_decay} and {self.threshold}: correct the one that "
                "is not"
            )

    def rate(self, step: int) -> float:
        """The step size of a step, a function of its number alone.

        >>> settings = Picking(spent=10, first_steps=100, learning_rate=0.01, later_rate=0.001)
        >>> [round(settings.rate(step), 6) for step in (0, 50, 100, 5000)]
        [0.01, 0.0055, 0.001, 0.001]
        """
        if step >= self.first_steps:
            return self.later_rate
        return self.later_rate + (self.learning_rate - self.later_rate) * 0.5 * (1 + math.cos(math.pi * step / self.first_steps))
