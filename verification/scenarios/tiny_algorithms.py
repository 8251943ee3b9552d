"""Learning algorithms on populations of two or three points: every sample, every coin, and what the output tells of the sample, exactly.

The mutual information of sample and output is summed over their joint law, that of the output and the choice over all tables of pairs,
and that of the losses on one pair over the law of both losses. Nothing of it is taken from a theorem.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb

from genbounds.bounds.assumptions import (
    ALGORITHM_FIXED_IN_ADVANCE,
    BOUNDED_LOSS,
    CONDITIONAL_INFORMATION,
    EVALUATED_INFORMATION,
    EXPECTED_EMPIRICAL_RISK,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    MUTUAL_INFORMATION,
    NO_LOSS_ON_ANY_SAMPLE,
    SUBGAUSSIAN_LOSS,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import EXPECTED_GAP, EXPECTED_RISK
from genbounds.bounds.special.precision import precision
from genbounds.bounds.special.rounding import arb_to_float_up
from genbounds.bounds.worlds.balls import lift_scalar
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding

Output = tuple[Fraction, ...]
"""The losses of an output at the points of the population."""
Law = Mapping[Output, Fraction]
"""Outputs with their probabilities over the coins."""
Learner = Callable[[tuple[int, ...]], Law]
HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Algorithm:
    """A learner on a population: ``points`` are the probabilities of the points, samples are tuples of their numbers."""

    label: str
    points: tuple[Fraction, ...]
    n: int
    learner: Learner

    def samples(self, size: int) -> Iterator[tuple[tuple[int, ...], Fraction]]:
        """All samples of so many examples, with probabilities."""
        for sample in itertools.product(range(len(self.points)), repeat=size):
            yield sample, math.prod((self.points[z] for z in sample), start=Fraction(1))

    def runs(self) -> Iterator[tuple[tuple[int, ...], Output, Fraction]]:
        """All samples and outputs, with probabilities."""
        for sample, chance in self.samples(self.n):
            for output, share in self.learner(sample).items():
                yield sample, output, chance * share

    def risk(self, output: Output) -> Fraction:
        """The mean loss of an output over the population."""
        return sum((p * loss for p, loss in zip(self.points, output, strict=True)), Fraction(0))

    def empirical_risk(self, sample: tuple[int, ...], output: Output) -> Fraction:
        """The mean loss of an output on a sample."""
        return sum((output[z] for z in sample), Fraction(0)) / self.n

    def mutual_information(self) -> float:
        """That of sample and output, rounded up."""
        return information_up([(Fraction(1), {(sample, output): chance for sample, output, chance in self.runs()})])

    def conditional_information(self) -> float:
        """That of the output and the choice, given the pairs, rounded up."""
        return information_up(list(self._choices(lambda _, output: output)))

    def evaluated_information(self) -> float:
        """The mean over the pairs of that of the two losses on a pair and its choice, rounded up."""
        tables: list[dict[tuple[Hashable, Hashable], Fraction]] = [{} for _ in range(self.n)]
        for pairs, chance in self.samples(2 * self.n):
            for choice in itertools.product((0, 1), repeat=self.n):
                sample = tuple(pairs[2 * i + u] for i, u in enumerate(choice))
                for output, share in self.learner(sample).items():
                    for i, table in enumerate(tables):
                        key = choice[i], (output[pairs[2 * i]], output[pairs[2 * i + 1]])
                        table[key] = table.get(key, Fraction(0)) + chance * share / 2**self.n
        return information_up([(Fraction(1, self.n), table) for table in tables])

    def _choices(
        self, seen: Callable[[tuple[int, ...], Output], Hashable]
    ) -> Iterator[tuple[Fraction, dict[tuple[Hashable, Hashable], Fraction]]]:
        """For all pairs, with their probability, the joint law of the choice and what is seen of the output.

        Pairs that are each in order stand for all; of each pair that is not the same twice there are two orders.
        """
        ordered = list(itertools.combinations_with_replacement(range(len(self.points)), 2))
        for pairs in itertools.product(ordered, repeat=self.n):
            chance = math.prod(((1 + (a != b)) * self.points[a] * self.points[b] for a, b in pairs), start=Fraction(1))
            table: dict[tuple[Hashable, Hashable], Fraction] = {}
            for choice in itertools.product((0, 1), repeat=self.n):
                sample = tuple(pair[u] for pair, u in zip(pairs, choice, strict=True))
                for output, share in self.learner(sample).items():
                    key = choice, seen(sample, output)
                    table[key] = table.get(key, Fraction(0)) + share / 2**self.n
            yield chance, table

    def world(self, **others: Any) -> World:
        """Every sample and every output, with the informations of the algorithm."""
        runs = list(self.runs())
        risks = [self.risk(output) for _, output, _ in runs]
        shown = [self.empirical_risk(sample, output) for sample, output, _ in runs]
        law = [chance for _, _, chance in runs]
        common = {
            "n": self.n,
            "subgaussian": HALF,
            "mutual_information": self.mutual_information(),
            "conditional_information": self.conditional_information(),
            "evaluated_information": self.evaluated_information(),
            "expected_empirical_risk": sum((p * r for p, r in zip(law, shown, strict=True)), Fraction(0)),
        }
        truths = {EXPECTED_GAP: [r - e for r, e in zip(risks, shown, strict=True)], EXPECTED_RISK: risks}
        return World(self.label, common | others, {}, truths, law)


def information_up(tables: list[tuple[Fraction, dict[tuple[Any, Any], Fraction]]]) -> float:
    """The mean, with these weights, of the mutual informations of joint laws, rounded up.

    >>> information_up([(Fraction(1), {(0, "a"): HALF, (1, "b"): HALF})]), information_up([(Fraction(1), {(0, 0): HALF, (1, 0): HALF})])
    (0.6931471805599454, 0.0)
    """
    terms: dict[Fraction, Fraction] = {}
    for weight, table in tables:
        first: dict[Any, Fraction] = {}
        second: dict[Any, Fraction] = {}
        for (x, y), p in table.items():
            first[x], second[y] = first.get(x, Fraction(0)) + p, second.get(y, Fraction(0)) + p
        for (x, y), p in table.items():
            if p:
                ratio = p / (first[x] * second[y])
                terms[ratio] = terms.get(ratio, Fraction(0)) + weight * p
    with precision(200):
        total = sum((lift_scalar(p) * lift_scalar(ratio).log() for ratio, p in terms.items() if ratio != 1), arb(0))
        return max(arb_to_float_up(total), 0.0)


def marks(size: int) -> list[Output]:
    """All outputs of losses 0 and 1 at so many points."""
    return [tuple(map(Fraction, losses)) for losses in itertools.product((0, 1), repeat=size)]


def noisy_copy(share: Fraction) -> Learner:
    """Of two points the one that was seen first is right, with this probability; else the other."""
    return lambda sample: {marks(2)[1 + sample[0]]: share, marks(2)[2 - sample[0]]: 1 - share}


def memoriser(size: int) -> Learner:
    """Right at the points of the sample, wrong elsewhere."""
    return lambda sample: {tuple(Fraction(z not in sample) for z in range(size)): Fraction(1)}


def chooser(outputs: list[Output]) -> Learner:
    """The output of the smallest loss on the sample; the first of several."""
    return lambda sample: {min(outputs, key=lambda output: sum(output[z] for z in sample)): Fraction(1)}


def gibbs(outputs: list[Output], base: int) -> Learner:
    """An output drawn with weights base^(-loss on the sample), losses of which are whole."""

    def learner(sample: tuple[int, ...]) -> Law:
        weights = {output: Fraction(1, base ** int(sum(output[z] for z in sample))) for output in outputs}
        return {output: weight / sum(weights.values()) for output, weight in weights.items()}

    return learner


def blurred(size: int, share: Fraction) -> Learner:
    """One loss at the points of the sample, the other one elsewhere: 0 and 1 with this probability, else 1 and 0."""

    def learner(sample: tuple[int, ...]) -> Law:
        right = tuple(Fraction(z not in sample) for z in range(size))
        return {right: share, tuple(1 - loss for loss in right): 1 - share}

    return learner


FAIR, THREE = (HALF, HALF), (Fraction(1, 2), Fraction(1, 3), Fraction(1, 6))
STEPS: list[Output] = [tuple(Fraction(z >= cut) for z in range(3)) for cut in range(4)]
VALUED: list[Output] = [(Fraction(0), HALF, Fraction(1)), (HALF, HALF, HALF), (Fraction(1), Fraction(1, 4), Fraction(0))]


class TinyAlgorithms(Scenario):
    """Noisy copies, memorisers, choosers from a list, Gibbs draws."""

    name = "tiny algorithms"
    description = "learning algorithms on two or three points: every sample, every coin, and the exact information of the output"
    inputs = frozenset(
        {"n", "subgaussian", "mutual_information", "conditional_information", "evaluated_information", "expected_empirical_risk"}
    )
    truths = frozenset({EXPECTED_GAP, EXPECTED_RISK})
    audit = (
        holding("points drawn independently", IID_SAMPLE)
        | holding("losses in [0, 1]", LOSS_IN_UNIT_INTERVAL, BOUNDED_LOSS, SUBGAUSSIAN_LOSS)
        | holding("a function of the sample and coins, listed", ALGORITHM_FIXED_IN_ADVANCE)
        | holding(
            "summed over the joint law of all samples, choices and coins",
            *(MUTUAL_INFORMATION, CONDITIONAL_INFORMATION, EVALUATED_INFORMATION, EXPECTED_EMPIRICAL_RISK),
        )
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Little information first, where the bounds are nearly equalities."""
        yield from (one.world() for one in algorithms(size))


class TinyInterpolants(Scenario):
    """Algorithms that never have a loss on their sample."""

    name = "tiny interpolants"
    description = "learning algorithms without a loss on their sample: every sample, and the exact information of the output"
    inputs = TinyAlgorithms.inputs
    truths = TinyAlgorithms.truths
    audit = dict(TinyAlgorithms.audit) | holding("0 at the points of the sample", NO_LOSS_ON_ANY_SAMPLE, ZERO_ONE_LOSS)

    def worlds(self, size: Size) -> Iterator[World]:
        """Memorisers, and the first threshold that fits."""
        for n in (1, 2) if size == "thumbnail" else (1, 2, 3):
            yield Algorithm(f"memoriser of two points, n = {n}", FAIR, n, memoriser(2)).world()
            yield Algorithm(f"memoriser of three points, n = {n}", THREE, n, memoriser(3)).world()
            yield Algorithm(f"the first cut that fits, n = {n}", THREE, n, chooser(STEPS)).world()


def algorithms(size: Size) -> Iterator[Algorithm]:
    """The algorithms of a size."""
    for share in (Fraction(501, 1000), Fraction(3, 4), Fraction(1)):
        yield Algorithm(f"the first of two points, right with probability {share}", FAIR, 1, noisy_copy(share))
    for n in (1, 2) if size == "thumbnail" else (1, 2, 3):
        yield Algorithm(f"memoriser of two points, n = {n}", FAIR, n, memoriser(2))
        yield Algorithm(f"Gibbs draw from all marks of two points, base 2, n = {n}", FAIR, n, gibbs(marks(2), 2))
        yield Algorithm(f"the best of three valued outputs, n = {n}", THREE, n, chooser(VALUED))
        yield Algorithm(f"blurred memory of three points, n = {n}", THREE, n, blurred(3, Fraction(3, 5)))
