"""A measured number that knows its direction: exact, an upper bound, a lower bound or an estimate."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, get_args

from genbounds.bounds import notebook
from genbounds.bounds.assumptions import AuditedAssumption
from genbounds.bounds.exact import ExactOrVector, directed, exact, exact_or_vector, from_json, to_json
from genbounds.bounds.special.rounding import formatted

Kind = Literal["exact", "upper", "lower", "estimate"]
KINDS: tuple[Kind, ...] = get_args(Kind)


class DirectionError(ValueError):
    """An input points the wrong way: a lower bound or an estimate stands where an upper bound is needed, or the reverse.

    >>> from genbounds.bounds.holdout import hoeffding
    >>> low = Quantity(0.02, "lower", "half of the sample")
    >>> try:
    ...     hoeffding(empirical_risk=low, n=500, delta="0.05")
    ... except DirectionError as error:
    ...     print(str(error)[:66])
    empirical_risk of holdout.hoeffding must be known as exact or uppe
    """


@dataclass(frozen=True, eq=False)
class Charge:
    """A share of delta that one random statement costs. Two charges are the same only if they are the same object.

    ``delta`` is the probability with which the statement may fail, ``what`` names the statement. ``simultaneous`` says that it holds for
    every hypothesis or posterior at once, as that of a uniform bound does: then what rests on it may be chosen after looking. A measurement
    speaks of the one object that was measured.

    >>> from fractions import Fraction
    >>> Charge(Fraction(1, 100), "Monte-Carlo limit").delta
    Fraction(1, 100)
    """

    delta: Fraction
    what: str
    simultaneous: bool = False


def total(charges: tuple[Charge, ...]) -> Fraction:
    """The sum of the deltas of the distinct charges (union bound; one used twice counts once).

    >>> c = Charge(Fraction(1, 100), "Monte-Carlo risk")
    >>> total((c, c))
    Fraction(1, 100)
    """
    return sum((charge.delta for charge in distinct(charges)), Fraction(0))


def distinct(charges: tuple[Charge, ...]) -> tuple[Charge, ...]:
    """The charges without repetitions, in order of first appearance.

    >>> c = Charge(Fraction(1, 100), "Monte-Carlo risk")
    >>> len(distinct((c, c)))
    1
    """
    return tuple(dict.fromkeys(charges))


@dataclass(frozen=True)
class Quantity:
    """A measured number and what is known about it.

    Args:
        value: the number (int, Fraction or float, taken exactly), or a tuple of numbers with one entry per layer.
        kind: ``exact``, ``upper`` (the truth is at most this), ``lower`` (at least this) or ``estimate`` (neither is known).
        how: how it was measured, in words; it is printed in error messages and on certificates.
        delta: the probability with which the statement may fail; 0 if it cannot.
        charges: the random statements it rests on; made from ``delta`` if not given.
        assumptions: what the theorem it came from assumes, each with its status; the certificate it enters lists them too.
        gives: what the number is, where that is known: the input of the catalogue that a capacity stands for (``log_growth``), or what a
            certificate bounds (``Gibbs risk``). An input takes nothing else; a number of one's own says nothing, and is taken as what it is
            passed for.
        n: the number of examples that it was computed at, where it depends on that; an input takes it at that n only.

    >>> q = Quantity(3.0, "upper", "float64 singular values with a backward-error pad")
    >>> q.kind, float(q)
    ('upper', 3.0)
    """

    value: ExactOrVector
    kind: Kind
    how: str
    delta: Fraction = Fraction(0)
    charges: tuple[Charge, ...] = field(default=(), compare=False, repr=False)
    assumptions: tuple[AuditedAssumption, ...] = field(default=(), compare=False, repr=False)
    gives: str = ""
    n: int | None = None

    def __post_init__(self) -> None:
        """Normalise the value to exact numbers and check kind, delta and n."""
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {self.kind!r}: say what is known about the number")
        if not isinstance(self.how, str) or not self.how:
            raise ValueError(f"how must say in words how the number was measured, got {self.how!r}: for example 'error count on the pool'")
        if self.n is not None and (isinstance(self.n, bool) or not isinstance(self.n, int) or self.n < 1):
            raise ValueError(
                f"n must be a whole number of at least 1, got {self.n!r}: it counts the examples that {self.how!r} was read at"
            )
        object.__setattr__(self, "value", exact_or_vector(self.value))
        delta = total(self.charges) if self.charges else Fraction(exact(self.delta, "delta"))
        if not 0 <= delta < 1:
            raise ValueError(f"delta must lie in [0, 1), got {self.delta}: it is the probability with which the statement may fail")
        object.__setattr__(self, "delta", delta)
        if delta and not self.charges:
            object.__setattr__(self, "charges", (Charge(delta, self.how),))

    def __float__(self) -> float:
        """The value as a float: an upper bound rounded up, a lower one down, others to nearest; ``TypeError`` for a vector."""
        if isinstance(self.value, tuple):
            raise TypeError("a vector quantity has no single float value: use .value")
        if self.kind in ("upper", "lower"):
            return directed(self.value, "value", up=self.kind == "upper")
        return float(self.value)

    def __format__(self, spec: str) -> str:
        """The value in this format, rounded to the shown digits as ``float`` rounds it; without a format the repr.

        >>> f"{Quantity(2 / 3, 'upper', 'made up'):.2f} {Quantity(2 / 3, 'lower', 'made up'):.2f}"
        '0.67 0.66'
        """
        if not spec:
            return repr(self)
        if isinstance(self.value, tuple):
            raise TypeError("a vector quantity has no single value to format: use .value")
        return formatted(self.value, spec, {"upper": "up", "lower": "down"}.get(self.kind, "nearest"))

    def _repr_html_(self) -> str:
        """For notebooks: the value rounded as its kind says, how it was measured, and what it rests on."""
        values = self.value if isinstance(self.value, tuple) else (self.value,)
        shown = [formatted(value, ".6g", {"upper": "up", "lower": "down"}.get(self.kind, "nearest")) for value in values[:12]]
        sign = {"exact": "=", "upper": "≤", "lower": "≥", "estimate": "≈"}[self.kind]
        more = f", ... ({len(values)} entries)" if len(values) > len(shown) else ""
        rows = [(self.gives or "value", f"{sign} {', '.join(shown)}{more}"), ("kind", self.kind), ("how", self.how)]
        rows += [("may fail with probability", f"at most {formatted(self.delta, '.4g', 'up')}")] if self.delta else []
        rows += [("at n", str(self.n))] if self.n is not None else []
        rows += [(f"assumes: {e.assumption.name}", f"{e.status}{': ' + e.how if e.how else ''}") for e in self.assumptions]
        rounding = {"upper": ["Rounded up."], "lower": ["Rounded down."]}.get(self.kind, [])
        refused = ["It is an estimate: neither an upper nor a lower bound is known, and no certificate takes it."]
        return notebook.table("Quantity", rows, rounding, refused if self.kind == "estimate" else [])

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict that ``from_dict`` reads back exactly."""
        data = {"value": to_json(self.value), "kind": self.kind, "how": self.how, "delta": to_json(self.delta)}
        if self.charges and all(charge.simultaneous for charge in self.charges):
            data["simultaneous"] = True
        if self.gives:
            data["gives"] = self.gives
        if self.n is not None:
            data["n"] = self.n
        return {**data, "assumptions": [entry.to_dict() for entry in self.assumptions]} if self.assumptions else data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Quantity:
        """Read what ``to_dict`` wrote; the charge is a new one, as nothing outside the dict can be known to share it."""
        assumptions = tuple(AuditedAssumption.from_dict(entry) for entry in data.get("assumptions", ()))
        delta = Fraction(from_json(data["delta"]))
        charges = (Charge(delta, data["how"], simultaneous=data.get("simultaneous") is True),) if delta else ()
        value = from_json(data["value"])
        return cls(value, data["kind"], data["how"], delta, charges, assumptions, data.get("gives", ""), data.get("n"))
