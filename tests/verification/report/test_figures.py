"""How the rows of a figure are put on lines."""

from __future__ import annotations

from fractions import Fraction

import pytest

from genbounds.bounds import get
from genbounds.verification.report.figures import MOST_LINES, _lines, family_figure
from genbounds.verification.rows.bound_row import BoundRow


def row(cell: str, network: str) -> BoundRow:
    certificate = get("holdout.clopper_pearson")(errors=5, n=100, delta=Fraction(1, 20))
    words = {"study": "s", "population": "digits", "training": "SGD", "risk_what": "exact risk", "scale": "realistic"}
    return BoundRow.compared(certificate, Fraction(1, 20), 100, cell=cell, network=network, **words)


def test_repetitions_share_a_line_and_networks_have_their_own() -> None:
    rows = [row("a", "dense, relu"), row("b", "dense, relu"), row("c", "attention, elu")]
    lines = _lines(rows)
    assert [len(line.rows) for line in lines] == [2, 1]
    assert [line.where for line in lines] == ["dense, digits, n = 100", "attention, digits, n = 100"]


@pytest.mark.slow
@pytest.mark.parametrize(("networks", "lines"), [(MOST_LINES, MOST_LINES), (MOST_LINES + 1, 1)])
def test_too_many_networks_share_one_line(networks: int, lines: int) -> None:
    rows = [row(f"cell {k}", f"network {k}, relu") for k in range(networks)]
    found = _lines(rows)
    assert len(found) == lines
    assert sum(len(line.rows) for line in found) == networks
    if lines == 1:
        assert found[0].where == f"{networks} networks, digits, n = 100"
        figure = family_figure("holdout", rows)
        assert figure is not None
        assert "Marks of one line are networks" in figure.caption
