"""The figure of bits against errors: its lines are those of the bound, and every network is on it."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from genbounds.bounds import get
from genbounds.verification.plots.code_lengths import equal_certificates
from genbounds.verification.report.frontier import bits, frontier_figure
from genbounds.verification.rows.bound_row import BoundRow
from genbounds.verification.rows.interval import Interval


def row(cell: str, errors: int, length: int, risk: Fraction | Interval = Fraction(1, 50), delta: Fraction = Fraction(1, 20)) -> BoundRow:
    inverse = length * math.log(2)
    certificate = get("holdout.occam_binomial")(errors=errors, n=6000, log_inverse_prior=inverse, delta=delta)
    words = {"study": "s", "population": "digits: drawn", "training": "t", "risk_what": "risk", "scale": "realistic", "network": cell}
    return BoundRow.compared(certificate, risk, 6000, cell=cell, **words)


def test_a_line_of_equal_certificates_is_where_the_bound_has_that_value() -> None:
    lengths, errors = equal_certificates(0.1, 6000, 0.05)
    for length, error in list(zip(lengths, errors, strict=True))[::20]:
        if length > 0:
            inputs = {"empirical_risk": error, "n": 6000, "log_inverse_prior": length * math.log(2), "delta": 0.05}
            assert get("holdout.occam_kl")(**inputs).value == pytest.approx(0.1, rel=1e-9)


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_caption_lets_nobody_quote_the_smallest_over_several_samples() -> None:
    """The seeds of a study on digits are different samples, and a row does not say whether two share theirs."""
    figure = frontier_figure([row(f"seed {k}", 60 + k, 300) for k in range(3)])
    assert figure is not None
    assert "may be quoted" not in figure.caption
    assert "those on different samples, such as those of different seeds, hold each by itself" in figure.caption


@pytest.mark.slow
def test_a_frontier_has_one_delta() -> None:
    """Its lines of equal certificates are drawn at that delta, and its title says it."""
    mixed = [row("a", 60, 300), row("b", 100, 200), row("c", 200, 100, delta=Fraction(1, 100))]
    assert frontier_figure(mixed) is None
    figure = frontier_figure([*mixed, row("d", 150, 150)])
    assert figure is not None
    assert figure.alt.count("bits") == 3


@pytest.mark.slow
def test_the_certificate_on_the_figure_is_rounded_up() -> None:
    rows = [row("a", 60, 300), row("b", 100, 200), row("c", 200, 100)]
    figure = frontier_figure(rows)
    assert figure is not None
    for shown, one in zip(figure.alt.split("certificate ")[1:], rows, strict=True):
        printed = Fraction(shown.split(";")[0])
        assert Fraction(one.certificate.value) <= printed <= Fraction(one.certificate.value) * Fraction(1001, 1000)
