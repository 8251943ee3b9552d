"""The figures of a report: bounds compared with the risk and the held-out baseline, coverage, held-out equivalents."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from genbounds.bounds.bounds_on import MISTAKES
from genbounds.bounds.registry import FAMILIES
from genbounds.bounds.special.rounding import decimal_down, decimal_up
from genbounds.verification.plots.coverage import coverage, coverage_handles
from genbounds.verification.plots.resolution import resolution
from genbounds.verification.report.drawing import (
    BASELINE,
    BOUND,
    GREY,
    INK,
    RISK,
    Picture,
    decades,
    frame,
    label_rows,
    legend,
    picture,
)
from genbounds.verification.report.frontier import frontier_figure
from genbounds.verification.report.phenomena import phenomenon_picture
from genbounds.verification.report.telling_apart import distinctions
from genbounds.verification.report.wording import FAMILY_TITLES, SCALE_TITLES, count, name_of
from genbounds.verification.rows.bound_row import SCALES, BoundRow
from genbounds.verification.rows.coverage_row import CoverageRow
from genbounds.verification.rows.interval import Interval
from genbounds.verification.rows.report import Report
from genbounds.verification.rows.trial_row import TrialRow
from genbounds.verification.runs.workers import Workers

LARGEST_SHOWN = 1e12
MOST_LINES = 30
"""A panel with more lines than this, one per network, has all networks on one line."""


@dataclass(frozen=True)
class Line:
    """One line of a figure: a bound in one setting, with a row for each repetition (another seed, another sample)."""

    name: str
    where: str
    rows: tuple[BoundRow, ...]

    @property
    def first(self) -> BoundRow:
        """The row that stands for what all share."""
        return self.rows[0]


def pictures(report: Report, pool: Workers | None = None) -> dict[str, Picture]:
    """All figures of a report by name: ``overview``, one for each family, ``resolution``, ``coverage``, ``frontier``,
    ``labels``, ``held-out-equivalents``, one for each phenomenon; empty ones left out. Where there is a ``pool`` of worker processes,
    each is drawn in one of them.
    """
    bounds = report.bounds
    calls: list[tuple[Callable[..., Picture | None], tuple[Any, ...]]] = [(overview, (bounds,))]
    calls += [(family_figure, (family, [row for row in bounds if row.family == family])) for family in report.families]
    calls += [
        (resolution_figure, (report.trials,)),
        (coverage_figure, (report.coverages,)),
        (frontier_figure, (bounds,)),
        (equivalents_figure, (bounds,)),
    ]
    calls += [(phenomenon_picture, (row, False)) for row in report.curves]
    found = [draw(*given) for draw, given in calls] if pool is None else pool.each(calls)
    return {entry.name: entry for entry in found if entry is not None}


def overview(rows: Sequence[BoundRow]) -> Picture | None:
    """The tightest certificate of each family, at each scale."""
    panels = []
    for scale in SCALES:
        best: dict[str, BoundRow] = {}
        for row in rows:
            if row.scale == scale and not row.violated and row.certificate.kind == "certificate" and _trivial(row):
                present = best.get(row.family)
                if present is None or _relative(row) < _relative(present):
                    best[row.family] = row
        chosen = [best[family] for family in FAMILIES if family in best]
        panels.append((SCALE_TITLES[scale], [Line(FAMILY_TITLES[row.family], f"{_short(row)}, {_where(row)}", (row,)) for row in chosen]))
    return _comparison(
        "overview",
        panels,
        caption="The tightest certificate of each family, the risk, and what as many held-out points would have certified. "
        "Chosen for display after the fact: each holds at its own confidence, not all at once.",
    )


def family_figure(family: str, rows: Sequence[BoundRow]) -> Picture | None:
    """Every bound of one family compared with the risk and the held-out baseline."""
    chosen = [row for row in rows if row.family == family]
    panels = [(SCALE_TITLES[scale], _lines([row for row in chosen if row.scale == scale])) for scale in SCALES]
    title = FAMILY_TITLES.get(family, family)
    marks = _marks([line for _, lines in panels for line in lines])
    return _comparison(
        family, panels, caption=f"{title}: each bound compared with the risk that it bounds and with the held-out baseline.{marks}"
    )


def coverage_figure(rows: Sequence[CoverageRow]) -> Picture | None:
    """Violation rates with their upper limits against delta."""
    if not rows:
        return None

    def draw() -> Figure:
        figure, (axes,) = frame([len(rows)])
        labels = [f"{row.bound}\n{row.population}, {count(row.draws)} draws" for row in rows]
        coverage(axes, rows, labels, legend=False)
        legend(figure, coverage_handles(), columns=1)
        return figure

    alt = "; ".join(
        f"{row.bound}: {row.violations} of {row.draws}, limit {decimal_up(row.upper_limit, 3)}, delta {row.delta:g}" for row in rows
    )
    return picture(
        "coverage",
        draw,
        alt,
        "How often a bound was below the risk over independent draws. A bar that ends left of its black mark shows a rate below delta.",
    )


def resolution_figure(rows: Sequence[TrialRow]) -> Picture | None:
    """How small a mistake would have been noticed, a row for each family and in it a ring for each bound."""
    found: dict[str, dict[tuple[str, str], float]] = {}
    for row in rows:
        if row.judged:
            bounds = found.setdefault(row.family, {})
            bounds[row.bound, row.form] = max(row.resolution or 0.0, bounds.get((row.bound, row.form), 0.0))
    best = {family: list(found[family].values()) for family in (*FAMILIES, *sorted(set(found) - set(FAMILIES))) if family in found}
    if not best:
        return None
    labels = {family: f"{FAMILY_TITLES.get(family, family)}\n{_forms(len(values))}" for family, values in best.items()}

    def draw() -> Figure:
        figure, (axes,) = frame([len(best)])
        resolution(axes, {labels[family]: values for family, values in best.items()})
        return figure

    alt = "; ".join(
        f"{FAMILY_TITLES.get(family, family)}: {_forms(len(values))}, resolutions from {decimal_down(min(values), 2)} to "
        f"{decimal_down(max(values), 2)}, median {decimal_down(median(values), 2)}"
        for family, values in best.items()
    )
    caption = (
        "How small a mistake would have been noticed: a ring for each form of a bound, at the best resolution of its trials; the mark is "
        "the median. At 1 the theorem is as tight as can be, at 0 no scenario here could refute it."
    )
    return picture("resolution", draw, alt, caption)


def _forms(number: int) -> str:
    return f"{number} forms of bounds" if number > 1 else "1 form of a bound"


def equivalents_figure(rows: Sequence[BoundRow]) -> Picture | None:
    """Held-out equivalents: how many test points say as much as each bound."""
    comparable = [row for row in rows if row.held_out_equivalent is not None and not row.violated]
    lines = _lines([row for row in comparable if row.held_out_equivalent])
    if not lines:
        return None
    lines.sort(key=lambda line: (-_median(line), line.name, line.where))

    def draw() -> Figure:
        figure, (axes,) = frame([len(lines)], height=0.44)
        label_rows(axes, [(line.name, line.where) for line in lines])
        most = max(_points(row) for line in lines for row in line.rows)
        axes.set_xscale("log")
        axes.set_xlim(0.6, max(10.0, most) * 8)
        for y, line in enumerate(lines):
            points = [_points(row) for row in line.rows]
            colour = BOUND if line.first.scale == "realistic" else BASELINE
            axes.barh(y, _median(line) - 0.6, left=0.6, height=0.5, color=colour, alpha=0.85)
            if len(points) > 1:
                axes.plot(points, [y] * len(points), "|", color=INK, markersize=7, markeredgewidth=1)
            shown = count(points[0]) if min(points) == max(points) else f"{count(min(points))} to {count(max(points))}"
            axes.annotate(shown, (max(points), y), xytext=(4, 0), textcoords="offset points", va="center", fontsize=7, color=INK)
        axes.set_xlabel("held-out points that say as much (number of points)")
        decades(axes)
        handles = [Line2D([], [], color=BOUND, linewidth=6, label="realistic scale")]
        handles.append(Line2D([], [], color=BASELINE, linewidth=6, label="non-vacuous scale"))
        legend(figure, handles)
        return figure

    nothing = sum(row.held_out_equivalent == 0 for row in comparable)
    caption = "What each bound is worth: the size of the smallest test set that would certify as much."
    if any(len(line.rows) > 1 for line in lines):
        caption += " The bar ends at the median of the repetitions or networks, which are the ticks."
    if nothing:
        caption += f" {count(nothing)} vacuous certificate{'s are' if nothing > 1 else ' is'} worth no point, and not drawn."
    alt = "; ".join(f"{line.name} on {line.where}: {', '.join(str(_points(row)) for row in line.rows)}" for line in lines)
    return picture("held-out-equivalents", draw, alt, caption)


def _comparison(name: str, panels: Sequence[tuple[str, list[Line]]], caption: str) -> Picture | None:
    filled = [(title, lines) for title, lines in panels if lines]
    if not filled:
        return None

    def draw() -> Figure:
        figure, all_axes = frame([len(lines) for _, lines in filled])
        for axes, (title, lines) in zip(all_axes, filled, strict=True):
            axes.set_title(title)
            label_rows(axes, [(line.name, line.where) for line in lines])
            _draw_comparison(axes, lines)
        all_axes[-1].set_xlabel("risk or gap over its trivial value (mistakes: over n)")
        handles = [
            Line2D([], [], color=BOUND, marker="o", linestyle="none", markersize=6, label="bound"),
            Line2D([], [], color=BASELINE, marker="|", linestyle="none", markersize=10, markeredgewidth=2, label="held-out baseline"),
            Line2D([], [], color=RISK, marker="D", linestyle="none", markersize=5, label="risk (bar: interval)"),
            Line2D([], [], color=INK, linestyle=(0, (4, 2)), linewidth=1, label="vacuous from here"),
        ]
        if any(row.violated for _, lines in filled for line in lines for row in line.rows):
            handles.append(Line2D([], [], color=GREY, marker="o", linestyle="none", markersize=6, label="assumption violated"))
        legend(figure, handles)
        return figure

    shown = [(line, row) for _, lines in filled for line in lines for row in line.rows]
    alt = "; ".join(f"{line.name} on {line.where}: bound {decimal_up(_relative(row), 3)}, risk {_risk(row)[2]:.3g}" for line, row in shown)
    return picture(name, draw, alt, caption)


def _draw_comparison(axes: Axes, lines: Sequence[Line]) -> None:
    rows = [row for line in lines for row in line.rows]
    positive = [v for row in rows for v in (_relative(row), _baseline(row), _risk(row)[2]) if 0 < v < math.inf]
    low = 10 ** math.floor(math.log10(min([*positive, 0.5])) - 0.3)
    high = 10 ** math.ceil(math.log10(min(max([*positive, 2.0]), LARGEST_SHOWN)) + 0.1)
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.axvline(1, color=INK, linestyle=(0, (4, 2)), linewidth=1)
    axes.axvspan(1, high, color="#f0f0f0", zorder=0)
    for y, line in enumerate(lines):
        for row in line.rows:
            _draw_row(axes, y, row, low, high)
    decades(axes)


def _draw_row(axes: Axes, y: int, row: BoundRow, low: float, high: float) -> None:
    value, (lower, upper, middle) = _relative(row), _risk(row)
    colour = GREY if row.violated else BOUND
    wide = upper > 1.25 * max(lower, low)
    left, right = max(lower if wide else middle, low), min(value, high)
    axes.plot([left, right], [y, y], color=colour, linewidth=1, alpha=0.6)
    if _baseline(row):
        axes.plot(_baseline(row), y, "|", color=BASELINE, markersize=11, markeredgewidth=2)
    # What lies outside the axis is an arrow at its edge: a risk of 0, and bounds beyond LARGEST_SHOWN.
    if wide:
        axes.plot([left, max(upper, low)], [y, y], color=RISK, linewidth=3, solid_capstyle="butt", zorder=2)
        axes.plot(max(upper, low), y, "|", color=RISK, markersize=7, markeredgewidth=1.5)
    if not wide or lower < low:
        axes.plot(left, y, "D" if middle >= low and not wide else "<", color=RISK, markersize=4.6, clip_on=False, zorder=4)
    axes.plot(right, y, "o" if value <= high else ">", color=colour, markersize=6, clip_on=False, zorder=3)


def _marks(lines: Sequence[Line]) -> str:
    """What several marks on one line are, as the end of a caption."""
    if any(_mixed(line.rows) for line in lines):
        return " Marks of one line are networks, each with its own risk; the table has them one by one."
    return " Marks of one line are repetitions with other seeds." if any(len(line.rows) > 1 for line in lines) else ""


def _lines(rows: Sequence[BoundRow]) -> list[Line]:
    """Rows that differ in their repetition alone on one line; the network is named where the rest does not tell lines apart.

    Where that makes more than ``MOST_LINES``, networks share a line as well.
    """
    apart = distinctions(rows, seeds=False)
    groups = _grouped(rows, apart, by_network=True)
    if len(groups) > MOST_LINES:
        groups = _grouped(rows, apart, by_network=False)
    settings = Counter((name, where) for name, where, _, _ in groups)
    lines = []
    for (name, where, network, _), found in groups.items():
        networks = len({row.network for row in found})
        label = f"{networks} networks" if networks > 1 else network.split(",")[0][:24] if settings[name, where] > 1 else ""
        lines.append(Line(name, f"{label}, {where}" if label else where, tuple(found)))
    return lines


def _grouped(rows: Sequence[BoundRow], apart: Mapping[str, str], by_network: bool) -> dict[tuple[str, str, str, bool], list[BoundRow]]:
    groups: dict[tuple[str, str, str, bool], list[BoundRow]] = {}
    for row in rows:
        where = ", ".join(part for part in (_where(row), apart[row.id] if by_network else "") if part)
        groups.setdefault((_short(row), where, row.network if by_network else "", row.violated), []).append(row)
    return groups


def _mixed(rows: Sequence[BoundRow]) -> bool:
    return len({row.network for row in rows}) > 1


def _short(row: BoundRow) -> str:
    return name_of(row.certificate).split(".", 1)[1]


def _points(row: BoundRow) -> int:
    return row.held_out_equivalent or 0


def _median(line: Line) -> int:
    return sorted(_points(row) for row in line.rows)[(len(line.rows) - 1) // 2]


def _where(row: BoundRow) -> str:
    return f"{row.population}, n = {count(row.n)}"


def _trivial(row: BoundRow) -> float | None:
    return float(row.certificate.trivial) if row.certificate.trivial else None


def _scale(row: BoundRow) -> float:
    """What the numbers of a row are divided by: the trivial value; mistakes by n; a gap without a trivial value by 1."""
    return _trivial(row) or (float(row.n) if row.certificate.bounds_on == MISTAKES else 1.0)


def _relative(row: BoundRow) -> float:
    """The bound over its trivial value: 1 and more is vacuous."""
    return row.certificate.value / _scale(row)


def _baseline(row: BoundRow) -> float:
    """The held-out baseline over the trivial value; 0 where there is none."""
    return (row.baseline or 0.0) / _scale(row)


def _risk(row: BoundRow) -> tuple[float, float, float]:
    """Lower end, upper end and middle of the risk, over the trivial value."""
    scale = _scale(row)
    if isinstance(row.risk, Interval):
        return row.risk.lower / scale, row.risk.upper / scale, row.risk.middle / scale
    value = float(row.risk) / scale
    return value, value, value
