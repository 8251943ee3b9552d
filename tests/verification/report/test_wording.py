"""How numbers and sentences are worded: the printed bound is never below the bound."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from genbounds.bounds import get
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.report import escape
from genbounds.verification.report.wording import count, headline, number, sentence
from genbounds.verification.rows import BoundRow, Interval, Report

_DIGITS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")


def read(text: str) -> Fraction:
    """The number that a reader sees."""
    mantissa, _, power = text.translate(_DIGITS).replace("\u202f", "").partition(" × 10")
    return Fraction(mantissa) * (Fraction(10) ** int(power) if power else 1)


@given(st.floats(min_value=1e-300, max_value=1e300))
def test_bounds_are_printed_rounded_up_and_lower_limits_down(x: float) -> None:
    assert Fraction(x) <= read(number(x, "up")) <= Fraction(x) * Fraction(1002, 1000)
    assert Fraction(x) * Fraction(998, 1000) <= read(number(x, "down")) <= Fraction(x)
    assert abs(read(number(x, "nearest")) / Fraction(x) - 1) <= Fraction(51, 100000)


@given(st.integers(min_value=0, max_value=10**15))
def test_counts_are_exact(n: int) -> None:
    text = count(n).translate(_DIGITS).replace("\u202f", "")
    if "10" in text and n >= 10**5 and len(text) < len(str(n)):
        lead, _, power = text.rpartition("10")
        assert int(lead.replace(" × ", "") or 1) * 10 ** int(power) == n
    else:
        assert int(text) == n


def test_each_sentence_says_what_is_needed_to_judge_the_number(handmade_report: Report) -> None:
    tight, small, _, violated, mistakes, covered, refuted, enumerated, enclosed, _, planted, missed = (
        sentence(row) for row in handmade_report.rows
    )
    assert "With probability at least 95" in tight
    assert "0.07143" in tight
    assert "92/1797" in tight
    assert "worth 6 held-out points" in small
    assert violated.startswith("No certificate, as an assumption is violated (smooth loss)")
    assert "the number of mistakes of perceptron" in mistakes
    assert "once" in covered
    assert "verdict: refuted" in refuted
    assert "proved by enumeration" in enumerated
    assert "lies between 1.234 and 98770" in enclosed
    assert "caught by enumeration, audit; verdict: refuted" in planted
    assert "caught by no check; verdict: not refuted" in missed
    for row in handmade_report.rows:
        assert row.id in sentence(row)


def test_the_first_screen_counts(handmade_report: Report) -> None:
    text = " ".join(headline(handmade_report))
    assert "4 certificates from 3 families" in text
    assert "1 check refuted a bound: holdout.hoeffding" in text
    assert "Of 2 faults planted on purpose, the checks caught 1." in text
    assert "1 further number rests on an assumption that does not hold" in text
    assert "31 violations" in text
    calm = dataclasses.replace(handmade_report, rows=tuple(row for row in handmade_report.rows if not row.verdict.is_failure))
    assert "No bound was refuted. That is no proof. Each coverage check says with which power" in " ".join(headline(calm))


def test_the_first_screen_promises_no_power_where_none_is_printed_and_no_exact_risk_where_there_is_an_interval() -> None:
    """The reports of MNIST and of compression have intervals alone, one draw each; that of enumeration has no certificate."""
    enclosed, known = (Interval(0.01, 0.02, "test images"), Fraction(1, 100))
    words = {"study": "s", "population": "MNIST", "network": "a", "training": "t", "risk_what": "risk", "scale": "realistic"}
    certificate = get("holdout.hoeffding")(empirical_risk=0, n=1000, delta=Fraction(1, 20))
    rows = [BoundRow.compared(certificate, risk, 1000, cell=str(k), **words) for k, risk in enumerate((enclosed, known))]
    for chosen, beside in (
        (rows[:1], "beside what it bounds, as an interval that is measured (MNIST)"),
        (rows[1:], "beside what it bounds, known exactly (MNIST)"),
        (rows, "known exactly for 1 of them, and as an interval for 1 (MNIST)"),
    ):
        text = " ".join(headline(Report("t", {}, tuple(chosen))))
        assert beside in text
        assert "coverage check" not in text
        assert "with which power" not in text
        assert "could refute nothing" in text
    empty = " ".join(headline(Report("t", {}, ())))
    assert empty.startswith("This report has no certificate.")
    assert "note" not in empty


def test_what_was_proved_to_be_at_most_delta_is_not_printed_above_it(handmade_report: Report) -> None:
    row = dataclasses.replace(handmade_report.enumerations[0], supremum=0.05000000000000001)
    assert "is at most 0.05 for every true risk" in sentence(row)
    assert "is at most 0.05001" in sentence(dataclasses.replace(row, verdict=Verdict.UNDECIDED))


@given(st.text())
def test_escaped_latex_has_no_bare_special_character(text: str) -> None:
    escaped = escape.tex(text)
    plain = escaped
    for command in (r"\textbackslash{}", r"\textasciicircum{}", r"\textasciitilde{}", r"\textless{}", r"\textgreater{}", r"\textbar{}"):
        plain = plain.replace(command, "")
    for command in (r"\{", r"\}", r"\$", r"\&", r"\#", r"\%", r"\_", r"\,", "{[}", "{]}"):
        plain = plain.replace(command, "")
    if plain.isascii() and "$" not in plain and "~" not in plain:  # what is left over: mathematics and no-break spaces of our own
        assert not set(plain) & set("\\{}$&#%_^~")
    assert "\n" not in escaped
    assert escape.tex(escaped) == escaped
