"""The figure of normalisation: condition numbers against the mean."""

from __future__ import annotations

from matplotlib.axes import Axes

from genbounds.verification.report.drawing import BASELINE, BOUND, GREY, INK, RISK
from genbounds.verification.studies.phenomenon import Curves, Panel

_LOOKS = (
    ("layer", "layer", GREY, "D", 7.5),
    ("group", "group", BASELINE, "^", 5.5),
    ("batch", "batch", BOUND, "o", 3.5),
    ("none", "not normalised", RISK, "s", 4.0),
)
"""Larger markers lie below smaller ones, since curves agree."""


def draw_features(axes: Axes, curves: Curves) -> None:
    """A linear head: a common mean, and a mean for each feature."""
    common, distinct = curves["features, common"], curves["features, distinct"]
    for kind, label, colour, marker, size in _LOOKS:
        axes.plot(curves["scales"], common[kind], color=colour, marker=marker, markersize=size, label=label)
        (line,) = axes.plot(curves["scales"], distinct[kind], color=colour, marker=marker, markersize=size, linestyle=":")
        line.set_markerfacecolor("none")
    axes.plot(curves["scales"], curves["theory"], color=INK, linewidth=1.0, linestyle="--", label=r"$\sqrt{1 + d\mu^2}$")
    _finish(axes, curves)


def draw_network(axes: Axes, curves: Curves) -> None:
    """A network of one hidden layer."""
    for kind, label, colour, marker, size in _LOOKS:
        axes.plot(curves["scales"], curves["network, common"][kind], color=colour, marker=marker, markersize=size, label=label)
    _finish(axes, curves)


def _finish(axes: Axes, curves: Curves) -> None:
    positive = [scale for scale in curves["scales"] if scale > 0]
    axes.set_xscale("symlog", linthresh=min(positive))
    axes.set_yscale("log")
    axes.set_xticks([0, *positive], [f"{scale:g}" for scale in (0, *positive)])
    axes.set(xlabel=r"mean $\mu$ of the features (standard deviations)", ylabel="condition number")
    axes.legend(fontsize=7, frameon=False, loc="upper left")


PANELS = (
    Panel("Linear head: a common mean (solid), distinct means (dotted)", draw_features, 2.7),
    Panel("Network: normalised before the activation", draw_network, 2.5),
)
