"""The matrix in a report: one line per bound, in words that claim no more than was found."""

from __future__ import annotations

from pathlib import Path

import pytest

from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.report.headline import headline
from genbounds.verification.report.trials import family_of_subjects, said_of, subjects, what_matters
from genbounds.verification.report.write import write_report
from genbounds.verification.rows.report import Report
from genbounds.verification.rows.trial_row import TrialRow


def test_what_each_line_says(handmade_report: Report) -> None:
    said = {bound: said_of(rows) for (bound, _), rows in subjects(handmade_report).items()}
    assert said["holdout.hoeffding"] == (
        "not refuted; a deviation 0.75 times as large would have been (fixed hypothesis: 3 coins & a <die>, delta = 0.05)"
    )
    assert said["vc.sauer"] == "not refuted; no scenario here could refute it; vacuous in every world here"
    assert said["margin.spectral"] == "not judged: memoriser: nothing supplies spectral_norms"


def test_a_bound_has_one_line_and_its_trials_below(handmade_report: Report) -> None:
    (hoeffding,) = family_of_subjects(handmade_report, "holdout").subjects
    assert (hoeffding.verdict, hoeffding.resolution) == ("not refuted", "0.75")
    assert [trial.rung for trial in hoeffding.trials] == ["every sample", "not judged"]
    assert "the hypothesis looks at the sample" in hoeffding.trials[1].scenario
    assert hoeffding.tally == "1 trial in 1 scenario, 1 scenario where it is not judged"
    (spectral,) = family_of_subjects(handmade_report, "margin").subjects
    assert spectral.bound == "margin.spectral (homogeneous)"
    assert spectral.verdict == "not judged: not applicable"


def test_the_headline_counts_the_trials(handmade_report: Report) -> None:
    first = headline(handmade_report)[0]
    assert first.startswith("3 bounds on trial (forms of a theorem counted apart), 2 of them judged, in 2 scenarios")
    assert "1 would have been refuted" in first
    assert "Of 1 it must be said that no scenario here could refute it." in first
    assert "1 is judged by nothing here." in first


@pytest.mark.slow
def test_every_file_shows_the_matrix(handmade_report: Report, tmp_path: Path) -> None:
    files = write_report(handmade_report, tmp_path)
    for name in ("report.html", "report.md", "tables.tex", "report.json"):
        text = files[name].read_text(encoding="utf-8")
        assert "fixed hypothesis" in text, name
        assert "0.75" in text, name
    page = files["report.html"].read_text(encoding="utf-8")
    assert "3 coins &amp; a &lt;die&gt;" in page
    assert page.count('<details class="card">') == 6  # a card for each bound with a trial or a certificate
    assert "no scenario here could refute it" in page


def test_what_is_said_of_the_assumptions_of_a_bound() -> None:
    def row(scenario: str, violated: str, fails: bool) -> TrialRow:
        return TrialRow(
            study="s", cell="c", bound="holdout.empirical_bernstein", scenario=scenario, rung="", verdict=Verdict.ASSUMPTION_VIOLATED,
            resolution=None, with_cap=None, world="", evidence="", hostile="a choice", violated=violated, fails_there=fails,
        )  # fmt: skip

    rows = [row("a", "iid sample", False), row("b", "iid sample", True), row("c", "unbiased variance", False), row("d", "x; y", True)]
    assert what_matters(rows) == (
        "False in a world where one of these alone does not hold: iid sample. "
        "True in every world here where one of these alone does not hold: unbiased variance. "
        "Violated alone in no world here: loss in [0, 1], hypothesis independent of the sample."
    )
    assert what_matters([]) == ""


def test_an_assumption_that_is_proved_to_be_needless_is_said_to_be_so() -> None:
    row = TrialRow(
        study="s", cell="c", bound="holdout.ladder", scenario="first", rung="", verdict=Verdict.ASSUMPTION_VIOLATED, resolution=None,
        with_cap=None, world="", evidence="", hostile="a choice", violated="iid sample", fails_there=True,
    )  # fmt: skip
    said = what_matters([row])
    assert "Proved to be true without: number of queries fixed in advance (docs/suite.md)." in said
    assert said.endswith("Violated alone in no world here: zero-one loss, Ladder releases.")
