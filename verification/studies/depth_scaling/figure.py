"""The figure of the study."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

from genbounds.verification.report.drawing import BASELINE, BOUND, GREY, INK, RISK
from genbounds.verification.studies.depth_scaling.cell import LABELS, SCALED, SCALINGS, WINDOWED, tau
from genbounds.verification.studies.depth_scaling.judging import Measured, at, depths
from genbounds.verification.studies.phenomenon import Curves

LOOK: Mapping[str, tuple[str, str, Literal["-", "-.", ":"]]] = {
    "one": (RISK, "s", "-"),
    "fourth": (BASELINE, "^", "-."),
    "root": (BOUND, "o", "-"),
    "plain": (GREY, "D", ":"),
}
"""Colour, marker and line of each scaling."""


def output_curves(outputs: Measured) -> dict[str, Any]:
    """Means of the logarithms over the seeds by depth, and the theory's."""
    places = depths(outputs)

    def means(kind: str, name: str) -> list[float]:
        return [float(np.mean([result[kind][name]["ln_norm"] for result in at(outputs, depth)])) for depth in places]

    kinds = {kind: {name: means(kind, name) for name in SCALINGS} for kind in ("relu", "normalised")}
    theory = {name: [depth / 2 * math.log1p(2 * tau(name, depth) ** 2) for depth in places] for name in SCALED}
    return {"depth": places, "theory": theory, **kinds}


def draw_output(ax: Axes, curves: Curves) -> None:
    """ln of the norm against the depth: measured, with batch normalisation (hollow), and the theory's."""
    found = curves["output"]
    for name in SCALINGS:
        colour, marker, line = LOOK[name]
        ax.plot(found["depth"], found["relu"][name], color=colour, marker=marker, linestyle=line, markersize=4.5, linewidth=1.2)
        ax.plot(found["depth"], found["normalised"][name], color=colour, marker=marker, linestyle="", markersize=4.5, fillstyle="none")
        if name in SCALED:
            ax.plot(found["depth"], found["theory"][name], color=INK, linestyle="--", linewidth=0.9)
    ax.set_yscale("symlog", linthresh=1.0)
    _depth_axis(ax, found["depth"])
    ticks = [-10, -1, 0, 1, 10, 100]
    ax.yaxis.set_major_locator(FixedLocator(ticks))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.set_ylabel("ln(norm of output / of input)")
    _legend(ax, hollow="with batch norm.", dashed="theory")


def window_curves(measured: Measured) -> dict[str, Any]:
    """Geometric means over the seeds of the largest norm, and of the product of all 1 + tau ||W||."""
    found: dict[str, Any] = {"depth": depths(measured)}
    for key, flag in (("plain", False), ("normalised", True)):
        chosen = [pair for pair in measured if pair[0].normalised == flag]
        found[key] = {
            name: [float(np.exp(np.mean([np.log(result[name]["largest"]) for result in at(chosen, depth)]))) for depth in depths(chosen)]
            for name in WINDOWED
        }
        if not flag:
            found["bound"] = [
                float(np.exp(np.mean([result["root"]["ln_bound"] for result in at(chosen, depth)]))) for depth in depths(chosen)
            ]
    return found


def draw_windows(ax: Axes, curves: Curves) -> None:
    """The largest norm over all windows against the depth."""
    found = curves["windows"]
    for name in WINDOWED:
        colour, marker, line = LOOK[name]
        ax.plot(found["depth"], found["plain"][name], color=colour, marker=marker, linestyle=line, markersize=4.5, linewidth=1.2)
        ax.plot(found["depth"], found["normalised"][name], color=colour, marker=marker, linestyle="", markersize=4.5, fillstyle="none")
    ax.plot(found["depth"], found["bound"], color=INK, linestyle="--", linewidth=0.9)
    ax.set_yscale("log")
    ax.yaxis.set_minor_locator(NullLocator())
    _depth_axis(ax, found["depth"])
    ax.set_ylabel("largest spectral norm")
    _legend(ax, hollow="with batch norm.", dashed="Π(1 + τ||W||)", scalings=WINDOWED)


def training_curves(measured: Measured) -> dict[str, Any]:
    """Mean losses over the seeds at the largest depth, in windows of steps, so that minibatches do not hide the course."""
    deepest = depths(measured)[-1]
    found: dict[str, Any] = {"depth": deepest}
    for key, flag in (("plain", False), ("normalised", True)):
        results = at([pair for pair in measured if pair[0].normalised == flag], deepest)
        steps = len(results[0]["root"]["losses"])
        parts = np.array_split(np.arange(steps), max(1, min(20, steps // 3)))
        found["step"] = [float(part.mean() + 1) for part in parts]
        found[key] = {
            name: [float(np.mean([np.array(result[name]["losses"])[part].mean() for result in results])) for part in parts]
            for name in SCALINGS
        }
    return found


def draw_training(ax: Axes, curves: Curves) -> None:
    """Without normalisation."""
    _draw_losses(ax, curves["training"], "plain")
    _legend(ax, hollow=None, dashed="says nothing")


def draw_normalised_training(ax: Axes, curves: Curves) -> None:
    """With batch normalisation."""
    _draw_losses(ax, curves["training"], "normalised")


def _draw_losses(ax: Axes, found: Curves, key: str) -> None:
    for name in SCALINGS:
        colour, marker, line = LOOK[name]
        ax.plot(found["step"], found[key][name], color=colour, marker=marker, linestyle=line, markersize=3.5, linewidth=1.2)
    ax.axhline(math.log(10), color=INK, linestyle="--", linewidth=0.9)
    ax.set_ylim(0, 2.5)
    ax.set_xlabel(f"step of gradient descent (depth {found['depth']})")
    ax.set_ylabel("training loss (nats)")


def _depth_axis(ax: Axes, places: list[int]) -> None:
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator(places))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.set_xlabel("depth L (number of layers)")


def _legend(ax: Axes, hollow: str | None, dashed: str, scalings: tuple[str, ...] = SCALINGS) -> None:
    """Beside the panel, so that it never lies on the data."""
    handles = [
        Line2D(
            [], [], color=LOOK[name][0], marker=LOOK[name][1], linestyle=LOOK[name][2], markersize=4.5, linewidth=1.2, label=LABELS[name]
        )
        for name in scalings
    ]
    if hollow:
        handles.append(Line2D([], [], color=INK, marker="o", linestyle="", fillstyle="none", markersize=4.5, label=hollow))
    handles.append(Line2D([], [], color=INK, linestyle="--", linewidth=0.9, label=dashed))
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=7, handlelength=1.8, borderaxespad=0.2)
