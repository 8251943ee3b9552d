"""How small a mistake would have been noticed: the resolutions of checks, a row for each bound or family."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from matplotlib.axes import Axes

from genbounds.verification.plots.series import numbers
from genbounds.verification.report.drawing import BOUND, INK, label_rows


def resolution(ax: Axes, found: Mapping[str, Sequence[float | None]]) -> Axes:
    """Draw a row for each label: its resolutions as rings, their median as a mark.

    A resolution is the largest factor on what the theorem adds (its deviation) that would have been refuted: at 1 any smaller deviation
    is noticed, at 0 none is.

    Args:
        ax: the axes to draw on; about half an inch of height for each row.
        found: for each label (a bound, a family) the resolutions of its trials; None where a trial has no such number, which is not
            drawn. What follows a line break in a label stands in smaller letters below.

    Returns:
        The axes.

    Raises:
        ValueError: no label, or a resolution outside [0, 1].

    >>> from matplotlib.figure import Figure
    >>> ax = resolution(Figure().add_subplot(), {"Hoeffding": [0.6, 0.86, None], "Clopper-Pearson": [1.0]})
    >>> [float(x) for x in ax.lines[0].get_xdata()], [float(x) for x in ax.lines[1].get_xdata()]
    ([0.6, 0.86], [0.73, 0.73])
    """
    if not found:
        raise ValueError("found must have a label with resolutions, got none: nothing would be drawn")
    label_rows(ax, [(name, where) for name, _, where in (label.partition("\n") for label in found)])
    for y, (label, values) in enumerate(found.items()):
        shown = numbers([value for value in values if value is not None], f"found[{label!r}]", least=0.0)
        if shown and max(shown) > 1:
            raise ValueError(f"found[{label!r}] must lie in [0, 1], got {max(shown)}: a resolution is a factor on the deviation")
        if not shown:
            ax.annotate("no trial has a resolution", (0, y), xytext=(4, 0), textcoords="offset points", va="center", fontsize=7, color=INK)
            continue
        ax.plot(shown, [y] * len(shown), "o", color=BOUND, markersize=5, fillstyle="none", alpha=0.8, clip_on=False, zorder=3)
        ax.plot([median(shown)] * 2, [y - 0.25, y + 0.25], color=INK, linewidth=1.6, clip_on=False)
    ax.set_xlim(0, 1)
    ax.set_xlabel("resolution (factor on the deviation that would be refuted)")
    return ax
