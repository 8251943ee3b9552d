"""The panels of the study of overparametrised training."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from genbounds.verification.report.axes import legend_beside, log_places, log_values
from genbounds.verification.report.drawing import BASELINE, BOUND, INK, RISK
from genbounds.verification.studies.phenomenon import Curves

LOOKS = ((BOUND, "o"), (RISK, "s"), (BASELINE, "^"), ("#CC79A7", "D"))


def draw_paths(ax: Axes, curves: Curves) -> None:
    """Residuals as they are and as predicted."""
    for (width, path), (colour, marker) in zip(curves["paths"].items(), LOOKS, strict=False):
        steps = np.arange(len(path["real"]))
        every = max(1, len(steps) // 8)
        ax.plot(steps, path["real"], color=colour, marker=marker, markevery=every, markersize=4, linewidth=1, label=f"width {width}")
        ax.plot(steps, path["predicted"], "--", color=INK, marker=marker, markevery=every, markersize=3, fillstyle="none", linewidth=0.8)
    ax.plot([], [], "--", color=INK, linewidth=0.8, label="kernel's dynamics\n(same marker)")
    ax.set_xlabel("step (number of steps)")
    ax.set_ylabel("norm of the residual")
    log_values(ax)
    legend_beside(ax)


def draw_widths(ax: Axes, curves: Curves) -> None:
    """What falls with the width."""
    widths = np.array(curves["widths"])
    names = {"deviation": "distance to dynamics", "drift": "drift of the kernel", "infinite": "kernel to infinite width"}
    for (name, label), (colour, marker) in zip(names.items(), LOOKS, strict=False):
        ax.plot(widths, curves["by_width"][name], color=colour, marker=marker, markersize=5, linewidth=1, label=label)
    ax.plot(widths, curves["by_width"]["infinite"][0] * (widths / widths[0]) ** -0.5, "--", color=INK, linewidth=1, label="exponent -1/2")
    log_places(ax, curves["widths"])
    ax.set_xlabel("width (number of hidden units)")
    ax.set_ylabel("relative distance")
    log_values(ax)
    legend_beside(ax)


def draw_left(ax: Axes, curves: Curves) -> None:
    """The part of the residual that is left, by width and by depth."""
    ax.plot(
        curves["widths"], curves["by_width"]["left"], color=BOUND, marker="o", markersize=5, linewidth=1, label="width, one hidden layer"
    )
    ax.plot(curves["depths"], curves["by_depth"], color=RISK, marker="s", markersize=5, linewidth=1, label="depth, at width 64")
    log_places(ax, sorted({*curves["widths"], *curves["depths"]}))
    ax.set_xlabel("width, or depth (number of hidden layers)")
    ax.set_ylabel("residual left")
    log_values(ax)
    legend_beside(ax)


def draw_terms(ax: Axes, curves: Curves) -> None:
    """Error terms and bounds; what is 0 to rounding is left out."""
    for (width, found), (colour, marker) in zip(curves["terms"].items(), LOOKS, strict=False):
        steps = np.arange(1, len(found["errors"]) + 1)
        every = max(1, len(steps) // 8)
        ax.plot(steps, found["errors"], color=colour, marker=marker, markevery=every, markersize=4, linewidth=1, label=f"width {width}")
        ax.plot(steps, found["bounds"], "--", color=INK, marker=marker, markevery=every, markersize=3, fillstyle="none", linewidth=0.8)
    ax.plot([], [], "--", color=INK, linewidth=0.8, label="bound (same marker)")
    ax.set_xlabel("step (number of steps)")
    ax.set_ylabel("norm of the error term")
    log_values(ax)
    legend_beside(ax)


def draw_kernel(ax: Axes, curves: Curves) -> None:
    """Risk and leave-one-out error of kernel regression by n."""
    found = curves["kernel"]
    for (name, label), (colour, marker) in zip({"risk": "risk", "leave_one_out": "leave-one-out"}.items(), LOOKS, strict=False):
        ax.plot(found["sizes"], found[name], color=colour, marker=marker, markersize=5, linewidth=1, label=label)
    ax.plot(found["sizes"], found["bound"], "--", color=INK, marker="D", markersize=3, fillstyle="none", linewidth=1, label="bound, best n")
    log_places(ax, found["sizes"])
    ax.set_xlabel("n (number of examples)")
    ax.set_ylabel("mean squared error")
    log_values(ax)
    legend_beside(ax)


def draw_accuracies(ax: Axes, curves: Curves) -> None:
    """A point for each sample."""
    names = {"network": "network", "kernel": "kernel regression", "features": "last layer alone"}
    for place, (name, (colour, marker)) in enumerate(zip(names, LOOKS, strict=False)):
        values = curves["accuracies"][name]
        ax.plot(values, [place] * len(values), marker, color=colour, markersize=5, fillstyle="none")
        ax.plot([np.mean(values)], [place], "|", color=INK, markersize=16, markeredgewidth=1.5)
    ax.plot([], [], "|", color=INK, markersize=10, label="mean")
    ax.set_yticks(range(len(names)), list(names.values()))
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xlabel("accuracy over the pool (part of the digits)")
    legend_beside(ax)
