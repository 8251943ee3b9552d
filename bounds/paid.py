"""What the inputs of one call cost: the deltas of measured inputs, the weight of chosen ones, and what they assume."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from genbounds.bounds.assumptions import Assumption, AuditedAssumption, merged
from genbounds.bounds.confidence import Choice
from genbounds.bounds.exact import ExactOrVector
from genbounds.bounds.quantity import Charge, Quantity, distinct

CHOSEN = re.compile(r"chosen from (?P<how>.*); paid by reading the bound at delta times (?P<weight>\S+)", re.DOTALL)
"""What ``Paid.choice`` says of a value that was chosen."""


def weight_paid(assumptions: Iterable[AuditedAssumption]) -> Fraction:
    """The factor on the delta of a certificate with these assumptions at which its formula was read.

    >>> from genbounds.bounds.pac_bayes import catoni
    >>> tuned = Choice(2, alternatives=10, how="grid of ten temperatures")
    >>> weight_paid(catoni(empirical_risk=0, kl=50, n=1000, temperature=tuned, delta=Fraction(1, 20)).assumptions)
    Fraction(1, 10)
    """
    weight = Fraction(1)
    for entry in assumptions:
        match = CHOSEN.fullmatch(entry.how) if entry.assumption.name.endswith(" fixed in advance") else None
        weight *= Fraction(match["weight"]) if match else 1
    return weight


@dataclass
class Paid:
    """What the inputs of one call cost. ``weight`` is that of all values that were chosen, the product over the Choices.

    A chosen value pays twice. Let the bound be read at delta w_j for alternative j, and let the measured inputs that go with j fail with
    probability at most c_j. A limit on the risk of one posterior says nothing about the posterior of another alternative, so all of them
    have to hold: the certificate of some alternative is false with probability at most sum_j (delta w_j + c_j). A call sees its own
    alternative only, and states T_j = delta + c_j / w_j. For a level D fixed in advance, a false certificate with T_j <= D exists with
    probability at most the sum over those j of delta w_j + c_j = w_j T_j <= w_j D, that is, at most D, as the weights add up to at most
    1. Where every c_j is c w_j, all state delta + c. Limits that are the same for all alternatives are counted as if they were not, as a
    call cannot know it: that costs confidence, and is safe.
    """

    measured: dict[str, tuple[Charge, ...]] = field(default_factory=dict)
    assumptions: tuple[AuditedAssumption, ...] = ()
    weight: Fraction = Fraction(1)
    statuses: list[tuple[str, Literal["declared"], str]] = field(default_factory=list)

    def input(self, name: str, quantity: Quantity) -> None:
        """Enter a measured input: what it may fail with, and what it assumes."""
        if quantity.charges:
            self.measured[name] = quantity.charges
        self.assumptions += quantity.assumptions

    def choice(self, name: str, choice: Choice) -> ExactOrVector:
        """Enter a value that was chosen on the data."""
        weight = Fraction(choice.weight)
        self.weight *= weight
        # The union is paid here; that the alternatives were fixed beforehand is the user's word.
        self.statuses.append((name, "declared", f"chosen from {choice.how}; paid by reading the bound at delta times {weight}"))
        return choice.value

    @property
    def charges(self) -> tuple[Charge, ...]:
        """The measured inputs' failure probabilities, each once for every alternative: divided by the weight."""
        entered = distinct(tuple(charge for charges in self.measured.values() for charge in charges))
        if self.weight == 1:
            return entered
        return tuple(Charge(charge.delta / self.weight, f"{charge.what}, for all alternatives", charge.simultaneous) for charge in entered)

    @property
    def of_one(self) -> list[str]:
        """The inputs that may fail and speak of the one object they were measured for."""
        return [name for name, charges in self.measured.items() if not all(charge.simultaneous for charge in charges)]

    def all_assumptions(self, own: tuple[Assumption, ...]) -> tuple[AuditedAssumption, ...]:
        """The theorem's own assumptions, what had to be fixed in advance, and what the inputs assume."""
        fixed = [
            AuditedAssumption(Assumption(f"{name} fixed in advance", f"{name} was fixed before the sample was seen."), status, how)
            for name, status, how in self.statuses
        ]
        return merged([*map(AuditedAssumption, own), *fixed], self.assumptions)
