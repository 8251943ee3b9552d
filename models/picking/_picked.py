"""What a run of pick-to-learn leaves: the network, its compression set, and the certificate."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from torch import nn

from genbounds.bounds import Certificate
from genbounds.bounds.assumptions import ERRORS_CHANGE_COMPRESSION, PREFERENT_COMPRESSION, Audit
from genbounds.bounds.holdout import campi2023compression
from genbounds.models.picking._settings import Picking


@dataclass(frozen=True, eq=False)
class Picked:
    """The network of a run of ``pick_to_learn``, with its compression set.

    Args:
        model: the network, in evaluation mode.
        settings: of the run.
        examples: the number of examples, those that were spent included.
        rounds: the positions that were picked in each round, in the order in which they were handed over; ``replay`` needs nothing
            else.
        left: the positions that are wrong at the end; they count as picked.
        steady: whether every example has the same loss, bit for bit, whatever the other examples of its batch are.
    """

    model: nn.Module
    settings: Picking
    examples: int
    rounds: tuple[tuple[int, ...], ...]
    left: tuple[int, ...]
    steady: bool

    @property
    def n(self) -> int:
        """The number of examples that were not spent in advance."""
        return self.examples - self.settings.spent

    @property
    def size(self) -> int:
        """The size of the compression set: the examples that were picked, and those that are wrong at the end."""
        return sum(map(len, self.rounds)) + len(self.left)

    def certificate(self, delta: Any = Fraction(1, 20), *, audit: Audit | None = None) -> Certificate:
        """A bound on the probability that the loss of a fresh example is not below the threshold, by ``holdout.campi2023compression``.

        The certificate declares that the settings were fixed in advance. The best of several runs holds at the sum of their deltas, not at
        the delta of each.

        Raises:
            ValueError: delta outside (0, 1).
        """
        how = "examples are compared by loss and position; training sees the spent and the picked ones alone"
        same = "losses were found to be the same, bit for bit, in another arrangement of the batches" if self.steady else ""
        known: Audit = {
            PREFERENT_COMPRESSION: ("declared", f"{how}; {same or 'losses moved in their last bits with what stood beside them'}"),
            ERRORS_CHANGE_COMPRESSION: ("by construction", "an example that is wrong at the end would be picked, or counted as left"),
        }
        return campi2023compression(size=self.size, n=self.n, delta=delta).audited({**known, **(audit or {})})
