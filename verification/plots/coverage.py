"""How often a bound was below the risk, with the upper limit on that rate, against the rate that delta allows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.plots.series import one_for_each
from genbounds.verification.report.drawing import BOUND, BROKEN, INK, label_rows


class Counted(Protocol):
    """What a coverage check found: ``checks.coverage.Coverage``, or the row of a report."""

    @property
    def violations(self) -> int:
        """The draws at which the bound was below the risk."""

    @property
    def draws(self) -> int:
        """All draws."""

    @property
    def delta(self) -> float:
        """The rate that the bound allows."""

    @property
    def upper_limit(self) -> float:
        """The one-sided 95 % limit on the rate of violations."""

    @property
    def verdict(self) -> Verdict:
        """What the check says."""


def coverage(ax: Axes, found: Sequence[Counted], labels: Sequence[str], *, legend: bool = True) -> Axes:
    """Draw a row for each coverage check: the rate of violations, a bar up to its upper 95 % limit, and delta as a mark.

    Args:
        ax: the axes to draw on; about half an inch of height for each row.
        found: the results of ``genbounds.verification.checks.coverage.coverage``, or the coverage rows of a report.
        labels: one for each; what follows a line break stands in smaller letters below.
        legend: whether to draw the legend; ``coverage_handles`` are its entries.

    Returns:
        The axes.

    Raises:
        ValueError: no result, or another number of labels than of results.

    >>> from genbounds.verification.checks.coverage import coverage as count
    >>> from matplotlib.figure import Figure
    >>> found = count([False] * 290 + [True] * 10, delta=0.05)
    >>> ax = coverage(Figure().add_subplot(), [found], ["Hoeffding"])
    >>> [round(float(x), 4) for x in ax.lines[0].get_xdata()], ax.get_xlabel()
    ([0.0333, 0.0559], 'violation rate (fraction of the draws with bound < risk)')
    """
    one_for_each(labels, found, "labels", "found")
    label_rows(ax, [(name, where) for name, _, where in (label.partition("\n") for label in labels)])
    for y, row in enumerate(found):
        colour, rate = BROKEN if row.verdict.is_failure else BOUND, row.violations / row.draws
        ax.plot([rate, row.upper_limit], [y, y], color=colour, linewidth=2.2, solid_capstyle="butt")
        ax.plot([row.upper_limit] * 2, [y - 0.16, y + 0.16], color=colour, linewidth=1.4)
        ax.plot(rate, y, "o", color=colour, markersize=5, clip_on=False, zorder=3)
        ax.plot([row.delta] * 2, [y - 0.36, y + 0.36], color=INK, linewidth=1.6)
    most = max(max(row.upper_limit, row.delta) for row in found)
    ax.set_xlim(0, min(1.02, 1.12 * most))
    ax.set_xlabel("violation rate (fraction of the draws with bound < risk)")
    if legend:
        ax.legend(handles=coverage_handles(), loc="lower left", bbox_to_anchor=(0.0, 1.0), frameon=False, fontsize=7.5)
    return ax


def coverage_handles() -> list[Line2D]:
    """The entries of the legend."""
    return [
        Line2D([], [], color=BOUND, marker="o", markersize=5, label="observed rate, and its 95 % upper limit", linewidth=2.2),
        Line2D([], [], color=INK, marker="|", markersize=9, markeredgewidth=1.6, linestyle="none", label="delta: the rate allowed"),
    ]
