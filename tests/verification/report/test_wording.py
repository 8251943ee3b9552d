"""How numbers and sentences are worded: the printed bound is never below the bound."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genbounds.bounds import get
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.report import escape
from genbounds.verification.report.wording import THIN, confidence, count, number, sentence
from genbounds.verification.rows.report import Report

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
    (
        tight,
        small,
        _,
        violated,
        mistakes,
        covered,
        refuted,
        enumerated,
        enclosed,
        _,
        trial,
        unjudged,
        powerless,
        _,
        canary,
        planted,
        missed,
        in_formula,
        _,
    ) = (sentence(row) for row in handmade_report.rows)
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
    assert "a deviation 0.75 times as large would have been refuted" in trial
    assert "does not hold here; verdict: assumption violated" in unjudged
    assert "it could not have been refuted here" in powerless
    assert "a bound <below> its risk was planted and refuted by coverage; the sound case was not refuted." in canary
    assert "caught by enumeration, audit; verdict: refuted" in planted
    assert "caught by no check; verdict: not refuted" in missed
    assert "Of 4 planted faults of holdout.hoeffding (n for 2n), the suite catches 2" in in_formula
    for row in handmade_report.rows:
        assert row.id in sentence(row)


def test_a_bound_is_never_worth_more_points_than_it_had(handmade_report: Report) -> None:
    """Beside a known risk a tight bound may equal that of a million held-out points; of 600 no more than 600 is said."""
    row = dataclasses.replace(handmade_report.bounds[0], n=600, held_out_equivalent=1_127_573)
    assert "worth more than 600 held-out points" in sentence(row)
    assert "127" not in sentence(row).split("worth")[1]


def test_what_was_proved_to_be_at_most_delta_is_not_printed_above_it(handmade_report: Report) -> None:
    row = dataclasses.replace(handmade_report.enumerations[0], supremum=0.05000000000000001)
    assert "is at most 0.05 for every true risk" in sentence(row)
    assert "is at most 0.05001" in sentence(dataclasses.replace(row, verdict=Verdict.UNDECIDED))


@pytest.mark.slow
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


def test_a_theorem_that_always_holds_has_the_confidence_of_its_inputs() -> None:
    """Not "95 %, always": the factor two of a majority vote costs no probability, and its Gibbs risk has one."""
    gibbs = get("pac_bayes.seeger2002")(empirical_risk="0.1", kl=5, n=1000, delta="0.05")
    vote = get("pac_bayes.majority_vote_factor_two")(gibbs_risk=gibbs)
    assert confidence(vote) == f"95{THIN}%, that of its inputs"
    assert confidence(gibbs) == f"95{THIN}%"
