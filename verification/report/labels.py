"""What labelled examples buy: the certificates of a population against the examples that each was computed on."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from genbounds.bounds.registry import FAMILIES
from genbounds.bounds.special.rounding import decimal_up
from genbounds.verification.plots.frontier import frontier
from genbounds.verification.plots.series import LOOKS, Style
from genbounds.verification.report.axes import log_values
from genbounds.verification.report.drawing import INK, Picture, decades, frame, legend, picture
from genbounds.verification.report.wording import FAMILY_TITLES
from genbounds.verification.rows.bound_row import RISKS, BoundRow

FEWEST = 3
"""Sizes of the sample, of one population, that make a figure."""


def labels_figure(rows: Sequence[BoundRow]) -> Picture | None:
    """Certificates on risks, by family, against n, a panel for each population; None where none has ``FEWEST`` sizes.

    What is vacuous, an estimate, or rests on a violated assumption buys nothing, and is left out.
    """
    groups: dict[str, list[BoundRow]] = {}
    for row in rows:
        certificate = row.certificate
        counts = certificate.bounds_on in RISKS and certificate.kind == "certificate" and certificate.trivial == 1
        if counts and not certificate.vacuous and not row.violated and certificate.value > 0:
            groups.setdefault(row.population, []).append(row)
    panels = {name: group for name, group in groups.items() if len({row.n for row in group}) >= FEWEST}
    if not panels:
        return None
    present = [family for family in FAMILIES if any(row.family == family for group in panels.values() for row in group)]
    looks: dict[str, Style] = {family: {**look, "linestyle": "none"} for family, look in zip(present, LOOKS * 2, strict=False)}

    def draw() -> Figure:
        figure, all_axes = frame([6] * len(panels))
        for axes, (name, group) in zip(all_axes, panels.items(), strict=True):
            found = {family: [(row.n, row.certificate) for row in group if row.family == family] for family in present}
            frontier(axes, found, styles=looks, legend=False)
            axes.set_xscale("log")
            decades(axes)
            log_values(axes)
            axes.set_title(name)
            axes.set_xlabel("n (number of labelled examples)")
        handles = [Line2D([], [], label=FAMILY_TITLES.get(name, name), markersize=5, **look) for name, look in looks.items()]
        legend(figure, [*handles, Line2D([], [], color=INK, linewidth=0.9, label="smallest so far")])
        return figure

    alt = "; ".join(
        f"{row.bound} on {name}, n = {row.n}: {decimal_up(row.certificate.value, 3)}" for name, group in panels.items() for row in group
    )
    caption = (
        "What labelled examples buy: each certificate that is not vacuous against the examples it was computed on, and the smallest with "
        "at most so many. Chosen for display after the fact: each holds at its own confidence, not all at once, and of its own network."
    )
    return picture("labels", draw, alt, caption)
