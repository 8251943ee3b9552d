"""Every line on formulas names what generates it, and a generated fault of it is caught, or it is said why none is."""

from __future__ import annotations

import numpy as np
import pytest

from genbounds.bounds import get
from genbounds.verification.checks.faults.generated import OPERATORS, faults
from genbounds.verification.checks.faults.listed import LISTED
from genbounds.verification.checks.faults.of_formulas import LINES, Line, tried
from genbounds.verification.checks.reading import SearchingFloats, total


def named(line: Line) -> str:
    return line.name


@pytest.mark.parametrize("line", LINES, ids=named)
def test_a_line_names_an_operator_or_a_fault_with_a_check(line: Line) -> None:
    assert bool(line.operator) != bool(line.listed)
    assert line.operator in OPERATORS or next(fault for fault in LISTED if fault.name == line.listed).rung
    assert bool(line.operator) == bool(line.caught or line.elsewhere)
    assert bool(line.elsewhere) <= bool(line.reason)


@pytest.mark.parametrize(
    "line",
    [pytest.param(line, marks=pytest.mark.slow if line.caught.theorem == "clopper_pearson" else ()) for line in LINES if line.caught],
    ids=named,
)
def test_what_is_said_to_be_caught_is_caught(line: Line) -> None:
    assert line.caught is not None
    found = list(tried(line.operator, line.caught))
    assert any(one.fate == "caught" for one in found), found


@pytest.mark.parametrize("line", [line for line in LINES if line.elsewhere], ids=named)
def test_what_is_said_to_be_caught_by_nothing_is_there_and_is_caught_by_nothing(line: Line) -> None:
    assert line.elsewhere is not None
    fates = {one.fate for one in tried(line.operator, line.elsewhere)}
    assert fates
    assert "caught" not in fates, "take the reason away, and say where it is caught"


def test_every_operator_stands_in_a_line_or_is_ours() -> None:
    assert set(OPERATORS) - {line.operator for line in LINES} == {"term halved"}


def test_the_reasons_hold_in_numbers() -> None:
    n, delta, kl = np.arange(1.0, 2000.0), np.array([[0.9999], [0.5], [0.05], [1e-6]]), np.array([0.0, 1.0, 50.0])[:, None, None]
    sound = get("mcallester").value(empirical_risk=0.1, kl=kl, n=n, delta=delta)
    outside = 0.1 + np.sqrt((kl + np.log(2 * np.sqrt(n)) / delta) / (2 * n))
    assert np.all(outside[..., 1:] >= sound[..., 1:] * (1 - 1e-9))
    without_two = 0.1 + np.sqrt((kl + np.log(1 / delta) + np.log(n)) / (2 * n - 1))
    assert np.all(without_two[..., 3:] >= sound[..., 3:] * (1 - 1e-9))
    assert np.any(without_two[..., :3] < sound[..., :3])


@pytest.mark.parametrize(("width", "layers", "left"), [(2, 10_000, 0.61), (4, 100, 0.69), (100, 100, 0.75)])
def test_what_the_relu_bound_says_without_its_factors_i(width: int, layers: int, left: float) -> None:
    """The part of the bound that is left, and that it is far above W L log2(W/L)/640, the VC dimension that is proved."""
    dimension = get("dimension_relu_network")
    (fault,) = (one for one in faults(dimension) if one.operator == "factor i dropped")
    widths = np.array([width] * layers + [1], dtype=float)
    sound, faulty = (
        float(total(dimension, dimension.declaration.form, {"widths": widths}, SearchingFloats(), formula))
        for formula in (None, fault.formula)
    )
    assert left <= faulty / sound <= left + 0.01
    parameters = float(np.sum(widths[1:] * (widths[:-1] + 1)))
    assert parameters * layers * np.log2(parameters / layers) / 640 < faulty / 400
