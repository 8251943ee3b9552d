"""The figure of the learning curves: risks with their laws, and bounds with the slopes of the theory."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from genbounds.verification.plots.against_n import bound_against_n
from genbounds.verification.plots.series import Style
from genbounds.verification.report.drawing import BASELINE, BOUND, GREY, INK, RISK
from genbounds.verification.studies.learning_curves.cell import DELTA
from genbounds.verification.studies.phenomenon import Curves, Panel

_LOOKS = (
    ("noisy", "a teacher's labels, a tenth flipped", RISK, "s"),
    ("digits", "digits", BASELINE, "^"),
    ("clean", "a teacher's labels", BOUND, "o"),
)
_BOUNDS: dict[str, tuple[str, Style]] = {
    "norms": ("norms of the trained weights", {"color": BASELINE, "marker": "^", "linestyle": "-"}),
    "agnostic": ("VC dimension, any error", {"color": BOUND, "marker": "o", "linestyle": "-"}),
    "realizable": ("VC dimension, no error", {"color": BOUND, "marker": "D", "linestyle": "-."}),
}


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
    """Bounds at the same sizes, the clean task's risk and what held-out points would certify of it, and lines of slopes -1/2 and -1."""
    found, n = curves["bounds"], np.array(curves["bounds"]["n"], dtype=float)
    bounds = {label: found[name] for name, (label, _) in _BOUNDS.items()}
    bound_against_n(axes, found["n"], bounds, risk=curves["clean"]["risk"], delta=DELTA, styles=dict(_BOUNDS.values()))
    for power, word in ((0.5, "$n^{-1/2}$"), (1.0, "$n^{-1}$")):
        line = 0.9 * (n / n[0]) ** -power
        axes.plot(n, line, color=INK, linewidth=0.9, linestyle="--")
        axes.annotate(word, (n[-1], line[-1]), xytext=(3, -2), textcoords="offset points", fontsize=7.5)
    _finish(axes, "bound, or risk")


def _finish(axes: Axes, ylabel: str) -> None:
    axes.set(xscale="log", yscale="log", xlabel="n (number of examples)", ylabel=ylabel)
    axes.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(0.0, -0.24), ncols=2, columnspacing=1.2, handletextpad=0.5)


PANELS = (
    Panel("Risk against the number of examples, with fitted power laws", draw_risks, 3.0),
    Panel("A teacher's labels: exponents of the bounds and of the risk", draw_bounds, 3.1),
)
