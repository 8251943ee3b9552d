"""The best of several bounds, with the union paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Protocol

from genbounds.bounds.certificate import Certificate
from genbounds.bounds.exact import exact
from genbounds.bounds.inputs import CONFIDENCE
from genbounds.bounds.quantity import distinct, total


class Candidate(Protocol):
    """A bound whose inputs are given, all but ``delta``: a ``functools.partial``, or a function of ``delta``."""

    def __call__(self, *, delta: Any) -> Certificate:
        """The certificate at this ``delta``."""


def best_of(candidates: Sequence[Candidate], delta: Any) -> Certificate:
    """Call each candidate at ``delta / len(candidates)`` and return the smallest certificate, which then holds at ``delta``.

    ``candidates``: bounds with all inputs but ``delta`` bound, by ``functools.partial``. All must bound the same thing. The failure
    probabilities of measured inputs, also those of the candidates that lost, are added; a limit that several candidates share (the same
    object) counts once, one that was measured anew for each counts for each. Raises ``ValueError`` if there is no candidate,
    or if they bound different things.

    >>> from functools import partial
    >>> from genbounds.bounds.holdout import clopper_pearson, hoeffding
    >>> candidates = [partial(clopper_pearson, errors=5, n=100), partial(hoeffding, empirical_risk=Fraction(1, 20), n=100)]
    >>> best = best_of(candidates, Fraction(1, 20))
    >>> best.bound, float(best.delta)
    ('holdout.clopper_pearson', 0.05)
    """
    if not candidates:
        raise ValueError("candidates must hold at least one bound, got none: pass partial(bound, ...) for each")
    number = exact(delta, "delta")
    CONFIDENCE.check("delta", number)
    share = Fraction(number) / len(candidates)
    certificates = [candidate(delta=share) for candidate in candidates]
    bounded = {certificate.bounds_on for certificate in certificates}
    if len(bounded) > 1:
        raise ValueError(f"candidates must bound the same thing, got {' and '.join(sorted(bounded))}: compare like with like")
    if any(certificate.mode != "HP" for certificate in certificates):
        raise ValueError("candidates must hold with high probability, got one in expectation or always: there is no delta to share")
    unsound = [certificate.bound for certificate in certificates if certificate.kind != "certificate" or certificate.violated]
    if unsound:
        raise ValueError(
            f"candidates must be certificates, got an estimate or a violated assumption in {', '.join(unsound)}: leave them out"
        )
    best = min(certificates, key=lambda certificate: certificate.value)
    charges = distinct(tuple(charge for certificate in certificates for charge in certificate.charges))
    others = ", ".join(certificate.bound for certificate in certificates)
    return replace(
        best,
        charges=charges,
        delta=total(charges),
        note=f"best of {len(certificates)} at delta/{len(certificates)} each: {others}",
    )
