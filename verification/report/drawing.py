"""How the figures of a report are drawn: panels with labelled rows, log axes in decades, SVG without dates.

No pyplot, so that no global state is read or left behind; equal figures give equal bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

# Okabe and Ito's palette: distinct for every common kind of colour vision; the markers differ too, for print without colour.
BOUND, RISK, BASELINE, GREY, INK, BROKEN = "#0072B2", "#D55E00", "#009E73", "#A0A0A0", "#222222", "#CC0000"
WIDTH = 5.4
"""Of a figure of a study, in inches."""
NARROW = 3.7
"""Of a figure of rows: narrow, so that its letters can be read on a telephone as well."""
ROW = 0.46
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
    "figure.dpi": 100,
}


@dataclass(frozen=True)
class Picture:
    """A finished figure: the SVG, what it shows in words (for those who do not see it), and its caption."""

    name: str
    svg: bytes
    alt: str
    caption: str


def frame(sizes: Sequence[int], height: float = ROW) -> tuple[Figure, list[Axes]]:
    """A column of panels whose heights follow their numbers of rows."""
    panels = [size * height + 0.1 for size in sizes]
    total = sum(panels) + 0.5 * len(sizes) + 0.75
    figure = Figure(figsize=(NARROW, total), layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(len(sizes), 1, height_ratios=panels)
    return figure, [figure.add_subplot(grid[index, 0]) for index in range(len(sizes))]


def label_rows(axes: Axes, labels: Sequence[tuple[str, str]]) -> None:
    """One row each from the top down: a name and a smaller second line, above the place where the row is drawn."""
    axes.set_ylim(len(labels) - 0.62, -0.85)
    axes.set_yticks([])
    for y, texts in enumerate(labels):
        for text, height, size, colour in zip(texts, (19, 11), (8, 7.2), (INK, "#666666"), strict=True):
            axes.annotate(
                text, (0, y), xycoords=("axes fraction", "data"), xytext=(0, height), textcoords="offset points", va="center",
                fontsize=size, color=colour,
            )  # fmt: skip
    axes.grid(axis="x", color="#dddddd", linewidth=0.5)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


def decades(axes: Axes) -> None:
    """Ticks at powers of ten, few enough to be read."""
    low, high = axes.get_xlim()
    decades = math.log10(high / low)
    axes.xaxis.set_major_locator(LogLocator(base=10, numticks=max(3, min(9, int(decades) + 2))))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}" if 1e-3 <= x <= 1e3 else rf"$10^{{{round(math.log10(x))}}}$"))


def legend(figure: Figure, handles: Sequence[Line2D], columns: int = 2) -> None:
    """A legend above the panels."""
    figure.legend(
        handles=handles, loc="outside upper left", ncols=columns, frameon=False, fontsize=7.5, handletextpad=0.5, columnspacing=1.5
    )


def picture(name: str, draw: Callable[[], Figure], alt: str, caption: str, outlines: bool = False) -> Picture:
    """Draw in a style of our own, whatever the user's settings, and keep the SVG.

    With ``outlines``, letters are drawn as curves, for a file that stands alone; in a page they are text.
    """
    with matplotlib.style.context(["default", STYLE, {"svg.fonttype": "path" if outlines else "none"}]):
        figure = draw()
        # Laid out once, here: with its engine still set, a figure is laid out and drawn a second time as it is saved.
        engine = figure.get_layout_engine()
        if engine is not None:
            engine.execute(figure)
            figure.set_layout_engine("none")
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=not outlines)
    return Picture(name, buffer.getvalue(), alt, caption)
