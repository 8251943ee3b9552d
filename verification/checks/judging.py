"""The exact rung: a bound on every sample of a world, with the sample's probability.

A statement with high probability is refuted if the samples on which it is below the truth have more than delta of the probability, one in
expectation if the mean truth is above the mean bound, one that always holds by a single sample. Nothing is drawn, so there are no false
alarms: where floats do not decide a comparison, the certificate (rounded up, from exact inputs) is compared with the exact truth.

The **resolution** says how small a mistake would have been noticed: the largest factor c <= 1 such that the bound with its deviation (what
it adds to what the sample shows) times c would be refuted; 0 if none would.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from genbounds.verification.checks.matching import Match, fed
from genbounds.verification.checks.reading import Array, Formula, Reading, Ready, made_ready
from genbounds.verification.scenarios.scenario import World

DELTAS: tuple[Fraction, ...] = tuple(Fraction(text) for text in (".9999", ".9", ".5", ".05", ".001", ".000001"))
"""The failure probabilities at which every bound is looked at."""
UNDECIDED = 1e-9
"""Relative difference below which floats do not decide a comparison."""
CANCELLED = 1e-12
"""How much of the mean size of numbers of both signs the rounding of their mean may be."""


@dataclass(frozen=True)
class Judgement:
    """What one world says of a bound at one delta.

    Attributes:
        world: the label of the world.
        delta: the failure probability that was claimed; None for statements that cannot fail.
        refuted: whether the bound is false here.
        failure: the probability of the samples on which the bound is below the truth (in expectation: 1 if refuted, else 0).
        resolution: the largest refuted factor on the deviation, at most 1; computed with constant caps taken off.
        with_cap: the same with the caps left on; larger where only a cap is tight.
        sample: a sample on which the bound is below the truth, as its inputs; empty if there is none.
        value, truth: the bound and the truth there (for statements in expectation, their means).
        informative: whether the bound is below its trivial value on a sample that can occur.
    """

    world: str
    delta: Fraction | None
    refuted: bool
    failure: float
    resolution: float
    with_cap: float
    sample: str
    value: float
    truth: float
    informative: bool

    def evidence(self) -> str:
        """The refutation in one sentence."""
        level = "" if self.delta is None else f" at delta = {float(self.delta):g}"
        return (
            f"in the world {self.world}{level} the bound is {self.value:.6g} where the truth is {self.truth:.6g}"
            f"{f' ({self.sample})' if self.sample else ''}, with probability {self.failure:.6g}"
        )


def judge(found: Match, world: World, delta: Fraction | None, formula: Formula | None = None) -> Judgement:
    """Judge a bound, or another ``formula`` in its place, in a world where every sample is known.

    With a ``formula`` there is no certificate to decide close comparisons: they then count for the formula.

    Raises:
        ValueError: the bound refuses the world's inputs.
    """
    return judge_levels(found, world, (delta,), formula)[0]


def judge_levels(found: Match, world: World, deltas: Sequence[Fraction | None], formula: Formula | None = None) -> list[Judgement]:
    """``judge`` at several failure probabilities at once."""
    return judge_ready(made_ready(found, world, [None if delta is None else float(delta) for delta in deltas]), deltas, formula)


def judge_ready(ready: Ready, deltas: Sequence[Fraction | None], formula: Formula | None = None) -> list[Judgement]:
    """``judge_levels`` of inputs that are ready; ``deltas`` are the exact values of its failure probabilities."""
    readings = ready.readings(formula)
    return [_judged(ready.found, ready.world, delta, reading, formula is None) for delta, reading in zip(deltas, readings, strict=True)]


def _judged(found: Match, world: World, delta: Fraction | None, reading: Reading, certified: bool) -> Judgement:
    if found.bound.mode == "EXP":
        return _in_expectation(found, world, reading, certified=certified)
    below = below_truth(found, world, delta, reading, certified=certified)
    failure = world.probability(below)
    allowed = Fraction(0) if delta is None else delta
    refuted = failure > allowed if isinstance(failure, Fraction) else failure * (1 - UNDECIDED) > allowed
    weights = world.weights()
    first = int(np.argmax(np.where(below, weights, -1)))
    resolution = _resolution(reading.uncapped, reading, weights, float(allowed))
    return Judgement(
        world.label,
        delta,
        bool(refuted),
        float(failure),
        resolution,
        resolution if np.shares_memory(reading.uncapped, reading.values) else _resolution(reading.values, reading, weights, float(allowed)),
        _described(found, world, first) if below.any() else "",
        float(reading.values[first]),
        float(reading.truth[first]),
        bool(np.any(reading.informative & (weights > 0))),
    )


def below_truth(found: Match, world: World, delta: Fraction | None, reading: Reading, *, certified: bool = True) -> np.ndarray:
    """On which samples the bound is below the truth, decided exactly where floats are too close."""
    size = np.where(np.isfinite(reading.values), np.abs(reading.values), 0.0)  # there is no rounding in minus infinity
    room = UNDECIDED * np.maximum(np.abs(reading.truth), size)
    below = reading.values < reading.truth - room
    close = np.flatnonzero(~below & (reading.values < reading.truth + room)).tolist() if certified else []
    issued = _certificates(found, world, delta)
    for sample in close:
        below[sample] = issued(sample) < Fraction(world.truths[found.bound.bounds_on][sample])
    return below


def certificate_value(found: Match, world: World, sample: int, delta: Fraction | None) -> float:
    """The certificate on one sample, from exact inputs."""
    supplied = {name: world.exact_input(name, sample) for name in world.names()}
    have = fed(found, supplied, lambda feed, given: feed.formula(**given))
    arguments = {name: have[name] for name in found.bound.inputs if name in have}
    if delta is not None:
        arguments["delta"] = delta
    if found.form != found.bound.declaration.form:
        arguments[found.bound.form_argument] = found.form
    return found.bound(**arguments).value


def _resolution(values: Array, reading: Reading, weights: Array, allowed: float) -> float:
    """``critical_factor`` as a number from 0 to 1."""
    return float(np.clip(critical_factor(values, reading, weights, allowed), 0, 1))


def critical_factor(values: Array, reading: Reading, weights: Array, allowed: float) -> float:
    """The largest c such that empirical + c (values - empirical) is below the truth with more than the allowed probability: above 1 where
    the bound itself is refuted, -infinity where no factor is."""
    deviation, needed = values - reading.empirical, reading.truth - reading.empirical
    with np.errstate(all="ignore"):
        critical = np.where(deviation > 0, needed / deviation, np.where(needed > deviation, np.inf, -np.inf))
    order = np.argsort(-critical, kind="stable")
    reached = np.flatnonzero(np.cumsum(weights[order]) > allowed * (1 + 1e-12))
    return float(critical[order[reached[0]]]) if reached.size else -np.inf


def _in_expectation(found: Match, world: World, reading: Reading, *, certified: bool) -> Judgement:
    """Compare the mean of the truth with the mean of the bound; the gap between risks is signed, and its size is what is bounded.

    Truths of both signs may cancel, so that the mean is known to a part of their size only.
    """
    weights = world.weights()
    truth = abs(mean_of(reading.truth, weights))
    value, uncapped = (mean_of(entry, weights) for entry in (reading.values, reading.uncapped))
    room = UNDECIDED * (abs(value) if math.isfinite(value) else 0.0) + CANCELLED * float(weights @ np.abs(reading.truth))
    refuted = truth > value + room
    if certified and world.exact and not refuted and truth > value - room:
        exact = [Fraction(entry) for entry in world.truths[found.bound.bounds_on]]
        mean = abs(sum((Fraction(p) * t for p, t in zip(world.probabilities, exact, strict=True)), Fraction(0)))
        issued = _certificates(found, world, None)
        refuted = mean > sum(Fraction(p) * issued(sample) for sample, p in enumerate(world.probabilities))
    ratio = [min(1.0, truth / entry) if entry > 0 else float(truth > 0) for entry in (uncapped, value)]
    informative = bool(np.any(reading.informative & (weights > 0)))
    return Judgement(world.label, None, refuted, float(refuted), ratio[0], ratio[1], "", value, truth, informative)


def mean_of(entries: Array, weights: Array) -> float:
    """The mean of numbers that may be infinite: samples of probability 0 do not count.

    >>> mean_of(np.array([1.0, np.inf]), np.array([1.0, 0.0])), mean_of(np.array([1.0, np.inf]), np.array([0.5, 0.5]))
    (1.0, inf)
    """
    possible = entries[weights > 0]
    if np.isfinite(possible).all():
        return float(weights[weights > 0] @ possible)
    return math.inf if np.max(possible) == math.inf else -math.inf


def _certificates(found: Match, world: World, delta: Fraction | None) -> Callable[[int], Fraction]:
    """The certificate by the sample, computed once for all samples that the bound cannot tell apart."""
    read = {name for formula in (found.bound, *(feed.formula for feed in found.feeds)) for name in formula.inputs}
    varying = [world.inputs[name] for name in world.inputs if name in read]
    known: dict[tuple[Any, ...], Fraction] = {}

    def certificate(sample: int) -> Fraction:
        key = tuple(entry[sample] for entry in varying)
        if key not in known:
            known[key] = Fraction(certificate_value(found, world, sample, delta))
        return known[key]

    return certificate


def _described(found: Match, world: World, sample: int) -> str:
    """The inputs of one sample that change from sample to sample."""
    named = [name for name in found.bound.inputs if name in world.inputs]
    return ", ".join(f"{name} = {world.exact_input(name, sample)}" for name in named)
