"""What the inputs of one call cost: the deltas of measured inputs, the weight of chosen ones, and what they assume."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from genbounds.bounds.assumptions import Assumption, AuditedAssumption, merged
from genbounds.bounds.confidence import Choice
from genbounds.bounds.exact import ExactOrVector
from genbounds.bounds.quantity import Charge

if TYPE_CHECKING:
    from genbounds.bounds.formula import Formula


@dataclass
class Paid:
    """What the inputs of one call cost."""

    charges: tuple[Charge, ...] = ()
    assumptions: tuple[AuditedAssumption, ...] = ()
    weight: Fraction = Fraction(1)
    statuses: list[tuple[str, Literal["declared"], str]] = field(default_factory=list)

    def all_assumptions(self, own: tuple[Assumption, ...]) -> tuple[AuditedAssumption, ...]:
        """The theorem's own assumptions, what had to be fixed in advance, and what the inputs assume."""
        fixed = [
            AuditedAssumption(Assumption(f"{name} fixed in advance", f"{name} was fixed before the sample was seen."), status, how)
            for name, status, how in self.statuses
        ]
        return merged([*map(AuditedAssumption, own), *fixed], self.assumptions)

    def choice(self, formula: Formula, name: str, choice: Choice) -> ExactOrVector:
        """Charge a data-chosen value, or refuse it."""
        if name not in formula.declaration.fixed_in_advance or "delta" not in formula.inputs:
            raise ValueError(
                f"{name} of {formula.name} must be a number or a Quantity, got a Choice: "
                "the theorem has no free parameter there to pay for; pass the value"
            )
        weight = Fraction(choice.weight)
        self.weight *= weight
        # The union is paid here; that the alternatives were fixed beforehand is the user's word.
        self.statuses.append((name, "declared", f"chosen from {choice.how}; paid by reading the bound at delta times {weight}"))
        return choice.value
