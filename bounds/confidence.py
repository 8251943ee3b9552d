"""Confidence is spent once: shares of delta, and choices made on the data that have to be paid for."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from genbounds.bounds.exact import Exact, ExactOrVector, exact, exact_or_vector
from genbounds.bounds.inputs import CONFIDENCE


class Confidence:
    """A failure probability that is handed out in shares which never add up to more than it.

    >>> budget = Confidence(Fraction(1, 20))
    >>> budget.share(Fraction(1, 5), "Monte-Carlo risk"), budget.remaining
    (Fraction(1, 100), Fraction(1, 25))
    """

    def __init__(self, delta: Any) -> None:
        """``delta``: the whole failure probability, in (0, 1), taken exactly."""
        number = exact(delta, "delta")
        CONFIDENCE.check("delta", number)
        self.delta = Fraction(number)
        self._spent: list[tuple[Fraction, str]] = []

    @property
    def remaining(self) -> Fraction:
        """What has not been handed out."""
        return self.delta - sum((amount for amount, _ in self._spent), Fraction(0))

    @property
    def shares(self) -> tuple[tuple[Fraction, str], ...]:
        """The shares handed out so far, each with its purpose."""
        return tuple(self._spent)

    def share(self, part: Any, purpose: str) -> Fraction:
        """Hand out ``part`` (a fraction in (0, 1]) of the whole delta for ``purpose``; ``ValueError`` if that much is not left."""
        fraction = Fraction(exact(part, "part"))
        if not 0 < fraction <= 1:
            raise ValueError(f"part must lie in (0, 1], got {part}: it is the fraction of delta={self.delta} that {purpose!r} gets")
        amount = fraction * self.delta
        if amount > self.remaining:
            raise ValueError(
                f"part must leave the shares at most delta={self.delta}, got {part} for {purpose!r} with {self.remaining} left: "
                "make the parts add up to at most 1"
            )
        self._spent.append((amount, purpose))
        return amount

    def rest(self, purpose: str) -> Fraction:
        """Hand out everything that is left; ``ValueError`` if nothing is."""
        if not self.remaining:
            raise ValueError(f"delta is spent: nothing is left for {purpose!r}; make the earlier shares smaller")
        amount = self.remaining
        self._spent.append((amount, purpose))
        return amount


@dataclass(frozen=True)
class Choice:
    """A value that was chosen among alternatives fixed in advance, perhaps by looking at the sample.

    A bound whose input had to be fixed beforehand is then read at ``delta * weight``: the union over the alternatives. Its measured inputs
    have to hold for every alternative as well, so their failure probabilities are divided by the weight: make a Monte-Carlo limit at
    ``delta * weight``, and the certificate counts ``delta``. Give either ``alternatives`` (how many there were, each with weight
    1/alternatives) or ``weight`` (of this one; all weights add up to at most 1).

    >>> tuned = Choice(2, alternatives=10, how="grid of ten temperatures")
    >>> tuned.weight
    Fraction(1, 10)
    >>> from genbounds.bounds.pac_bayes import catoni, monte_carlo_errors
    >>> limit = monte_carlo_errors(errors=30, pairs=1000, delta=Fraction(1, 100) * tuned.weight)
    >>> catoni(empirical_risk=limit, kl=500, n=10**4, temperature=tuned, delta=Fraction(1, 25)).delta
    Fraction(1, 20)
    """

    value: ExactOrVector
    alternatives: int = 0
    weight: Exact = Fraction(0)
    how: str = ""

    def __post_init__(self) -> None:
        """Normalise to an exact value and an exact weight."""
        object.__setattr__(self, "value", exact_or_vector(self.value))
        if bool(self.alternatives) == bool(self.weight):
            raise ValueError(
                f"a Choice must be given either alternatives or weight, got alternatives={self.alternatives}, weight={self.weight}: "
                "say how many values could have been chosen, or the weight of this one"
            )
        if not self.how:
            raise ValueError("how must say among what the value was chosen, got nothing: for example 'grid of ten temperatures'")
        weight = Fraction(1, self.alternatives) if self.alternatives else Fraction(exact(self.weight, "weight"))
        if not 0 < weight <= 1:
            raise ValueError(f"weight must lie in (0, 1], got {weight}: the weights of all alternatives add up to at most 1")
        object.__setattr__(self, "weight", weight)
