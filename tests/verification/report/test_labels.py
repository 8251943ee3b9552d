"""The figures of what labels buy and of resolutions, from the rows of a report."""

from __future__ import annotations

from fractions import Fraction

from genbounds.bounds import get
from genbounds.bounds.assumptions import IID_SAMPLE
from genbounds.verification.report.figures import resolution_figure
from genbounds.verification.report.labels import labels_figure
from genbounds.verification.rows.bound_row import BoundRow
from genbounds.verification.rows.trial_row import TrialRow


def row(n: int, errors: int, population: str = "digits", violated: bool = False) -> BoundRow:
    certificate = get("holdout.clopper_pearson")(errors=errors, n=n, delta=Fraction(1, 20))
    if violated:
        certificate = certificate.audited({IID_SAMPLE: ("violated", "sorted")})
    words = {"study": "s", "training": "t", "risk_what": "risk", "scale": "realistic", "network": "net"}
    return BoundRow.compared(certificate, Fraction(1, 50), n, cell=f"{n}", population=population, **words)


def trial(bound: str, resolution: float | None, rung: str = "every sample") -> TrialRow:
    words = {"study": "s", "cell": "c", "scenario": f"S{rung}{resolution}", "verdict": "not refuted", "with_cap": None, "evidence": "e"}
    return TrialRow(bound=bound, resolution=resolution, rung=rung, world="n = 9", **words)


def test_a_population_with_three_sizes_has_a_panel() -> None:
    rows = [row(100, 5), row(200, 6), row(400, 7), row(100, 4, "breast_cancer")]
    figure = labels_figure(rows)
    assert figure is not None
    assert figure.alt.count("holdout.clopper_pearson on digits") == 3
    assert "breast_cancer" not in figure.alt
    assert f"n = 100: {0.103}" in figure.alt  # rounded up: 0.10225... to three digits


def test_what_buys_nothing_is_left_out() -> None:
    """A violated assumption, and a certificate at its trivial value."""
    assert labels_figure([row(100, 5), row(200, 6), row(400, 7, violated=True)]) is None
    assert labels_figure([row(100, 5), row(200, 6), row(400, 400)]) is None


def test_the_resolution_of_a_bound_is_the_best_of_its_trials() -> None:
    found = [("holdout.hoeffding", 0.25), ("holdout.hoeffding", 0.75), ("holdout.clopper_pearson", 1.0), ("vc.sauer", None)]
    figure = resolution_figure([trial(bound, resolution) for bound, resolution in found])
    assert figure is not None
    assert "Held-out points: 2 forms of bounds, resolutions from 0.75 to 1, median 0.87" in figure.alt
    assert "VC dimension: 1 form of a bound, resolutions from 0 to 0" in figure.alt
    assert resolution_figure([]) is None
