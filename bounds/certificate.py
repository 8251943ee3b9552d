"""A certificate: the value of a bound, rounded up, with everything it rests on."""

from __future__ import annotations

import math
import numbers
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import ROUND_CEILING, Context, Decimal
from fractions import Fraction
from typing import Any, Literal

from genbounds.bounds import notebook, registry
from genbounds.bounds.assumptions import FOLLOWS_FROM, Assumption, Audit, AuditedAssumption, known
from genbounds.bounds.bibliography import Source, author_year, bibtex
from genbounds.bounds.exact import Exact, ExactOrVector, from_json, to_json, written
from genbounds.bounds.quantity import Charge, Quantity
from genbounds.bounds.scope import simultaneous
from genbounds.bounds.special.rounding import decimal_up, formatted

Mode = Literal["HP", "EXP", "DET"]
MODES: dict[str, str] = {
    "HP": "with high probability over the sample",
    "EXP": "in expectation over the sample",
    "DET": "always",
}
Input = ExactOrVector | Quantity
NO_BOUND = "no finite bound"
"""What is printed in place of an infinite value."""


@dataclass(frozen=True, repr=False)
class Certificate:
    """What a bound says about one case. Made by calling a bound; immutable.

    ``value`` is never below the exact value of the formula at the exact inputs. ``terms`` add up to it where the formula is a sum. ``mode``
    is ``HP``, ``EXP`` or ``DET``; ``delta`` (exact) is the failure probability with that of every measured input, None where the
    statement cannot fail. ``holds_for`` follows from what entered: a bound for every posterior at once, given a measured limit that may
    fail for its one posterior, holds for that posterior only. ``vacuous`` means value >= ``trivial``; a value is never clipped.
    ``kind`` is ``certificate``, or ``estimate`` if an input was not known in the direction that the theorem needs.

    It stands for its value wherever a number does: ``float``, formats and ``round`` (never below the value), comparisons with numbers and
    with other certificates. Two certificates are equal if they agree in everything, not in their value alone; order them by ``<=``.

    >>> from genbounds.bounds.holdout import hoeffding
    >>> certificate = hoeffding(empirical_risk="0.005", n=10000, delta="0.05")
    >>> certificate
    <Certificate holdout.hoeffding: risk <= 0.0172388>
    >>> f"{certificate:.4f}", round(certificate, 3), certificate < 0.02
    ('0.0173', 0.018, True)
    """

    bound: str
    form: str
    inputs: Mapping[str, Input]
    terms: Mapping[str, float]
    value: float
    mode: Mode
    bounds_on: str
    holds_for: str
    delta: Fraction | None
    trivial: Exact | None
    assumptions: tuple[AuditedAssumption, ...]
    provenance: str
    source: Source
    kind: Literal["certificate", "estimate"] = "certificate"
    choices: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    charges: tuple[Charge, ...] = field(default=(), compare=False, repr=False)

    @property
    def confidence_level(self) -> Fraction | None:
        """1 - delta, or None for statements in expectation and deterministic ones."""
        return None if self.delta is None else 1 - self.delta

    @property
    def vacuous(self) -> bool:
        """Whether the bound says no more than is known anyway."""
        return self.trivial is not None and self.value >= self.trivial

    @property
    def violated(self) -> tuple[AuditedAssumption, ...]:
        """The assumptions that are known not to hold: with any, the number is not a certificate of anything."""
        return tuple(entry for entry in self.assumptions if entry.status == "violated")

    def __float__(self) -> float:
        """The value."""
        return self.value

    def __repr__(self) -> str:
        """One line: the bound, what it bounds and the value."""
        return f"<Certificate {self.bound}: {self._inequality()}>"

    def __str__(self) -> str:
        """The summary, which ``print`` shows."""
        return self.summary()

    def __format__(self, spec: str) -> str:
        """The value in this format, rounded up to the digits shown; without a format the summary."""
        return formatted(self.value, spec, "up") if spec else str(self)

    def __round__(self, digits: int | None = None) -> float | int:
        """The value rounded up to this many decimals, or to a whole number without them; an infinite one stays as it is."""
        if not math.isfinite(self.value):
            return self.value
        if digits is None:
            return math.ceil(self.value)
        step = Decimal(1).scaleb(-digits)
        return float(Decimal(self.value).quantize(step, context=Context(prec=2000, rounding=ROUND_CEILING)))

    def __lt__(self, other: Any) -> bool:
        """Whether the value is below a number or the value of another certificate."""
        return self.value < _value_of(other) if _is_number(other) else NotImplemented

    def __le__(self, other: Any) -> bool:
        """Whether the value is at most a number or the value of another certificate."""
        return self.value <= _value_of(other) if _is_number(other) else NotImplemented

    def __gt__(self, other: Any) -> bool:
        """Whether the value is above a number or the value of another certificate."""
        return self.value > _value_of(other) if _is_number(other) else NotImplemented

    def __ge__(self, other: Any) -> bool:
        """Whether the value is at least a number or the value of another certificate."""
        return self.value >= _value_of(other) if _is_number(other) else NotImplemented

    def __eq__(self, other: object) -> bool:
        """Whether another certificate agrees in everything, or a number with the value."""
        if isinstance(other, Certificate):
            return all(getattr(self, entry.name) == getattr(other, entry.name) for entry in fields(self) if entry.compare)
        return self.value == other if _is_number(other) else NotImplemented

    def __hash__(self) -> int:
        """The hash of the value, which equal certificates share."""
        return hash(self.value)

    def as_quantity(self, *, in_expectation: bool = False) -> Quantity:
        """The certificate as an input of another bound: an upper bound with its delta and its assumptions.

        An estimate stays one, and so does a certificate with a violated assumption. What holds in expectation only is an upper bound for
        statements in expectation (``in_expectation``), and an estimate for all others. The Quantity says what is bounded and at which n:
        both are compared with the input that it stands for.
        """
        if not math.isfinite(self.value):
            raise ValueError(f"the value of {self.bound} must be finite to enter another bound, got {self.value}: it overflowed")
        sound = self.kind == "certificate" and not self.violated and (self.mode != "EXP" or in_expectation)
        how = f"certificate of {self.bound}" + (", which holds in expectation only" if self.mode == "EXP" else "")
        n = self.inputs.get("n")
        examples = None if n is None else int(Fraction(n.value if isinstance(n, Quantity) else n))  # type: ignore[arg-type]
        delta = Fraction(self.delta or 0)
        return Quantity(
            self.value, "upper" if sound else "estimate", how, delta, self.charges, self.assumptions, gives=self.bounds_on, n=examples
        )

    def audited(self, audit: Audit) -> Certificate:
        """The same certificate with the status of some assumptions established: ``{IID_SAMPLE: ("by construction", "pool draws")}``.

        What is said of an assumption is said of those that follow from it too. Raises ``ValueError`` for an assumption that the bound does
        not make, nor one that follows from it.
        """
        made = self._made()
        for assumption in audit:
            if assumption not in made:
                names = ", ".join(entry.assumption.name for entry in self.assumptions)
                raise ValueError(f"audit must name assumptions of {self.bound} ({names}), got {assumption.name!r}: leave it out")
        found = [(entry, known(audit, entry.assumption)) for entry in self.assumptions]
        entries = tuple(entry if status is None else AuditedAssumption(entry.assumption, *status) for entry, status in found)
        return replace(self, assumptions=entries)

    def _made(self) -> set[Assumption]:
        """The assumptions that an audit may speak of: those of the certificate, and what they follow from."""
        own = {entry.assumption for entry in self.assumptions}
        return own | {FOLLOWS_FROM[assumption] for assumption in own if assumption in FOLLOWS_FROM}

    def audited_where_made(self, audit: Audit) -> Certificate:
        """``audited`` by an audit that may speak of more than this certificate assumes: what it does not assume is left out.

        >>> from genbounds.bounds.assumptions import IID_SAMPLE, NO_BIAS
        >>> from genbounds.bounds.holdout import hoeffding
        >>> found = hoeffding(empirical_risk=0, n=100, delta=0.05)
        >>> shared = {IID_SAMPLE: ("by construction", "pool draws"), NO_BIAS: ("checked", "no layer has one")}
        >>> [entry.how for entry in found.audited_where_made(shared).assumptions if entry.how]
        ['pool draws']
        """
        made = self._made()
        return self.audited({assumption: status for assumption, status in audit.items() if assumption in made})

    def summary(self) -> str:
        """Several lines of text: the value, what it bounds, the terms, the inputs, the assumptions, the source."""
        lines = [
            f"{self.bound}: {self._inequality()}",
            f"  {self._statement()}",
        ]
        if len(self.terms) > 1:
            lines.append("  terms: " + " + ".join(f"{self._shown(value)} ({name})" for name, value in self.terms.items()))
        lines.append("  inputs: " + ", ".join(f"{name}={show(value)}" for name, value in self.inputs.items()))
        if self.choices:
            lines.append("  chosen by the bound, and paid for: " + ", ".join(f"{k}={_short(v)}" for k, v in self.choices.items()))
        lines.append("  assumes:")
        lines += [f"    {e.assumption.name} [{e.status}{': ' + e.how if e.how else ''}]" for e in self.assumptions]
        lines.append(f"  source: {author_year(self.source.key)}, {self.source.place} ({self.provenance})")
        if self.note:
            lines.append(f"  note: {self.note}")
        return "\n".join(lines)

    def _inequality(self) -> str:
        """What is known; an infinite value is not an upper bound, and is not printed like one."""
        known = f"{self.bounds_on} <= {decimal_up(self.value, 6)}" if math.isfinite(self.value) else f"{NO_BOUND} on the {self.bounds_on}"
        return known + self._label()

    def _label(self) -> str:
        words = [word for word, holds in (("ESTIMATE, no certificate", self.kind == "estimate"), ("vacuous", self.vacuous)) if holds]
        words += [f"assumption violated: {entry.assumption.name}" for entry in self.violated]
        return f" ({'; '.join(words)})" if words else ""

    def _statement(self) -> str:
        if not math.isfinite(self.value):
            return "it says nothing: at these inputs the formula exceeds the largest double"
        if self.delta is None:
            return f"{MODES[self.mode]}, for {self.holds_for}"
        level = f"with probability at least {decimal_down_percent(self.delta)} %"
        over = "over the sample" if self.mode == "HP" else f"over the measured inputs, {MODES[self.mode]}"
        return f"{level} {over}, for {self.holds_for}"

    def latex(self) -> str:
        """One row of a booktabs table: bound, value rounded up, confidence level, source."""
        level = "--" if self.delta is None else rf"{decimal_down_percent(self.delta)}\,\%"
        name = self.bound.replace("_", r"\_")
        mark = r"$^{\dagger}$" if self.kind == "estimate" or self.violated else ""
        value = decimal_up(self.value, 4) if math.isfinite(self.value) else NO_BOUND
        return rf"\texttt{{{name}}} & {value}{mark} & {level} & \cite{{{self.source.key}}} \\"

    def bibtex(self) -> str:
        """The BibTeX of the theorem and of this software."""
        return bibtex(self.source.key, "genbounds")

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict that ``from_dict`` reads back to an equal certificate."""
        return {
            "bound": self.bound,
            "form": self.form,
            "inputs": {k: {"quantity": v.to_dict()} if isinstance(v, Quantity) else to_json(v) for k, v in self.inputs.items()},
            "terms": {k: to_json(v) for k, v in self.terms.items()},
            "value": to_json(self.value),
            "mode": self.mode,
            "bounds_on": self.bounds_on,
            "holds_for": self.holds_for,
            "delta": to_json(self.delta),
            "confidence_level": to_json(self.confidence_level),
            "trivial": to_json(self.trivial),
            "vacuous": self.vacuous,
            "assumptions": [entry.to_dict() for entry in self.assumptions],
            "provenance": self.provenance,
            "source": {"key": self.source.key, "place": self.source.place} | ({"bibtex": self.source.bibtex} if self.source.bibtex else {}),
            "kind": self.kind,
            "choices": {k: to_json(v) for k, v in self.choices.items()},
            "note": self.note,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Certificate:
        """Read what ``to_dict`` wrote."""
        inputs = {
            k: Quantity.from_dict(v["quantity"]) if isinstance(v, dict) and "quantity" in v else from_json(v)
            for k, v in data["inputs"].items()
        }
        delta = from_json(data["delta"])
        return cls(
            bound=data["bound"],
            form=data["form"],
            inputs=inputs,
            terms={k: float(from_json(v)) for k, v in data["terms"].items()},
            value=float(from_json(data["value"])),
            mode=data["mode"],
            bounds_on=data["bounds_on"],
            holds_for=data["holds_for"],
            delta=None if delta is None else Fraction(delta),
            trivial=from_json(data["trivial"]),
            assumptions=tuple(AuditedAssumption.from_dict(entry) for entry in data["assumptions"]),
            provenance=data["provenance"],
            source=Source(**data["source"]),
            kind=data["kind"],
            choices={k: from_json(v) for k, v in data["choices"].items()},
            note=data["note"],
            charges=() if delta is None else (Charge(Fraction(delta), data["bound"], simultaneous(data["holds_for"])),),
        )

    def _shown(self, term: float) -> str:
        """A term for people: rounded up, but one that is an input as it is (0.1, not 0.100001) is printed as the input."""
        for entry in self.inputs.values():
            number = entry.value if isinstance(entry, Quantity) else entry
            if isinstance(number, float | Fraction) and math.isfinite(term) and math.nextafter(term, -math.inf) < number <= term:
                text = f"{float(number):.6g}"
                if Fraction(text) == number or float(text) == number:
                    return text
        return decimal_up(term, 6) if math.isfinite(term) else "beyond the largest double"

    def proof(self) -> dict[str, Any]:
        """A proof of the value, as JSON values, that can be checked without this package, and without a library of numbers.

        It holds the exact inputs, the formula as a list of elementary steps, an enclosure of the value of each, and the claim. Save it with
        ``json.dump`` and run ``docs/check_proof.py`` on the file: at most 250 lines that know fractions alone compute every step again,
        refuse what does not hold, and print the formula that was proved. The inputs are taken as they are: the proof says nothing about how
        they were measured, nor of the assumptions. Raises ``ValueError``, and says which step, where there is no proof: a binomial tail of
        more than 10^5 trials, xi(n) beyond n = 10^10, gamma functions at numbers that are not whole, and numbers that are infinite.

        >>> from genbounds.bounds.holdout import hoeffding
        >>> proof = hoeffding(empirical_risk="0.005", n=10000, delta="0.05").proof()
        >>> [step["op"] for step in proof["steps"]]
        ['input', 'input', 'input', 'divide', 'log', 'multiply', 'divide', 'sqrt', 'total']
        >>> float.fromhex(proof["claim"])
        0.017238734153404083
        """
        theorem: Any = registry.entry(self.bound)
        found: dict[str, Any] = theorem.prove(self)
        return found

    def _repr_html_(self) -> str:
        """For notebooks: all that the summary says, what each assumption means, and what the number is not."""
        known = f"≤ {decimal_up(self.value, 6)}" if math.isfinite(self.value) else NO_BOUND
        rows = [(self.bounds_on, f"{known}{self._label()}"), ("statement", self._statement())]
        rows += [(f"term: {name}", self._shown(value)) for name, value in self.terms.items() if len(self.terms) > 1]
        rows += [(f"input: {name}", show(value)) for name, value in self.inputs.items()]
        rows += [(f"chosen by the bound, and paid for: {name}", _short(value)) for name, value in self.choices.items()]
        rows.append(("source", f"{author_year(self.source.key)}, {self.source.place} ({self.provenance})"))
        rows += [("note", self.note)] if self.note else []
        assumed = [(e.assumption.name, f"{e.status}{': ' + e.how if e.how else ''}", e.assumption.statement) for e in self.assumptions]
        told = notebook.columns(("assumes", "status", "what it says"), assumed) if assumed else ""
        rounding = "Rounded up: never below the exact value of the formula at these inputs." if math.isfinite(self.value) else ""
        return notebook.table(self.bound, rows, [rounding] if rounding else [], self._what_it_is_not()) + told

    def _what_it_is_not(self) -> list[str]:
        """What a reader of the number alone would get wrong."""
        said = [f"It certifies nothing: {entry.assumption.name} is known not to hold." for entry in self.violated]
        if self.kind == "estimate":
            said.append("It is an estimate, not a certificate: an input is not known in the direction that the theorem needs.")
        if self.vacuous:
            said.append("It is vacuous: no more than is known anyway.")
        if self.mode == "EXP":
            said.append("It holds in expectation over samples, and says nothing about this one.")
        declared = [entry.assumption.name for entry in self.assumptions if entry.status == "declared"]
        if declared:
            said.append(f"Declared, and checked by nobody: {', '.join(declared)}.")
        return said


def _is_number(other: object) -> bool:
    return isinstance(other, Certificate | numbers.Real | Decimal)


def _value_of(other: Any) -> Any:
    return other.value if isinstance(other, Certificate) else other


def decimal_down_percent(delta: Fraction) -> str:
    """The confidence level 1 - delta in per cent, rounded down; never 100.

    A double such as 0.05 is read as the decimal that it prints as; the exact value stays in the certificate.

    >>> decimal_down_percent(Fraction(1, 20)), decimal_down_percent(Fraction(0.05)), decimal_down_percent(Fraction(1, 300))
    ('95', '95', '99.666')
    >>> decimal_down_percent(Fraction(1, 10**16))
    '99.99999999999999'
    """
    printed = Fraction(repr(float(delta)))
    shown = printed if printed and Fraction(float(delta)) == delta else delta
    # As many decimals as it takes not to round up to 100: the first digit of delta that is not zero stands at 10^-first.
    first = max(0, -math.floor(math.log10(float(shown)))) if float(shown) else 400
    scale = 10 ** max(first, 3)
    level = 100 * (1 - shown)
    whole = math.floor(level * scale)
    text = f"{whole // scale}.{whole % scale:0{len(str(scale)) - 1}d}"
    return text.rstrip("0").rstrip(".")


def show(value: Input) -> str:
    """An input for people: quantities with their kind, vectors shortened."""
    if isinstance(value, Quantity):
        return f"{_short(value.value)} [{value.kind}: {value.how}]"
    return _short(value)


def _short(value: Any) -> str:
    if isinstance(value, tuple):
        inside = ", ".join(_short(entry) for entry in value[:6])
        return f"({inside}{', ...' if len(value) > 6 else ''})"
    if isinstance(value, Fraction) and value.denominator > 10**6:
        return f"{float(value):.6g}" if sys.float_info.min < abs(value) < sys.float_info.max else written(value)
    return f"{value:.8g}" if isinstance(value, float) else written(value) if isinstance(value, int) else str(value)
