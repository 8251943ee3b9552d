"""How a report words its numbers and sentences: text once, escaped for each of its files."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from genbounds.bounds.bibliography import author_year
from genbounds.bounds.certificate import MODES, Certificate, decimal_down_percent
from genbounds.bounds.exact import Exact
from genbounds.bounds.lookup import get
from genbounds.bounds.special.rounding import decimal_down, decimal_nearest, decimal_up
from genbounds.verification.checks.faults.fates import UNCHANGED
from genbounds.verification.checks.saying import would_be_refuted
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.rows.bound_row import BoundRow, Risk
from genbounds.verification.rows.bracket_row import BracketRow
from genbounds.verification.rows.canary_row import CanaryRow
from genbounds.verification.rows.coverage_row import CoverageRow
from genbounds.verification.rows.curves_row import CurvesRow
from genbounds.verification.rows.enumeration_row import EnumerationRow
from genbounds.verification.rows.fault_row import FaultRow
from genbounds.verification.rows.finding_row import FindingRow
from genbounds.verification.rows.interval import Interval
from genbounds.verification.rows.kinds import Row
from genbounds.verification.rows.mutant_row import MutantRow
from genbounds.verification.rows.trial_row import TrialRow

Rounding = Literal["up", "down", "nearest"]
THIN = "\u202f"
"""A narrow space that does not break: between thousands, and before units."""
NO_BREAK = "\u00a0"
DIGITS = 4
NONE = "–"

FAMILY_TITLES = {
    "holdout": "Held-out points",
    "vc": "VC dimension",
    "rademacher": "Rademacher complexity",
    "margin": "Margins and norms",
    "pac_bayes": "PAC-Bayes",
    "perceptron": "Perceptron",
    "stability": "Stability",
    "information": "Information",
}
FAMILY_SENTENCES = {
    "holdout": "Hypotheses fixed before the sample. A single one, judged by points that its training never saw, is the baseline for every "
    "other bound. A hypothesis that is chosen with the sample from all those that a code describes pays for the length of its code.",
    "vc": "Capacity counted in sign patterns: it holds for every network of the architecture at once, however it was trained.",
    "rademacher": "Capacity measured on the sample, from the norms of the weights and the inputs.",
    "margin": "Norms of the layers against the margins of the sample.",
    "pac_bayes": "A randomised network, charged for its distance from a prior that was fixed before the sample.",
    "perceptron": "Mistake bounds from a geometric margin, and what they imply for the risk.",
    "stability": "How little one example can change the outcome of training.",
    "information": "How little the outcome of training says about the examples that it was trained on; bounds on means over samples.",
}
SCALE_TITLES = {"realistic": "At a realistic scale", "non-vacuous": "At a scale where the bound is not vacuous"}

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(x: float, rounding: Rounding, digits: int = DIGITS) -> str:
    """A number for readers, rounded in the stated direction; powers of ten beyond five digits.

    >>> number(0.0295130496, "up"), number(123456.7, "up"), number(1.5e-7, "nearest"), number(math.inf, "up")
    ('0.02952', '1.235 × 10⁵', '1.5 × 10⁻⁷', '∞')
    """
    if math.isinf(x):
        return "∞" if x > 0 else "−∞"
    text = {"up": decimal_up, "down": decimal_down, "nearest": decimal_nearest}[rounding](x, digits)
    value = Decimal(text)
    if value == 0 or -4 <= value.adjusted() < 5:
        return text.replace("-", "−")
    mantissa = value.scaleb(-value.adjusted()).normalize()
    return f"{mantissa:f} × {_power(value.adjusted())}".replace("-", "−")


def count(n: int) -> str:
    """A count: thousands apart, round powers of ten as such.

    >>> count(100_000_000), count(5_000_000), count(55649) == f"55{THIN}649"
    ('10⁸', '5 × 10⁶', True)
    """
    shift = len(str(n)) - len(str(n).rstrip("0"))
    lead = n // 10**shift
    if n >= 10**5 and lead < 1000:
        return _power(shift) if lead == 1 else f"{lead} × {_power(shift)}"
    return f"{n:,}".replace(",", THIN)


def multiple_of_pool(n_over_pool: Fraction | float | None) -> str:
    """n as a multiple of the pool; empty where there is no pool.

    >>> multiple_of_pool(Fraction(10**8, 1797)).replace(THIN, " "), multiple_of_pool(Fraction(1, 4)), multiple_of_pool(None)
    ('55 648 × the pool', '0.25 × the pool', '')
    """
    if n_over_pool is None:
        return ""
    shown = count(round(n_over_pool)) if n_over_pool >= 1000 else decimal_nearest(float(n_over_pool), 3)
    return f"{shown} × the pool"


def risk(value: Risk) -> str:
    """A measured risk: to nearest if it is exact, with its fraction where that is short; an interval outward.

    >>> risk(Fraction(92, 1797)), risk(Interval(0.12341, 0.13149, "50 draws"))
    ('0.05120 (92/1797)', '[0.1234, 0.1315]')
    """
    if isinstance(value, Interval):
        return f"[{number(value.lower, 'down')}, {number(value.upper, 'up')}]"
    if value.denominator == 1:
        return count(int(value)) if value >= 0 else str(value)
    shown = number(float(value), "nearest")
    return f"{shown} ({value})" if value.denominator <= 10**5 and len(str(value)) > len(shown) - 2 else shown


def exact(value: Exact | None) -> str:
    """A number measured on the sample, to nearest."""
    if value is None:
        return NONE
    return count(value) if isinstance(value, int) and value >= 0 else number(float(value), "nearest")


def confidence(certificate: Certificate) -> str:
    """The confidence of a certificate in a few words: "95 %", "in expectation", "always".

    A theorem that always holds has the confidence of its inputs, where these are certificates themselves.
    """
    if certificate.delta is not None:
        level = f"{decimal_down_percent(certificate.delta)}{THIN}%"
        apart = {"HP": "", "DET": ", that of its inputs"}
        other = MODES[certificate.mode].split(" over ")[0]
        return level + apart.get(certificate.mode, f", {other}")
    return MODES[certificate.mode].split(" over ")[0]


def name_of(certificate: Certificate) -> str:
    """The bound's name, with its form where that is not the default one: "margin.spectral (homogeneous)"."""
    return in_form(certificate.bound, certificate.form)


def in_form(bound: str, form: str) -> str:
    """A bound's name with its form, where that is not the default one.

    >>> in_form("margin.spectral", "True"), in_form("vc.sauer", "")
    ('margin.spectral (homogeneous)', 'vc.sauer')
    """
    try:
        formula = get(bound)
    except ValueError:
        return bound
    if form == str(formula.declaration.form):
        return bound
    flag = {"True": formula.form_argument, "False": f"not {formula.form_argument}"}
    return f"{bound} ({flag.get(form, form)})"


def held_out_points(row: BoundRow) -> str:
    """The held-out equivalent: "3 held-out points", the size of the smallest test set that would say as much; no more than n is claimed."""
    if row.violated:
        return "nothing is certified"
    if row.held_out_equivalent is None:
        return "not comparable"
    if row.held_out_equivalent == 0:
        return "no held-out point"
    if row.held_out_equivalent > row.n:  # a tight bound may be worth any number; what is said is what n points can show
        return f"more than {count(row.n)} held-out points"
    return f"{count(row.held_out_equivalent)} held-out point{'s' if row.held_out_equivalent > 1 else ''}"


def worth(row: BoundRow) -> str:
    """The held-out equivalent in a sentence: "worth 3 held-out points"."""
    comparable = row.held_out_equivalent is not None and not row.violated
    return f"worth {held_out_points(row)}" if comparable else held_out_points(row)


def probability(delta: Fraction | float) -> str:
    """A failure probability that was fixed beforehand, without the zeros of its last digits.

    >>> probability(0.05), probability(Fraction(1, 40)), probability(Fraction(1, 10**7))
    ('0.05', '0.025', '1 × 10⁻⁷')
    """
    short = Decimal(decimal_nearest(float(delta), 6)).normalize()
    return f"{short:f}" if short.adjusted() >= -4 else number(float(delta), "nearest", 6)


def verdict(row: Row) -> str:
    """The verdict, with "vacuous" beside it where the bound says nothing, and the name of a violated assumption."""
    if not isinstance(row, BoundRow):
        return str(row.verdict)
    names = [entry.assumption.name for entry in row.certificate.violated]
    words = [f"{row.verdict}: {', '.join(names)}" if row.violated and names else str(row.verdict)]
    if row.certificate.vacuous and not row.violated:
        words.append("vacuous")
    if row.certificate.kind == "estimate":
        words.append("an estimate and not a certificate")
    return ", ".join(words)


def setting(row: BoundRow) -> str:
    """Population and sample size: "digits, n = 10⁸ = 55 648 × the pool"; the equations do not break over lines."""
    pool = multiple_of_pool(row.n_over_pool)
    return f"{row.population}, n{NO_BREAK}={NO_BREAK}{count(row.n)}{f' ={NO_BREAK}{pool}' if pool else ''}"


def subject(row: BoundRow) -> str:
    """What a certificate is about: the network, the population with its noise, the sample size, the prior, the objective, the training.

    Two rows of different cells never read the same here.
    """
    return f"{row.network} ({setting(row)}; training: {row.training})"


def supremum(row: EnumerationRow) -> str:
    """The largest failure probability, rounded up; never above delta where it was proved to be at most delta."""
    above = Fraction(decimal_up(row.supremum, DIGITS)) > row.delta
    return probability(row.delta) if above and row.verdict is Verdict.PROVED_BY_ENUMERATION else number(row.supremum, "up")


def sentence(row: Row) -> str:
    """The sentence that ``genbounds cite`` prints."""
    if isinstance(row, CoverageRow):
        return (
            f"Over {count(row.draws)} independent draws from {row.population}, {row.bound} was below the risk {times(row.violations)}"
            f"{'' if row.quantity == 'coverage' else f' ({row.quantity})'}, "
            f"a violation rate of at most {number(row.upper_limit, 'up', 3)} at 95{THIN}% confidence, "
            f"where delta = {probability(row.delta)} allows that much; verdict: {row.verdict} ({row.power}; genbounds {row.id})."
        )
    if isinstance(row, TrialRow):
        return _trial_sentence(row)
    if isinstance(row, EnumerationRow):
        return (
            f"At n = {count(row.n)} and delta = {probability(row.delta)}, the failure probability of {row.bound} is at most "
            f"{supremum(row)} for every true risk; verdict: {row.verdict} (genbounds {row.id})."
        )
    if isinstance(row, BracketRow):
        return (
            f"The {row.quantity} of {row.network} ({row.population}, {count(row.parameters)} parameters; training: {row.training}) lies "
            f"between {number(row.lower, 'down')} and {number(row.upper, 'up')}; verdict: {row.verdict} (genbounds {row.id})."
        )
    if isinstance(row, MutantRow):
        caught = row.caught_by or "no check"
        return f"Planted in {row.bound}: {row.mutant}; caught by {caught}; verdict: {row.verdict} (genbounds {row.id})."
    if isinstance(row, CanaryRow):
        return f"{canary_sentence(row)} Verdict: {row.verdict} (genbounds {row.id})."
    if isinstance(row, FaultRow) and row.operator == UNCHANGED:
        found = "caught, so that what is caught of its faults means nothing" if row.caught else "not caught"
        return f"The formula of {row.bound} with nothing changed was {found}; verdict: {row.verdict} (genbounds {row.id})."
    if isinstance(row, FaultRow):
        return (
            f"Of {count(row.planted)} planted faults of {row.bound} ({row.operator}), the suite catches {count(row.caught)}; "
            f"{count(row.true)} leave a true statement and {count(row.same)} the same in the worlds looked at, "
            f"{count(row.survived)} survive; verdict on the bound: {row.verdict} (genbounds {row.id})."
        )
    if isinstance(row, FindingRow):
        return f"{finding_sentence(row)} Sizes: {row.sizes} (genbounds {row.id})."
    if isinstance(row, CurvesRow):
        return f"Figure “{row.title}”: {row.caption} (genbounds {row.id})."
    return _bound_sentence(row)


def finding_sentence(row: FindingRow) -> str:
    """A claim, and what became of it."""
    printed = f" In the source: {row.printed}." if row.printed else ""
    return f"{ended(row.claim)} ({row.source}) {row.outcome.capitalize()}: {ended(row.said)}{printed}"


def canary_sentence(row: CanaryRow) -> str:
    """What became of a canary."""
    said = f"The {row.bound}: {row.planted} was planted"
    if row.missed:
        said += f" and not refuted by {row.missed}, so that these checks are blind"
    if row.alarmed:
        said += f"; the sound case was refuted by {row.alarmed}, so that these checks raise false alarms"
    return f"{said}." if row.missed or row.alarmed else f"{said} and refuted by {row.checks}; the sound case was not refuted."


def _trial_sentence(row: TrialRow) -> str:
    name = in_form(row.bound, row.form)
    if not row.judged:
        where = f" in the scenario {row.scenario}" if row.scenario else ""
        return f"{name} is not judged{where}: {row.evidence}; verdict: {row.verdict} (genbounds {row.id})."
    noticed = "" if row.verdict is Verdict.REFUTED else f"; {resolution_of(row)}"
    evidence = row.evidence.removesuffix(".")
    return f"{name} in the scenario {row.scenario}, by {row.rung}: {evidence}; verdict: {row.verdict}{noticed} (genbounds {row.id})."


def resolution_of(row: TrialRow) -> str:
    """How small a mistake would have been noticed: "a deviation 0.86 times as large would have been refuted"."""
    if row.resolution is None:
        return "this check says nothing about smaller mistakes"
    if not row.resolution:
        return "it could not have been refuted here"
    return f"{would_be_refuted(row.resolution, row.mode)} refuted"


def _bound_sentence(row: BoundRow) -> str:
    certificate = row.certificate
    source = f"{author_year(certificate.source.key)}, {certificate.source.place}"
    where = subject(row)
    value = number(certificate.value, "up")
    if row.violated or certificate.kind == "estimate":
        names = listed(entry.assumption.name for entry in certificate.violated)
        why = f"an assumption is violated ({names})" if row.violated else "it is an estimate"
        claim = f"no certificate, as {why}: the formula of {name_of(certificate)} ({source}) gives {value} for {where}"
    else:
        level = "" if certificate.delta is None else f" {decimal_down_percent(certificate.delta)}{THIN}%"
        opening = f"with probability at least{level} over the sample" if certificate.mode == "HP" else MODES[certificate.mode]
        vacuous = " (vacuous)" if certificate.vacuous else ""
        claim = f"{opening}, the {certificate.bounds_on} of {where} is at most {value}{vacuous} by {name_of(certificate)} ({source})"
    claim = claim[0].upper() + claim[1:]
    return f"{claim}; {row.risk_what}: {risk(row.risk)}; {worth(row)}; verdict: {verdict(row)} (genbounds {row.id})."


def ended(note: str) -> str:
    """A note with its full stop.

    >>> ended("so it is "), ended("")
    ('so it is.', '')
    """
    text = note.strip()
    return f"{text}{'' if text[-1] in '.!?' else '.'}" if text else ""


def times(n: int) -> str:
    """How often.

    >>> times(0), times(1), times(12)
    ('never', 'once', '12 times')
    """
    return {0: "never", 1: "once", 2: "twice"}.get(n, f"{count(n)} times")


def percentage(share: float | None) -> str:
    """A share in whole percent, rounded down; a dash where there is none.

    >>> percentage(0.999).replace(THIN, " "), percentage(None)
    ('99 %', '–')
    """
    return NONE if share is None else f"{math.floor(100 * share)}{THIN}%"


def listed(words: Iterable[str]) -> str:
    """A list in prose.

    >>> listed(["a", "b", "c"]), listed(["a"])
    ('a, b and c', 'a')
    """
    entries = list(words)
    return entries[0] if len(entries) == 1 else f"{', '.join(entries[:-1])} and {entries[-1]}" if entries else "none"


def _power(exponent: int) -> str:
    return "10" + str(exponent).translate(_SUPERSCRIPTS)
