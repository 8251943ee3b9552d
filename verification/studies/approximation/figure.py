"""The five panels of the study of approximation."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, LogLocator, NullLocator

from genbounds.verification.report.drawing import BASELINE, BOUND, GREY, INK, RISK
from genbounds.verification.studies.phenomenon import Curves, Panel

_SMALL = 7.5


def draw_shown(ax: Axes, curves: Curves) -> None:
    """The sawtooth of four folds and the shallow network that follows its first teeth."""
    found = curves["shown"]
    ax.plot(found["x"], found["deep"], color=BOUND, linewidth=1.2, label="deep: 12 units, 16 pieces")
    ax.plot(found["x"], found["shallow"], color=RISK, linestyle="--", linewidth=1.6, label="shallow: 12 units, 12 pieces")
    ax.set_ylim(-0.05, 1.5)
    ax.set_xlabel("x (no unit)")
    ax.set_ylabel("value (no unit)")
    ax.legend(frameon=False, fontsize=_SMALL, loc="upper left", ncols=2)


def draw_shallow(ax: Axes, curves: Curves) -> None:
    """The best shallow error between its two bounds."""
    found = curves["sawtooth"]
    ax.plot(found["folds"], found["spline"], color=RISK, marker="s", markersize=4, label="shallow, follows the first teeth")
    ax.plot(found["folds"], found["least"], color=BOUND, marker="o", markersize=4, label="least of any 3k + 1 pieces")
    ax.plot(found["folds"], [0.0] * len(found["folds"]), color=BASELINE, marker="D", markersize=4, label="deep, 3k units")
    ax.axhline(12**-0.5, color=INK, linestyle="--", linewidth=1, label="constant 1/2")
    ax.set_ylim(-0.02, 0.45)
    ax.set_xticks(found["folds"])
    ax.set_xlabel("folds k (number; 3k units each)")
    ax.set_ylabel("root mean\nsquare error")
    ax.legend(frameon=False, fontsize=_SMALL, loc="upper left", ncols=2)


def draw_lines(ax: Axes, curves: Curves) -> None:
    """Exact pieces by units, one line of markers for each depth; the sawtooth; the bound of the four-layer networks."""
    found = curves["lines"]
    depths = sorted({one["depth"] for one in found})
    for depth, colour, marker in zip(depths, (RISK, BASELINE, BOUND, GREY), ("s", "D", "o", "v"), strict=False):
        kept = [one for one in found if one["depth"] == depth]
        ax.plot(
            [one["units"] for one in kept], [one["pieces"] for one in kept], color=colour, marker=marker, markersize=4, label=_layers(depth)
        )
    deep = [one for one in found if one["depth"] == 4]
    ax.plot([one["units"] for one in deep], [one["bound"] for one in deep], color=INK, linestyle="--", linewidth=1, label="bound, 4 layers")
    teeth = curves["sawtooth"]
    ax.plot(3 * np.array(teeth["folds"]), teeth["pieces"], color=INK, marker="+", linestyle=":", linewidth=1, label="sawtooth")
    _log(ax)
    ax.set_xticks([4, 16, 64, 256], ["4", "16", "64", "256"])
    ax.set_xlim(2.5, 1.3 * max(one["units"] for one in found))
    ax.set_xlabel("hidden units (number)")
    ax.set_ylabel("affine pieces\n(number)")
    ax.legend(frameon=False, fontsize=_SMALL, loc="upper left", ncols=2)


def draw_barron(ax: Axes, curves: Curves) -> None:
    """Errors by width in the lowest and the highest dimension."""
    found = curves["barron"]
    widths = found["widths"]
    dimensions = [key for key in found if key != "widths"]
    for dimension, colour, marker in ((dimensions[0], RISK, "s"), (dimensions[-1], BOUND, "o")):
        curve = found[dimension]
        ax.plot(widths, curve["sampled"], color=colour, marker=marker, markersize=4, label=f"drawn units, d = {dimension}")
        again = widths[: len(curve["fitted"])]
        label = f"fitted again, d = {dimension}"
        ax.plot(again, curve["fitted"], color=colour, marker=marker, markersize=3, markerfacecolor="white", linestyle=":", label=label)
        ax.plot(
            widths, curve["bound"], color=INK, linestyle="--", linewidth=1, label=r"$2C/\sqrt{n}$" if dimension == dimensions[-1] else None
        )
    _log(ax)
    ax.set_ylim(top=ax.get_ylim()[1] * 30)
    ax.set_xlabel("width n (number of units)")
    ax.set_ylabel("root mean\nsquare error")
    ax.legend(frameon=False, fontsize=_SMALL, loc="upper left", ncols=2)


def draw_square(ax: Axes, curves: Curves) -> None:
    """The largest error on x^2 by units."""
    found = curves["square"]
    ax.plot(found["units"], found["shallow"], color=RISK, marker="s", markersize=4, label="one hidden layer: the best")
    ax.plot(found["units"], found["deep"], color=BOUND, marker="o", markersize=4, linestyle="none", label="composed sawteeth")
    units = np.array(found["units"])
    ax.plot(units, 4.0 ** -(units / 4 + 1), color=INK, linestyle="--", linewidth=1, label=r"$4^{-(k+1)}$, 4k units")
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(numticks=6))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_locator(FixedLocator(found["units"]))
    ax.set_xlabel("hidden units (number)")
    ax.set_ylabel("largest error\non [0, 1]")
    ax.legend(frameon=False, fontsize=_SMALL, loc="lower left")


def _layers(depth: int) -> str:
    return "1 layer" if depth == 1 else f"{depth} layers"


def _log(ax: Axes) -> None:
    ax.set_xscale("log")
    ax.set_yscale("log")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(numticks=6))
        axis.set_minor_locator(NullLocator())


PANELS = (
    Panel("A sawtooth of four folds", draw_shown, 1.9),
    Panel("The best shallow network of as many units", draw_shallow, 2.2),
    Panel("Exact affine pieces along a random line", draw_lines),
    Panel("Barron's rate on exp(-||x||²/2)", draw_barron),
    Panel("x² by width and by depth", draw_square, 2.2),
)
