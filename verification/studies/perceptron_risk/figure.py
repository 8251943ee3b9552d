"""The figure of the perceptron: mistakes against (R/gamma)^2, risks with their bounds, and mistakes where labels are flipped."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from genbounds.verification.report.drawing import BASELINE, BOUND, INK, RISK
from genbounds.verification.studies.phenomenon import Curves, Panel

_POOLS = (("separable", "points on a sphere", BOUND, "o"), ("digits_0_vs_rest", "digit 0 against the rest", RISK, "s"))


def draw_mistakes(axes: Axes, curves: Curves) -> None:
    """Most mistakes of any run against the bound."""
    basis = curves["basis"]
    axes.plot(basis["bound"], basis["mistakes"], "^", color=BASELINE, markersize=5, label="basis vectors")
    for name, label, colour, marker in _POOLS:
        axes.plot([curves[name]["ratio"]], [curves[name]["most"]], marker, color=colour, markersize=5, label=label)
    ends = [min(basis["bound"]), max(*basis["bound"], *(curves[name]["ratio"] for name, *_ in _POOLS))]
    axes.plot(ends, ends, color=INK, linewidth=0.9, linestyle="--", label=r"bound $(R/\gamma)^2$")
    axes.set(xscale="log", yscale="log", xlabel=r"$(R/\gamma)^2$ (number of mistakes allowed)", ylabel="most mistakes in a run")
    axes.legend(fontsize=7, frameon=False, loc="upper left")


def draw_risks(axes: Axes, curves: Curves) -> None:
    """Expected risks and bounds against n."""
    for name, label, colour, marker in _POOLS:
        one, last = curves[name]["one"], curves[name]["all"]
        axes.plot(
            one["n"],
            one["bound"],
            color=INK,
            linewidth=0.9,
            linestyle="--",
            label=r"bounds $(R/\gamma)^2/n$" if name == "separable" else None,
        )
        axes.annotate(
            label,
            (one["n"][-1], one["bound"][-1]),
            xytext=(0, 4 if name != "separable" else -11),
            textcoords="offset points",
            ha="right",
            fontsize=7,
        )
        axes.plot(one["n"], one["risk"], color=colour, marker=marker, markersize=4, label=f"{label}, random iterate")
        shown = np.array([value if value > 0 else np.nan for value in last["risk"]])
        axes.plot(
            last["n"],
            shown,
            color=colour,
            marker=marker,
            markersize=4,
            markerfacecolor="white",
            linestyle=":",
            label=f"{label}, last weights",
        )
    axes.set(xscale="log", yscale="log", xlabel="n (number of examples)", ylabel="expected risk")
    axes.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(0.0, -0.24), ncols=2, columnspacing=1.0, handletextpad=0.5)


def draw_noisy(axes: Axes, curves: Curves) -> None:
    """Mistakes and bounds against the share of flipped labels."""
    noisy = curves["noisy"]
    looks = (
        ("freund_schapire", "bound of Freund and Schapire", BOUND, "o", "-"),
        ("hinge", "bound by the hinge loss", BASELINE, "^", "-."),
        ("mistakes", "mistakes", RISK, "s", "none"),
    )
    for key, label, colour, marker, line in looks:
        mean, low, high = np.array(noisy[key]).T
        spread = [mean - low, high - mean]
        axes.errorbar(
            noisy["noise"], mean, yerr=spread, color=colour, marker=marker, markersize=4, linestyle=line, elinewidth=0.8, label=label
        )
    axes.axhline(noisy["length"], color=INK, linewidth=0.9, linestyle="--")
    axes.annotate(
        "length of the sequence",
        (0.0, noisy["length"]),
        xycoords=("axes fraction", "data"),
        xytext=(3, 2),
        textcoords="offset points",
        fontsize=7,
    )
    axes.set(yscale="log", xlabel="share of labels flipped", ylabel="number of mistakes")
    axes.set_xticks(noisy["noise"], [f"{share:g}" for share in noisy["noise"]])
    axes.legend(fontsize=7, frameon=False, loc="lower right")


PANELS = (
    Panel(r"Mistakes: the bound is attained on basis vectors", draw_mistakes, 2.4),
    Panel("Expected risk, and the two bounds on it", draw_risks, 3.0),
    Panel("Labels flipped at random: no margin is left", draw_noisy, 2.4),
)
