"""Signs of functions on a line that change at most k times, fitted to labels that are coins.

Half-spaces change once; a threshold network with k hidden units, a ReLU network with k hidden units, a polynomial of degree k, change at
most k times, and each of these classes has all such signs. Points are uniform on an interval and labels fair coins, so that every function
has risk 1/2, and the fewest errors of a function with k changes on n points has a law that can be counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cache
from typing import Any

from genbounds.bounds.assumptions import (
    ARCHITECTURE_FIXED_IN_ADVANCE,
    CLASS_FIXED_IN_ADVANCE,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LOGISTIC_UNITS,
    LOSS_IN_UNIT_INTERVAL,
    NO_ERROR_ON_SAMPLE,
    PIECEWISE_POLYNOMIAL_UNITS,
    RELU_UNITS,
    THRESHOLD_UNITS,
    ZERO_ONE_LOSS,
    Audit,
)
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding, violating

HALF = Fraction(1, 2)
_COMMON = (
    holding("points and labels drawn independently", IID_SAMPLE)
    | holding("a sign is right or wrong", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
    | holding("the class is described by numbers fixed beforehand", CLASS_FIXED_IN_ADVANCE, ARCHITECTURE_FIXED_IN_ADVANCE)
    | violating("the sign pattern with the fewest errors is picked", HYPOTHESIS_INDEPENDENT_OF_SAMPLE, NO_ERROR_ON_SAMPLE)
)


class SignsOnALine(Scenario):
    """A class of functions on the line with at most ``changes`` changes of sign; a subclass says of which networks."""

    truths = frozenset({RISK})
    inputs = frozenset({"n", "empirical_risk"})
    audit: Audit = _COMMON
    changes: int
    described: Mapping[str, Any]
    """What capacities take of the class."""

    def worlds(self, size: Size) -> Iterator[World]:
        """Few points, so that every sequence of labels is counted."""
        most = {0: 64, 1: 40}.get(self.changes, 24)
        for n in (8, most) if size == "thumbnail" else (1, 2, 4, 8, 12, 16, 20, 24, most):
            yield self.world(n)

    @classmethod
    def world(cls, n: int) -> World:
        """Every number of errors of the best sign pattern."""
        law = law_of_the_fewest_errors(n, cls.changes)
        errors = sorted(law)
        shown = {"empirical_risk": [Fraction(entry, n) for entry in errors]}
        return World(f"n = {n}", {"n": n, **cls.described}, shown, {RISK: [HALF] * len(errors)}, [law[entry] for entry in errors])


class Constants(SignsOnALine):
    """The two constants."""

    name = "two constants"
    description = "the constants 1 and -1 on labels that are fair coins: the one with fewer errors"
    inputs = frozenset({"n", "empirical_risk", "vc_dimension", "log_growth", "log_growth_2n"})
    changes = 0
    # 0.6931471805599454 is ln 2 rounded up.
    described: Mapping[str, Any] = {"vc_dimension": 1, "log_growth": 0.6931471805599454, "log_growth_2n": 0.6931471805599454}


class HalfSpacesOnALine(SignsOnALine):
    """Thresholds in both directions."""

    name = "half-spaces on a line"
    description = "thresholds in both directions on labels that are fair coins: the one with the fewest errors"
    inputs = frozenset({"n", "empirical_risk", "inputs"})
    changes = 1
    described: Mapping[str, Any] = {"inputs": 1}


class HalfPlanesOnACircle(SignsOnALine):
    """Half-planes on points of a circle: they cut off an arc, which along the circle is two changes of sign or, at the ends, one."""

    name = "half-planes on a circle"
    description = "half-planes on points of a circle with labels that are fair coins: the half-plane with the fewest errors"
    inputs = frozenset({"n", "empirical_risk", "inputs"})
    changes = 2
    described: Mapping[str, Any] = {"inputs": 2}


class ReluUnitOnALine(SignsOnALine):
    """Networks without a hidden layer, as their widths describe them."""

    name = "single layer on a line"
    description = "the signs of networks of widths 1, 1 on labels that are fair coins: the network with the fewest errors"
    inputs = frozenset({"n", "empirical_risk", "widths"})
    audit = _COMMON | holding("there is no activation", RELU_UNITS)
    changes = 1
    described: Mapping[str, Any] = {"widths": (1, 1)}


class ReluNetworkOnALine(SignsOnALine):
    """Two ReLU units: two changes of sign at most, since the pieces at both ends, or the one between, are flat or not as the units face."""

    name = "ReLU network on a line"
    description = "two ReLU units and an output unit on labels that are fair coins: the network with the fewest errors"
    inputs = frozenset({"n", "empirical_risk", "widths"})
    audit = _COMMON | holding("two ReLU units", RELU_UNITS)
    changes = 2
    described: Mapping[str, Any] = {"widths": (1, 2, 1)}


class ThresholdNetworkOnALine(SignsOnALine):
    """Two threshold units and an output unit, unit by unit."""

    name = "threshold network on a line"
    description = "two threshold units and an output unit on labels that are fair coins: the network with the fewest errors"
    inputs = frozenset({"n", "empirical_risk", "unit_parameters"})
    audit = _COMMON | holding("every unit is a threshold unit", THRESHOLD_UNITS)
    changes = 2
    described: Mapping[str, Any] = {"unit_parameters": (2, 2, 3)}


class CountedThresholdNetworkOnALine(ThresholdNetworkOnALine):
    """The same, by its numbers of parameters and units."""

    name = "threshold network on a line, by its size"
    inputs = frozenset({"n", "empirical_risk", "parameters", "units"})
    described: Mapping[str, Any] = {"parameters": 7, "units": 3}


class LogisticNetworkOnALine(SignsOnALine):
    """Two logistic units and an output unit."""

    name = "logistic network on a line"
    description = (
        "two logistic units and a thresholded output on labels that are fair coins: a network with the errors of the best two cuts"
    )
    inputs = frozenset({"n", "empirical_risk", "parameters", "units"})
    audit = _COMMON | holding("two logistic units and a threshold", LOGISTIC_UNITS)
    changes = 2
    described: Mapping[str, Any] = {"parameters": 7, "units": 3}


class SquareOnALine(SignsOnALine):
    """One unit that squares, and an output unit: the polynomials of degree 2 with a double root moved up or down."""

    name = "squared unit on a line"
    description = "a unit with the activation t^2 and an output unit on labels that are fair coins: the network with the fewest errors"
    inputs = frozenset({"n", "empirical_risk", "parameters", "layers", "units", "pieces", "degree"})
    audit = _COMMON | holding("t^2 has one piece, of degree 2", PIECEWISE_POLYNOMIAL_UNITS)
    changes = 2
    described: Mapping[str, Any] = {"parameters": 4, "layers": 2, "units": 2, "pieces": 1, "degree": 2}


class SquareByLayersOnALine(SquareOnALine):
    """The same, by the parameters and breakpoints of its layers."""

    name = "squared unit on a line, by its layers"
    inputs = frozenset({"n", "empirical_risk", "parameters", "breakpoints", "degree"})
    described: Mapping[str, Any] = {"parameters": (2, 2), "breakpoints": (1, 1), "degree": 2}


@cache
def law_of_the_fewest_errors(n: int, changes: int) -> dict[int, Fraction]:
    """P(the best pattern of n signs with at most so many changes errs on e of n fair coins), for each e.

    The state after some labels is the fewest errors of patterns with at most j changes that end in each sign; coins that lead to the same
    state are counted together. One label and its opposite lead to mirrored states, so the first label may be 1.

    >>> law_of_the_fewest_errors(3, 0) == {0: Fraction(1, 4), 1: Fraction(3, 4)}
    True
    """
    states: Counter[tuple[int, ...]] = Counter({(0,) * (changes + 1) + (1,) * (changes + 1): 1})
    for _ in range(n - 1):
        following: Counter[tuple[int, ...]] = Counter()
        for state, ways in states.items():
            plus, minus = state[: changes + 1], state[changes + 1 :]
            up = (plus[0], *(min(plus[j], minus[j - 1]) for j in range(1, changes + 1)))
            down = (minus[0], *(min(minus[j], plus[j - 1]) for j in range(1, changes + 1)))
            following[(*up, *(entry + 1 for entry in down))] += ways
            following[(*(entry + 1 for entry in up), *down)] += ways
        states = following
    law: Counter[int] = Counter()
    for state, ways in states.items():
        law[min(state)] += ways
    return {errors: Fraction(ways, 2 ** (n - 1)) for errors, ways in law.items()}
