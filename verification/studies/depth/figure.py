"""The four panels of the study of depth."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, LogLocator, NullLocator

from genbounds.verification.report.drawing import BASELINE, BOUND, GREY, INK, RISK
from genbounds.verification.studies.phenomenon import Curves, Panel

_SMALL = 7.5


def draw_trained(ax: Axes, curves: Curves) -> None:
    """Bounds and risk of trained networks against depth, with B^L through the second point."""
    found = curves["trained"]
    depth = np.array(found["depth"])
    ax.plot(depth, found["complexity_2015"], color=GREY, marker="^", markersize=4, linestyle=":", label="complexity term, 2015")
    ax.plot(depth, found["bound"], color=BOUND, marker="o", markersize=4, label="norm-product bound (2018)")
    ax.plot(depth, found["risk"], color=RISK, marker="s", markersize=4, label="risk")
    norm = float(np.exp(np.mean(np.log(found["layer_norm"][1:]))))
    ax.plot(
        depth[1:],
        found["bound"][1] * norm ** (depth[1:] - depth[1]),
        color=INK,
        linestyle="--",
        linewidth=1,
        label=f"$B^L$, B = {norm:.1f}",
    )
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(numticks=6))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.set_xticks(depth)
    ax.set_xlabel("depth L (number of weight matrices)")
    ax.set_ylabel("probability of error")
    ax.legend(frameon=False, fontsize=_SMALL)


def draw_searched(ax: Axes, curves: Curves) -> None:
    """Factors over the linear bound at one product of norms."""
    found = curves["searched"]
    depth, unit = np.array(found["depth"]), np.array(found["unit"])
    ax.plot(depth, np.array(found["bound_2015"]) / unit, color=GREY, linestyle=":", marker="^", markersize=4, label=r"2015: $2^{L-1}$")
    bound = np.array(found["printed_2018"]) / unit
    ax.plot(depth, bound, color=BOUND, marker="o", markersize=4, label=r"2018: $1 + \sqrt{2 L \ln 2}$")
    ax.plot(depth, np.array(found["found"]) / unit, color=RISK, marker="s", markersize=4, label="found by search (a lower bound)")
    ax.axhline(1, color=INK, linestyle="--", linewidth=1, label="bound of linear rules")
    _log_axes(ax)
    ax.xaxis.set_major_locator(FixedLocator(depth.tolist()))
    ax.set_xticklabels([str(one) for one in depth])
    ax.set_xlabel("depth L (number of weight matrices)")
    ax.set_ylabel("complexity over\n" + r"$\|X\|_F / n$ (no unit)")
    ax.legend(frameon=False, fontsize=_SMALL, loc="upper left")


def draw_built(ax: Axes, curves: Curves) -> None:
    """Shattered points and the upper bound, with W L log2 W."""
    found = curves["built"]
    size = np.array(found["size"])
    ax.plot(size, found["upper"], color=BOUND, marker="o", markersize=4, linestyle="none", label="upper bound")
    ax.plot(size, size, color=INK, linestyle="--", linewidth=1, label=r"$W L \log_2 W$")
    ax.plot(size, found["lower"], color=BASELINE, marker="D", markersize=4, linestyle="none", label="shattered by construction")
    _log_axes(ax)
    ax.set_xlabel(r"$W L \log_2 W$ (W parameters, L layers)")
    ax.set_ylabel("VC dimension\n(number of points)")
    ax.legend(frameon=False, fontsize=_SMALL)


def draw_table(ax: Axes, curves: Curves) -> None:
    """The notes' table against depth; each rate dashed through the last point of its kind."""
    found = curves["table"]
    layers = found["layers"]
    kinds = (
        ("piecewise polynomial", RISK, "s", r"piecewise polynomial: $WL\log W + WL^2$"),
        ("piecewise linear", BOUND, "o", r"piecewise linear: $WL\log W$"),
        ("threshold", BASELINE, "D", r"threshold: $W\log W$"),
    )
    for kind, colour, marker, label in kinds:
        ax.plot(layers, found[kind], color=colour, marker=marker, markersize=4, linestyle="none", label=label)
        rate = np.array(found[f"rate of {kind}"])
        ax.plot(layers, rate * found[kind][-1] / rate[-1], color=INK, linestyle="--", linewidth=1)
    _log_axes(ax)
    ax.set_ylim(top=ax.get_ylim()[1] * 1e3)
    ax.xaxis.set_major_locator(FixedLocator(layers))
    ax.set_xticklabels([str(one) for one in layers])
    ax.set_xlabel("depth L (number of layers, 20 units each)")
    ax.set_ylabel("bound on the\nVC dimension (points)")
    ax.legend(frameon=False, fontsize=_SMALL, loc="upper left")


def _log_axes(ax: Axes) -> None:
    ax.set_xscale("log")
    ax.set_yscale("log")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(numticks=6))
        axis.set_minor_locator(NullLocator())


PANELS = (
    Panel("Trained networks: bounds grow like B^L, the risk does not", draw_trained),
    Panel("One product of norms: the class against its bounds", draw_searched),
    Panel("Piecewise linear networks: VC dimension from both sides", draw_built),
    Panel("Upper bounds on the VC dimension by kind of unit", draw_table),
)
