"""docs/suite.md: every bound has its line, and lines say what the suite says today."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from genbounds.bounds import Bound, Capacity, catalogue
from genbounds.bounds.special.rounding import decimal_down
from genbounds.verification import check
from genbounds.verification.checks.faults import of_formulas
from genbounds.verification.checks.faults.listed import LISTED
from genbounds.verification.checks.needless import OPEN
from genbounds.verification.checks.rungs.brute_force import look, meetings

PAGE = Path(__file__).parents[1] / "docs" / "suite.md"
LINES = [line.split("|")[1:-1] for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
TABLE, CAPACITIES = (
    {cells[0].strip().strip("`"): [cell.strip() for cell in cells] for cells in LINES if len(cells) == columns} for columns in (8, 5)
)


def test_every_bound_has_a_line_and_none_is_refuted() -> None:
    assert [bound.name for bound in catalogue() if isinstance(bound, Bound) and bound.name not in TABLE] == []
    assert {cells[3] for cells in TABLE.values()} == {"not refuted"}
    assert all(cells[6].endswith(tuple("0123456789")) for cells in TABLE.values()), "each bound is compared with itself somewhere"
    assert all(cells[7].endswith(tuple("0123456789")) for cells in TABLE.values()), "each bound is judged on a pool somewhere"


@pytest.mark.slow
def test_every_capacity_has_a_line_that_says_what_the_suite_says_today() -> None:
    found = {one.name: one for one in catalogue() if isinstance(one, Capacity)}
    assert set(found) <= set(CAPACITIES)
    for name in (
        *("vc.log_growth_sauer", "vc.log_growth_piecewise_polynomial_network"),
        *("rademacher.two_layer", "margin.neyshabur2018output_change"),
    ):
        looks = [(one.small.name, look(one, "thumbnail")) for one in meetings(found[name])]
        world, finding = max(((world, one) for world, one in looks if one), key=lambda pair: pair[1].resolution or 0.0)
        assert CAPACITIES[name][1:] == [world, "not refuted", decimal_down(finding.resolution or 0.0, 3), finding.world]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["holdout.hoeffding", "vc.sauer", "perceptron.novikoff", "pac_bayes.seeger2002", "stability.expected_gap"])
def test_a_line_says_what_the_suite_says_today(name: str) -> None:
    found = check(name, rungs="every sample")
    assert found.best is not None
    trial, finding = found.best
    assert TABLE[name][1] == trial.match.scenario.name
    assert TABLE[name][4] == decimal_down(finding.resolution or 0.0, 3)
    assert TABLE[name][5].startswith(finding.world)


def made_by() -> ModuleType:
    """The module beside the page that writes its tables."""
    spec = importlib.util.spec_from_file_location("suite_tables", PAGE.with_suffix(".py"))
    assert spec is not None
    assert spec.loader is not None
    tables = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tables)
    return tables


def test_the_table_of_assumptions_is_that_of_the_proofs() -> None:
    tables = made_by()
    page = PAGE.read_text(encoding="utf-8")
    assert page == tables.between(page, tables.BEGIN_ASSUMPTIONS, tables.END_ASSUMPTIONS, tables.assumptions())
    assert tables.assumptions().count("| open: ") == len(OPEN)


def test_the_table_of_faults_says_of_each_what_catches_it_or_why_nothing_does() -> None:
    tables = made_by()
    page = PAGE.read_text(encoding="utf-8")
    assert page == tables.between(page, tables.BEGIN_FAULTS, tables.END_FAULTS, tables.faults())
    lines = [line.split(" | ") for line in tables.faults().splitlines()[2:]]
    stand_for_others = {line.listed for line in of_formulas.LINES if line.listed}
    assert len(lines) == len(of_formulas.LINES) + len(LISTED) - len(stand_for_others)
    assert all(caught or why.strip(" |") for _, _, caught, why in lines)
    caught = {name: by for _, name, by, _ in lines}
    assert caught["W_i that is not cumulative"] == "brute force: `log_growth_relu_network` in *patterns of ReLU networks that read bits*"
    assert caught["train/test leak"] == "other held-out examples"
