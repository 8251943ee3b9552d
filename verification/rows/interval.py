"""A quantity that is known to lie in an interval, with which a bound is compared."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """A quantity known to lie in [lower, upper], and by which method: "95 % Clopper-Pearson interval from 10^6 pairs"."""

    lower: float
    upper: float
    method: str

    def __post_init__(self) -> None:
        """Refuse an empty interval and one without a method."""
        if not self.lower <= self.upper:
            raise ValueError(f"lower must be at most upper, got [{self.lower}, {self.upper}]: give the smaller end first")
        if not self.method:
            raise ValueError("method must say how the interval was found, got nothing: for example '95 % interval from 50 draws'")

    @property
    def middle(self) -> float:
        """The middle of the interval."""
        return self.lower + (self.upper - self.lower) / 2
