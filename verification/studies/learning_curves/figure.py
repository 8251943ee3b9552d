"""The figure of the learning curves: risks with their laws, and bounds with the slopes of the theory."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from genbounds.verification.report.drawing import BASELINE, BOUND, GREY, INK, RISK
from genbounds.verification.studies.phenomenon import Curves, Panel

_LOOKS = (
    ("noisy", "a teacher's labels, a tenth turned", RISK, "s"),
    ("digits", "digits", BASELINE, "^"),
    ("clean", "a teacher's labels", BOUND, "o"),
)


def draw_risks(axes: Axes, curves: Curves) -> None:
    """Mean risks with deviations over seeds, and the two laws."""
    for task, label, colour, marker in _LOOKS:
        found = curves[task]
        exponent = f"{label}: $n^{{{found['exponent']:.2f}}}$"
        axes.errorbar(
            found["n"], found["risk"], yerr=found["deviation"], fmt=marker, color=colour, markersize=4, elinewidth=0.8, label=exponent
        )
        axes.plot(found["n"], found["power"], color=colour, linewidth=1.0)
        axes.plot(found["n"], found["floored"], color=colour, linewidth=1.4, linestyle=":")
    start, end = curves["digits"]["n"][0], curves["noisy"]["n"][-1]
    n = np.array([start, end], dtype=float)
    first = curves["digits"]["risk"][0]
    edges = [first * (n / start) ** exponent for exponent in curves["published"]]
    axes.fill_between(n, *edges, color=GREY, alpha=0.25, linewidth=0, label="published range, $n^{-0.35}$ to $n^{-0.07}$")
    axes.axhline(0.1, color=INK, linewidth=0.9, linestyle="--")
    axes.annotate(
        "Bayes risk of the noisy task",
        (1.0, 0.1),
        xycoords=("axes fraction", "data"),
        xytext=(-2, -9),
        textcoords="offset points",
        ha="right",
        fontsize=7,
    )
    _finish(axes, "risk (fraction of errors)")


def draw_bounds(axes: Axes, curves: Curves) -> None:
    """Bounds at the same sizes, the clean task's risk, and lines of slopes -1/2 and -1."""
    found, n = curves["bounds"], np.array(curves["bounds"]["n"], dtype=float)
    axes.plot(n, found["norms"], color=BASELINE, marker="^", markersize=4, label="norms of the trained weights")
    axes.plot(n, found["agnostic"], color=BOUND, marker="o", markersize=4, label="VC dimension, any error")
    axes.plot(n, found["realizable"], color=BOUND, marker="D", markersize=3.5, linestyle="-.", label="VC dimension, no error")
    axes.plot(n, curves["clean"]["risk"], color=RISK, marker="s", markersize=4, linestyle=":", label="risk, a teacher's labels")
    for power, word in ((0.5, "$n^{-1/2}$"), (1.0, "$n^{-1}$")):
        line = 0.9 * (n / n[0]) ** -power
        axes.plot(n, line, color=INK, linewidth=0.9, linestyle="--")
        axes.annotate(word, (n[-1], line[-1]), xytext=(3, -2), textcoords="offset points", fontsize=7.5)
    axes.axhline(1.0, color=GREY, linewidth=0.9)
    axes.annotate(
        "vacuous above",
        (0.0, 1.0),
        xycoords=("axes fraction", "data"),
        xytext=(2, 2),
        textcoords="offset points",
        fontsize=7,
        color="#666666",
    )
    _finish(axes, "bound, or risk")


def _finish(axes: Axes, ylabel: str) -> None:
    axes.set(xscale="log", yscale="log", xlabel="n (number of examples)", ylabel=ylabel)
    axes.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(0.0, -0.24), ncols=2, columnspacing=1.2, handletextpad=0.5)


PANELS = (
    Panel("Risk against the number of examples, with fitted power laws", draw_risks, 3.0),
    Panel("The bounds' exponents beside the risk's", draw_bounds, 3.1),
)
