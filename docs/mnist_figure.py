"""The figure of docs/mnist.md, from docs/measured.json: ``python docs/mnist_figure.py`` writes docs/_static/mnist.svg."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, NullLocator

from genbounds.verification.plots import frontier
from genbounds.verification.plots.series import PURPLE
from genbounds.verification.populations.idx_pool import TRAINING
from genbounds.verification.report.drawing import BASELINE, BOUND, INK, RISK, WIDTH, legend, picture

DOCS = Path(__file__).parent
FIGURE = DOCS / "_static" / "mnist.svg"
TITLES = ("MNIST", "Fashion-MNIST")
KINDS = {
    "pac_bayes.seeger2002": ("Gibbs risk", BOUND, "o"),
    "pac_bayes.disintegrated": ("one drawn network", RISK, "D"),
    "holdout.clopper_pearson": ("network at the prior's means, held out", BASELINE, "s"),
    "holdout.occam_binomial": ("ternary network, compression", INK, "^"),
    "holdout.campi2023compression": ("plain network, pick-to-learn", PURPLE, "v"),
}
"""Bounds of one predictor each, with the words, the colour and the marker for it."""
TICKS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)


def points(rows: Sequence[Mapping[str, Any]], title: str) -> dict[str, list[tuple[int, float]]]:
    """By bound: how many labelled images the certificate does not count, and the certificate, of the rows on true labels.

    >>> row = {"population": "MNIST", "bound": "holdout.clopper_pearson", "n": 30_000, "value": 0.01}
    >>> points([row, {**row, "population": "MNIST with 10 % of labels flipped"}], "MNIST")
    {'holdout.clopper_pearson': [(30000, 0.01)]}
    """
    found: dict[str, list[tuple[int, float]]] = {}
    for row in rows:
        if row["population"] == title and row["bound"] in KINDS:
            found.setdefault(row["bound"], []).append((TRAINING - row["n"], row["value"]))
    return found


def draw(rows: Sequence[Mapping[str, Any]]) -> Figure:
    """A panel for each data set that has rows."""
    panels = {title: points(rows, title) for title in TITLES}
    panels = {title: found for title, found in panels.items() if found}
    figure = Figure(figsize=(WIDTH, 3.2), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for place, (title, found) in enumerate(panels.items()):
        styles = {bound: {"color": KINDS[bound][1], "marker": KINDS[bound][2]} for bound in found}
        frontier(axes[place], found, staircase=False, legend=False, styles=styles)
        axes[place].set(xlabel="", ylabel="")
        axes[place].set_title(title)
        _scales(axes[place])
    axes[0].set_ylabel("certificate")
    figure.supxlabel("labelled images spent before the bound counts the others", fontsize=8)
    shown = [kind for bound, kind in KINDS.items() if any(bound in found for found in panels.values())]
    legend(figure, [Line2D([], [], linestyle="none", marker=marker, color=colour, label=words) for words, colour, marker in shown])
    return figure


def _scales(axes: Axes) -> None:
    axes.set_yscale("log")
    axes.set_yticks(TICKS)
    axes.set_ylim(0.005, 0.5)
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_xlim(-2000, TRAINING * 0.6)
    axes.set_xticks([0, 10_000, 20_000, 30_000], ["0", "10 000", "20 000", "30 000"])
    axes.grid(color="#dddddd", linewidth=0.5)


def main() -> None:
    """Write the figure."""
    rows = json.loads((DOCS / "measured.json").read_text(encoding="utf-8"))
    FIGURE.write_bytes(picture("mnist", lambda: draw(rows), "", "", outlines=True).svg)


if __name__ == "__main__":
    main()
