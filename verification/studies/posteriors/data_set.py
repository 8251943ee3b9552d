"""A data set as the procedure of posteriors sees it: a labelled sample, and what measures risks that no training sees."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from torch import Tensor

from genbounds.bounds.assumptions import Status
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic import GaussianNetwork, Split
from genbounds.verification.rows.bound_row import Risk

RISK_DELTA = Fraction(1, 1000)
"""The interval of a risk fails with this probability."""


@dataclass(frozen=True)
class Measured:
    """A risk, exact or as an interval, and where it was measured, in words that follow "risk of ...": " on the pool"."""

    risk: Risk
    where: str


@dataclass(frozen=True, eq=False)
class DataSet(ABC):
    """A sample with labels, split or not, and the risks of predictors.

    Args:
        inputs, labels: of the sample; with a ``split`` its positions number them.
        counts: how often each row occurs in the sample (None: once).
        split: which draws the prior may be fitted on, and which the bound is evaluated on (None: the bound takes all).
        unit: what one draw is called: "draws", "images".
    """

    inputs: Tensor
    labels: Tensor
    counts: Any
    split: Split | None
    unit: str

    @property
    def n(self) -> int:
        """The number of draws that the bound is evaluated on."""
        if self.split is not None:
            return self.split.bound_size
        return len(self.labels) if self.counts is None else int(self.counts.sum())

    @property
    def bound_part(self) -> Mapping[str, Any]:
        """What the bound is evaluated on, as arguments."""
        if self.split is None:
            return {"inputs": self.inputs, "labels": self.labels, "counts": self.counts}
        return {"inputs": self.inputs[self.split.bound], "labels": self.labels[self.split.bound]}

    @property
    def prior_part(self) -> tuple[Tensor, Tensor]:
        """Inputs and labels that the prior may be fitted on; ``ValueError`` if there are none."""
        if self.split is None:
            raise ValueError("a data set without a split has no part for the prior: split it, or take a data-free prior")
        return self.inputs[self.split.prior], self.labels[self.split.prior]

    @property
    @abstractmethod
    def independence(self) -> tuple[Status, str]:
        """Why the draws are independent."""

    @abstractmethod
    def gibbs_risk(self, posterior: GaussianNetwork, stream: Stream, network: int) -> Measured:
        """The Gibbs risk, as an interval: no formula gives it exactly."""

    @abstractmethod
    def network_risk(self, gaussian: GaussianNetwork, coordinates: Tensor) -> Measured:
        """The risk of the one network with these coordinates."""

    @abstractmethod
    def vote_risk(self, posterior: GaussianNetwork, gibbs: Measured, stream: Stream, network: int) -> Measured:
        """The risk of the majority vote over the posterior, whose Gibbs risk is known."""
