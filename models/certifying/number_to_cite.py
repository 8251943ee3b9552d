"""Which number may be cited: a rule that is fixed before any data are seen, and printed.

With held-out examples the rule is one row, and the whole of delta is on it: Clopper-Pearson for errors that are counted, which is at most
as large as every other bound on the same counts. So nothing else that is known (an initialisation, a radius, a readable network) can
make the number worse. Without held-out examples every bound that can be read from a training sample has a fixed share of delta, whether
it can be read of this network or not: what is known in addition lets further bounds enter and takes nothing from the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

from genbounds.bounds import Certificate, best_of
from genbounds.bounds.assumptions import Audit
from genbounds.bounds.exact import exact
from genbounds.bounds.holdout import clopper_pearson
from genbounds.bounds.inputs import CONFIDENCE
from genbounds.bounds.special.rounding import decimal_up
from genbounds.models.certifying.candidates import Candidate

RACE: Mapping[str, int] = {
    "vc.growth_function": 1,
    "vc.realizable": 1,
    "vc.realizable_growth": 1,
    "vc.relative_deviation": 1,
    "vc.relative_deviation_growth": 1,
    "vc.sauer": 1,
    "margin.norm_product": 1,
    "margin.spectral": 2,
    "margin.bartlett2017spectral": 2,
    "margin.spectral_graph": 2,
    "margin.neyshabur2018pacbayes_grid": 2,
}
"""Bounds that are read from the training sample, and in how many forms (references) each; all have the same share of delta."""
POSTERIOR = (
    "without further labels: a randomised network, trained for its own bound, is certified by its training sample; "
    "genbounds.models.train_posterior and certify_gibbs make one of a chain of layers, and with GaussianModule of any other network "
    "(docs/certifying.md)"
)
PRIMARY = "holdout.clopper_pearson"
BY_LOSSES: Mapping[str, int] = {"holdout.chernoff_kl": 1, "holdout.empirical_bernstein": 1}
"""For losses that are not counts: the first is better where their variance is that of errors, the second where it is small."""


def confidence(delta: Any) -> Fraction:
    """Delta as an exact number in (0, 1); ``ValueError`` for another one.

    >>> confidence("0.05")
    Fraction(1, 20)
    """
    number = exact(delta, "delta")
    CONFIDENCE.check("delta", number)
    return Fraction(number)


def shares(weights: Mapping[str, Any] | None, *, judged: bool) -> dict[str, Fraction]:
    """The share of delta of each form of each bound, by its name: the user's, or those of the rule.

    ``weights`` gives each bound named in it a part of delta; the parts add up to at most 1, and a bound's forms divide its part evenly.

    Raises:
        ValueError: a bound that does not race, a part that is not positive, or parts that add up to more than 1.

    >>> shares(None, judged=True), shares(None, judged=False)["margin.spectral"]
    ({'holdout.clopper_pearson': Fraction(1, 1)}, Fraction(1, 15))
    >>> shares({"holdout.clopper_pearson": "0.9", "margin.spectral": "0.1"}, judged=True)["margin.spectral"]
    Fraction(1, 20)
    """
    if weights is None:
        return {PRIMARY: Fraction(1)} if judged else dict.fromkeys(RACE, Fraction(1, sum(RACE.values())))
    forms = {PRIMARY: 1, **RACE}
    parts = {name: Fraction(exact(value, f"weights[{name!r}]")) for name, value in weights.items()}
    unknown = sorted(set(parts) - set(forms))
    if unknown:
        raise ValueError(f"weights must be for bounds among {', '.join(forms)}, got {unknown[0]!r}: another one is at most as large always")
    if not parts or min(parts.values()) <= 0 or sum(parts.values()) > 1:
        raise ValueError(f"weights must be positive and add up to at most 1, got {dict(weights)}: give each bound its part of delta")
    return {name: part / forms[name] for name, part in parts.items()}


def rule(weights: Mapping[str, Any] | None, *, judged: bool) -> str:
    """The rule in words."""
    if weights is not None:
        parts = ", ".join(f"{name} {value}" for name, value in weights.items())
        return f"the smallest of the bounds that were given a part of delta in advance ({parts}), each at its part"
    if judged:
        return f"{PRIMARY}, fixed before the data were seen, with the whole of delta on it"
    entered = sum(RACE.values())
    return (
        f"the smallest of {entered} bounds on the training sample, each at delta/{entered}, whether it can be read of this network or not"
    )


def number_to_cite(
    rows: Iterable[tuple[Candidate, Certificate]], delta: Fraction, audit: Audit, parts: Mapping[str, Fraction]
) -> Certificate | None:
    """The smallest certificate of those that have a part of delta, each at its part; None if an assumption of every one is violated."""
    made = [
        (candidate, candidate.at(delta * parts[candidate.bound]).audited_where_made(audit))
        for candidate, certificate in rows
        if candidate.bound in parts and not certificate.violated
    ]
    if not made:
        return None
    assert sum(parts[candidate.bound] for candidate, _ in made) <= 1, "a bound has more forms than its part of delta was divided by"
    best = best_of([partial(_at_its_own_part, certificate) for _, certificate in made], delta)
    winner = next(candidate for candidate, certificate in made if certificate.value == best.value)
    part = parts[winner.bound]
    paid = "at the whole of delta" if part == 1 else f"at {part} of delta"
    return replace(best, note=f"{winner.form}; {paid}" if winner.form else paid)


def _at_its_own_part(certificate: Certificate, *, delta: Fraction) -> Certificate:
    """The certificate at the part of delta that the rule gives its bound, and not at an even share."""
    del delta
    return certificate


def more_labels(errors: int, n: int, delta: Fraction) -> tuple[str, ...]:
    """What more held-out labels would make of a count: computed from the count, not promised.

    >>> more_labels(5, 250, Fraction(1, 20))[0]
    '250 further held-out labels without a further error would make it 0.02092; with errors at the rate so far, 0.03369'
    """
    bound = clopper_pearson.value
    without, alike = (float(bound(errors=count, n=2 * n, delta=float(delta))) for count in (errors, 2 * errors))
    return (
        f"{n} further held-out labels without a further error would make it {decimal_up(without, 4)}; with errors at the rate so far, "
        f"{decimal_up(alike, 4)}",
        POSTERIOR,
    )


def first_labels(delta: Fraction) -> tuple[str, ...]:
    """What held-out labels would say where there are none yet: computed, for a network that makes no error on them.

    >>> first_labels(Fraction(1, 20))[0]
    'held-out labels help most: 59 without an error would make it at most 0.05, 299 at most 0.01 (held_out=(inputs, labels))'
    """
    tenths, hundredths = (clopper_pearson.sample_size(target=goal, errors=0, delta=delta) for goal in (Fraction(1, 20), Fraction(1, 100)))
    return (
        f"held-out labels help most: {tenths} without an error would make it at most 0.05, {hundredths} at most 0.01 "
        "(held_out=(inputs, labels))",
        POSTERIOR,
    )
