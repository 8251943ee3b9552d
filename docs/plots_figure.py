"""The figure of docs/plots.md, from a report: ``python docs/plots_figure.py report/report.json`` writes docs/_static/plots.svg."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from genbounds.bounds.holdout import occam_binomial
from genbounds.verification.plots import bound_against_n, code_lengths, coverage, frontier, margins, resolution
from genbounds.verification.report.drawing import picture
from genbounds.verification.report.read import read_of_today
from genbounds.verification.rows.report import Report

FIGURE = Path(__file__).with_name("_static") / "plots.svg"
DELTA = 0.05


def against_n(ax: Axes, report: Report) -> None:
    """The bounds of the learning curves."""
    curves = next(row.curves for row in report.curves if row.study == "learning_curves")
    bounds = {"norms": curves["bounds"]["norms"], "VC dimension": curves["bounds"]["agnostic"]}
    bound_against_n(ax, curves["bounds"]["n"], bounds, risk=curves["clean"]["risk"], delta=DELTA)


def checked(ax: Axes, report: Report) -> None:
    """The first four coverage checks."""
    rows = report.coverages[:4]
    coverage(ax, rows, [f"{row.bound}\n{row.draws} draws" for row in rows], legend=False)


def resolutions(ax: Axes, report: Report) -> None:
    """Four bounds, with a ring for each trial that has a resolution."""
    names = ("holdout.hoeffding", "holdout.clopper_pearson", "vc.sauer", "pac_bayes.mcallester1999")
    resolution(ax, {name: [row.resolution for row in report.trials if row.bound == name and row.judged] for name in names})


def of_networks(ax: Axes, report: Report) -> None:
    """True and random labels."""
    found = next(row.curves for row in report.curves if row.study == "random_labels")["conditions"]
    margins(ax, {name: found[name]["margins"] for name in ("true labels", "random labels")}, at=4.0)


def spent(ax: Axes, report: Report) -> None:
    """Certificates on digits of up to 2000 examples."""
    rows = [row for row in report.bounds if row.population == "digits" and row.n <= 2000 and not (row.violated or row.certificate.vacuous)]
    families = {"holdout": "held out", "pac_bayes": "PAC-Bayes"}
    frontier(ax, {label: [(row.n, row.certificate) for row in rows if row.family == name] for name, label in families.items()})


def compressed(ax: Axes, report: Report) -> None:
    """Four networks that a code makes longer, and that err less."""
    networks = [(100, 600), (300, 260), (600, 120), (1200, 80)]
    found = [occam_binomial(errors=errors, n=6000, log_inverse_prior=bits * math.log(2), delta=DELTA) for bits, errors in networks]
    code_lengths(ax, [bits for bits, _ in networks], [errors / 6000 for _, errors in networks], found, n=6000, delta=DELTA, legend=False)


PANELS: dict[str, Callable[[Axes, Report], None]] = {
    "bound_against_n": against_n,
    "coverage": checked,
    "resolution": resolutions,
    "margins": of_networks,
    "frontier": spent,
    "code_lengths": compressed,
}


def draw(report: Report) -> Figure:
    """A panel for each function, under its name."""
    figure = Figure(figsize=(8.0, 8.4), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, (name, panel) in zip(figure.subplots(3, 2).flat, PANELS.items(), strict=True):
        panel(axes, report)
        axes.set_title(name)
    return figure


if __name__ == "__main__":
    found, left_out = read_of_today(sys.argv[1])
    sys.stderr.writelines(f"{line}\n" for line in left_out)
    FIGURE.write_bytes(picture("plots", lambda: draw(found), "", "", outlines=True).svg)
