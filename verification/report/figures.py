"""The figures of a report: bounds beside the risk and the held-out baseline, coverage, held-out equivalents.

Drawn without pyplot, so that no global state is read or left behind; equal rows give equal bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from genbounds.bounds.registry import FAMILIES
from genbounds.verification.report.wording import FAMILY_TITLES, SCALE_TITLES, count
from genbounds.verification.rows import SCALES, BoundRow, CoverageRow, Interval, Report

# Okabe and Ito's palette: distinct for every common kind of colour vision; the markers differ too, for print without colour.
BOUND, RISK, BASELINE, GREY, INK, BROKEN = "#0072B2", "#D55E00", "#009E73", "#A0A0A0", "#222222", "#CC0000"
WIDTH = 5.4
ROW = 0.36
LARGEST_SHOWN = 1e12
STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 8.0,
    "axes.titlesize": 8.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": "#888888",
    "axes.linewidth": 0.7,
    "axes.axisbelow": True,
    "svg.hashsalt": "genbounds",
    "svg.fonttype": "path",
    "figure.dpi": 100,
}


@dataclass(frozen=True)
class Picture:
    """A finished figure: the SVG, what it shows in words (for those who do not see it), and its caption."""

    name: str
    svg: bytes
    alt: str
    caption: str


def pictures(report: Report) -> dict[str, Picture]:
    """All figures of a report by name: ``overview``, one a family, ``coverage``, ``held-out-equivalents``; empty ones left out."""
    found = [overview(report.bounds), *(family_figure(f, report.bounds) for f in report.families)]
    found += [coverage_figure(report.coverages), equivalents_figure(report.bounds)]
    return {picture.name: picture for picture in found if picture is not None}


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
        panels.append((SCALE_TITLES[scale], [best[family] for family in FAMILIES if family in best]))
    return _comparison(
        "overview",
        panels,
        label=lambda row: (FAMILY_TITLES.get(row.family, row.family), f"{_short(row)}, {_where(row)}"),
        caption="The tightest certificate of each family beside the risk and the Clopper-Pearson bound from as many held-out points.",
    )


def family_figure(family: str, rows: Sequence[BoundRow]) -> Picture | None:
    """Every bound of one family beside the risk and the held-out baseline."""
    chosen = [row for row in rows if row.family == family and _trivial(row)]
    panels = [(SCALE_TITLES[scale], [row for row in chosen if row.scale == scale]) for scale in SCALES]
    return _comparison(
        family,
        panels,
        label=lambda row: (_short(row), _where(row)),
        caption=f"{FAMILY_TITLES.get(family, family)}: each bound beside the risk it bounds and the held-out baseline.",
    )


def coverage_figure(rows: Sequence[CoverageRow]) -> Picture | None:
    """Violation rates with their upper limits against delta."""
    if not rows:
        return None

    def draw() -> Figure:
        figure, (axes,) = _frame([len(rows)])
        _rows(axes, [(row.bound, f"{row.population}, {count(row.draws)} draws") for row in rows])
        for y, row in enumerate(rows):
            colour = BROKEN if row.verdict.is_failure else BOUND
            axes.plot([row.rate, row.upper_limit], [y, y], color=colour, linewidth=2.2, solid_capstyle="butt")
            axes.plot([row.upper_limit] * 2, [y - 0.16, y + 0.16], color=colour, linewidth=1.4)
            axes.plot(row.rate, y, "o", color=colour, markersize=5, clip_on=False, zorder=3)
            axes.plot([row.delta] * 2, [y - 0.36, y + 0.36], color=INK, linewidth=1.6)
        most = max(max(row.upper_limit, row.delta) for row in rows)
        axes.set_xlim(0, min(1.02, 1.12 * most))
        axes.set_xlabel("violation rate (fraction of the draws with bound < risk)")
        handles = [
            Line2D([], [], color=BOUND, marker="o", markersize=5, label="observed rate, and its 95 % upper limit", linewidth=2.2),
            Line2D([], [], color=INK, marker="|", markersize=9, markeredgewidth=1.6, linestyle="none", label="delta: the rate allowed"),
        ]
        _legend(figure, handles)
        return figure

    alt = "; ".join(f"{row.bound}: {row.violations} of {row.draws}, limit {row.upper_limit:.4f}, delta {row.delta:g}" for row in rows)
    return _picture(
        "coverage",
        draw,
        alt,
        "How often a bound was below the risk over independent draws. A bar that ends left of its black mark shows a rate below delta.",
    )


def equivalents_figure(rows: Sequence[BoundRow]) -> Picture | None:
    """Held-out equivalents: how many test points say as much as each bound."""
    chosen = [row for row in rows if row.held_out_equivalent is not None and not row.violated]
    if not chosen:
        return None
    chosen.sort(key=lambda row: (-int(row.held_out_equivalent or 0), row.bound, row.id))

    def draw() -> Figure:
        figure, (axes,) = _frame([len(chosen)], height=0.3)
        _rows(axes, [(_short(row), f"{_where(row)}") for row in chosen], detail=6.0)
        most = max(int(row.held_out_equivalent or 0) for row in chosen)
        axes.set_xscale("log")
        axes.set_xlim(0.6, max(10.0, most) * 8)
        for y, row in enumerate(chosen):
            points = int(row.held_out_equivalent or 0)
            if points:
                colour = BOUND if row.scale == "realistic" else BASELINE
                axes.barh(y, points - 0.6, left=0.6, height=0.56, color=colour)
            axes.annotate(
                count(points) if points else "none: vacuous",
                (max(points, 0.6), y),
                xytext=(3, 0),
                textcoords="offset points",
                va="center",
                fontsize=7,
                color=INK if points else "#777777",
            )
        axes.set_xlabel("held-out points that say as much (number of points)")
        _decades(axes)
        _legend(
            figure,
            [
                Line2D([], [], color=BOUND, linewidth=6, label="realistic scale"),
                Line2D([], [], color=BASELINE, linewidth=6, label="non-vacuous scale"),
            ],
        )
        return figure

    alt = "; ".join(f"{row.bound} on {_where(row)}: {row.held_out_equivalent}" for row in chosen)
    return _picture(
        "held-out-equivalents",
        draw,
        alt,
        "What each bound is worth: the size of the smallest test set whose Clopper-Pearson bound would be as tight.",
    )


def _comparison(
    name: str,
    panels: Sequence[tuple[str, list[BoundRow]]],
    label: Callable[[BoundRow], tuple[str, str]],
    caption: str,
) -> Picture | None:
    filled = [(title, rows) for title, rows in panels if rows]
    if not filled:
        return None

    def draw() -> Figure:
        figure, all_axes = _frame([len(rows) for _, rows in filled])
        for axes, (title, rows) in zip(all_axes, filled, strict=True):
            axes.set_title(title)
            _rows(axes, [label(row) for row in rows])
            _draw_comparison(axes, rows)
        all_axes[-1].set_xlabel("risk or gap, as a fraction of its trivial value")
        handles = [
            Line2D([], [], color=BOUND, marker="o", linestyle="none", markersize=6, label="bound"),
            Line2D([], [], color=BASELINE, marker="|", linestyle="none", markersize=10, markeredgewidth=2, label="held-out baseline"),
            Line2D([], [], color=RISK, marker="D", linestyle="none", markersize=5, label="risk"),
            Line2D([], [], color=INK, linestyle=(0, (4, 2)), linewidth=1, label="vacuous from here"),
        ]
        if any(row.violated for _, rows in filled for row in rows):
            handles.append(Line2D([], [], color=GREY, marker="o", linestyle="none", markersize=6, label="assumption violated"))
        _legend(figure, handles)
        return figure

    alt = "; ".join(
        f"{row.bound} on {_where(row)}: bound {_relative(row):.3g}, risk {_risk(row)[2]:.3g}" for _, rows in filled for row in rows
    )
    return _picture(name, draw, alt, caption)


def _draw_comparison(axes: Axes, rows: Sequence[BoundRow]) -> None:
    positive = [v for row in rows for v in (_relative(row), row.baseline or 0.0, _risk(row)[2]) if 0 < v < math.inf]
    low = 10 ** math.floor(math.log10(min([*positive, 0.5])) - 0.3)
    high = 10 ** math.ceil(math.log10(min(max([*positive, 2.0]), LARGEST_SHOWN)) + 0.1)
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.axvline(1, color=INK, linestyle=(0, (4, 2)), linewidth=1)
    axes.axvspan(1, high, color="#f0f0f0", zorder=0)
    for y, row in enumerate(rows):
        value, (lower, upper, middle) = _relative(row), _risk(row)
        colour = GREY if row.violated else BOUND
        left, right = max(middle, low), min(value, high)
        axes.plot([left, right], [y, y], color=colour, linewidth=1, alpha=0.6)
        if row.baseline is not None:
            axes.plot(row.baseline, y, "|", color=BASELINE, markersize=11, markeredgewidth=2)
        if upper > lower:
            axes.plot([max(lower, low), max(upper, low)], [y, y], color=RISK, linewidth=2.4)
        # What lies outside the axis is an arrow at its edge: a risk of 0, and bounds beyond LARGEST_SHOWN.
        axes.plot(left, y, "D" if middle >= low else "<", color=RISK, markersize=4.6, clip_on=False, zorder=4)
        axes.plot(right, y, "o" if value <= high else ">", color=colour, markersize=6, clip_on=False, zorder=3)
    _decades(axes)


def _frame(sizes: Sequence[int], height: float = ROW) -> tuple[Figure, list[Axes]]:
    """A column of panels whose heights follow their numbers of rows."""
    panels = [size * height + 0.1 for size in sizes]
    total = sum(panels) + 0.5 * len(sizes) + 0.75
    figure = Figure(figsize=(WIDTH, total), layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(len(sizes), 1, height_ratios=panels)
    return figure, [figure.add_subplot(grid[index, 0]) for index in range(len(sizes))]


def _rows(axes: Axes, labels: Sequence[tuple[str, str]], detail: float = 6.5) -> None:
    """One line a row from the top down, with a name and a smaller second line."""
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_yticks(range(len(labels)), [f"{first}\n" for first, _ in labels], fontsize=7.5, linespacing=1.0)
    axes.tick_params(axis="y", length=0, pad=4)
    for y, (_, second) in enumerate(labels):
        axes.annotate(
            second,
            (0, y),
            xycoords=("axes fraction", "data"),
            xytext=(-4, -6.5),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=detail,
            color="#666666",
        )
    axes.grid(axis="x", color="#dddddd", linewidth=0.5)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


def _decades(axes: Axes) -> None:
    low, high = axes.get_xlim()
    decades = math.log10(high / low)
    axes.xaxis.set_major_locator(LogLocator(base=10, numticks=max(3, min(9, int(decades) + 2))))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}" if 1e-3 <= x <= 1e3 else rf"$10^{{{round(math.log10(x))}}}$"))


def _legend(figure: Figure, handles: Sequence[Line2D]) -> None:
    figure.legend(handles=handles, loc="outside upper left", ncols=2, frameon=False, fontsize=7.5, handletextpad=0.5, columnspacing=1.5)


def _picture(name: str, draw: Callable[[], Figure], alt: str, caption: str) -> Picture:
    with matplotlib.style.context(["default", STYLE]):
        figure = draw()
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return Picture(name, buffer.getvalue(), alt, caption)


def _short(row: BoundRow) -> str:
    return row.bound.split(".", 1)[1]


def _where(row: BoundRow) -> str:
    return f"{row.population}, n = {count(row.n)}"


def _trivial(row: BoundRow) -> float | None:
    return float(row.certificate.trivial) if row.certificate.trivial else None


def _relative(row: BoundRow) -> float:
    """The bound as a fraction of its trivial value: 1 and more is vacuous."""
    return row.certificate.value / (_trivial(row) or 1.0)


def _risk(row: BoundRow) -> tuple[float, float, float]:
    """Lower end, upper end and middle of the risk, as fractions of the trivial value."""
    scale = _trivial(row) or 1.0
    if isinstance(row.risk, Interval):
        return row.risk.lower / scale, row.risk.upper / scale, row.risk.middle / scale
    value = float(Fraction(row.risk)) / scale
    return value, value, value
