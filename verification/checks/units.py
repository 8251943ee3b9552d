"""Units of what bounds take: a bound that is written in units says the same in others.

A loss may be counted in cents or in euros, weights and inputs in any scale. An input has a power of each unit, by its name in the
catalogue, and a bound that is written in them is multiplied by the power of what it bounds. A loss in [0, 1] has fixed its unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from genbounds.bounds.bounds_on import EXPECTED_GAP, REMOVE_ONE_STABILITY, RISK, STABILITY
from genbounds.bounds.theorem import Bound

PURE = frozenset({"n", "delta", "candidates", "steps", "expected_mistakes", "expected_support_vectors", "mutual_information"})
"""Inputs that have no unit."""


@dataclass(frozen=True)
class Unit:
    """One unit.

    Attributes:
        name: in words.
        powers: of the inputs that have it, by name.
        others: names of inputs that may occur with them, of power 0.
        result: the power of what is bounded; what is not listed has none.
        factor: by which the unit is made smaller, a power of two.
    """

    name: str
    powers: Mapping[str, int]
    others: frozenset[str]
    result: Mapping[str, int]
    factor: float = 4.0

    def of(self, bound: Bound) -> int | None:
        """The power of the unit in the value of the bound; None where an input has no known power, or the unit is not free."""
        power = self.result.get(bound.bounds_on, 0)
        fixed = bool(power) and not (bound.trivial is None or isinstance(bound.trivial, str))  # the loss is at most 1, say
        carriers = sum(name in self.powers for name in bound.inputs) + bool(power)
        unknown = set(bound.inputs) - set(self.powers) - self.others - PURE
        return None if fixed or unknown or carriers < 2 else power

    def changed(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The same inputs in the smaller unit."""
        return {name: np.asarray(entry) * self.factor ** self.powers.get(name, 0) for name, entry in inputs.items()}


LOSS = Unit(
    "the unit of the loss",
    {
        **dict.fromkeys(("empirical_risk", "leave_one_out_risk", "loss_range", "stability", "objective_gap", "subgaussian"), 1),
        **dict.fromkeys(("lipschitz", "smoothness", "strong_convexity"), 1),
        **dict.fromkeys(("step_size", "step_sizes", "step_scale"), -1),
        **dict.fromkeys(("highest", "gaps"), 1),
        **dict.fromkeys(("variance_bound", "second_moment"), 2),
    },
    frozenset({"segment_risks"}),
    dict.fromkeys((RISK, EXPECTED_GAP, STABILITY, REMOVE_ONE_STABILITY), 1),
)
WEIGHTS = Unit(
    "the unit of the weights",
    {
        "lipschitz": -1,
        **dict.fromkeys(("smoothness", "strong_convexity"), -2),
        **dict.fromkeys(("step_size", "step_sizes", "step_scale"), 2),
    },
    frozenset({"loss_range", "objective_gap"}),
    {},
)
SCORES = Unit(
    "the unit of inputs and scores",
    {
        **dict.fromkeys(("radius", "margin", "largest_margin", "deviation", "weight_norm", "complexity"), 1),
        "expected_squared_norm": -2,
    },
    frozenset({"margin_risk", "outputs"}),
    {},
)
UNITS = (LOSS, WEIGHTS, SCORES)
"""Every unit that inputs of the catalogue have."""
