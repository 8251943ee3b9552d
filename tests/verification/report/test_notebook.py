"""What notebooks show of tables, summaries and reports: their notes stay, and everything is escaped."""

from __future__ import annotations

import pytest
import torch
from tests.bounds.test_notebook import well_formed, words
from torch import nn

from genbounds.bounds.holdout import clopper_pearson
from genbounds.models import certify_losses, summarize
from genbounds.models.certifying.certificate_table import CertificateTable
from genbounds.verification import check
from genbounds.verification.checks.coverage import coverage
from genbounds.verification.rechecking.recheck import recheck
from genbounds.verification.rows.report import Report


def flat(page: str) -> str:
    return " ".join(words(page).split())


def test_a_table_shows_its_facts_marks_assumptions_and_what_does_not_apply() -> None:
    table = certify_losses([0.5] * 30, delta="0.05")
    page = table._repr_html_()
    well_formed(page)
    said = flat(page)
    for what, number in table.facts:
        assert f"{what}: {number}" in said
    for row in table.rows:
        assert row.bound in said
        for entry in row.assumptions:
            assert f"{row.bound} {entry.assumption.name} {entry.status}" in said
    assert "by itself" in said
    assert "Values are rounded up." in said
    assert all(line in said for line in table.advice)
    assert table.best is not None
    assert flat(table.best._repr_html_()) in said


def test_a_table_without_a_number_to_cite_says_so() -> None:
    row = clopper_pearson(errors=5, n=100, delta="0.05")
    page = CertificateTable((row,), None, (("vc.sauer", "<no> dimension"),), (), row.delta or 0)._repr_html_()  # type: ignore[arg-type]
    well_formed(page)
    assert "there is no number to cite. Taking the smallest row looks at the sample." in flat(page)
    assert "<no> dimension" in flat(page)


def test_a_summary_of_a_network_shows_its_quantities_and_notes() -> None:
    torch.manual_seed(0)
    summary = summarize(nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 2)), [[1.0, 2.0], [0.5, -1.0]], [0, 1])
    page = summary._repr_html_()
    well_formed(page)
    said = flat(page)
    assert f"empirical risk {summary.errors} of 2" in said
    assert f"how {summary.spectral_norms.how}" in said
    assert "spectral_norms Quantity" in said
    assert "input_radius" in said
    assert "no certificate takes it" in said  # of the radius, which is the largest norm seen
    assert all(note in said for note in summary.notes)


def test_a_report_shows_its_verdicts_and_every_refuted_row(handmade_report: Report) -> None:
    page = handmade_report._repr_html_()
    well_formed(page)
    said = flat(page)
    assert handmade_report.refuted
    for row in handmade_report.refuted:
        assert f"(genbounds {row.id})" in said
    assert "“Not refuted” is not a proof" in said
    assert "Each holds at its own confidence" in said
    kinds = {type(row).__name__ for row in handmade_report.rows}
    assert all(kind in said for kind in kinds)
    assert "Refuted:" not in flat(Report("t", {}, ())._repr_html_())


@pytest.mark.slow
def test_a_check_shows_its_sentence_and_its_findings() -> None:
    found = check("hoeffding", scenarios="fixed_hypothesis", rungs="exact")
    page = found._repr_html_()
    well_formed(page)
    assert " ".join(found.sentence().split()) in flat(page)
    assert "is not a proof" in flat(page)
    lacking = check("hoeffding", scenarios="memoriser", rungs="exact")
    assert " ".join(lacking.lacking().split()) in flat(lacking._repr_html_())


@pytest.mark.parametrize(
    "shown", [lambda: coverage([False] * 9, delta=0.1), lambda: recheck("0.16", empirical_risk="0.028", kl=5144, n=55000, delta="0.025")]
)
def test_other_results_show_their_summary(shown: object) -> None:
    found = shown()  # type: ignore[operator]
    well_formed(found._repr_html_())
    assert words(found._repr_html_()).strip() == found.summary().strip()
