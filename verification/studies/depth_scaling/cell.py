"""The cells of the study, and the scalings that it compares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

SCALED: Mapping[str, float] = {"one": 0.0, "fourth": -0.25, "root": -0.5}
"""The residual networks by name: tau is L to this power."""
PLAIN = "plain"
"""The network without a shortcut."""
SCALINGS = (*SCALED, PLAIN)
LABELS: Mapping[str, str] = {"one": "τ = 1", "fourth": "τ = 1/∜L", "root": "τ = 1/√L", "plain": "plain"}
WINDOWED = ("fourth", "root")
"""The scalings whose products over windows are taken; at tau = 1 a product of L layers has a norm of at least 3^(L/2)."""
RATES = (0.1, 0.01, 0.001)
"""Step sizes that each network may choose from, so that none is judged at a step size that suits another."""


def tau(scaling: str, depth: int) -> float:
    """The scale of the residual branch.

    >>> tau("root", 100), tau("fourth", 16), tau("one", 1000)
    (0.1, 0.5, 1.0)
    """
    return float(depth ** SCALED[scaling])


@dataclass(frozen=True)
class OutputCell:
    """The output's norm at initialisation: all scalings with the same weights, with and without batch normalisation."""

    depth: int
    seed: int
    width: int = 128
    batch: int = 32


@dataclass(frozen=True)
class WindowCell:
    """The spectral norms of (I + tau W_b) ... (I + tau W_a) for all a <= b at initialisation."""

    depth: int
    seed: int
    normalised: bool
    width: int = 64
    batch: int = 32


@dataclass(frozen=True)
class TrainingCell:
    """One seed's networks (all scalings, all step sizes of ``RATES``), trained on the digits from the same weights."""

    depth: int
    seed: int
    normalised: bool
    width: int = 32
    steps: int = 60
    n: int = 512
    batch: int = 64
    population: str = "digits"


Cells: TypeAlias = OutputCell | WindowCell | TrainingCell
