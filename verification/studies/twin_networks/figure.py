"""The panels of the study of twins."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from genbounds.verification.report.axes import legend_beside, log_places, log_values
from genbounds.verification.report.drawing import BASELINE, BOUND, INK, RISK
from genbounds.verification.studies.phenomenon import Curves

LOOKS = ((BOUND, "o"), (RISK, "s"), (BASELINE, "^"), ("#CC79A7", "D"), ("#666666", "v"), ("#56B4E9", "P"))
WORDS = {"separable": "separable", "digits_0_vs_rest": "digits"}


def draw_linear(ax: Axes, curves: Curves) -> None:
    """Distances of linear twins and the recursion."""
    for one, (colour, marker) in zip(curves["linear"], LOOKS, strict=False):
        label = f"{one['loss']}, {WORDS[one['population']]}"
        ax.plot(one["steps"], one["distance"], color=colour, marker=marker, markersize=4, linewidth=1, label=label)
        ax.plot(one["steps"], one["limit"], "--", color=INK, marker=marker, markersize=3, fillstyle="none", linewidth=0.9)
    ax.plot([], [], "--", color=INK, linewidth=0.9, label="recursion (same marker)")
    ax.set_xlabel("step (number of steps)")
    ax.set_ylabel("mean distance of twins")
    log_values(ax)
    legend_beside(ax)


def draw_growth(ax: Axes, curves: Curves) -> None:
    """Distances of network twins on logarithmic axes."""
    base = curves["base"]
    lines = {"raw": base["raw"], "first met early": base["early"], "first met late": base["late"]}
    lines |= {"raw, over norm": base["normalised"]}
    lines |= {f"layer {place + 1}, over norm": values for place, values in enumerate(base["layers"])}
    for (name, values), (colour, marker) in zip(lines.items(), LOOKS, strict=True):
        kept = [(step, value) for step, value in zip(base["steps"], values, strict=True) if value > 0]
        ax.plot(*zip(*kept, strict=True), color=colour, marker=marker, markersize=4, linewidth=1, label=name)
    steps = np.array([step for step in base["steps"] if step >= base["epoch"]])
    first = base["raw"][base["steps"].index(steps[0])]
    ax.plot(steps, first * steps / steps[0], "--", color=INK, linewidth=1, label="linear growth")
    ax.set_xscale("log")
    ax.set_xlabel(f"step (number of steps; {base['epoch']} make an epoch)")
    ax.set_ylabel("distance of twins")
    log_values(ax)
    legend_beside(ax)


def draw_dependence(ax: Axes, curves: Curves) -> None:
    """The last distance as n or the step size is varied, compared with the exponents of the bounds."""
    center = curves["center"]
    for name, (colour, marker), exponent, label in (
        ("by_n", LOOKS[0], -1, f"n, over {center['n']}"),
        ("by_step", LOOKS[1], 1, f"step size, over {center['step']}"),
    ):
        found = curves[name]
        ax.plot(found["at"], found["raw"], color=colour, marker=marker, markersize=5, linewidth=1, label=label)
        middle = found["raw"][found["at"].index(1.0)]
        at = np.array(found["at"])
        ax.plot(at, middle * at**exponent, "--", color=INK, marker=marker, markersize=3, fillstyle="none", linewidth=0.9)
    ax.plot([], [], "--", color=INK, linewidth=0.9, label="exponent of the bound")
    log_places(ax, [0.125, 0.25, 0.5, 1, 2, 4])
    ax.set_xlabel("factor of n or of the step size")
    ax.set_ylabel("last distance of twins")
    log_values(ax)
    legend_beside(ax)


def draw_starts(ax: Axes, curves: Curves) -> None:
    """Gap against curvature: fresh starts and those that were trained before."""
    curvature, gap = (np.array(curves["starts"][name]) for name in ("curvature", "gap"))
    half = curvature.shape[1] // 2
    for part, (colour, marker), label in ((slice(half), LOOKS[0], "fresh start"), (slice(half, None), LOOKS[1], "trained before")):
        ax.plot(curvature[:, part].ravel(), gap[:, part].ravel(), marker, color=colour, markersize=4, fillstyle="none", label=label)
    ax.set_xlabel("mean spectral norm of the Hessian at the start")
    ax.set_ylabel("gap of the cross-entropy")
    legend_beside(ax)
