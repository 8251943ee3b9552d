"""A certificate made again from the exact inputs that it carries: whether a file still says what its theorem gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from genbounds.bounds.certificate import Certificate, Input
from genbounds.bounds.confidence import Choice
from genbounds.bounds.lookup import get
from genbounds.bounds.paid import CHOSEN
from genbounds.bounds.quantity import Quantity
from genbounds.bounds.theorem import Bound


def recomputed(certificate: Certificate) -> Certificate:
    """The certificate from the exact inputs that it carries; ``ValueError`` if its bound is unknown, or refuses them."""
    bound = get(certificate.bound)
    if not isinstance(bound, Bound):
        raise ValueError(f"bound must be a theorem of the catalogue, got {certificate.bound}")
    forms = [form for form in bound.forms if str(form) == certificate.form]
    if not forms:
        raise ValueError(f"form of {bound.name} must be one of {', '.join(map(str, bound.forms))}, got {certificate.form!r}")
    compute: Callable[..., Certificate] = bound if certificate.kind == "certificate" else bound.estimate
    try:
        given = {name: _paid(certificate, name, value) for name, value in certificate.inputs.items()}
        return compute(**given, **{bound.form_argument: forms[0]})
    except TypeError as error:
        raise ValueError(f"inputs of {bound.name} must be those of the theorem, got {error}") from error


def _paid(certificate: Certificate, name: str, value: Input) -> Any:
    """An input as it was given: a value that was chosen on the sample with the weight at which that is charged."""
    for entry in certificate.assumptions:
        match = CHOSEN.fullmatch(entry.how) if entry.assumption.name == f"{name} fixed in advance" else None
        if match and not isinstance(value, Quantity):
            return Choice(value, weight=Fraction(match["weight"]), how=match["how"])
    return value


def least_delta(inputs: Mapping[str, Input]) -> Fraction:
    """What the certificate's own delta and those of its inputs cost at least: of two inputs that rest on one statement it is paid once."""
    own = inputs.get("delta", 0)
    measured = [value.delta for value in inputs.values() if isinstance(value, Quantity)]
    return Fraction(own) + max(measured, default=Fraction(0))  # type: ignore[arg-type]
