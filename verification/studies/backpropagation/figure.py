"""The three panels of the study of backpropagation."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator

from genbounds.verification.report.drawing import BASELINE, BOUND, GREY, INK, RISK
from genbounds.verification.studies.phenomenon import Curves, Panel

_SMALL = 7.5


def draw_backward(ax: Axes, curves: Curves) -> None:
    """||delta|| against the number of layers passed, for four chains."""
    found = curves["backward"]
    kinds = (
        ("relu dense 2.0", BASELINE, "D", "ReLU, variance 4/width"),
        ("sigmoid residual unit", BOUND, "o", "residual sigmoid, ||W|| = 1"),
        ("sigmoid dense 1.0", GREY, "^", "sigmoid, variance 1/width"),
        ("sigmoid dense unit", RISK, "s", "sigmoid, ||W|| = 1"),
    )
    for name, colour, marker, label in kinds:
        ax.plot(found[name]["deltas"], color=colour, marker=marker, markersize=4, markevery=5, linewidth=1.2, label=label)
    residual = found["sigmoid residual unit"]
    ax.plot(residual["upper"], color=INK, linestyle=":", linewidth=1, label="bounds of the residual chain")
    ax.plot(residual["lower"], color=INK, linestyle=":", linewidth=1)
    layers = np.arange(len(residual["upper"]))
    ax.plot(layers, 0.25**layers, color=INK, linestyle="--", linewidth=1, label=r"$0.25^k$")
    ax.set_yscale("log")
    _few(ax)
    ax.set_xlabel("layers passed, k (number, from the output down)")
    ax.set_ylabel(r"$\|\delta\|$ (1 at the output)")
    ax.legend(frameon=False, fontsize=_SMALL, loc="lower left")


def draw_forward(ax: Axes, curves: Curves) -> None:
    """||z|| of sigmoid chains of norm 1, and its bounds from the layer before."""
    found = curves["forward"]["sigmoid dense unit"]
    layers = np.arange(1, len(found["forward"]) + 1)
    ax.plot(layers, found["forward"], color=BOUND, marker="o", markersize=4, markevery=5, label=r"bound with $\|\sigma(0)\|$")
    ax.plot(layers, found["values"][1:], color=RISK, marker="s", markersize=4, markevery=5, label="measured")
    ax.plot(layers, found["without"], color=INK, linestyle="--", linewidth=1, label=r"without $\|\sigma(0)\|$: false here")
    ax.set_ylim(0, 1.6 * max(found["forward"]))
    ax.set_xlabel("layer (number, from the input up)")
    ax.set_ylabel(r"$\|z\|$ (no unit)")
    ax.legend(frameon=False, fontsize=_SMALL, loc="upper right", ncols=2)


def draw_powers(ax: Axes, curves: Curves) -> None:
    """||A^L u|| and lambda^L."""
    for (radius, logs), colour, marker in zip(curves["powers"].items(), (RISK, BASELINE, BOUND), ("s", "D", "o"), strict=True):
        layers = np.arange(len(logs))
        ax.plot(layers, np.exp(logs), color=colour, marker=marker, markersize=4, markevery=10, label=rf"$\lambda$ = {radius}")
        last = radius == list(curves["powers"])[-1]
        ax.plot(layers, float(radius) ** layers, color=INK, linestyle="--", linewidth=1, label=r"$\lambda^L$" if last else None)
    ax.set_yscale("log")
    _few(ax)
    ax.set_xlabel("L (number of factors)")
    ax.set_ylabel(r"$\|A^L u\|$ (no unit)")
    ax.legend(frameon=False, fontsize=_SMALL, loc="upper left")


def _few(ax: Axes) -> None:
    ax.yaxis.set_major_locator(LogLocator(numticks=6))
    ax.yaxis.set_minor_locator(NullLocator())


PANELS = (
    Panel("Gradients through 30 layers", draw_backward, 3.4),
    Panel("Forwards through a sigmoid chain, ||W|| = 1", draw_forward, 2.2),
    Panel("Powers of a random matrix", draw_powers),
)
