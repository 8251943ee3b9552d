"""Published certificates, computed again: is the printed number at least what the inputs printed beside it certify?

A paper prints rounded numbers, so an input is an interval, and so is what follows from it. The bounds are monotone in what was measured:
their values at the two ends enclose all that the printed inputs can mean; a bound that is not monotone in an input needs it exactly.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from typing import Any

from genbounds.bounds import Bound, Certificate, get, notebook
from genbounds.bounds.certificate import decimal_down_percent
from genbounds.bounds.exact import refuse_extreme, to_json
from genbounds.bounds.inputs import Domain
from genbounds.bounds.pac_bayes import monte_carlo_risk
from genbounds.bounds.special.rounding import decimal_up
from genbounds.verification.rechecking.explanations import Explanation, Setting, explanations

FIXED = frozenset(
    {"delta", "eta", "loss_range", "noise_scale", "step", "step_scale", "step_size", "strong_convexity", "variance_bound", "weight"}
)
"""Inputs that an experimenter fixes, or knows in advance, so that a printed decimal is exact; counts are, and what a bound declares so."""
PAC_BAYES = ("empirical_risk", "kl", "n", "delta")
"""The inputs of the bounds whose usual slips ``recheck`` can try."""


class Validity(StrEnum):
    """What a recomputation says of a printed certificate."""

    VALID = "valid"
    """At least the certificate of every reading of the printed inputs."""
    NOT_VALID = "not valid"
    """Below the certificate of every reading, whatever rounds to the printed number."""
    UNDECIDED = "consistent at the printed precision"
    """Some readings are certified and others are not."""


@dataclass(frozen=True)
class Printed:
    """A number as a paper prints it: any of low <= x <= high.

    >>> Printed.read("0.028")
    Printed(text='0.028', low=Fraction(11, 400), high=Fraction(57, 2000))
    >>> Printed.read("28/1000").high, Printed.read(2).high
    (Fraction(7, 250), Fraction(2, 1))
    """

    text: str
    low: Fraction
    high: Fraction

    @classmethod
    def read(cls, value: Any) -> Printed:
        """A text in decimals is any number that rounds to it, never below 0; a text ``a/b`` and what is not text is exact.

        ``ValueError`` for a text that is not a number.
        """
        text = str(value).strip()
        if not isinstance(value, str) or "/" in text:
            return cls.exact(value)
        refuse_extreme(text, "a printed number")
        try:
            exponent = Decimal(text).as_tuple().exponent
            middle = Fraction(text)
        except (InvalidOperation, ValueError) as error:
            raise ValueError(f"a printed number must be written like 0.028, 28/1000 or 5.1e3, got {value!r}") from error
        half = Fraction(10) ** int(exponent) / 2
        low = middle - half
        return cls(text, max(low, Fraction(0)) if middle >= 0 else low, middle + half)

    @classmethod
    def exact(cls, value: Any) -> Printed:
        """The number itself, of a text as well; ``ValueError`` if it is none."""
        refuse_extreme(str(value), "a printed number")
        try:
            number = Fraction(value)
        except (ValueError, ZeroDivisionError, TypeError, OverflowError) as error:
            raise ValueError(f"a printed number must be written like 0.028, 28/1000 or 5.1e3, got {value!r}") from error
        return cls(str(value), number, number)

    def within(self, domain: Domain) -> Printed:
        """What of it lies in a domain: 1.0 printed for a risk is at most 1. What lies outside it altogether stays as it is."""
        low, high = (limit if math.isinf(limit) else Fraction(limit) for limit in (domain.low, domain.high))
        if self.high < low or high < self.low:
            return self
        return replace(self, low=Fraction(max(self.low, low)), high=Fraction(min(self.high, high)))


@dataclass(frozen=True)
class Recheck:
    """A printed certificate compared with what its inputs certify.

    Args:
        printed: the number in the paper.
        least, most: the certificates at the two ends of the printed inputs.
        verdict: whether the printed number holds.
        reproduced: whether some reading of the inputs gives the printed number.
        explanations: the fewest departures from the theorem as stated that give the printed number, where it is not reproduced.
    """

    printed: Printed
    least: Certificate
    most: Certificate
    verdict: Validity
    reproduced: bool
    explanations: tuple[Explanation, ...]

    @property
    def failed(self) -> bool:
        """Whether the printed number is below the recomputed certificate."""
        return self.verdict is Validity.NOT_VALID

    def _repr_html_(self) -> str:
        """For notebooks: the summary, as it is."""
        return notebook.lines(self.summary())

    def summary(self) -> str:
        """What was found, in a few lines."""
        least, most = (decimal_up(certificate.value, 6) for certificate in (self.least, self.most))
        values = least if least == most else f"{least} to {most}"
        delta = self.most.delta
        confidence = "" if delta is None else f", with probability at least {Decimal(decimal_down_percent(delta)).scaleb(-2)}"
        lines = [f"printed {self.printed.text}: {self.verdict}", f"  recomputed by {self.most.bound}: {values}{confidence}"]
        if self.verdict is Validity.UNDECIDED:
            lines.append("  some inputs that round to the printed ones give it, others a larger certificate")
        elif self.reproduced:
            lines.append("  the printed number follows from the printed inputs")
        elif self.explanations:
            lines += [f"  the printed number follows with {found}" for found in self.explanations]
        else:
            lines.append("  no reading that was tried gives the printed number")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "printed": self.printed.text,
            "verdict": str(self.verdict),
            "least": self.least.to_dict(),
            "most": self.most.to_dict(),
            "confidence_level": to_json(self.most.confidence_level),
            "reproduced": self.reproduced,
            "explanations": [found.to_dict() for found in self.explanations],
        }


def recheck(
    printed: Any,
    *,
    bound: str = "pac_bayes.seeger2002",
    draws: Any = None,
    draws_delta: Any = None,
    whole: Any = None,
    **inputs: Any,
) -> Recheck:
    """Compute a published certificate again from the numbers printed beside it.

    Args:
        printed: the certificate as printed, a text: "0.161" is any number that rounds to it.
        bound: the catalogue name of the bound that is claimed.
        inputs: those of the bound. Texts of measured ones (risks, KL, norms: those in which the bound is monotone) are any number that
            rounds to them; counts, delta, what an experimenter fixes, and what is not a text are exact. A decimal of anything else is
            refused. ``kl_per_n`` may stand for ``kl``: KL over the n of the bound.
        draws, draws_delta: where the empirical risk is an average over so many posterior draws, it is bounded by ``monte_carlo_risk``
            first, and draws_delta is added to delta.
        whole: the size of the whole sample, where the bound was evaluated on a part: as an explanation, n is taken as that (else as 2 n).

    The verdict is "valid" where the printed number is at least every certificate that the inputs can mean, "not valid" where even the
    largest number that prints so is below all of them. ``ValueError`` for inputs that the bound refuses.

    >>> found = recheck("0.161", empirical_risk="0.028", kl="5144", n=55_000, delta="0.025", draws=150_000, draws_delta="0.01")
    >>> print(found.summary())
    printed 0.161: not valid
      recomputed by pac_bayes.seeger2002: 0.162172 to 0.164136, with probability at least 0.965
      the printed number follows with no Monte-Carlo term (not a bound)
    """
    theorem = _theorem(bound)
    claim, read = Printed.read(printed), {name: _read(theorem, name, value) for name, value in inputs.items()}
    sampling = _sampling(theorem, draws, draws_delta)
    size = None if whole is None else _count("whole", whole)
    given = _with_kl(theorem, read)
    missing = [name for name in theorem.inputs if name not in given and name not in theorem.defaults]
    if missing:
        raise ValueError(
            f"the inputs of {theorem.name} must all be given, got none for {', '.join(missing)}: look for them in the paper, "
            "or name another bound (--bound; genbounds list --have lists those that your inputs fit)"
        )
    least, most = (theorem(**_end(theorem, given, sampling, upper=upper)) for upper in (False, True))
    low, high = Fraction(least.value), Fraction(most.value)
    if Fraction(claim.text if "/" in claim.text else Decimal(claim.text)) >= high:
        verdict = Validity.VALID
    else:
        verdict = Validity.NOT_VALID if claim.high < low else Validity.UNDECIDED
    reproduced = low <= claim.high and claim.low <= high
    found: tuple[Explanation, ...] = ()
    if not reproduced and set(given) == set(PAC_BAYES):
        setting = Setting(int(given["n"].low), float(given["delta"].low), *(sampling or (None, None)))
        per_n = "kl_per_n" in read
        kl = read["kl_per_n"] if per_n else given["kl"]
        risk = given["empirical_risk"]
        found = explanations(
            (float(claim.low), float(claim.high)),
            setting,
            risk=(float(risk.low), float(risk.high)),
            kl=(float(kl.low), float(kl.high)),
            kl_is_per_n=per_n,
            whole=size,
        )
    return Recheck(claim, least, most, verdict, reproduced, found)


def _theorem(name: str) -> Bound:
    theorem = get(name)
    if not isinstance(theorem, Bound):
        raise ValueError(f"bound must be a bound of a risk, got the capacity {theorem.name}: name the theorem that the paper claims")
    return theorem


def _read(theorem: Bound, name: str, value: Any) -> Printed:
    """An input as printed: an interval where it was measured and the bound is monotone in it, else exact."""
    wanted = "kl" if name == "kl_per_n" and name not in theorem.inputs else name
    domain = theorem.domains.get(wanted)
    try:
        if domain is None:
            return Printed.exact(value)  # of no such input: the theorem says which there are
        if domain.vector:
            raise ValueError(f"{theorem.name} takes a vector there, and single numbers are read here: call it in Python")
        if domain.whole or wanted in FIXED or wanted in theorem.declaration.fixed_in_advance:
            return Printed.exact(value)
        if wanted in _monotone(theorem):
            return Printed.read(value).within(domain)
        printed = Printed.exact(value)
        if isinstance(value, str) and not re.fullmatch(r"[-+]?\d+(/\d+)?", value.strip()):
            raise ValueError(
                f"{theorem.name} is not monotone in it, so that a rounded number has no ends, got {value}: write it exactly, as a/b"
            )
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error
    return printed


def _monotone(theorem: Bound) -> set[str]:
    """The inputs at whose ends the bound has its smallest and its largest value."""
    declared = theorem.declaration
    return {*declared.increasing, *declared.decreasing} - {*declared.by_inclusion}


def _count(name: str, value: Any) -> int:
    number = Printed.exact(value).low
    if number.denominator != 1 or number < 1:
        raise ValueError(f"{name} must be a whole number of at least 1, got {value}: count again")
    return int(number)


def _sampling(theorem: Bound, draws: Any, draws_delta: Any) -> tuple[int, Fraction] | None:
    if (draws is None) != (draws_delta is None):
        raise ValueError("draws and draws_delta must be given together: the number of posterior draws and the share of delta they spend")
    if draws is None:
        return None
    if "empirical_risk" not in theorem.inputs:
        raise ValueError(f"draws must be left out for {theorem.name}, which has no empirical_risk that draws could bound")
    return _count("draws", draws), Printed.exact(draws_delta).low


def _with_kl(theorem: Bound, read: Mapping[str, Printed]) -> dict[str, Printed]:
    """The inputs with ``kl`` in the place of ``kl_per_n``."""
    if "kl_per_n" not in read or "kl_per_n" in theorem.inputs:
        return dict(read)
    if "kl" in read or "n" not in read:
        raise ValueError("kl_per_n must come with n and without kl: it is KL over the n of the bound")
    per_n, n = read["kl_per_n"], read["n"].low
    rest = {name: value for name, value in read.items() if name != "kl_per_n"}
    return {**rest, "kl": Printed(f"{per_n.text} n", per_n.low * n, per_n.high * n)}


def _end(theorem: Bound, given: Mapping[str, Printed], sampling: tuple[int, Fraction] | None, *, upper: bool) -> dict[str, Any]:
    """The arguments that make the bound largest (or smallest)."""
    arguments: dict[str, Any] = {}
    for name, value in given.items():
        arguments[name] = value.high if upper == (name in theorem.declaration.increasing) else value.low
    if sampling is not None:
        draws, delta = sampling
        arguments["empirical_risk"] = monte_carlo_risk(sampled_risk=arguments["empirical_risk"], draws=draws, delta=delta)
    return {name: int(value) if isinstance(value, Fraction) and value.denominator == 1 else value for name, value in arguments.items()}
