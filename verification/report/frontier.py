"""The frontier of compression: what each network costs in bits, its errors on the sample, and what both certify."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from genbounds.bounds.special.rounding import decimal_up
from genbounds.verification.report.drawing import BOUND, GREY, INK, RISK, Picture, frame, legend, picture
from genbounds.verification.report.wording import count
from genbounds.verification.rows.bound_row import BoundRow
from genbounds.verification.rows.interval import Interval

OCCAM = "holdout.occam_binomial"
FEWEST = 3
"""Networks of one study, population, sample size and delta that make a frontier."""


def frontier_figure(rows: Sequence[BoundRow]) -> Picture | None:
    """Errors on the sample against code length, with lines of equal certificates; None where no population has enough networks."""
    groups: dict[tuple[Any, ...], list[BoundRow]] = {}
    for row in rows:
        if row.bound == OCCAM and not row.violated:
            groups.setdefault((row.study, row.population, row.n, row.certificate.delta), []).append(row)
    panels = [group for group in groups.values() if len(group) >= FEWEST]
    if not panels:
        return None

    def draw() -> Figure:
        figure, all_axes = frame([8] * len(panels))
        for axes, group in zip(all_axes, panels, strict=True):
            _draw(axes, group)
        handles = [
            Line2D([], [], color=BOUND, marker="o", linestyle="none", markersize=6, label="error on the sample, and the certificate"),
            Line2D([], [], color=RISK, marker="D", linestyle="none", markersize=5, label="risk (bar: interval)"),
            Line2D([], [], color=GREY, linewidth=1, label="equal certificates"),
        ]
        legend(figure, handles, columns=1)
        return figure

    alt = "; ".join(f"{bits(row):.0f} bits, {_error(row):.3%} errors, certificate {_certificate(row)}" for group in panels for row in group)
    return picture(
        "frontier",
        draw,
        alt,
        "Networks under one code: the probability that the code gives a network, in bits, and its errors on the sample, which together "
        "make its certificate (the number is the smallest). Certificates on one sample hold all at once, as they share the code; those on "
        "different samples, such as those of different seeds, hold each by itself. A line joins what would certify the same, by the kl "
        "form of the bound.",
    )


def bits(row: BoundRow) -> float:
    """The negative binary logarithm of the prior's weight."""
    return float(row.certificate.inputs["log_inverse_prior"]) / math.log(2)  # type: ignore[arg-type]


def equal_certificates(value: float, n: int, delta: float) -> tuple[list[float], list[float]]:
    """Bits and error rates at which Chernoff's form gives this value: bits ln 2 + ln(1/delta) = n kl(error, value).

    >>> lengths, errors = equal_certificates(0.05, 60000, 0.035)
    >>> errors[0], round(lengths[0])
    (0.0, 4435)
    """
    errors = np.linspace(0, value, 200)
    with np.errstate(divide="ignore", invalid="ignore"):
        kl = np.where(errors > 0, errors * np.log(errors / value), 0.0) + (1 - errors) * np.log((1 - errors) / (1 - value))
    return ((n * kl + math.log(delta)) / math.log(2)).tolist(), errors.tolist()


def _certificate(row: BoundRow) -> str:
    """Four digits, rounded up."""
    return decimal_up(row.certificate.value, 4)


def _error(row: BoundRow) -> float:
    return float(row.certificate.inputs["errors"]) / row.n  # type: ignore[arg-type]


def _draw(axes: Axes, group: Sequence[BoundRow]) -> None:
    delta = float(group[0].certificate.delta or 0)
    left, right, top = (
        0.7 * min(bits(row) for row in group),
        1.15 * max(bits(row) for row in group),
        1.6 * max(_error(row) for row in group),
    )
    best = min(round(row.certificate.value, 2) for row in group)
    for value in sorted({round(row.certificate.value, 2) for row in group} | {max(best - 0.01, best / 2)}):
        lengths, errors = equal_certificates(value, group[0].n, delta)
        axes.plot(lengths, errors, color=GREY, linewidth=0.8, zorder=1)
        inside = [(x, y) for x, y in zip(lengths, errors, strict=True) if left <= x <= right and y <= top]
        if inside:
            axes.annotate(f"{value:.3g}", inside[-1], fontsize=6.5, color=INK)
    for row in group:
        x, low = bits(row), row.risk.lower if isinstance(row.risk, Interval) else float(row.risk)
        high = row.risk.upper if isinstance(row.risk, Interval) else low
        axes.plot([x, x], [low, high], color=RISK, linewidth=2, alpha=0.6)
        axes.plot(x, (low + high) / 2, "D", color=RISK, markersize=4)
        axes.plot(x, _error(row), "o", color=BOUND, markersize=5)
    tightest = min(group, key=lambda row: row.certificate.value)
    place = (bits(tightest), _error(tightest))
    axes.annotate(_certificate(tightest), place, xytext=(-4, -8), ha="right", textcoords="offset points", fontsize=7, color=BOUND)
    axes.set_xlim(left, right)
    axes.set_ylim(0, top)
    axes.set_title(f"{group[0].population.split(':')[0]}, n = {count(group[0].n)}, delta {delta:g}")
    axes.set_xlabel("code length (bits)")
    axes.set_ylabel("error rate")
