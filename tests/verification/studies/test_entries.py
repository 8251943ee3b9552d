"""Entries through the store, and the verdict on several draws of one bound."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from genbounds.bounds import Certificate, get
from genbounds.bounds.assumptions import IID_SAMPLE
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.rows.interval import Interval
from genbounds.verification.runs.cells import canonical_json, parse_json
from genbounds.verification.studies.entries import Entry, judge, rows_of

DELTA = Fraction(1, 20)
WORDS = {"study": "networks", "population": "digits", "network": "a network", "training": "some", "scale": "realistic"}


def clopper(errors: int = 5) -> Certificate:
    certificate: Certificate = get("holdout.clopper_pearson")(errors=errors, n=100, delta=DELTA)
    return certificate


def entry(risk: Fraction | Interval, certificate: Certificate | None = None) -> Entry:
    return Entry(certificate or clopper(), risk, "risk", 100)


@pytest.mark.parametrize("risk", [Fraction(7, 1797), Interval(0.1, 0.25, "by hand")])
def test_an_entry_goes_through_the_store_unchanged(risk: Fraction | Interval) -> None:
    before = Entry(clopper(), risk, "what it is", 10**14, Fraction(5, 100), "a note", "risk, other form", Fraction(1, 1000))
    assert Entry.from_dict(parse_json(canonical_json(before.to_dict()))) == before


def test_a_bound_is_compared_exactly_with_the_risk() -> None:
    certificate = clopper()
    exact = Fraction(certificate.value)
    assert entry(exact, certificate).violated is False
    assert entry(exact + Fraction(1, 10**30), certificate).violated is True  # far below a unit in the last place


def test_an_interval_counts_against_a_bound_only_from_its_lower_end() -> None:
    assert entry(Interval(0.05, 0.2, "by hand")).violated is False
    assert entry(Interval(0.15, 0.2, "by hand")).violated is True


def test_no_bound_of_1_or_more_is_below_a_risk() -> None:
    vacuous = get("vc.sauer")(empirical_risk=1, n=10, vc_dimension=10, delta=DELTA)
    assert vacuous.value > 1
    assert entry(Fraction(1), vacuous).violated is False


@pytest.mark.parametrize(
    ("below", "draws", "verdict"), [(0, 1, "not refuted"), (1, 1, "not refuted"), (2, 3, "not refuted"), (3, 3, "refuted")]
)
def test_the_verdict_is_on_all_draws_together(below: int, draws: int, verdict: str) -> None:
    # One of one has probability .05, two of three .00725 at most, three of three .000125.
    entries = [entry(Fraction(1, 2))] * below + [entry(Fraction(1, 100))] * (draws - below)
    found, words = judge(entries, alpha=0.001)
    assert found == Verdict(verdict)
    chance = sum(math.comb(draws, k) * 0.05**k * 0.95 ** (draws - k) for k in range(below, draws + 1))
    if below:
        printed = Fraction(words.partition("has probability ")[2].partition(" at most")[0])
        assert Fraction(chance) <= printed * (1 + Fraction(1, 10**12))  # rounded up
        assert printed <= Fraction(chance) * Fraction(11, 10)


def test_the_failure_probability_of_the_interval_is_added() -> None:
    loose = [Entry(clopper(), Interval(0.3, 0.4, "by hand"), "risk", 100, risk_delta=Fraction(3, 10))] * 3
    assert judge(loose, alpha=0.001)[0] is Verdict.NOT_REFUTED  # .35^3 = .043


def test_a_statement_that_cannot_fail_is_refuted_by_one_draw() -> None:
    novikoff = get("perceptron.novikoff")(radius=1, margin=1)
    assert judge([entry(Fraction(2), novikoff)], alpha=0.001)[0] is Verdict.REFUTED


def test_a_statement_that_can_fail_is_not_refuted_by_one_draw_whatever_its_mode() -> None:
    """Twice the Gibbs risk always bounds the vote's, but the certificate of the Gibbs risk in it fails with probability delta."""
    gibbs = get("pac_bayes.seeger2002")(empirical_risk=0, kl=0, n=1000, delta=DELTA)
    vote = get("pac_bayes.majority_vote_factor_two")(gibbs_risk=gibbs)
    assert (vote.mode, vote.delta) == ("DET", DELTA)
    assert judge([entry(Fraction(1, 2), vote)], alpha=0.001)[0] is Verdict.NOT_REFUTED
    assert judge([entry(Fraction(1, 2), vote)] * 3, alpha=0.001)[0] is Verdict.REFUTED


def test_a_statement_in_expectation_is_not_judged_by_single_draws() -> None:
    mean = get("perceptron.leave_one_out")(radius=1, margin=1, n=100)
    with pytest.raises(ValueError, match="expectation_row"):
        judge([entry(Fraction(1, 2), mean)], alpha=0.001)


@pytest.mark.parametrize(
    ("risks", "words"),
    [
        ([Fraction(1, 20)], "bound at least the risk in one draw"),
        ([Interval(0.05, 0.2, "by hand")], "bound at least the lower limit of the risk in one draw"),
        ([Fraction(1, 20), Interval(0.05, 0.2, "by hand")], "bound at least the lower limit of the risk in 2 independent draws"),
        ([Interval(0.0, 0.2, "by hand")], "nothing to compare: the lower limit of the risk is 0 in one draw"),
        ([Fraction(0)], "nothing to compare: the risk is 0 in one draw"),
    ],
)
def test_the_note_claims_no_more_than_was_compared(risks: list[Fraction | Interval], words: str) -> None:
    verdict, found = judge([entry(risk) for risk in risks], alpha=0.5)
    assert verdict is Verdict.NOT_REFUTED
    assert found == words


@pytest.mark.parametrize(("draws", "alpha", "powerless"), [(1, 0.001, True), (2, 0.001, True), (3, 0.001, False), (1, 0.06, False)])
def test_too_few_draws_to_refute_anything_are_called_so(draws: int, alpha: float, powerless: bool) -> None:
    """Were all below the risk, the probability would be .05^draws."""
    quiet = judge([entry(Fraction(1, 100))] * draws, alpha)
    loud = judge([entry(Fraction(1, 2))] * draws, alpha)
    assert ("no power" in quiet[1]) is powerless
    assert (loud[0] is Verdict.NOT_REFUTED) is powerless


def test_one_draw_of_a_statement_that_cannot_fail_has_power() -> None:
    novikoff = get("perceptron.novikoff")(radius=2, margin=1)
    assert judge([entry(Fraction(1), novikoff)], alpha=0.001) == (Verdict.NOT_REFUTED, "bound at least the risk in one draw")


def test_a_violated_assumption_is_not_judged() -> None:
    broken = clopper().audited({IID_SAMPLE: ("violated", "the draws were balanced")})
    (row,) = rows_of([(entry(Fraction(1, 2), broken), {**WORDS, "cell": "a"})])
    assert row.verdict is Verdict.ASSUMPTION_VIOLATED
    assert row.held_out_equivalent is None


def test_rows_carry_the_finding_of_their_group() -> None:
    entries = [(entry(Fraction(1, 2)), {**WORDS, "cell": "a"}), (entry(Fraction(1, 100)), {**WORDS, "cell": "b"})]
    rows = rows_of(entries)
    assert all("below the risk in 1 of 2 independent draws" in row.note for row in rows)
    assert {row.verdict for row in rows} == {Verdict.NOT_REFUTED}
