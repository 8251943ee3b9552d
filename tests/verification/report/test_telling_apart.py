"""A row says what it is about: rows of different cells never read the same, in any file, in a figure, or in the sentence that is cited."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import pytest

from genbounds.bounds import get
from genbounds.verification.report.figures import family_figure
from genbounds.verification.report.telling_apart import distinctions
from genbounds.verification.report.wording import sentence, subject
from genbounds.verification.report.write import write_report
from genbounds.verification.rows.bound_row import BoundRow
from genbounds.verification.rows.kinds import Row
from genbounds.verification.rows.labels import label
from genbounds.verification.rows.report import Report
from genbounds.verification.studies import get as study_named
from genbounds.verification.studies.pac_bayes.cell import HALF, NOISE
from genbounds.verification.studies.pac_bayes.study import PacBayes


def without_results(row: Row) -> str:
    """The sentence of a row as it is before anything was measured: all certificates have one value, all risks too, and there is no id."""
    if isinstance(row, BoundRow):
        fixed = dataclasses.replace(row.certificate, value=0.5)
        row = dataclasses.replace(
            row,
            certificate=fixed,
            risk=Fraction(1, 10),
            empirical=None,
            baseline=None,
            held_out_equivalent=None,
            bits_of_slack=None,
            note="",
        )
    return sentence(row).replace(row.id, "")


def alike(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """The pairs of rows of different cells that have one sentence, the results apart."""
    told = [(row, without_results(row)) for row in rows]
    return [
        (left.id, right.id) for (left, one), (right, other) in itertools.combinations(told, 2) if left.cell != right.cell and one == other
    ]


def noisy_rows() -> list[BoundRow]:
    """A certificate of each of five cells that differ in the objective of training or in the label noise alone."""
    cells = [HALF, dataclasses.replace(HALF, objective="mcallester"), *(dataclasses.replace(HALF, label_noise=noise) for noise in NOISE)]
    certificate = get("pac_bayes.seeger2002")(empirical_risk=0, kl=1, n=600, delta=Fraction(1, 25))
    words = {"risk_what": "Gibbs risk on the pool", "scale": "realistic", "study": "pac_bayes"}
    return [
        BoundRow.compared(
            certificate,
            Fraction(1, 30),
            600,
            cell=f"cell {number}",
            population=cell.drawn_from,
            network=cell.network,
            training=f"{cell.training}, seed {cell.seed}",
            **words,
        )
        for number, cell in enumerate(cells)
    ]


@pytest.mark.slow
def test_rows_that_differ_in_noise_or_objective_alone_are_told_apart_everywhere(tmp_path: Path) -> None:
    rows = noisy_rows()
    assert alike(rows) == []
    assert len({label(row) for row in rows}) == len({subject(row) for row in rows}) == len(rows)
    assert "digits with 10 % of labels flipped" in sentence(rows[2])
    assert "pac_bayes.mcallester" in sentence(rows[1])
    drawn = family_figure("pac_bayes", rows)
    assert drawn is not None
    lines = [part.split(": bound ")[0] for part in drawn.alt.split("; ")]
    assert len(set(lines)) == len(rows), lines
    files = write_report(Report("t", {}, tuple(rows)), tmp_path)
    told = distinctions(rows)
    assert {told[row.id] for row in rows[:2]} == {"posterior trained on pac_bayes.seeger2002", "posterior trained on pac_bayes.mcallester"}
    for name in ("report.html", "report.md", "tables.tex", "report.json"):
        text = files[name].read_text(encoding="utf-8").replace("\\", "").replace("allowbreak{}", "")
        for wanted in ("trained on pac_bayes.mcallester", "10 % of labels flipped", "20 % of labels flipped", "40 % of labels flipped"):
            assert wanted in text, (name, wanted)


def test_the_check_sees_rows_that_are_alike() -> None:
    """What was wrong once: the noise and the objective in neither the population nor the sentence."""
    plain = [dataclasses.replace(row, population="digits", training="SGD") for row in noisy_rows()]
    assert len(alike(plain)) == 10
    assert alike(noisy_rows()[:1] * 2) == []  # one cell


def test_repetitions_share_a_line_of_a_figure_but_no_sentence() -> None:
    one = noisy_rows()[0]
    rows = [dataclasses.replace(one, cell=str(seed), training=f"{HALF.training}, seed {seed}") for seed in range(3)]
    assert alike(rows) == []
    assert set(distinctions(rows, seeds=False).values()) == {""}
    assert sorted(distinctions(rows).values()) == ["seed 0", "seed 1", "seed 2"]


def test_no_two_cells_of_the_study_of_posteriors_are_described_alike() -> None:
    for full in (False, True):
        cells = PacBayes(full).cells()
        told = {(cell.network, getattr(cell, "drawn_from", cell.population), cell.training, cell.seed, cell.n) for cell in cells}
        assert len(told) == len(cells)
    assert isinstance(study_named("pac_bayes"), PacBayes)


def test_handmade_rows_have_sentences_and_labels_of_their_own(handmade_report: Report) -> None:
    assert alike(handmade_report.rows) == []
    labels = [label(row) for row in handmade_report.rows]
    assert len(set(labels)) == len(labels)


@pytest.mark.slow
@pytest.mark.shipped
@pytest.mark.parametrize("study", ["networks", "scale", "pac_bayes", "perceptron", "stability", "coverage", "enumeration"])
def test_no_two_rows_of_different_cells_of_the_default_report_are_alike(shipped: Callable[[str], list[Row]], study: str) -> None:
    rows = shipped(study)
    assert alike(rows) == []
    labels = [label(row) for row in rows]
    assert len(set(labels)) == len(labels)
