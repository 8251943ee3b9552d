"""The first screen: what it counts, and that it promises nothing that the rows do not hold."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

from genbounds.bounds import get
from genbounds.verification.report.headline import headline
from genbounds.verification.rows.bound_row import BoundRow
from genbounds.verification.rows.interval import Interval
from genbounds.verification.rows.report import Report


def test_the_first_screen_counts(handmade_report: Report) -> None:
    text = " ".join(headline(handmade_report))
    assert "4 certificates from 3 families" in text
    assert "1 check refuted a bound: holdout.hoeffding" in text
    assert "Of 2 faults planted on purpose, the checks caught 1." in text
    assert "1 further number rests on an assumption that does not hold" in text
    assert "31 violations" in text
    calm = dataclasses.replace(handmade_report, rows=tuple(row for row in handmade_report.rows if not row.verdict.is_failure))
    assert "No bound was refuted. That is not a proof. Each coverage check states the power" in " ".join(headline(calm))


def test_the_first_screen_promises_no_power_where_none_is_printed_and_no_exact_risk_where_there_is_an_interval() -> None:
    """The reports of MNIST and of compression have intervals alone, one draw each; that of enumeration has no certificate."""
    enclosed, known = (Interval(0.01, 0.02, "test images"), Fraction(1, 100))
    words = {"study": "s", "population": "MNIST", "network": "a", "training": "t", "risk_what": "risk", "scale": "realistic"}
    certificate = get("holdout.hoeffding")(empirical_risk=0, n=1000, delta=Fraction(1, 20))
    rows = [BoundRow.compared(certificate, risk, 1000, cell=str(k), **words) for k, risk in enumerate((enclosed, known))]
    for chosen, beside in (
        (rows[:1], "compared with what it bounds, which is measured as an interval (MNIST)"),
        (rows[1:], "compared with what it bounds, which is known exactly (MNIST)"),
        (rows, "known exactly for 1 of them, and as an interval for 1 (MNIST)"),
    ):
        text = " ".join(headline(Report("t", {}, tuple(chosen))))
        assert beside in text
        assert "coverage check" not in text
        assert "power" not in text
        assert "could not have refuted it, its note says so" in text
    empty = " ".join(headline(Report("t", {}, ())))
    assert empty.startswith("This report has no certificate.")
    assert "note" not in empty
