"""The distribution of margins: which share of the examples has a margin at most so large."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from genbounds.verification.plots.series import Style, numbers, styled


def margins(
    ax: Axes, found: Mapping[str, Sequence[float]], *, at: float | None = None, log: bool = False, styles: Mapping[str, Style] | None = None
) -> Axes:
    """Draw the distribution function of margins for each label.

    Args:
        ax: the axes to draw on.
        found: for each label the margins of its examples, in any order; an example with a margin below 0 is misclassified.
        at: the margin of a bound, drawn as a line; a margin bound counts the share of the examples with at most this margin.
        log: a logarithmic axis, for margins over a complexity. Those that are not positive are not on it; the share below counts them.
        styles: arguments of ``Axes.plot`` for some of the labels.

    Returns:
        The axes.

    Raises:
        ValueError: no label, a label without a margin (on a logarithmic axis without a positive one), NaN, or a style without its label.

    >>> from matplotlib.figure import Figure
    >>> ax = margins(Figure().add_subplot(), {"trained": [0.4, -0.1, 0.2, 0.3]}, at=0.25)
    >>> [float(x) for x in ax.lines[0].get_xdata()], [float(y) for y in ax.lines[0].get_ydata()]
    ([-0.1, 0.2, 0.3, 0.4], [0.25, 0.5, 0.75, 1.0])
    """
    if not found:
        raise ValueError("found must have a label with margins, got none: nothing would be drawn")
    for label, look in styled(list(found), styles).items():
        values = sorted(numbers(found[label], f"found[{label!r}]"))
        if not values or (log and values[-1] <= 0):
            raise ValueError(f"found[{label!r}] must hold {'positive ' if log else ''}margins, got none: leave the label out")
        steps = [(value, (place + 1) / len(values)) for place, value in enumerate(values) if value > 0 or not log]
        style = {key: value for key, value in look.items() if key != "marker"}
        ax.plot(*zip(*steps, strict=True), drawstyle="steps-post", **{"linewidth": 1.4, **style}, label=label)
    if at is not None:
        ax.axvline(at, color="#222222", linestyle=(0, (4, 2)), linewidth=1, label=f"margin of the bound: {at:g}")
    if log:
        ax.set_xscale("log")
    ax.set_xlabel(f"margin{' (log scale)' if log else ''}")
    ax.set_ylabel("share of examples at or below")
    ax.legend(fontsize=7, frameon=False)
    return ax
