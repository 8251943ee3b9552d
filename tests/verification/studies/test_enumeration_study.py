"""The enumeration study against binomial sums of scipy, and broken bounds."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import binom

from genbounds.bounds import Certificate
from genbounds.bounds.holdout import hoeffding
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.rows.enumeration_row import EnumerationRow
from genbounds.verification.runs.cells import canonical_json, parse_json
from genbounds.verification.studies import enumeration
from genbounds.verification.studies.enumeration import CERTIFIERS, Enumeration, EnumerationCell, decide

TWENTIETH = Fraction(1, 20)


def supremum(values: list[float], n: int) -> float:
    """The largest failure probability just above one of the values of a bound that increases in the errors."""
    found = [binom.cdf(k, n, value) for k, value in enumerate(values) if value < 1]
    return max(found, default=0.0)


@pytest.mark.parametrize("bound", CERTIFIERS)
def test_every_bound_is_proved_with_the_supremum_of_a_direct_sum(bound: str) -> None:
    for n, delta in ((20, Fraction(1, 100)), (50, TWENTIETH)):
        found = decide(EnumerationCell(bound, n, delta))
        values = [CERTIFIERS[bound](errors, n, delta).value for errors in range(n + 1)]
        assert np.all(np.diff(values) > 0)
        assert found.verdict is Verdict.PROVED_BY_ENUMERATION
        assert found.upper == pytest.approx(supremum(values, n), rel=1e-9)
        assert found.upper <= float(delta)


def test_the_printed_suprema() -> None:
    """At n = 50 and delta = .05."""
    found = {bound: decide(EnumerationCell(bound, 50, TWENTIETH)).upper for bound in CERTIFIERS}
    assert found["holdout.clopper_pearson"] == pytest.approx(0.05, abs=1e-12)
    assert round(found["holdout.chernoff_kl"], 4) == 0.05
    assert round(found["holdout.hoeffding"], 4) == 0.0103


def test_the_exact_moment_is_what_makes_the_pac_bayes_bound_larger_than_printed() -> None:
    """With 2 sqrt(n) for xi(n), at KL = 0 and n = 50, the supremum is .0035; the exact xi(50) gives .0052."""
    from genbounds.bounds.special import kl_inverse

    values = [float(kl_inverse(k / 50, math.log(2 * math.sqrt(50) / 0.05) / 50)) for k in range(51)]
    assert round(supremum(values, 50), 4) == 0.0035
    xi = sum(math.comb(50, k) * (k / 50) ** k * (1 - k / 50) ** (50 - k) for k in range(51))
    values = [float(kl_inverse(k / 50, math.log(xi / 0.05) / 50)) for k in range(51)]
    assert supremum(values, 50) == pytest.approx(decide(EnumerationCell("pac_bayes.seeger2002", 50, TWENTIETH)).upper, rel=1e-6)


def test_a_broken_bound_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hoeffding's with 4n for 2n fails with probability .0557."""

    def broken(errors: int, n: int, delta: Fraction) -> Certificate:
        return hoeffding(empirical_risk=Fraction(errors, n), n=n, delta=math.sqrt(delta))

    monkeypatch.setattr(enumeration, "CERTIFIERS", {"holdout.hoeffding": broken})
    found = decide(EnumerationCell("holdout.hoeffding", 50, TWENTIETH))
    assert found.verdict is Verdict.REFUTED
    assert round(found.lower, 4) == 0.0557


@pytest.mark.slow
def test_rows_go_through_the_store() -> None:
    study = Enumeration()
    cells = study.cells()
    results = [parse_json(canonical_json(result)) for result in study.run_tile(cells)]
    rows = study.rows(cells, results)
    assert len(rows) == len(cells) == 10
    assert len({row.id for row in rows}) == 10
    for row, cell in zip(rows, cells, strict=True):
        assert isinstance(row, EnumerationRow)
        assert (row.bound, row.n, row.delta) == (cell.bound, cell.n, cell.delta)
        assert row.verdict is Verdict.PROVED_BY_ENUMERATION
    assert set(cells) < set(Enumeration(full=True).cells())
