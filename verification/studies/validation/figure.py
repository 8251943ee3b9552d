"""The figure of the study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

from genbounds.verification.report.drawing import BASELINE, BOUND, GREY, INK, RISK
from genbounds.verification.studies.phenomenon import Curves
from genbounds.verification.studies.validation.cell import BOUNDS
from genbounds.verification.studies.validation.judging import Measured
from genbounds.verification.studies.validation.reusing import FALSE, SOUND

BESIDE: Mapping[str, Any] = {
    "loc": "upper left",
    "bbox_to_anchor": (1.0, 1.0),
    "frameon": False,
    "fontsize": 7,
    "handlelength": 1.8,
    "borderaxespad": 0.2,
}
"""A legend beside the panel never lies on the data."""
LINES: tuple[Literal["-", "--", "-.", ":"], ...] = ("-", "--", "-.", ":")


def search_curves(measured: Measured) -> dict[str, Any]:
    """The first seed's candidates from the best to the worst: risks, and errors and bounds from one validation sample."""
    result = measured[0][1]
    order = np.argsort(result["risks"], kind="stable").tolist()
    found = {name: [result[name][place] for place in order] for name in ("risks", "first", "second")}
    return {**found, "bounds": {name: [result["bounds"][name][place] for place in order] for name in BOUNDS}}


def draw_bounds(ax: Axes, curves: Curves) -> None:
    """Bounds and validation errors of the candidates, less their risks."""
    found = curves["search"]
    rank, risks = np.arange(1, len(found["risks"]) + 1), np.array(found["risks"])
    for name, colour, line in zip(BOUNDS, (GREY, BASELINE, BOUND, BOUND), LINES, strict=True):
        ax.plot(rank, np.array(found["bounds"][name]) - risks, color=colour, linestyle=line, linewidth=1.2, label=name)
    ax.plot(
        rank,
        np.array(found["first"]) - risks,
        color=RISK,
        marker="o",
        linestyle="",
        markersize=3,
        fillstyle="none",
        label="validation\nerror",
    )
    ax.axhline(0.0, color=INK, linestyle="--", linewidth=0.9, label="risk (exact)")
    ax.set_xlabel(f"candidate (in the order of risks, from {risks[0]:.2f} to {risks[-1]:.2f})")
    ax.set_ylabel("share of errors\nminus the risk")
    ax.legend(**BESIDE)


def reuse_curves(measured: Measured) -> dict[str, Any]:
    """Means over the seeds by the number of models asked about."""
    names = ("reported", "second")
    found: dict[str, Any] = {name: np.mean([result[name] for _, result in measured], axis=0).tolist() for name in names}
    found["values"] = {name: np.mean([result["values"][name] for _, result in measured], axis=0).tolist() for name in (*FALSE, *SOUND)}
    found["ladder"] = float(np.mean([result["ladder"]["value"] for _, result in measured]))
    return {**found, "asked": [count + 1 for count in measured[0][0].classifiers]}


def draw_reuse(ax: Axes, curves: Curves) -> None:
    """Reported error, risk and bounds as the test set is asked about more models."""
    found = curves["reuse"]
    looks = {
        FALSE[0]: (GREY, ":", "fixed model\n(false here)"),
        FALSE[1]: (GREY, "-.", "fixed list\n(false here)"),
        SOUND[0]: (BASELINE, "-", "adaptive,\nall counts"),
        SOUND[1]: (BOUND, "-", "adaptive,\none bit each"),
    }
    for name, (colour, line, label) in looks.items():
        ax.plot(found["asked"], found["values"][name], color=colour, linestyle=line, linewidth=1.3, label=label)
    ax.plot(found["asked"][-1:], [found["ladder"]], color=BOUND, marker="D", linestyle="", markersize=4.5, label="Ladder")
    ax.plot(found["asked"], found["reported"], color=RISK, marker="o", markersize=4, linewidth=1.2, label="reported error")
    ax.plot(found["asked"], found["second"], color=RISK, marker="s", linestyle="", markersize=4, fillstyle="none", label="second set")
    ax.axhline(0.5, color=INK, linestyle="--", linewidth=0.9, label="risk")
    ax.set_xscale("log")
    _plain(ax.xaxis, found["asked"])
    ax.set_ylim(0.3, 1.02)
    ax.set_xlabel("models that the test set was asked about")
    ax.set_ylabel("share of errors")
    ax.legend(**BESIDE)


def draw_second(ax: Axes, curves: Curves) -> None:
    """Each candidate's error on two test sets."""
    found = curves["search"]
    ax.plot(found["first"], found["second"], color=RISK, marker="o", linestyle="", markersize=3.5, fillstyle="none", label="candidate")
    ax.plot([0.02, 1], [0.02, 1], color=INK, linestyle="--", linewidth=0.9, label="equal")
    ax.set_xscale("log")
    ax.set_yscale("log")
    for axis in (ax.xaxis, ax.yaxis):
        _plain(axis, [0.02, 0.05, 0.1, 0.2, 0.5, 1])
    ax.set_xlabel("error on the first test set")
    ax.set_ylabel("error on the second")
    ax.legend(**BESIDE)


def _plain(axis: Any, ticks: list[float]) -> None:
    """A few ticks with plain numbers."""
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(StrMethodFormatter("{x:g}"))
