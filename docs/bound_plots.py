"""A bound against the number of examples, in all its forms, compared with Clopper-Pearson at the same empirical risk.

A figure is drawn once: its file is named by a hash of what it shows, and a file that is there is left as it is.
"""

from __future__ import annotations

import functools
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

sys.path.insert(0, str(Path(__file__).parent))
from cases import DELTA, Case

from genbounds.bounds import Bound, Formula
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.bounds.holdout import clopper_pearson

POINTS = 40
STYLE = 2
"""Raised when the drawing changes, so that figures drawn before are drawn anew."""
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def plot(formula: Formula, case: Case, folder: Path) -> Path:
    """Draw the figure into ``folder`` unless it is there, and return its path."""
    data = curves(formula, case)
    named = json.dumps([STYLE, formula.name, matplotlib.__version__, data], sort_keys=True)
    stem = formula.name.replace(".", "-").replace("_", "-")
    path = folder / f"{stem}.{hashlib.sha256(named.encode()).hexdigest()[:12]}.svg"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"{stem}.*.svg"):
            old.unlink()
        _draw(data, formula, path)
    return path


def curves(formula: Formula, case: Case) -> dict[str, Any]:
    """What the figure shows: the sizes, a curve for each form with its label and line style, and the labels of the axes."""
    sizes = np.unique(np.round(np.geomspace(*case.sizes, POINTS)).astype(int)).tolist()
    found = []
    for form in formula.forms:
        label = formula.name if len(formula.forms) == 1 else f"{formula.name}, {formula.form_argument}={form!r}"
        values = [formula.value(**case.at(n), **({formula.form_argument: form} if len(formula.forms) > 1 else {})) for n in sizes]
        found.append(
            {"label": label, "values": [float(value) for value in values], "style": "-" if form == formula.declaration.form else "--"}
        )
    if case.risk is not None:
        gap = formula.bounds_on == EXPECTED_GAP
        delta = case.inputs.get("delta", DELTA)
        limits = [_limit(round(case.risk * n), n, delta) for n in sizes]
        label = f"Clopper-Pearson{' less the empirical risk' if gap else ''} ({float(case.risk):.0%} errors)"
        found.append({"label": label, "values": [limit - gap * float(case.risk) for limit in limits], "style": ":"})
    named = formula.bounds_on if isinstance(formula, Bound) else "capacity"
    return {
        "sizes": sizes,
        "curves": found,
        "x": case.size,
        "y": named,
        "trivial": formula.trivial if isinstance(formula.trivial, int) else None,
    }


@functools.cache
def _limit(errors: int, n: int, delta: Any) -> float:
    """The limit of Clopper and Pearson, which most figures show at the same sizes."""
    return float(clopper_pearson.value(errors=errors, n=n, delta=delta))


def _draw(data: dict[str, Any], formula: Formula, path: Path) -> None:
    figure, axes = plt.subplots(figsize=(6.4, 3.6))
    figure.subplots_adjust(left=0.13, right=0.98, top=0.97, bottom=0.15)
    for curve in data["curves"]:
        grey = {"color": "0.45"} if curve["style"] == ":" else {}
        axes.plot(data["sizes"], curve["values"], label=curve["label"], linestyle=curve["style"], **grey)
    if data["trivial"] is not None:
        axes.axhline(data["trivial"], color="0.8", linewidth=1, zorder=0)
    axes.set(xscale="log", yscale="log", xlabel=data["x"], ylabel=data["y"])
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(_power))
        axis.set_minor_formatter(NullFormatter())
        low, high = axis.get_view_interval()
        if high > 1000 * low:  # small ticks between so many powers tell little, and take half of the time of a figure
            axis.set_minor_locator(NullLocator())
    low, high = axes.get_ylim()
    if np.log10(high / low) < 1.5:  # one label or none would stand on the axis
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.legend(frameon=False, fontsize="small")
    axes.spines[["top", "right"]].set_visible(False)
    with matplotlib.rc_context({"svg.hashsalt": formula.name, "svg.fonttype": "none"}):
        figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def _power(value: float, _: Any) -> str:
    """A label of a logarithmic axis as plain text: mathematical text takes most of the time of a figure."""
    exponent = int(np.floor(np.log10(value) + 1e-9))
    leading = value / 10.0**exponent
    if -3 <= exponent <= 3:
        return f"{value:g}"
    power = f"10{str(exponent).translate(_RAISED)}"
    return power if abs(leading - 1) < 1e-6 else f"{leading:g}·{power}"
