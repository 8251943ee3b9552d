"""What today's catalogue says of a certificate in a file, where that differs: the file is of an older catalogue, or was changed by hand.

A theorem may have gained an assumption, or another number, since a report was written. Such a report can still be read and cited for what
it says; it is never taken for a certificate of today's theorem.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from importlib import metadata
from typing import Literal, get_args

from genbounds.bounds.assumptions import Assumption
from genbounds.bounds.certificate import Certificate
from genbounds.bounds.recomputed import least_delta, recomputed

Kind = Literal["assumption", "number", "statement", "theorem"]
EVERY: frozenset[Kind] = frozenset(get_args(Kind))
STATED = ("mode", "bounds_on", "holds_for", "trivial", "provenance", "source", "kind")
"""What a certificate says in addition to its value that its bound alone determines."""


@dataclass(frozen=True)
class Difference:
    """One thing that today's catalogue says differently.

    Args:
        kind: "assumption" (gained, or with other words), "number" (value, terms, delta), "statement" (what ``STATED`` names) or "theorem"
            (there is none of that name or form, or it refuses the inputs).
        refusal: the message with which a file that should agree is refused.
        since: the sentence for whoever reads an older report.
    """

    kind: Kind
    refusal: str
    since: str


def differences(certificate: Certificate) -> tuple[Difference, ...]:
    """All that today's catalogue says differently of a certificate; nothing where it gives the same.

    >>> from genbounds.bounds.holdout import clopper_pearson
    >>> from dataclasses import replace
    >>> found = clopper_pearson(errors=5, n=100, delta="0.05")
    >>> differences(found)
    ()
    >>> print(differences(replace(found, assumptions=found.assumptions[1:]))[0].since)
    the theorem has gained an assumption since: iid sample; the certificate does not say whether it holds
    """
    try:
        found = recomputed(certificate)
    except ValueError as error:
        return (Difference("theorem", str(error), f"today's catalogue gives no such certificate: {error}"),)
    return (*_numbers(certificate, found), *_statements(certificate, found), *_assumptions(certificate, found), *_delta(certificate, found))


def tolerated(version: str | None) -> frozenset[Kind]:
    """What may differ in a report that this version wrote, for whoever reads older reports.

    Within one version, or where the version is not known, a theorem may have gained an assumption, which takes something away from a
    certificate; a number that differs was changed by hand. Of an older version all may differ, of a newer one nothing is understood.

    >>> sorted(tolerated("0.0.1")), sorted(tolerated(None)), sorted(tolerated("999.0"))
    (['assumption', 'number', 'statement', 'theorem'], ['assumption'], [])
    """
    here = metadata.version("genbounds")
    if version is None or version == here:
        return frozenset({"assumption"})
    return EVERY if _parts(version) < _parts(here) else frozenset()


def _numbers(certificate: Certificate, found: Certificate) -> list[Difference]:
    name, said = certificate.bound, []
    # Where another machine's search chose otherwise, the theorem holds for its choice as well: then a larger value is no smaller claim.
    if certificate.value != found.value and (certificate.choices == found.choices or certificate.value < found.value):
        refusal = f"value of {name} must be {found.value}, as its inputs give, got {certificate.value}"
        since = f"the number has changed since: today's catalogue gives {found.value} for the same inputs, where the report has"
        said.append(Difference("number", refusal, f"{since} {certificate.value}"))
    if certificate.choices == found.choices and dict(certificate.terms) != dict(found.terms):
        refusal = f"terms of {name} must be {dict(found.terms)}, as its inputs give, got {dict(certificate.terms)}"
        since = f"the terms have changed since: they are {dict(found.terms)} today, where the report has {dict(certificate.terms)}"
        said.append(Difference("number", refusal, since))
    return said


def _statements(certificate: Certificate, found: Certificate) -> list[Difference]:
    said = []
    for entry in STATED:
        old, new = getattr(certificate, entry), getattr(found, entry)
        if old != new:
            since = f"the theorem says something else since: {entry} is {new!r} today, where the report has {old!r}"
            said.append(Difference("statement", f"{entry} of {certificate.bound} must be {new!r}, got {old!r}", since))
    return said


def _assumptions(certificate: Certificate, found: Certificate) -> list[Difference]:
    listed = {entry.assumption for entry in certificate.assumptions}
    names = {assumption.name: assumption for assumption in listed}
    missing = [entry.assumption for entry in found.assumptions if entry.assumption not in listed]
    if not missing:
        return []
    refusal = f"assumptions of {certificate.bound} must hold {', '.join(one.name for one in missing)}, got none of that name and statement"
    return [Difference("assumption", refusal, "; ".join(_gained(missing, names)))]


def _gained(missing: list[Assumption], names: Mapping[str, Assumption]) -> list[str]:
    gained = [one.name for one in missing if one.name not in names]
    many = len(gained) > 1
    said = [
        f"the theorem has gained {'assumptions' if many else 'an assumption'} since: {', '.join(gained)}; the certificate does not say "
        f"whether {'they hold' if many else 'it holds'}"
    ] * bool(gained)
    return said + [
        f"the assumption {one.name!r} says something else since: {one.statement!r}, where the report has {names[one.name].statement!r}; "
        "the certificate does not say whether that holds"
        for one in missing
        if one.name in names
    ]


def _delta(certificate: Certificate, found: Certificate) -> list[Difference]:
    least = least_delta(certificate.inputs)
    if (certificate.delta is None) == (found.delta is None) and Fraction(certificate.delta or 0) >= least:
        return []
    refusal = f"delta of {certificate.bound} must be {found.delta}, as its inputs give, got {certificate.delta}"
    since = f"the probability of failure has changed since: it is {found.delta} today, where the report has {certificate.delta}"
    return [Difference("number", refusal, since)]


def _parts(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]
