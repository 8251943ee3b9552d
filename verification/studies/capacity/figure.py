"""The figure of the study ``capacity``: five panels, each a function of its axes and of the stored curves."""

from __future__ import annotations

from matplotlib.axes import Axes

from genbounds.verification.report.drawing import BASELINE, BOUND, GREY, INK, RISK
from genbounds.verification.studies.phenomenon import Curves, Panel

PURPLE = "#CC79A7"
SMALL = {"fontsize": 7, "frameon": False}


def draw_weak(ax: Axes, curves: Curves) -> None:
    """The mean and the median risk of least squares on p Gaussian features, compared with the exact mean."""
    weak = curves["weak"]
    theory = [(p + 1, risk) for p, risk in enumerate(weak["theory"])]
    for part in ([one for one in theory if one[0] < weak["n"]], [one for one in theory if one[0] > weak["n"]]):
        shown = [(p, risk) for p, risk in part if risk is not None]
        ax.plot(*zip(*shown, strict=True), "--", color=INK, linewidth=1.2, label="exact mean" if shown[0][0] < weak["n"] else None)
    ax.plot(weak["p"], weak["mean"], "o", color=RISK, markersize=4.5, label="mean of the fits")
    ax.plot(weak["p"], weak["median"], "s", color=BASELINE, markersize=4, fillstyle="none", label="median of the fits")
    ax.set_yscale("log")
    ax.set_ylim(0.5, 60)
    ax.set_yticks([0.5, 1, 2, 5, 10, 50], ["0.5", "1", "2", "5", "10", "50"])
    ax.minorticks_off()
    ax.set_xlabel(f"p (number of features; {weak['n']} examples)")
    ax.set_ylabel("risk (squared error)")
    ax.legend(loc="upper right", **SMALL)


def draw_features(ax: Axes, curves: Curves) -> None:
    """Training error, risk, squared bias and variance of random features against their number."""
    found = curves["features"]
    styles = {"risk": ("o", RISK, "-", "risk"), "variance": ("s", BOUND, ":", "variance"), "bias": ("^", BASELINE, "-.", "squared bias")}
    styles["train"] = ("v", GREY, "-", "training error")
    for name, (marker, colour, line, label) in styles.items():
        places = [(share, value) for share, value in zip(found["share"], found[name], strict=True) if value > 1e-3]
        ax.plot(*zip(*places, strict=True), marker=marker, color=colour, linestyle=line, markersize=4, linewidth=1, label=label)
    ax.axvline(1.0, color=INK, linestyle="--", linewidth=1)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xticks([0.1, 0.3, 1, 3, 10], ["0.1", "0.3", "1", "3", "10"])
    ax.minorticks_off()
    ax.set_ylim(0.01, None)
    ax.set_xlabel("number of features over number of examples")
    ax.set_ylabel("squared error")
    ax.legend(loc="upper right", **SMALL)


def draw_networks(ax: Axes, curves: Curves) -> None:
    """Training and test error of networks, and where parameters equal examples."""
    colours = ((BOUND, "o"), (RISK, "s"))
    for (share, found), (colour, marker) in zip(curves["networks"].items(), colours, strict=False):
        words = "true labels" if float(share) == 0 else f"{float(share):.0%} drawn anew"
        ax.plot(curves["widths"], found["test"], "-", color=colour, marker=marker, markersize=4.5, label=f"test, {words}")
        ax.plot(
            curves["widths"], found["train"], ":", color=colour, marker=marker, fillstyle="none", markersize=4.5, label=f"training, {words}"
        )
    ax.axvline(curves["threshold"], color=INK, linestyle="--", linewidth=1)
    _widths(ax, curves)
    ax.set_ylim(-0.01, 1.35 * max(max(found["test"]) for found in curves["networks"].values()))
    ax.set_ylabel("error (share of digits)")
    ax.legend(loc="upper right", ncols=2, **SMALL)


def draw_bounds(ax: Axes, curves: Curves) -> None:
    """The examples at which each bound would say something."""
    styles = (("o", BOUND, "-"), ("s", RISK, "-."), ("^", BASELINE, ":"), ("D", PURPLE, "-"))
    for (name, needed), (marker, colour, line) in zip(curves["needed"].items(), styles, strict=False):
        shown = [(width, one) for width, one in zip(curves["widths"], needed, strict=True) if one is not None]
        if shown:
            ax.plot(*zip(*shown, strict=True), marker=marker, color=colour, linestyle=line, markersize=4.5, linewidth=1, label=name)
    ax.axhline(curves["n"], color=INK, linestyle="--", linewidth=1, label=f"there are {curves['n']}")
    ax.set_yscale("log")
    _widths(ax, curves)
    low, high = ax.get_ylim()
    ax.set_ylim(low / 2, high**1.35 if high < 1e12 else 1e21)
    ax.set_ylabel("examples needed (number of)")
    ax.legend(loc="upper left", ncols=2, **SMALL)


def draw_ratio(ax: Axes, curves: Curves) -> None:
    """Parameters per example where n = p^2, with the errors written next to the points."""
    found = curves["ratio"]
    last = max(found["depth"])
    ax.plot([0, last + 1], [0, last + 1], "--", color=INK, linewidth=1, label="the depth itself")
    ax.plot(found["depth"], found["ratio"], "o", color=BOUND, markersize=5, label="parameters per example")
    for depth, ratio, test in zip(found["depth"], found["ratio"], found["test"], strict=True):
        ax.annotate(f"test error {test:.3f}", (depth, ratio), xytext=(8, -9), textcoords="offset points", fontsize=7)
    ax.set_xlim(0, last + 2.5)
    ax.set_ylim(0, last + 2)
    ax.set_xlabel(f"depth (number of hidden layers of {found['side']} units; {found['side'] ** 2} examples)")
    ax.set_ylabel("ratio")
    ax.legend(loc="upper left", **SMALL)


def _widths(ax: Axes, curves: Curves) -> None:
    ax.set_xscale("log")
    shown = [width for width in curves["widths"] if width & (width - 1) == 0]
    ax.set_xticks(shown, [str(width) for width in shown])
    ax.minorticks_off()
    ax.set_xlabel("width (number of hidden units)")


PANELS = (
    Panel("Least squares on p of 100 Gaussian features", draw_weak, 2.5),
    Panel("Random ReLU features: bias and variance", draw_features, 2.5),
    Panel("Networks on digits, odd against even", draw_networks, 2.5),
    Panel("Examples needed until a bound falls below 1", draw_bounds, 2.5),
    Panel("Parameters per example with n = p²", draw_ratio, 2.0),
)
