"""Online runs whose law is known: one iterate that never changes, the leader of two experts, and a learner that stops when it was lucky.

The last is the worst case of a martingale bound: it plays a coin that errs with probability p until the online losses lie as far below the
risks as it wants, and then an expert that never errs, so that nothing can be lost again.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction

import numpy as np

from genbounds.bounds.assumptions import IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, ONE_PASS, ONLINE_LOSSES, ZERO_ONE_LOSS
from genbounds.bounds.bounds_on import MEAN_RISK_OF_ITERATES
from genbounds.verification.scenarios.scenario import Scenario, Size, World, binomial_law, holding, just_missed, low_counts

Outcome = tuple[int, Fraction]
"""The number of online errors, and the sum of the risks of the iterates."""
EXPERTS = ((Fraction(1, 2), Fraction(1, 2)), (Fraction(1, 10), Fraction(3, 10)), (Fraction(1), Fraction(9, 10)))
"""Risks of two independent experts."""


class OnlineRun(Scenario):
    """Each example is scored by the iterate that has seen the earlier ones."""

    name = "online run"
    revision = 3
    description = "online runs over n examples: one fixed iterate, the leader of two experts, a coin that is played until it was lucky"
    inputs = frozenset({"n", "online_risk", "rate"})
    truths = frozenset({MEAN_RISK_OF_ITERATES})
    audit = (
        holding("independent examples", IID_SAMPLE)
        | holding("right or wrong", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
        | holding("an iterate looks at the examples before it alone", ONLINE_LOSSES, ONE_PASS)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Short runs in Fractions, long ones in doubles."""
        quick = size == "thumbnail"
        for n in (1, 6, 10) if quick else (1, 2, 3, 6, 10, 20):
            yield from (self.leader(n, first, second, Fraction(1)) for first, second in EXPERTS)
        for n, level in ((6, Fraction(1, 1000)), (10**4, Fraction(1, 10**6))):
            p = just_missed(n, level, 7)
            yield from (self.constant(n, p, rate) for rate in (map(Fraction, (1, 20) if quick else (1, 2, 4, 20))))
        yield self.constant(10**7 if quick else 10**8, Fraction(1, 10), Fraction(1, 100))
        for n in (30, 1000) if quick else (10, 30, 60, 300, 1000):
            cost = math.log(10**6)
            for p, rate in ((Fraction(1, 20), Fraction(1)), (Fraction(1, 2), Fraction(1, 5))):
                yield self.lucky(n, p, 1 - math.exp(-rate), float(rate), cost, rate)
            yield self.lucky(n, Fraction(1, 2), 1.0, 1.0, math.sqrt(n * cost / 2) * 0.93, Fraction(1))

    def counted(self, n: int) -> World:
        """One iterate, at rate 1, after 0, ..., n errors."""
        inputs = {"online_risk": [Fraction(k, n) for k in range(n + 1)]}
        truths = {MEAN_RISK_OF_ITERATES: [Fraction(1, 2)] * (n + 1)}
        return World(f"n = {n}", {"n": n, "rate": 1}, inputs, truths, binomial_law(n, Fraction(1, 2)))

    @staticmethod
    def constant(n: int, p: Fraction, rate: Fraction) -> World:
        """One iterate of risk p: the numbers of errors below n p, and all others, of which nothing is said."""
        counts, law = low_counts(n, p)
        outcomes = {(k, n * p): mass for k, mass in zip(counts, law, strict=True)}
        return _world(f"n = {n}, one iterate of risk {p}, rate {rate}", n, rate, outcomes)

    @staticmethod
    def leader(n: int, first: Fraction, second: Fraction, rate: Fraction) -> World:
        """The expert with fewer errors so far is followed; the first where they are equal."""
        law = _law_of_the_leader(n, first, second)
        return _world(f"n = {n}, the leader of experts of risks {first} and {second}, rate {rate}", n, rate, law)

    @staticmethod
    def lucky(n: int, p: Fraction, gain: float, loss: float, aim: float, rate: Fraction) -> World:
        """A coin of risk p is played while gain t p - loss k < aim after t rounds with k errors, then the perfect expert."""
        expected = "expected" if gain == loss else f"{gain / loss:.4g} times those expected"
        label = f"n = {n}, a coin of risk {p} until its errors are {aim / loss:.4g} fewer than {expected}, then no error, rate {rate}"
        return _world(label, n, rate, law_of_the_lucky(n, p, gain, loss, aim))


def _law_of_the_leader(n: int, first: Fraction, second: Fraction) -> dict[Outcome, Fraction]:
    """The law over all sequences, by lead of the second expert, online errors and rounds of the first."""
    law: dict[tuple[int, int, int], Fraction] = {(0, 0, 0): Fraction(1)}
    for _ in range(n):
        after: dict[tuple[int, int, int], Fraction] = {}
        for (lead, errors, rounds), mass in law.items():
            follows_first = lead <= 0
            for a, b in ((0, 0), (0, 1), (1, 0), (1, 1)):
                chance = (first if a else 1 - first) * (second if b else 1 - second)
                key = (lead + a - b, errors + (a if follows_first else b), rounds + follows_first)
                if chance:
                    after[key] = after.get(key, Fraction(0)) + mass * chance
        law = after
    merged: dict[Outcome, Fraction] = {}
    for (_, errors, rounds), mass in law.items():
        outcome = (errors, rounds * first + (n - rounds) * second)
        merged[outcome] = merged.get(outcome, Fraction(0)) + mass
    return merged


def law_of_the_lucky(n: int, p: Fraction, gain: float, loss: float, aim: float) -> dict[Outcome, float]:
    """The law over all sequences of the learner that stops: by the number of errors before each round, in doubles."""
    law: dict[Outcome, float] = {}
    playing = np.zeros(n + 1)
    playing[0] = 1.0
    for t in range(1, n + 1):
        playing = playing * float(1 - p) + np.append(0.0, playing[:-1]) * float(p)
        stopped = (gain * t * float(p) - loss * np.arange(n + 1) >= aim) & (playing > 0)
        for k in np.flatnonzero(stopped).tolist():
            law[k, t * p] = law.get((k, t * p), 0.0) + float(playing[k])
        playing[stopped] = 0.0
    for k in np.flatnonzero(playing).tolist():
        law[k, n * p] = law.get((k, n * p), 0.0) + float(playing[k])
    return law


def _world(label: str, n: int, rate: Fraction, law: Mapping[Outcome, Fraction | float]) -> World:
    """The outcomes of a law; if they do not make up the whole, nothing is said of the rest (the truth is 0)."""
    errors, risks, masses = [k for k, _ in law], [total / n for _, total in law], list(law.values())
    rest = 1 - math.fsum(map(float, masses))
    if rest > 1e-9:
        errors, risks, masses = [*errors, n], [*risks, Fraction(0)], [*masses, rest]
    inputs = {"online_risk": [Fraction(k, n) for k in errors]}
    return World(label, {"n": n, "rate": rate}, inputs, {MEAN_RISK_OF_ITERATES: risks}, masses)
