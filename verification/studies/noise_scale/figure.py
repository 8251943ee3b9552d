"""The figure of the noise scale: test error against batch size, the best batch sizes, and the schedules."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from genbounds.verification.report.drawing import BASELINE, BOUND, GREY, INK, RISK
from genbounds.verification.studies.phenomenon import Curves, Panel

_LOOKS = ((BOUND, "o", "-"), (BASELINE, "^", "-."), (RISK, "s", ":"), (GREY, "D", "-"))


def draw_sweeps(axes: Axes, curves: Curves) -> None:
    """Mean test errors for each rate."""
    for line, (colour, marker, style) in zip(curves["sweeps"], _LOOKS, strict=False):
        axes.plot(
            curves["batches"], line["error"], color=colour, marker=marker, markersize=4, linestyle=style, label=f"rate {line['rate']:g}"
        )
    axes.set(xlabel="B (examples in a batch)", ylabel="test error")
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_yticks([0.15, 0.2, 0.3, 0.5, 0.9], ["0.15", "0.2", "0.3", "0.5", "0.9"])
    axes.minorticks_off()
    axes.set_xticks(curves["batches"], [f"{batch}" for batch in curves["batches"]])
    axes.legend(fontsize=7, frameon=False, loc="upper right")


def draw_best(axes: Axes, curves: Curves) -> None:
    """Best batch sizes against the three quantities, each over its least value, and lines of slope 1."""
    names = {"rate": r"learning rate $\epsilon$", "examples": "number of examples N", "momentum": "1/(1 - m)"}
    for (name, label), (colour, marker, style) in zip(names.items(), _LOOKS, strict=False):
        line = curves["best"][name]
        x = np.array(line["value"]) / line["value"][0]
        axes.plot(x, line["batch"], color=colour, marker=marker, markersize=4, linestyle=style, label=label)
        axes.plot(x, line["batch"][0] * x, color=INK, linewidth=0.8, linestyle="--")
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    axes.set_xticks([1, 2, 4, 8], ["1", "2", "4", "8"])
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set(xlabel="quantity, over its least value", ylabel="best B (examples in a batch)")
    axes.legend(fontsize=7, frameon=False, loc="upper left")


def draw_schedules(axes: Axes, curves: Curves) -> None:
    """Test errors over the epochs."""
    names = {"decay": "rate divided by 4", "growth": "batch size times 4", "constant": "neither"}
    for (name, label), (colour, marker, style) in zip(names.items(), _LOOKS, strict=False):
        line = curves["schedules"][name]
        axes.plot(
            line["epoch"],
            line["error"],
            color=colour,
            marker=marker,
            markersize=4,
            linestyle=style,
            label=f"{label}, {line['steps']} steps",
        )
    end = curves["schedules"]["decay"]["epoch"][-1]
    for stage in (1, 2):
        axes.axvline(end * stage / 3, color=INK, linewidth=0.8, linestyle="--")
    axes.set(xlabel="epochs", ylabel="test error", ylim=(0, None))
    axes.legend(fontsize=7, frameon=False, loc="lower right")


PANELS = (
    Panel("Test error against batch size at fixed learning rates", draw_sweeps, 2.5),
    Panel("The best batch size compared with proportionality", draw_best, 2.5),
    Panel("A growing batch instead of a falling rate", draw_schedules, 2.4),
)
