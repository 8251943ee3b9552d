"""What the functions that take ``ax`` draw: the artists, their labels, values and axes."""

from __future__ import annotations

import importlib.util
import inspect
import json
import math
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from mpmath import mp, mpf
from numpy.testing import assert_allclose

from genbounds.bounds import Quantity
from genbounds.bounds.assumptions import IID_SAMPLE
from genbounds.bounds.holdout import clopper_pearson, hoeffding
from genbounds.verification import plots
from genbounds.verification.checks.coverage import coverage as count
from genbounds.verification.plots.series import NOT_CERTIFIED_LABEL
from genbounds.verification.report.drawing import BOUND, BROKEN, RISK
from genbounds.verification.rows.report import Report

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture
def ax() -> Axes:
    return Figure().add_subplot()


def line(ax: Axes, label: str) -> Any:
    (found,) = [one for one in ax.lines if one.get_label() == label]
    return found


def legend(ax: Axes) -> list[str]:
    found = ax.get_legend()
    assert found is not None
    return [text.get_text() for text in found.get_texts()]


# --- bounds against n ------------------------------------------------------------------------------------------------------------------


def test_bounds_and_the_held_out_baseline_are_drawn_against_n(ax: Axes) -> None:
    n, risk = [100, 400, 2500], [Fraction(1, 10), Fraction(1, 20), Fraction(1, 50)]
    found = [hoeffding(empirical_risk=one, n=size, delta="0.05") for one, size in zip(risk, n, strict=True)]
    assert plots.bound_against_n(ax, n, {"Hoeffding": found, "mine": [3.0, math.inf, 0.2]}, risk=risk, delta=0.05) is ax
    assert ax.get_xscale() == ax.get_yscale() == "log"
    assert ax.get_xlabel() == "n (number of examples)"
    drawn = line(ax, "Hoeffding")
    assert list(drawn.get_xdata()) == n
    assert list(drawn.get_ydata()) == [one.value for one in found]
    assert_allclose(line(ax, "mine").get_ydata(), [3.0, math.nan, 0.2])  # an infinite bound is not on the axes
    assert list(line(ax, "risk").get_ydata()) == [0.1, 0.05, 0.02]
    assert line(ax, "risk").get_color() == RISK
    baseline = line(ax, "held-out baseline").get_ydata()
    with mp.workdps(40):  # by its definition: ceil(n risk) errors or fewer have probability delta there
        for size, one, found_there in zip(n, risk, baseline, strict=True):
            errors = math.ceil(size * one)
            tail = sum(mp.binomial(size, k) * mpf(found_there) ** k * (1 - mpf(found_there)) ** (size - k) for k in range(errors + 1))
            assert abs(tail - mpf("0.05")) < 1e-9
    assert line(ax, "vacuous from here").get_ydata()[0] == 1
    assert legend(ax) == ["Hoeffding", "mine", "held-out baseline", "risk", "vacuous from here"]


def test_without_risk_or_trivial_value_neither_is_drawn(ax: Axes) -> None:
    plots.bound_against_n(ax, [10, 20], {"a": [0.5, 0.4]}, trivial=None)
    assert [one.get_label() for one in ax.lines] == ["a"]


def test_lines_are_told_apart_without_colour(ax: Axes) -> None:
    plots.bound_against_n(ax, [10, 20], {name: [0.5, 0.4] for name in "abcdef"})
    looks = {(one.get_marker(), one.get_linestyle()) for one in ax.lines[:6]}
    assert len(looks) == 6


@pytest.mark.parametrize("draw", ["bound_against_n", "frontier"])
def test_what_certifies_nothing_gets_a_ring_and_the_legend_says_so(ax: Axes, draw: str) -> None:
    sound = clopper_pearson(errors=5, n=100, delta="0.05")
    estimate = hoeffding.estimate(empirical_risk=Quantity(0.05, "estimate", "guessed"), n=200, delta="0.05")
    violated = clopper_pearson(errors=5, n=300, delta="0.05").audited({IID_SAMPLE: ("violated", "sorted by class")})
    n, values = [100, 200, 300], [sound, estimate, violated]
    if draw == "frontier":
        plots.frontier(ax, {"found": list(zip(n, values, strict=True))})
        assert list(line(ax, "smallest so far").get_xdata()) == [100]  # the smaller ones are no certificates
    else:
        plots.bound_against_n(ax, n, {"found": values})
    ring = line(ax, NOT_CERTIFIED_LABEL)
    assert list(ring.get_xdata()) == [200, 300]
    assert list(ring.get_ydata()) == [estimate.value, violated.value]
    assert ring.get_fillstyle() == "none"
    assert legend(ax).count(NOT_CERTIFIED_LABEL) == 1


def test_sound_certificates_get_no_ring(ax: Axes) -> None:
    plots.bound_against_n(ax, [100], {"found": [clopper_pearson(errors=5, n=100, delta="0.05")]})
    assert NOT_CERTIFIED_LABEL not in legend(ax)


# --- coverage, resolution, margins -----------------------------------------------------------------------------------------------------


def test_coverage_has_a_bar_from_the_rate_to_its_limit_and_a_mark_at_delta(ax: Axes) -> None:
    sound, broken = count([True] * 3 + [False] * 297, delta=0.05), count([True] * 60, delta=0.05)
    assert plots.coverage(ax, [sound, broken], ["sound\n300 draws", "broken"]) is ax
    bars = [one for one in ax.lines if one.get_linewidth() == 2.2]
    assert [list(bar.get_xdata()) for bar in bars] == [[0.01, sound.upper_limit], [1.0, broken.upper_limit]]
    assert [list(bar.get_ydata()) for bar in bars] == [[0, 0], [1, 1]]
    assert [bar.get_color() for bar in bars] == [BOUND, BROKEN]
    assert [list(one.get_xdata()) for one in ax.lines if one.get_linewidth() == 1.6] == [[0.05, 0.05]] * 2
    assert [text.get_text() for text in ax.texts] == ["sound", "300 draws", "broken", ""]
    assert ax.get_xlim()[0] == 0
    assert legend(ax) == ["observed rate, and its 95 % upper limit", "delta: the rate allowed"]


def test_resolution_has_a_ring_for_each_trial_and_a_mark_at_the_median(ax: Axes) -> None:
    assert plots.resolution(ax, {"a\nsmall": [0.2, None, 0.9, 0.5, 0.1], "b": [None]}) is ax
    rings, mark = ax.lines
    assert list(rings.get_xdata()) == [0.2, 0.9, 0.5, 0.1]
    assert list(mark.get_xdata()) == [0.35, 0.35]
    assert ax.get_xlim() == (0, 1)
    assert [text.get_text() for text in ax.texts] == ["a", "small", "b", "", "no trial has a resolution"]
    assert ax.get_xlabel().startswith("resolution")


def test_margins_are_the_distribution_function(ax: Axes) -> None:
    values = [0.5, -1.0, 2.0, 0.5]
    assert plots.margins(ax, {"net": values}, at=0.7) is ax
    drawn = line(ax, "net")
    assert drawn.get_drawstyle() == "steps-post"
    for margin in (-1.0, 0.5, 2.0):
        reached = max(y for x, y in zip(drawn.get_xdata(), drawn.get_ydata(), strict=True) if x <= margin)
        assert reached == sum(value <= margin for value in values) / 4
    assert line(ax, "margin of the bound: 0.7").get_xdata()[0] == 0.7


def test_margins_that_are_not_positive_are_counted_on_a_logarithmic_axis(ax: Axes) -> None:
    plots.margins(ax, {"net": [-1.0, 0.1, 0.2, 0.3]}, log=True)
    assert list(line(ax, "net").get_xdata()) == [0.1, 0.2, 0.3]
    assert list(line(ax, "net").get_ydata()) == [0.5, 0.75, 1.0]
    assert ax.get_xscale() == "log"


# --- frontier, code lengths --------------------------------------------------------------------------------------------------------------


def test_the_staircase_is_the_smallest_certificate_with_at_most_so_many_examples(ax: Axes) -> None:
    found: dict[str, list[tuple[int, float]]] = {"a": [(600, 0.2), (100, 0.5), (600, 0.3)], "b": [(900, 0.1), (700, 0.25)], "none": []}
    assert plots.frontier(ax, found) is ax
    stairs = line(ax, "smallest so far")
    assert stairs.get_drawstyle() == "steps-post"
    for spent in (100, 600, 700, 900):
        reached = min(y for x, y in zip(stairs.get_xdata(), stairs.get_ydata(), strict=True) if x <= spent)
        assert reached == min(value for pairs in found.values() for x, value in pairs if x <= spent)
    assert sorted(zip(line(ax, "a").get_xdata(), line(ax, "a").get_ydata(), strict=True)) == sorted(found["a"])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("labelled examples spent", "certificate")
    assert legend(ax) == ["a", "b", "smallest so far"]
    plots.frontier(bare := Figure().add_subplot(), {"a": [(1, 0.5)]}, staircase=False, legend=False)
    assert len(bare.lines) == 1
    assert bare.get_legend() is None


def test_code_lengths_show_networks_risks_and_the_smallest_certificate_rounded_up(ax: Axes) -> None:
    assert (
        plots.code_lengths(ax, [300, 100], [0.01, 0.03], [0.07121, 0.05981], n=6000, delta=0.05, risks=[(0.02, 0.02), (0.01, 0.05)]) is ax
    )
    networks = [one for one in ax.lines if one.get_marker() == "o"]
    assert [list(one.get_xdata()) for one in networks] == [[300, 100]]
    assert [list(one.get_ydata()) for one in networks] == [[0.01, 0.03]]
    diamonds = [list(one.get_ydata()) for one in ax.lines if one.get_marker() == "D"]
    assert_allclose(diamonds, [[0.02], [0.03]])
    printed = [text.get_text() for text in ax.texts][-1]
    assert 0.05981 <= float(printed) <= 0.0599
    assert len(legend(ax)) == 3


# --- what is refused ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (lambda ax: plots.bound_against_n(ax, [1, 2], {"a": [0.5]}), r"bounds\['a'\] must be one for each entry of n \(2\), got 1"),
        (lambda ax: plots.bound_against_n(ax, [], {"a": []}), "n must have an entry"),
        (lambda ax: plots.bound_against_n(ax, [0], {"a": [0.5]}), "n must hold numbers of examples, each at least 1, got 0"),
        (lambda ax: plots.bound_against_n(ax, [1], {"a": [math.nan]}), r"bounds\['a'\] must be numbers, got nan"),
        (lambda ax: plots.bound_against_n(ax, [1], {"a": [0.5]}, delta=0.05), "risk must be given where delta is"),
        (lambda ax: plots.bound_against_n(ax, [1], {"a": [0.5]}, risk=[1.5], delta=0.05), r"risk must lie in \[0, 1\]"),
        (lambda ax: plots.bound_against_n(ax, [1], {"a": [0.5]}, risk=[-0.5]), "risk must be numbers of at least 0"),
        (lambda ax: plots.bound_against_n(ax, [1], {"a": [0.5]}, styles={"b": {}}), "styles must be of labels that are drawn"),
        (lambda ax: plots.coverage(ax, [], []), "found must have an entry"),
        (lambda ax: plots.coverage(ax, [count([False] * 9, delta=0.1)], ["a", "b"]), "labels must be one for each entry of found"),
        (lambda ax: plots.resolution(ax, {}), "found must have a label"),
        (lambda ax: plots.resolution(ax, {"a": [1.2]}), r"must lie in \[0, 1\], got 1.2"),
        (lambda ax: plots.resolution(ax, {"a": [-0.2]}), "at least 0, got -0.2"),
        (lambda ax: plots.margins(ax, {}), "found must have a label"),
        (lambda ax: plots.margins(ax, {"a": []}), "must hold margins, got none"),
        (lambda ax: plots.margins(ax, {"a": [-1.0]}, log=True), "must hold positive margins, got none"),
        (lambda ax: plots.frontier(ax, {"a": []}), "found must hold a certificate"),
        (lambda ax: plots.frontier(ax, {"a": [(-1, 0.5)]}), "examples spent must be numbers of at least 0"),
        (lambda ax: plots.code_lengths(ax, [1], [0.1, 0.2], [0.3], n=10, delta=0.1), "errors must be one for each entry of bits"),
        (lambda ax: plots.code_lengths(ax, [1], [0.1], [0.3], n=10, delta=0), "n must be at least 1 and delta in"),
    ],
)
def test_bad_input_is_refused_with_a_remedy(ax: Axes, draw: Callable[[Axes], Axes], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        draw(ax)


def test_functions_read_no_settings_and_leave_none() -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    for name in plots.__all__:
        assert next(iter(inspect.signature(getattr(plots, name)).parameters)) == "ax"
    plots.margins(Figure().add_subplot(), {"a": [1.0]})
    assert dict(matplotlib.rcParams) == before


# --- the page and the report --------------------------------------------------------------------------------------------------------------


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("plots_figure", DOCS / "plots_figure.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_has_a_line_and_a_panel_for_every_function() -> None:
    page = (DOCS / "plots.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| \[`(\w+)`\]", page, re.MULTILINE)) == set(plots.__all__) == set(script().PANELS)
    assert (DOCS / "_static" / "plots.svg").read_bytes().startswith(b"<?xml")


@pytest.mark.slow
def test_the_example_of_the_page_draws_a_report(handmade_report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "report.json").write_text(json.dumps(handmade_report.to_dict()), encoding="utf-8")
    (code,) = [
        block for block in re.findall(r"```python\n(.*?)```", (DOCS / "plots.md").read_text("utf-8"), re.DOTALL) if ">>>" not in block
    ]
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "plots.md", "exec"), {})
    assert (tmp_path / "coverage.pdf").read_bytes().startswith(b"%PDF")


CALLS = {
    "bound_against_n": "genbounds.verification.studies.learning_curves.figure",
    "margins": "genbounds.verification.studies.random_labels.figure",
    "coverage": "genbounds.verification.report.figures",
    "resolution": "genbounds.verification.report.figures",
    "frontier": "genbounds.verification.report.labels",
    "code_lengths": "genbounds.verification.report.frontier",
}


@pytest.mark.parametrize("name", plots.__all__)
def test_the_report_draws_with_the_same_functions(name: str) -> None:
    module = importlib.import_module(CALLS[name])
    assert getattr(module, name) is getattr(plots, name)
    assert re.search(rf"^ +{name}\(", inspect.getsource(module), re.MULTILINE)
