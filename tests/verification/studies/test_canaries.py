"""Every study plants a fault before its own checks; a checker that is disabled, or sees what is not there, fails the report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from genbounds.verification import studies
from genbounds.verification.checks import planted
from genbounds.verification.checks.coverage import coverage
from genbounds.verification.checks.enumeration import enumerate_failures
from genbounds.verification.checks.faults import counts, killing
from genbounds.verification.checks.judging import judge_levels, judge_ready
from genbounds.verification.checks.rungs import brute_force, every_sample, metamorphic, repeated_draws
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.cli import app
from genbounds.verification.commands.verify import canary_row
from genbounds.verification.rows.report import Report
from genbounds.verification.studies import averages, entries, enumeration, faults, planted_fault, procedure
from genbounds.verification.studies import coverage as coverage_study

JUDGED = [*studies.STUDIES, *studies.ON_REQUEST]


@pytest.mark.slow
@pytest.mark.parametrize("name", JUDGED)
def test_the_checks_of_every_study_see_its_fault_and_nothing_in_the_sound_case(name: str) -> None:
    row = canary_row(studies.get(name))
    assert row is not None
    assert row.checks
    assert (row.missed, row.alarmed, row.verdict) == ("", "", Verdict.NOT_REFUTED)


def blind(judge: Callable[..., Any]) -> Callable[..., Any]:
    """The same checker with every refutation taken back."""

    def seeing_nothing(*given: Any, **named: Any) -> Any:
        found = judge(*given, **named)
        return [replace(one, refuted=False) for one in found] if isinstance(found, list) else replace(found, verdict=Verdict.NOT_REFUTED)

    return seeing_nothing


DISABLED: dict[str, tuple[Any, str, Any]] = {
    "matrix": (every_sample, "judge_levels", blind(judge_levels)),
    "networks": (entries, "judge", lambda *_: (Verdict.NOT_REFUTED, "")),
    "scale": (entries, "judge", lambda *_: (Verdict.NOT_REFUTED, "")),
    "pac_bayes": (entries, "judge", lambda *_: (Verdict.NOT_REFUTED, "")),
    "perceptron": (averages, "mean_interval", lambda values, low, high, delta: (low, high)),
    "stability": (averages, "mean_interval", lambda values, low, high, delta: (low, high)),
    "coverage": (coverage_study, "coverage", blind(coverage)),
    "enumeration": (enumeration, "enumerate_failures", blind(enumerate_failures)),
    "procedure": (procedure, "caught", lambda fault: {}),
    "faults": (killing, "judge_ready", blind(judge_ready)),
}
"""By study: where its checker stands, and one that never refutes."""


def test_every_study_of_a_full_report_has_a_checker_to_disable() -> None:
    assert {*studies.STUDIES, *studies.WITH_FULL} <= set(DISABLED)


@pytest.mark.slow
@pytest.mark.parametrize("name", DISABLED)
def test_a_disabled_checker_fails_the_report(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*DISABLED[name])
    row = canary_row(studies.get(name))
    assert row is not None
    assert row.missed
    assert Report("t", {}, (row,)).refuted == (row,)


@pytest.mark.slow
def test_a_bound_that_is_compared_with_nothing_fails_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metamorphic._World, "all", lambda self: iter([(1, None, "")]))
    row = canary_row(studies.get("matrix"))
    assert row is not None
    assert row.missed == "metamorphic"


@pytest.mark.slow
def test_a_capacity_that_is_compared_with_nothing_fails_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brute_force, "too_low", lambda value, truth: False)
    row = canary_row(studies.get("matrix"))
    assert row is not None
    assert row.missed == "brute force"


@pytest.mark.slow
def test_draws_that_never_refute_fail_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeated_draws, "coverage", blind(coverage))
    row = canary_row(studies.get("matrix"))
    assert row is not None
    assert row.missed == "repeated draws"


@pytest.mark.slow
def test_a_real_fault_is_an_alarm_and_no_success_of_the_kill_matrix(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the KL of the real procedure cut short, the identity rung finds that in every copy: booked as caught, all the same an alarm."""
    monkeypatch.setattr(planted, "gaussian_kl", planted.kl_without_biases)
    row = canary_row(studies.get("procedure"))
    assert row is not None
    assert row.alarmed == "identity"
    assert row.verdict is Verdict.REFUTED


@pytest.mark.parametrize("checker", ["enumerated", "far_out"])
def test_counts_that_never_refute_a_fault_fail_the_report(checker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts.Counts, checker, lambda self, formula: "")
    row = canary_row(studies.get("faults"))
    assert row is not None
    assert row.missed == {"enumerated": "all risks", "far_out": "deep tail"}[checker]


def test_a_book_that_calls_everything_caught_fails_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planted_fault, "fate", lambda fault, *_: killing.Killed(fault.operator, fault.where, "caught", "by decree"))
    row = canary_row(studies.get("faults"))
    assert row is not None
    assert (row.missed, row.alarmed) == ("", "the book of kills")


@pytest.mark.slow
def test_a_disabled_checker_of_faults_ends_the_run_with_exit_status_1(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(*DISABLED["faults"])
    monkeypatch.setattr(faults.Faults, "cells", lambda study: [faults.FaultsOf("holdout.hoeffding", "thumbnail", "blind")])
    found = CliRunner().invoke(app, ["verify", "faults", "--out", str(tmp_path)])
    assert found.exit_code == 1, found.output
    assert "canary of faults" in " ".join(found.output.split())


@pytest.mark.slow
def test_the_run_ends_with_exit_status_1(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(*DISABLED["enumeration"])
    found = CliRunner().invoke(app, ["verify", "enumeration", "--out", str(tmp_path)])
    assert found.exit_code == 1, found.output
    assert "canary of enumeration" in " ".join(found.output.split())
