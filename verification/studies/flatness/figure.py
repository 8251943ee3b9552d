"""The panels of the study of flatness."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from genbounds.verification.report.axes import legend_beside, log_places, log_values
from genbounds.verification.report.drawing import BASELINE, BOUND, INK, RISK
from genbounds.verification.studies.phenomenon import Curves

LOOKS = ((BOUND, "o"), (RISK, "s"), ("#CC79A7", "D"), (BASELINE, "^"), ("#56B4E9", "v"))
SCALE_LINES = {
    "sharpness": "largest eigenvalue",
    "trace": "trace of the Hessian",
    "gradient": "gradients of examples",
    "normalised": "normalised flatness",
    "fisher": "Fisher-Rao norm",
}


def draw_scales(ax: Axes, curves: Curves) -> None:
    """All measures over their values at c = 1."""
    found = curves["scales"]
    at = np.array(found["c"])
    for (name, label), (colour, marker) in zip(SCALE_LINES.items(), LOOKS, strict=True):
        hollow = "none" if name == "fisher" else "full"
        size = 7 if name == "fisher" else 4
        ax.plot(at, found[name], color=colour, marker=marker, markersize=size, fillstyle=hollow, linewidth=1, label=label)
    low, high = at[at <= 1], at[at >= 1]
    ax.plot(low, found["trace"][0] * (low[0] / low) ** 2, "--", color=INK, linewidth=1)
    ax.plot(high, found["trace"][-1] * (high / high[-1]) ** 2, "--", color=INK, linewidth=1, label="c^-2 and c^2")
    log_places(ax, found["c"])
    ax.set_xlabel("c: factor of the first layer, divisor of the second")
    ax.set_ylabel("value over that at c = 1")
    log_values(ax)
    legend_beside(ax)


def draw_pairs(ax: Axes, curves: Curves) -> None:
    """Gap against the gradients of examples; a line joins the two solutions of a sample."""
    gradient, gap = (np.array(curves["pairs"][name]) for name in ("gradient", "gap"))
    for one, two in zip(gradient.T, gap.T, strict=True):
        ax.plot(one, two, color="#BBBBBB", linewidth=0.8, zorder=1)
    for place, (width, (colour, marker)) in enumerate(zip(curves["pairs"]["widths"], LOOKS, strict=False)):
        ax.plot(gradient[place], gap[place], marker, color=colour, markersize=5, label=f"{width} hidden units")
    ax.plot([], [], color="#BBBBBB", linewidth=0.8, label="same sample")
    ax.set_xlabel("mean norm of the gradient of an example")
    ax.set_ylabel("gap of the error rate")
    legend_beside(ax)


def draw_taus(ax: Axes, curves: Curves) -> None:
    """Kendall's tau of each measure with the gap."""
    names = list(curves["taus"])
    found = [curves["taus"][name] for name in names]
    places = np.arange(len(names))
    middle = np.array([one["tau"] for one in found])
    errors = np.array([[one["tau"] - one["lower"], one["upper"] - one["tau"]] for one in found]).T
    ax.errorbar(middle, places, xerr=errors, fmt="o", color=BOUND, markersize=5, capsize=3, linewidth=1, label="within a sample")
    ax.plot([one["granulated"] for one in found], places, "s", color=RISK, markersize=5, fillstyle="none", label="one change alone")
    ax.axvline(0, linestyle="--", color=INK, linewidth=1, label="no relation")
    ax.set_yticks(places, names)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xlim(-1.05, 1.05)
    ax.set_xlabel("Kendall's tau with the gap")
    legend_beside(ax)


def draw_bounds(ax: Axes, curves: Curves) -> None:
    """Bounds against lower limits on the Gibbs risk, for each scale."""
    found = curves["bounds"]
    for place, (scale, (colour, marker)) in enumerate(zip(found["scale"], LOOKS, strict=False)):
        ax.plot(
            found["risk"][place],
            found["bound"][place],
            marker,
            color=colour,
            markersize=4,
            fillstyle="none",
            label=f"standard deviation {scale:g}",
        )
    ax.plot([0, 1], [0, 1], "--", color=INK, linewidth=1, label="bound = risk")
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1.03)
    ax.set_xlabel("Gibbs risk over the pool (lower limit)")
    ax.set_ylabel("kl bound")
    legend_beside(ax)
