"""The figure of bits against errors: its lines are those of the bound, and every network is on it."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from genbounds.bounds import get
from genbounds.verification.report.frontier import bits, equal_certificates, frontier_figure
from genbounds.verification.rows import BoundRow, Interval


def row(cell: str, errors: int, length: int, risk: Fraction | Interval = Fraction(1, 50)) -> BoundRow:
    inverse = length * math.log(2)
    certificate = get("holdout.occam_binomial")(errors=errors, n=6000, log_inverse_prior=inverse, delta=Fraction(1, 20))
    words = {"study": "s", "population": "digits: drawn", "training": "t", "risk_what": "risk", "scale": "realistic", "network": cell}
    return BoundRow.compared(certificate, risk, 6000, cell=cell, **words)


def test_a_line_of_equal_certificates_is_where_the_bound_has_that_value() -> None:
    lengths, errors = equal_certificates(0.1, 6000, 0.05)
    for length, error in list(zip(lengths, errors, strict=True))[::20]:
        if length > 0:
            inputs = {"empirical_risk": error, "n": 6000, "log_inverse_prior": length * math.log(2), "delta": 0.05}
            assert get("holdout.occam_kl")(**inputs).value == pytest.approx(0.1, rel=1e-9)


def test_every_network_is_on_the_figure() -> None:
    rows = [row("a", 60, 300), row("b", 100, 200, Interval(0.01, 0.03, "counted")), row("c", 200, 100)]
    figure = frontier_figure(rows)
    assert figure is not None
    assert figure.svg.startswith(b"<?xml")
    assert figure.alt.count("bits") == 3
    assert "300 bits, 1.000% errors" in figure.alt
    assert bits(rows[0]) == pytest.approx(300)


def test_two_networks_or_other_bounds_are_no_frontier() -> None:
    held_out = get("holdout.clopper_pearson")(errors=5, n=100, delta=Fraction(1, 20))
    other = BoundRow.compared(
        held_out, Fraction(1, 50), 100, study="s", cell="d", population="p", training="t", risk_what="r", scale="realistic", network="d"
    )
    assert frontier_figure([row("a", 60, 300), row("b", 100, 200), other]) is None
