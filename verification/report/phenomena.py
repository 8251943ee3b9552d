"""The figures of the studies of phenomena, drawn from the curves that a report keeps."""

from __future__ import annotations

from importlib import import_module

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from genbounds.verification.report.drawing import WIDTH, Picture, picture
from genbounds.verification.rows.curves_row import CurvesRow
from genbounds.verification.studies import PHENOMENA


def phenomenon_picture(row: CurvesRow, alone: bool = True) -> Picture | None:
    """The figure of a phenomenon, its panels one below another; None for a study that this version does not have.

    Alone it is for a file of its own, otherwise for a page, where its letters are text.
    Every panel is drawn by its own function, which takes the axes and the curves: ``genbounds.verification.studies.phenomenon.Panel``.
    """
    if row.study not in PHENOMENA:
        return None
    module, kind = PHENOMENA[row.study]
    panels = getattr(import_module(module), kind).panels

    def draw() -> Figure:
        heights = [panel.height for panel in panels]
        figure = Figure(figsize=(WIDTH, sum(heights)), layout="constrained")
        FigureCanvasAgg(figure)
        grid = figure.add_gridspec(len(panels), 1, height_ratios=heights)
        for place, panel in enumerate(panels):
            axes = figure.add_subplot(grid[place, 0])
            axes.set_title(panel.title)
            axes.grid(color="#dddddd", linewidth=0.5)
            for side in ("top", "right"):
                axes.spines[side].set_visible(False)
            panel.draw(axes, row.curves)
        return figure

    return picture(f"phenomenon-{row.study}", draw, row.alt, row.caption, outlines=alone)
