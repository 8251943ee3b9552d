"""A report that was changed by hand contradicts its own numbers, and is refused."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from genbounds.bounds import Choice, Quantity, get
from genbounds.bounds.assumptions import IID_SAMPLE
from genbounds.bounds.quantity import Charge
from genbounds.bounds.recomputed import recomputed
from genbounds.verification.cli import app
from genbounds.verification.report.read import read_report
from genbounds.verification.report.write import write_report
from genbounds.verification.rows.bound_row import BoundRow
from genbounds.verification.rows.consistency import check_row
from genbounds.verification.rows.interval import Interval
from genbounds.verification.rows.report import Report
from genbounds.verification.rows.stored import row_from_dict, row_to_dict

DELTA = Fraction(1, 20)
WORDS: dict[str, Any] = {
    "study": "s",
    "cell": "c",
    "population": "digits",
    "network": "a network",
    "training": "some",
    "risk_what": "risk",
    "scale": "realistic",
}


def changed(report: Report, change: Callable[[list[dict[str, Any]]], None]) -> dict[str, Any]:
    """The JSON of the report with its rows edited; bound rows come as their own dictionaries."""
    data = copy.deepcopy(json.loads(json.dumps(report.to_dict(), allow_nan=False)))
    change(data["rows"])
    return data


def inner(rows: list[dict[str, Any]], position: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = rows[position]["certificate"]["certificate"]
    return found


EDITS: dict[str, tuple[Callable[[list[dict[str, Any]]], Any], str]] = {
    "smaller value": (lambda rows: inner(rows).update(value=0.05), "value of holdout.clopper_pearson must be"),
    "value and its only term": (
        lambda rows: inner(rows).update(value=0.05, terms={"binomial tail inverse": 0.05}),
        "value of holdout.clopper_pearson must be",
    ),
    "larger value": (lambda rows: inner(rows).update(value=0.2), "value of holdout.clopper_pearson must be"),
    "last digit": (lambda rows: inner(rows).update(value=math.nextafter(inner(rows)["value"], 0)), "value of"),
    "input": (lambda rows: inner(rows)["inputs"].update(n=5000), "value of"),
    "term": (lambda rows: inner(rows, 1)["terms"].update({next(iter(inner(rows, 1)["terms"])): 0.0}), "terms of vc.sauer"),
    "confidence": (lambda rows: inner(rows).update(delta={"fraction": "1/1000"}), "delta of holdout.clopper_pearson must be 1/20"),
    "no delta": (lambda rows: inner(rows).update(delta=None), "delta of holdout.clopper_pearson must be 1/20"),
    "mode": (lambda rows: inner(rows).update(mode="DET"), "mode of"),
    "what is bounded": (lambda rows: inner(rows).update(bounds_on="Gibbs risk"), "bounds_on of"),
    "an assumption left out": (lambda rows: inner(rows)["assumptions"].pop(0), "assumptions of"),
    "trivial": (lambda rows: inner(rows, 1).update(trivial=10**9), "trivial of vc.sauer"),
    "form": (lambda rows: inner(rows).update(form="printed"), "form of"),
    "worth": (lambda rows: rows[0].update(held_out_equivalent=10**6), "held-out equivalent must be"),
    "baseline": (lambda rows: rows[0].update(baseline=0.5), "held-out baseline must be"),
    "worth of mistakes": (lambda rows: rows[4].update(held_out_equivalent=5), "no test set bounds the"),
    "violated": (lambda rows: rows[3].update(verdict="not refuted"), "verdict must be 'assumption violated', as smooth loss is"),
    "proved": (lambda rows: rows[0].update(verdict="proved by enumeration"), "must not be that of an enumeration"),
    "a mistake too many": (lambda rows: rows[4].update(risk={"fraction": "101/1"}), "verdict must be 'refuted'"),
    "violations": (lambda rows: rows[6].update(violations=0), "upper limit must be"),
    "violations and limit": (lambda rows: rows[5].update(violations=100, upper_limit=0.3862), "upper limit must be"),
    "evidence": (lambda rows: rows[6].update(log_evidence=1.0), "evidence must be at least"),
    "verdict of coverage": (lambda rows: rows[6].update(verdict="not refuted"), "verdict must be 'refuted', as the evidence says"),
    "supremum": (lambda rows: rows[7].update(supremum=0.06), "must not be 'proved by enumeration'"),
    "enumeration refuted": (lambda rows: rows[7].update(verdict="refuted"), "must not be 'refuted'"),
    "quotient by 0": (lambda rows: inner(rows)["inputs"].update(delta={"fraction": "1/0"}), "must be what genbounds verify wrote"),
    "unknown input": (lambda rows: inner(rows)["inputs"].update(luck=1), "inputs of holdout.clopper_pearson"),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_report_is_refused(handmade_report: Report, tmp_path: Path, name: str) -> None:
    change, message = EDITS[name]
    path = tmp_path / "report.json"
    path.write_text(json.dumps(changed(handmade_report, change)))
    with pytest.raises(ValueError, match=message) as caught:
        read_report(path)
    if "what genbounds verify wrote" not in message:
        assert "changed by hand, or another version of genbounds" in str(caught.value)


def test_the_untouched_report_is_read(handmade_report: Report) -> None:
    assert Report.from_dict(changed(handmade_report, lambda rows: None)) == handmade_report


@pytest.mark.slow
def test_neither_cite_nor_show_prints_a_false_certificate(handmade_report: Report, tmp_path: Path) -> None:
    path = write_report(handmade_report, tmp_path)["report.json"]
    path.write_text(json.dumps(changed(handmade_report, EDITS["smaller value"][0])))
    for arguments in (["cite", handmade_report.rows[0].id], ["show", "holdout.clopper_pearson"]):
        result = CliRunner().invoke(app, [*arguments, "--report", str(path)])
        assert result.exit_code == 2
        assert result.stdout == ""
        assert "0.0714" in result.stderr  # what the inputs give


def test_a_file_nested_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("[" * 100_000)
    with pytest.raises(ValueError, match=r"JSON|nested too deeply"):
        read_report(path)


def test_a_value_that_was_chosen_on_the_sample_is_computed_again_at_its_price() -> None:
    bound = get("pac_bayes.catoni")
    inputs: dict[str, Any] = {"empirical_risk": Fraction(1, 10), "kl": 5, "n": 1000, "delta": DELTA}
    certificate = bound(**inputs, temperature=Choice(2, alternatives=8, how="eight rates"))
    assert certificate.value > bound(**inputs, temperature=2).value
    assert recomputed(certificate) == certificate
    check_row(row_from_dict(row_to_dict(BoundRow.compared(certificate, Fraction(1, 20), 1000, **WORDS))))


def test_one_statement_in_two_inputs_is_paid_once_after_reading_too() -> None:
    """Two measured inputs that rest on one statement: the delta of the certificate is below the sum of those stored with its inputs."""
    charge = Charge(Fraction(1, 100), "the same draws")
    measured = {name: Quantity(value, "upper", "draws", charges=(charge,)) for name, value in (("empirical_risk", 0.1), ("kl", 5.0))}
    certificate = get("pac_bayes.seeger2002")(**measured, n=1000, delta=DELTA)
    assert certificate.delta == Fraction(6, 100)
    again = row_from_dict(row_to_dict(BoundRow.compared(certificate, Interval(0.0, 0.5, "by hand"), 1000, **WORDS)))
    assert isinstance(again, BoundRow)
    assert recomputed(again.certificate).delta == Fraction(7, 100)  # nothing in the file says that the two share it
    with pytest.raises(ValueError, match=r"delta of pac_bayes\.seeger2002"):
        check_row(replace(again, certificate=replace(again.certificate, delta=Fraction(5, 100))))


def test_another_choice_of_the_search_may_be_weaker_but_not_tighter() -> None:
    inputs: dict[str, Any] = {"margin_risk": Fraction(1, 20), "margin": Fraction(1, 2), "outputs": 2, "norm_product": 2, "depth": 2}
    certificate = get("margin.norm_product")(**inputs, data_norm=100, n=10**6, delta=DELTA)
    elsewhere = replace(certificate, choices={**certificate.choices, "level": 99.0})
    for value, fine in ((certificate.value * 1.01, True), (certificate.value * 0.99, False)):
        row = BoundRow.compared(replace(elsewhere, value=value), Fraction(1, 50), 10**6, **WORDS)
        if fine:
            check_row(row)
        else:
            with pytest.raises(ValueError, match=r"value of margin\.norm_product"):
                check_row(row)


def test_an_estimate_and_a_violated_assumption_are_read_as_such() -> None:
    estimate = get("holdout.hoeffding").estimate(empirical_risk=Quantity(0.1, "estimate", "a guess"), n=1000, delta=DELTA)
    check_row(BoundRow.compared(estimate, Fraction(1, 20), 1000, **WORDS))
    with pytest.raises(ValueError, match="must be known as exact or upper"):
        check_row(BoundRow.compared(replace(estimate, kind="certificate"), Fraction(1, 20), 1000, **WORDS))
    violated = get("holdout.hoeffding")(empirical_risk=0, n=1000, delta=DELTA).audited({IID_SAMPLE: ("violated", "balanced")})
    check_row(BoundRow.compared(violated, Fraction(1, 20), 1000, **WORDS))
