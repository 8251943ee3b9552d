"""The two panels of the figure: the least gradients that were found, and the losses of training."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from genbounds.verification.report.drawing import BASELINE, BOUND, INK, RISK
from genbounds.verification.studies.linear_residual.networks import theory
from genbounds.verification.studies.phenomenon import Curves, Panel

COLOURS = ((BOUND, "o"), (BASELINE, "s"), (RISK, "^"))


def _draw_least(ax: Axes, curves: Curves) -> None:
    for (depth, found), (colour, marker) in zip(curves["least"].items(), COLOURS, strict=False):
        ax.plot(found["tau"], found["random"], marker, color=colour, markersize=5, fillstyle="none", label=f"L = {depth}, at random")
        ax.plot(found["tau"], found["attained"], "x", color=colour, markersize=5, label=f"L = {depth}, attained")
        ax.plot(found["tau"], found["searched"], marker, color=colour, markersize=5, label=f"L = {depth}, least found")
        tau = np.linspace(0, max(found["tau"]), 50)
        ax.plot(tau, [theory(int(depth), one) for one in tau], "--", color=INK, linewidth=1)
    ax.set_yscale("log")
    ax.set_ylim(top=30)  # room for the legend
    ax.set_xlabel("tau: the largest spectral norm of a block")
    ax.set_ylabel("squared gradient over 4 L s f")
    ax.legend(fontsize=7, frameon=False, ncols=3, loc="upper center", columnspacing=1.0, handletextpad=0.3)


def _draw_losses(ax: Axes, curves: Curves) -> None:
    for (depth, found), (colour, marker) in zip(curves["losses"].items(), COLOURS, strict=False):
        steps = [10 * place for place in range(len(found["residual"]))]
        ax.plot(steps, found["residual"], color=colour, marker=marker, markevery=5, markersize=4, label=f"L = {depth}, residual")
        ax.plot(
            steps, found["plain"], color=colour, linestyle=":", marker=marker, markevery=5, markersize=4, label=f"L = {depth}, standard"
        )
    ax.set_yscale("log")
    ax.set_xlabel("step of gradient descent (number of steps)")
    ax.set_ylabel("loss over the first loss")
    ax.legend(fontsize=7, frameon=False, ncols=1)


PANELS = (Panel("The gradient compared with the loss", _draw_least, 3.0), Panel("Training from blocks near 0", _draw_losses, 2.8))
