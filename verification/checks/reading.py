"""A bound read on every sample of a world: its values, the part that the sample shows, and the part that the theorem adds."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genbounds.bounds.formula import Formula as Theorem
from genbounds.bounds.theorem import Bound
from genbounds.bounds.worlds import FLOATS, FloatWorld
from genbounds.verification.checks.matching import Feed, Match, in_floats, read_inputs
from genbounds.verification.scenarios.scenario import World

EMPIRICAL = ("empirical_risk", "margin_risk", "online_risk", "reported_risk", "tandem_risk", "leave_one_out_risk", "sampled_risk")
"""Inputs that are themselves an average loss: what a bound adds to them is its deviation."""
SEGMENTS = ("segment_risks", "gaps")
"""Inputs that are the parts of a loss between levels: their average is the sum of the parts times the gaps."""
EXCESS = ("excess_segments", "share", "previous_risk")
"""The same of the excess of a loss over a share of another, whose risk is known."""
COUNTS = {"errors": ("n", "pairs"), "disagreements": ("unlabelled",)}
"""Inputs that are a number of errors or of disagreements, and what they are counted over."""
LISTED = "losses"
"""The input that is the list of all losses: their average is what the sample shows."""
BESIDES = ("surrogate_risk",)
"""Inputs that are a risk of something else, of which what is bounded is made, too."""

Array = NDArray[np.float64]
Formula = Callable[..., Mapping[str, Any]]


class UncappedFloats(FloatWorld):
    """Floats in which a minimum with a constant is the other number: what a formula says before it is cut off.

    A resolution is taken from these values. The complexity of a spectral bound, say, is never above 1/2; a factor that was lost inside it
    would not show in a world where the cap is what is read.

    >>> float(UncappedFloats().minimum(np.float64(3.0), 0.5)), float(UncappedFloats().minimum(np.float64(3.0), np.float64(2.0)))
    (3.0, 2.0)
    """

    def minimum(self, a: Any, b: Any) -> Any:
        """The smaller of two numbers, unless one is a constant of the formula."""
        return a if type(b) in (int, float) else b if type(a) in (int, float) else np.minimum(a, b)


class WatchedFloats(FloatWorld):
    """Floats that remember whether a minimum with a constant was taken.

    >>> world = WatchedFloats()
    >>> float(world.minimum(np.float64(3.0), 0.5)), world.capped
    (0.5, True)
    """

    def __init__(self) -> None:
        """Nothing is cut off yet."""
        self.capped = False

    def minimum(self, a: Any, b: Any) -> Any:
        """The smaller of two numbers."""
        self.capped = self.capped or type(a) in (int, float) or type(b) in (int, float)
        return np.minimum(a, b)


class SearchingFloats(FloatWorld):
    """Floats that look for the last crossing of the very function that they are given.

    Elsewhere in floats this is the number that a search in the sound formula found, whatever function stands in its place: a fault of an
    implicit dimension would not show.

    >>> float(SearchingFloats().last_crossing(lambda m: 30 - m**2, 4.0)), float(SearchingFloats().last_crossing(lambda m: -m, 7.0))
    (5.0, 0.0)
    """

    @staticmethod
    def last_crossing(function: Callable[[Any], Any], guess: Any) -> Any:
        """The largest whole number at which a concave function is not negative; 0 if it is negative at the guess, its half and so on."""
        high = max(1.0, float(np.floor(guess)))
        while function(high) >= 0:
            high *= 2
            if np.isinf(high):
                raise ArithmeticError("the function is nowhere negative")
        low = high
        while low >= 1 and function(low) < 0:
            low = float(np.floor(low / 2))
        while low < (middle := float(np.floor((low + high) / 2))) < high and low >= 1:
            low, high = (middle, high) if function(middle) >= 0 else (low, middle)
        return np.asarray(low)


@dataclass(frozen=True)
class Reading:
    """The values of a bound on the samples of a world at one delta.

    Attributes:
        values: the bound, one number per sample.
        uncapped: the same with every constant cap inside the formula taken off.
        empirical: what the sample itself shows of what is bounded.
        truth: what is bounded.
        trivial: the value that holds without any theorem (infinity where there is none).
    """

    values: Array
    uncapped: Array
    empirical: Array
    truth: Array
    trivial: Array

    @property
    def informative(self) -> NDArray[np.bool_]:
        """On which samples the bound is not vacuous."""
        return np.asarray(self.values < self.trivial, dtype=np.bool_)


def read(found: Match, world: World, delta: float | None, formula: Formula | None = None) -> Reading:
    """Read a bound, or another ``formula`` of the same inputs in its place, on every sample of a world.

    Raises:
        ValueError: the bound refuses the world's inputs (it asks for n >= 2, say); its premises are part of the statement.
    """
    return read_levels(found, world, (delta,), formula)[0]


def read_levels(found: Match, world: World, deltas: Sequence[float | None], formula: Formula | None = None) -> list[Reading]:
    """``read`` at several failure probabilities at once."""
    return made_ready(found, world, deltas).readings(formula)


@dataclass(frozen=True)
class Ready:
    """A bound in one world at some failure probabilities, with its inputs checked and its choices made: any formula of them may be read.

    Attributes:
        found: the bound and the scenario.
        world: the samples.
        deltas: the failure probabilities; ``(None,)`` for statements that cannot fail.
        inputs: of the formula, choices included, in floats.
        shown: what the samples show of what is bounded.
    """

    found: Match
    world: World
    deltas: Sequence[float | None]
    inputs: Mapping[str, Any]
    shown: Array

    def values(self, math: FloatWorld = FLOATS, formula: Formula | None = None) -> Array:
        """The bound, or another ``formula`` in its place: one row for each failure probability, one column for each sample."""
        chosen = formula or self.found.bound.forms[self.found.form].formula
        return np.broadcast_to(_summed(chosen, math, self.inputs), (len(self.deltas), len(self.world)))

    def readings(self, formula: Formula | None = None) -> list[Reading]:
        """One reading for each failure probability."""
        watched = WatchedFloats()
        values = uncapped = self.values(watched, formula)
        if watched.capped:
            # A cap may be what keeps a formula monotone (the C-bound falls again beyond R = 1/2): never below what is certified.
            uncapped = np.maximum(values, self.values(UncappedFloats(), formula))
        truth = self.world.truth(self.found.bound.bounds_on)
        least = trivial(self.found.bound, self.inputs, len(self.world))
        return [Reading(values[level], uncapped[level], self.shown, truth, least) for level in range(len(self.deltas))]


def made_ready(
    found: Match, world: World, deltas: Sequence[float | None], compute: Callable[[Feed, dict[str, Any]], Any] = in_floats
) -> Ready:
    """The inputs of a bound in a world, ready to be read; ``compute`` gives those that come through the catalogue.

    Raises:
        ValueError: the bound refuses the world's inputs (it asks for n >= 2, say); its premises are part of the statement.
    """
    bound = found.bound
    inputs = read_inputs(found, {name: world.floats(name) for name in world.names()}, compute)
    inputs |= {name: default for name, default in bound.defaults.items() if name not in inputs}
    if deltas[0] is not None:
        inputs["delta"] = np.array(deltas, dtype=float)[:, None]
    return Ready(found, world, deltas, _with_choices(bound, found.form, inputs), empirical(bound, inputs, len(world)))


def trivial(bound: Bound, inputs: Mapping[str, Any], samples: int) -> Array:
    """What holds on each sample without any theorem: a constant, or one of the inputs (the range of the loss)."""
    declared = bound.trivial
    value = np.inf if declared is None else inputs[declared] if isinstance(declared, str) else float(declared)
    return np.broadcast_to(np.asarray(value, dtype=float), (samples,))


def total(theorem: Theorem, form: Any, inputs: Mapping[str, Any], math: FloatWorld = FLOATS, formula: Formula | None = None) -> Array:
    """The sum of the terms of a form of a theorem, or of another ``formula`` in its place, in floats; NaN is read as infinity.

    Raises:
        ValueError: an input outside its domain.
    """
    return _summed(formula or theorem.forms[form].formula, math, _with_choices(theorem, form, inputs))


def _with_choices(theorem: Theorem, form: Any, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs in floats, checked, and what the theorem's search chooses."""
    lifted = {name: FLOATS.lift(value) for name, value in inputs.items()}
    theorem.check(lifted, arrays=True)
    choose = theorem.forms[form].choose
    with np.errstate(all="ignore"):
        chosen = choose(**lifted) if choose else {}
    return lifted | {name: FLOATS.lift(entry) for name, entry in chosen.items()}


def _summed(formula: Formula, math: FloatWorld, inputs: Mapping[str, Any]) -> Array:
    with np.errstate(all="ignore"):
        result = np.asarray(reduce(operator.add, formula(math, **inputs).values()), dtype=float)
    return np.where(np.isnan(result), np.inf, result)


def empirical(bound: Bound, inputs: Mapping[str, Any], samples: int) -> Array:
    """What the sample itself shows of what is bounded: an average loss among the inputs, or a count over its number, with a risk
    that stands beside it; else 0.
    """
    if LISTED in bound.inputs:
        return np.broadcast_to(np.mean(np.asarray(inputs[LISTED], dtype=float), axis=-1), (samples,))
    for name in EMPIRICAL:
        if name in bound.inputs:
            return np.broadcast_to(np.asarray(inputs[name], dtype=float), (samples,))
    if all(name in bound.inputs for name in SEGMENTS):
        parts, gaps = (np.asarray(inputs[name], dtype=float) for name in SEGMENTS)
        return np.broadcast_to(np.sum(parts * gaps, axis=-1), (samples,))
    if all(name in bound.inputs for name in EXCESS):
        parts, share, risk = (np.asarray(inputs[name], dtype=float) for name in EXCESS)
        return np.broadcast_to(share * (parts[..., 0] + parts[..., 2] - 1 + risk) + (1 - share) * parts[..., 1], (samples,))
    for name, over in COUNTS.items():
        if name in bound.inputs:
            whole = next(inputs[entry] for entry in over if entry in bound.inputs)
            known = sum(inputs[entry] for entry in BESIDES if entry in bound.inputs)
            return np.broadcast_to(np.asarray(inputs[name] / np.asarray(whole) + known, dtype=float), (samples,))
    return np.zeros(samples)
