"""The frontier of compression: what each network costs in bits, its errors on the sample, and what both certify."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure

from genbounds.bounds.special.rounding import decimal_up
from genbounds.verification.plots.code_lengths import code_length_handles, code_lengths
from genbounds.verification.report.drawing import Picture, frame, legend, picture
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
            n, delta = group[0].n, group[0].certificate.delta or 0
            certificates, risks = [row.certificate for row in group], [_ends(row) for row in group]
            code_lengths(axes, list(map(bits, group)), list(map(_error, group)), certificates, n=n, delta=delta, risks=risks, legend=False)
            axes.set_title(f"{group[0].population.split(':')[0]}, n = {count(n)}, delta {float(delta):g}")
        legend(figure, code_length_handles(), columns=1)
        return figure

    alt = "; ".join(
        f"{bits(row):.0f} bits, {_error(row):.3%} errors, certificate {decimal_up(row.certificate.value, 4)}"
        for group in panels
        for row in group
    )
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


def _error(row: BoundRow) -> float:
    return float(row.certificate.inputs["errors"]) / row.n  # type: ignore[arg-type]


def _ends(row: BoundRow) -> tuple[float, float]:
    return (row.risk.lower, row.risk.upper) if isinstance(row.risk, Interval) else (float(row.risk), float(row.risk))
