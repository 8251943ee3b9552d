"""Informations of learning algorithms on two or three points, summed over all samples, choices and coins."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction

from genbounds.bounds.assumptions import CLASS_FIXED_IN_ADVANCE, CONDITIONAL_INFORMATION, ZERO_ONE_LOSS
from genbounds.verification.scenarios.scenario import Size, holding, log_up
from genbounds.verification.scenarios.tiny_algorithms import (
    FAIR,
    STEPS,
    THREE,
    Algorithm,
    Output,
    chooser,
    gibbs,
    marks,
    memoriser,
    noisy_copy,
)
from genbounds.verification.small_worlds.small_world import Known, SmallWorld


def with_outputs(size: Size) -> Iterator[tuple[Algorithm, list[Output]]]:
    """Algorithms with losses of 0 and 1, each with all outputs that it can return."""
    yield Algorithm("copy of the first of two points", FAIR, 1, noisy_copy(Fraction(1))), marks(2)[1:3]
    yield Algorithm("the first of two points, right with probability 3/4", FAIR, 1, noisy_copy(Fraction(3, 4))), marks(2)[1:3]
    for n in (1, 2, 3):
        seen = [tuple(Fraction(z not in some) for z in range(3)) for k in range(1, n + 1) for some in itertools.combinations(range(3), k)]
        yield Algorithm(f"memoriser of three points, n = {n}", THREE, n, memoriser(3)), seen
        yield Algorithm(f"the first cut that fits, n = {n}", THREE, n, chooser(STEPS)), STEPS
        yield Algorithm(f"the better of two marks of two points, n = {n}", FAIR, n, chooser(marks(2)[1:3])), marks(2)[1:3]
        yield Algorithm(f"Gibbs draw from all marks of two points, base 2, n = {n}", FAIR, n, gibbs(marks(2), 2)), marks(2)


def patterns(outputs: list[Output], size: int) -> int:
    """The most different losses that the outputs have on so many points.

    >>> patterns(STEPS, 2), patterns(marks(2), 4)
    (3, 4)
    """
    points = range(len(outputs[0]))
    chosen = itertools.combinations(points, min(size, len(points)))
    return max(len({tuple(output[z] for z in some) for output in outputs}) for some in chosen)


def of_sample_and_output(size: Size) -> Iterator[Known]:
    """The mutual information, of which the number of outputs is known."""
    for one, outputs in with_outputs(size):
        yield Known(one.label, {"class_size": len(outputs), "n": one.n}, one.mutual_information())


def of_losses_on_a_pair(size: Size) -> Iterator[Known]:
    """The evaluated information, of which the conditional one and the patterns on 2n points are known."""
    for one, outputs in with_outputs(size):
        growth = log_up(patterns(outputs, 2 * one.n))
        inputs = {"n": one.n, "conditional_information": one.conditional_information(), "log_growth_2n": growth}
        yield Known(one.label, inputs, one.evaluated_information(), math.log(2))


WORLDS = (
    SmallWorld(
        "sample and output",
        "the mutual information of the sample and the output of algorithms on two or three points, summed over their joint law",
        "mutual_information",
        frozenset({"class_size", "n"}),
        holding("the outputs are listed", CLASS_FIXED_IN_ADVANCE),
        of_sample_and_output,
    ),
    SmallWorld(
        "losses on pairs",
        "the mutual information of the losses on a pair and its choice, of algorithms on two or three points, summed over all pairs",
        "evaluated_information",
        frozenset({"n", "conditional_information", "log_growth_2n"}),
        holding("the outputs are listed", CLASS_FIXED_IN_ADVANCE)
        | holding("losses of 0 and 1", ZERO_ONE_LOSS)
        | holding("summed over all pairs", CONDITIONAL_INFORMATION),
        of_losses_on_a_pair,
    ),
)
