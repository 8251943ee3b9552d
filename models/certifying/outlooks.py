"""Why a vacuous row says nothing: its largest term, and from how many examples on it would say something."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from genbounds.bounds import Certificate
from genbounds.bounds.exact import from_json, to_json
from genbounds.bounds.special.rounding import decimal_up
from genbounds.models.certifying.candidates import Candidate, theorem
from genbounds.models.certifying.margin_search import plain_number

MOST = 10**100
"""The largest number of examples that the search looks at."""
_PER_DECADE = 9000
"""Numbers of four digits."""


@dataclass(frozen=True)
class Outlook:
    """What a vacuous row lacks, a bound on a risk of at most 1.

    Attributes:
        bound, form: which row.
        term, size: the name and the value, rounded up, of its largest term.
        n: from how many examples on the bound would be below the trivial value, all else equal (the shares of errors and of margins, the
            norms, the root mean square of the inputs; the margin is chosen anew): the smallest number of at most four digits, followed by
            zeros, at which its certificate is. None if there is none up to 10^100.
    """

    bound: str
    form: str
    term: str
    size: float
    n: int | None

    def __str__(self) -> str:
        """The largest term, and from which n the row would say something.

        >>> print(Outlook("vc.sauer", "", "capacity", 1.23456, 20_370_000), "/", Outlook("vc.sauer", "", "empirical risk", 1.0, None))
        capacity 1.235, below 1 from n=2.037e7 / empirical risk 1, below 1 at no n
        """
        size = decimal_up(self.size, 4) if math.isfinite(self.size) else "beyond the doubles"
        return f"{self.term} {size}, below 1 {'at no n' if self.n is None else f'from n={short(self.n)}'}"

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready dict."""
        return {"bound": self.bound, "form": self.form, "term": self.term, "size": to_json(self.size), "n": self.n}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Outlook:
        """Read what ``to_dict`` wrote."""
        return cls(data["bound"], data["form"], data["term"], float(from_json(data["size"])), data["n"])


def outlooks(rows: Iterable[tuple[Candidate, Certificate]], delta: Fraction) -> tuple[Outlook, ...]:
    """What the vacuous ones among the rows of a table lack, in their order."""
    found = (_outlook(candidate, certificate, delta) for candidate, certificate in rows)
    return tuple(entry for entry in found if entry is not None)


def _outlook(candidate: Candidate, certificate: Certificate, delta: Fraction) -> Outlook | None:
    """What a row lacks; None for one that says something, that is not a certificate, or that has no inputs at another n."""
    if not certificate.vacuous or certificate.violated or candidate.at_size is None:
        return None
    term = max(certificate.terms, key=lambda name: certificate.terms[name])
    return Outlook(certificate.bound, certificate.note, term, certificate.terms[term], examples_needed(candidate, certificate, delta))


def examples_needed(candidate: Candidate, certificate: Certificate, delta: Fraction) -> int | None:
    """The smallest number of at most four digits, followed by zeros, above the row's n at which the bound is below its trivial value.

    Looked for in floats and confirmed by certificates, there and one number before; by certificates alone where these disagree with
    the floats. All else equal, the bounds fall in n.
    """
    assert candidate.at_size is not None
    assert certificate.trivial is not None
    trivial, at_size = Fraction(certificate.trivial), candidate.at_size

    def in_floats(index: int) -> bool:
        number = number_of(index)
        try:
            given = {name: plain_number(value) for name, value in at_size(number)(delta).items()}
            with np.errstate(all="ignore"):
                return float(theorem(candidate.bound).value(**given, **candidate.options, delta=float(delta))) < trivial
        except (OverflowError, ValueError):
            return False

    def certified(index: int) -> bool:
        try:
            return candidate.value_at_size(number_of(index), delta) < trivial
        except (OverflowError, ValueError):
            return False

    low, high = index_of(int(Fraction(certificate.inputs["n"]))), index_of(MOST)  # type: ignore[arg-type]
    found = _first(in_floats, low, high)
    if not (certified(found) and not certified(found - 1)):
        if not certified(high):
            return None
        found = _first(certified, low, high)
    return number_of(found)


def number_of(index: int) -> int:
    """1, 2, ..., 9999, 10000, 10010, ..., 99990, 100000, 100100, ...: numbers of at most four digits, followed by zeros.

    >>> [number_of(index) for index in (7, 9999, 10000, 10001, 19000)]
    [7, 9999, 10000, 10010, 100000]
    """
    if index < 10 * 1000:
        return index
    power, digits = divmod(index - 1000, _PER_DECADE)
    return (1000 + digits) * int(10**power)


def index_of(number: int) -> int:
    """The index of the largest of these that is at most the number.

    >>> index_of(123_456), number_of(index_of(123_456))
    (19234, 123400)
    """
    power = max(0, len(str(number)) - 4)
    digits = number // int(10**power)
    return digits if power == 0 else 1000 + power * _PER_DECADE + digits - 1000


def short(n: int) -> str:
    """A number of at most four digits and zeros, in full below a million.

    >>> short(123_400), short(20_370_000), short(10**40)
    ('123400', '2.037e7', '1e40')
    """
    if n < 10**6:
        return str(n)
    power = len(str(n)) - 1
    digits = str(n).rstrip("0")
    return f"{digits[0]}{'.' if digits[1:] else ''}{digits[1:]}e{power}"


def _first(enough: Callable[[int], bool], low: int, end: int) -> int:
    """The first index in (low, end] that is enough, where low is not and those above an enough one are; end if none below it is.

    Steps that double, then halving: nothing is computed far above the answer, where floats may overflow.
    """
    step = _PER_DECADE
    high = min(low + step, end)
    while high < end and not enough(high):
        low, step = high, 2 * step
        high = min(low + step, end)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
