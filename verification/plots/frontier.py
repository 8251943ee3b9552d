"""What labelled examples buy: certificates against the examples that were spent on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from genbounds.verification.plots.series import Style, Value, certifies, mark_what_certifies_nothing, numbers, styled
from genbounds.verification.report.drawing import INK


def frontier(
    ax: Axes,
    found: Mapping[str, Sequence[tuple[int, Value]]],
    *,
    staircase: bool = True,
    legend: bool = True,
    styles: Mapping[str, Style] | None = None,
) -> Axes:
    """Draw certificates against the labelled examples that each has spent, and the best that so many examples gave.

    The staircase is for the eye: the smallest of several certificates is chosen after the fact, and holds at its own confidence only if
    the choice was paid for (``genbounds.bounds.best_of``).

    Args:
        ax: the axes to draw on.
        found: for each label pairs of the labelled examples spent and the certificate, a number or a ``Certificate``. Estimates and
            certificates with a violated assumption get a ring, and are not part of the staircase.
        staircase: whether to draw the smallest certificate with at most so many examples.
        legend: whether to draw the legend, whose entries ``ax.get_legend_handles_labels`` gives as well.
        styles: arguments of ``Axes.plot`` for some of the labels.

    Returns:
        The axes.

    Raises:
        ValueError: no certificate, a negative number of examples, NaN, or a style without its label.

    >>> from matplotlib.figure import Figure
    >>> ax = frontier(Figure().add_subplot(), {"kl": [(600, 0.12), (1200, 0.15)], "held out": [(1000, 0.1), (1200, 0.06)]})
    >>> ax.lines[-1].get_xydata().tolist()
    [[600.0, 0.12], [1000.0, 0.1], [1200.0, 0.06]]
    """
    if not any(found.values()):
        raise ValueError("found must hold a certificate with its number of examples, got none: nothing would be drawn")
    for label, look in styled(list(found), styles).items():
        if not found[label]:
            continue
        spent, values = zip(*found[label], strict=True)
        style = {"markersize": 5, "alpha": 0.8, **look, "linestyle": "none"}
        ax.plot(numbers(spent, "examples spent", least=0), numbers(values, f"found[{label!r}]"), **style, label=label)
    for pairs in found.values():
        mark_what_certifies_nothing(ax, [spent for spent, _ in pairs], [value for _, value in pairs])
    if staircase:
        steps = _best([(spent, float(value)) for pairs in found.values() for spent, value in pairs if certifies(value)])
        if steps:
            ax.plot(*zip(*steps, strict=True), color=INK, linewidth=0.9, drawstyle="steps-post", zorder=1, label="smallest so far")
    ax.set_xlabel("labelled examples spent")
    ax.set_ylabel("certificate")
    if legend:
        ax.legend(fontsize=7, frameon=False)
    return ax


def _best(pairs: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Where the smallest certificate with at most so many examples becomes smaller."""
    steps: list[tuple[int, float]] = []
    for spent, value in sorted(pairs):
        if not steps or value < steps[-1][1]:
            steps.append((spent, value))
    return steps
