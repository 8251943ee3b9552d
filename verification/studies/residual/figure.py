"""The figure of the study."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

from genbounds.verification.report.drawing import BASELINE, BOUND, GREY, INK, RISK
from genbounds.verification.runs.cells import Result
from genbounds.verification.studies.phenomenon import Curves
from genbounds.verification.studies.residual.cell import ACTIVATIONS, HALF, LABELS, sample, truth
from genbounds.verification.studies.residual.judging import Measured, depths, logs
from genbounds.verification.studies.residual.running import GRID, MAPPED, PLANE

LOOK: Mapping[str, tuple[str, str, Literal["-", "--", "-.", ":"]]] = {
    "plain leaky": (RISK, "s", "-"),
    "plain tanh": (RISK, "D", ":"),
    "residual leaky": (BOUND, "o", "-"),
    "residual tanh": (BOUND, "^", ":"),
}
BESIDE = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0), "frameon": False, "fontsize": 7, "handlelength": 1.8, "borderaxespad": 0.2}
"""A legend beside the panel never lies on the data."""


def loss_curves(measured: Measured) -> dict[str, Any]:
    """Geometric means over the seeds of the final loss over that of the best constant."""
    found: dict[str, Any] = {"depth": depths(measured)}
    for name in LOOK:
        found[name] = [float(np.exp(logs(measured, name, depth).mean())) for depth in found["depth"]]
    return found


def draw_losses(ax: Axes, curves: Curves) -> None:
    """The training loss against the depth."""
    found = curves["losses"]
    for name, (colour, marker, line) in LOOK.items():
        kind, activation = name.split()
        style: dict[str, Any] = {"color": colour, "marker": marker, "linestyle": line, "markersize": 4.5, "linewidth": 1.2}
        ax.plot(found["depth"], found[name], label=f"{kind},\n{LABELS[activation]}", **style)
    ax.axhline(1.0, color=INK, linestyle="--", linewidth=0.9, label="best constant")
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.xaxis.set_major_locator(FixedLocator(found["depth"]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.set_xlabel("depth (number of hidden layers of width 5)")
    ax.set_ylabel("loss / loss of constant")
    ax.legend(**BESIDE)


def fit_curves(measured: Measured) -> dict[str, Any]:
    """Two fits of the first seed: the shallowest plain network, and the residual one of 15 layers."""
    shallow, middle = depths(measured)[0], min(depths(measured), key=lambda depth: abs(depth - MAPPED))
    shown, data = [], None
    for depth, kind in ((shallow, "plain"), (middle, "residual")):
        cell, result = next((cell, result) for cell, result in measured if cell.depth == depth)
        data = sample(cell, 0.0)
        if "pieces" in result[f"{kind} leaky"]:
            shown.append({"label": f"{kind}, {depth} layers", "kinks": result[f"{kind} leaky"]["pieces"]["kinks"]})
    assert data is not None
    return {"inputs": data[0].tolist(), "targets": data[1].tolist(), "shown": shown}


def draw_fits(ax: Axes, curves: Curves) -> None:
    """The functions are drawn through their kinks, which are marked."""
    found = curves["fits"]
    for fit, colour, marker in zip(found["shown"], (RISK, BOUND), ("s", "o"), strict=False):
        x, y = fit["kinks"]
        ax.plot(x, y, color=colour, linewidth=1.1)
        label = f"{fit['label']}:\n{len(x) - 2} kinks"
        ax.plot(x[1:-1], y[1:-1], color=colour, marker=marker, linestyle="", markersize=3.5, fillstyle="none", label=label)
    ax.plot(found["inputs"], found["targets"], color=INK, marker="x", linestyle="", markersize=4.5, label="examples")
    ax.set_xlabel("input")
    ax.set_ylabel("output")
    ax.set_xlim(-HALF, HALF)
    ax.legend(**BESIDE)


def plane_curves(measured: Measured) -> dict[str, Any]:
    """log10 of the loss around the residual solutions of the first seed at the depth that is mapped."""
    result: Result = next((result for cell, result in measured if cell.depth == MAPPED), {})
    return {"depth": MAPPED, **{name: result.get(f"residual {name}", {}).get("plane") for name in ACTIVATIONS}}


def draw_planes(ax: Axes, curves: Curves) -> None:
    """LeakyReLU next to tanh, on one scale."""
    found = curves["planes"]
    ax.set_axis_off()
    values = [np.array(found[name]) for name in ACTIVATIONS if found[name] is not None]
    if not values:
        return
    levels = np.linspace(min(part.min() for part in values), min(2.0, max(part.max() for part in values)) + 1e-9, 13)
    image = None
    for place, name in enumerate(ACTIVATIONS):
        if found[name] is None:
            continue
        inner = ax.inset_axes((0.06 + 0.46 * place, 0.18, 0.35, 0.7))
        image = inner.contourf(PLANE, PLANE, np.array(found[name]), levels=levels, cmap="cividis", extend="both")
        inner.contour(PLANE, PLANE, np.array(found[name]), levels=levels[::3], colors=INK, linewidths=0.4)
        inner.plot([0], [0], color="white", marker="+", markersize=6)
        inner.set_title(f"{LABELS[name]}, {found['depth']} layers", fontsize=7.5, fontweight="normal", loc="center")
        inner.set_xlabel("first direction", fontsize=7.5)
        inner.set_xticks([-1, 0, 1])
        inner.set_yticks([-1, 0, 1])
        if not place:
            inner.set_ylabel("second direction", fontsize=7.5)
    if image is not None:
        bar = ax.inset_axes((0.93, 0.18, 0.02, 0.7))
        colours = ax.figure.colorbar(image, cax=bar)
        colours.set_label("log10(loss)", fontsize=7.5)
        colours.set_ticks([math.ceil(levels[0]), math.floor(levels[-1])])


def interpolating_curves(interpolating: Measured) -> dict[str, Any]:
    """Of the seed with the most solutions: those of least and largest norm, and one between them."""
    cell, result = max(interpolating, key=lambda pair: sum(len(pair[1][name]) for name in ACTIVATIONS))
    solutions = sorted(({**one, "activation": name} for name in ACTIVATIONS for one in result[name]), key=lambda one: float(one["norm"]))
    chosen = sorted({0, len(solutions) // 2, len(solutions) - 1}) if solutions else []
    keys = ("norm", "test", "fit", "activation")
    return {
        "inputs": result["inputs"],
        "targets": result["targets"],
        "shown": [{key: solutions[place][key] for key in keys} for place in chosen],
        "layers": cell.depth,
    }


def draw_interpolating(ax: Axes, curves: Curves) -> None:
    """The fits, with their squared norms, the examples and the truth."""
    found = curves["interpolating"]
    ax.plot(GRID, truth(GRID), color=INK, linestyle="--", linewidth=0.9, label="truth")
    lines: tuple[Literal["-", "-.", ":"], ...] = ("-", "-.", ":")
    for one, colour, line in zip(found["shown"], (BOUND, BASELINE, RISK), lines, strict=False):
        label = f"{LABELS[one['activation']]}, squared\nnorm {one['norm'] ** 2:.0f}"
        ax.plot(GRID, one["fit"], color=colour, linestyle=line, linewidth=1.3, label=label)
    ax.plot(found["inputs"], found["targets"], color=INK, marker="x", linestyle="", markersize=4.5, label="examples")
    if not found["shown"]:
        ax.annotate("no solution interpolates", (0.5, 0.05), xycoords="axes fraction", ha="center", fontsize=7.5, color=GREY)
    ax.set_xlabel("input")
    ax.set_ylabel("output")
    ax.set_xlim(-HALF, HALF)
    ax.legend(**BESIDE)
