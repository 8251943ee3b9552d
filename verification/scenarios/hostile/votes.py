"""Votes for one of several classes, where the theorem counts two, and losses that do not ask whether the vote is the label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from genbounds.bounds import assumptions as a
from genbounds.bounds.bounds_on import MAJORITY_VOTE_RISK
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding, violating


@dataclass(frozen=True)
class Point:
    """A point and its ``mass``: ``weights`` of the votes by class, class 0 being the label, and ``lost``, what a vote for each costs."""

    mass: Fraction
    weights: tuple[Fraction, ...]
    lost: tuple[int, ...]

    @property
    def errors(self) -> Fraction:
        """The weight of the voters that lose."""
        return sum((w * lost for w, lost in zip(self.weights, self.lost, strict=True)), Fraction(0))

    @property
    def apart(self) -> Fraction:
        """The probability that two voters name different classes."""
        return 1 - sum((w**2 for w in self.weights), Fraction(0))

    @property
    def vote(self) -> int:
        """What the vote for the class of the largest weight loses."""
        return self.lost[max(range(len(self.weights)), key=lambda entry: self.weights[entry])]


def votes(label: str, points: tuple[Point, ...]) -> World:
    """The population that these points are, or a sample in which each has its share of ten million examples."""
    gibbs = sum((point.mass * point.errors for point in points), Fraction(0))
    common: Mapping[str, Any] = {
        **{"gibbs_risk": gibbs, "empirical_risk": gibbs, "kl": 0, "n": 10**7},
        "disagreement": sum((point.mass * point.apart for point in points), Fraction(0)),
        "tandem_risk": sum((point.mass * point.errors**2 for point in points), Fraction(0)),
    }
    return World(label, common, {}, {MAJORITY_VOTE_RISK: [sum((p.mass * p.vote for p in points), Fraction(0))]}, [Fraction(1)])


class ManyClasses(Scenario):
    """On most points nearly all voters name the label, the others scatter; on a few points slightly more than half name one wrong class."""

    name = "hostile: how many classes are voted for"
    hostile = "the number of classes"
    description = "voters that scatter over three classes where the vote is right, and over two where it is wrong"
    inputs = frozenset({"gibbs_risk", "disagreement"})
    truths = frozenset({MAJORITY_VOTE_RISK})
    audit = (
        holding("the label or not", a.ZERO_ONE_LOSS, a.LOSS_IN_UNIT_INTERVAL, a.BOUNDED_LOSS, a.PLURALITY_VOTES)
        | holding("the points are the population", a.VOTES_OF_POPULATION)
        | violating("there are three classes", a.BINARY_VOTES)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Every voter that errs where the vote is right adds to the disagreement, and hides as much of that elsewhere."""
        for few in (Fraction(1, 10), Fraction(1, 20)):
            right = Point(1 - few, (Fraction(9, 10), Fraction(1, 20), Fraction(1, 20)), (0, 1, 1))
            wrong = Point(few, (Fraction(49, 100), Fraction(51, 100), Fraction(0)), (0, 1, 1))
            yield votes(f"the vote errs on {few}", (right, wrong))


class ForgivenClasses(Scenario):
    """Of three classes with nearly equal votes two cost nothing, and the third, which has the most, costs 1."""

    name = "hostile: which votes are lost"
    hostile = "what a vote costs"
    description = "votes for one of three classes, of which two cost nothing; the third has slightly more votes than each of them"
    inputs = frozenset({"gibbs_risk", "tandem_risk", "empirical_risk", "kl", "n"})
    truths = frozenset({MAJORITY_VOTE_RISK})
    audit = (
        holding("it is 0 or 1", a.ZERO_ONE_LOSS, a.LOSS_IN_UNIT_INTERVAL, a.BOUNDED_LOSS)
        | holding("all points are alike", a.VOTES_OF_POPULATION, a.IID_SAMPLE)
        | holding("the posterior is the prior", a.PRIOR_INDEPENDENT_OF_SAMPLE)
        | violating("a class that is not the label costs nothing", a.PLURALITY_VOTES, a.BINARY_VOTES)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """The vote always loses, with little more than a third of the weight."""
        for lead in (Fraction(1, 100), Fraction(1, 10)):
            rest = (1 - lead) / 3
            yield votes(f"a lead of {lead}", (Point(Fraction(1), (rest, rest, rest + lead), (0, 0, 1)),))
