"""The frontier of compression: what each network costs in bits, its errors on the sample, and what both certify."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from genbounds.bounds.special.rounding import decimal_up
from genbounds.verification.plots.series import Value, mark_what_certifies_nothing, numbers, one_for_each
from genbounds.verification.report.drawing import BOUND, GREY, INK, RISK

Ends: TypeAlias = tuple[Fraction | float, Fraction | float]


def code_lengths(
    ax: Axes,
    bits: Sequence[float],
    errors: Sequence[Fraction | float],
    certificates: Sequence[Value],
    *,
    n: int,
    delta: Fraction | float,
    risks: Sequence[Ends] | None = None,
    legend: bool = True,
) -> Axes:
    """Draw networks under one code: errors on the sample against the code length, with lines of equal certificates.

    The lines are those of the kl form of the Occam bound, bits ln 2 + ln(1/delta) = n kl(error, value), which is a little above the
    binomial form.

    Args:
        ax: the axes to draw on.
        bits: for each network the negative binary logarithm of its probability under the code.
        errors: for each its error rate on the sample, in [0, 1].
        certificates: for each its certificate, of which the smallest is printed, rounded up.
        n, delta: the size of the sample, and the failure probability of each certificate.
        risks: for each the two ends of its risk, equal where it is known exactly; None for no risks.
        legend: whether to draw the legend; ``code_length_handles`` are its entries.

    Returns:
        The axes.

    Raises:
        ValueError: no network, sequences of different lengths, NaN, n below 1 or delta outside (0, 1).

    >>> from matplotlib.figure import Figure
    >>> ax = code_lengths(Figure().add_subplot(), [300, 100], [0.01, 0.03], [0.0712, 0.0598], n=6000, delta=0.05)
    >>> [text.get_text() for text in ax.texts][-1], ax.get_xlabel()
    ('0.05980', 'code length (bits)')
    """
    for values, what in ((errors, "errors"), (certificates, "certificates"), *([(risks, "risks")] if risks is not None else [])):
        one_for_each(values, bits, what, "bits")
    lengths, rates = numbers(bits, "bits", least=0.0), numbers([float(one) for one in errors], "errors", least=0.0)
    values = numbers(certificates, "certificates", least=0.0)
    if n < 1 or not 0 < delta < 1:
        raise ValueError(f"n must be at least 1 and delta in (0, 1), got n={n} and delta={delta}: they are those of the certificates")
    left, right, top = 0.7 * min(lengths), 1.15 * max(lengths), 1.6 * max([*rates, 1 / n])
    _draw_lines(ax, values, n, float(delta), (left, right, top))
    for x, ends in zip(lengths, risks or [], strict=False):
        low, high = map(float, ends)
        ax.plot([x, x], [low, high], color=RISK, linewidth=2, alpha=0.6)
        ax.plot(x, (low + high) / 2, "D", color=RISK, markersize=4)
    ax.plot(lengths, rates, "o", color=BOUND, markersize=5)
    mark_what_certifies_nothing(ax, lengths, certificates)
    tightest = min(range(len(values)), key=values.__getitem__)
    place = (lengths[tightest], rates[tightest])
    ax.annotate(
        decimal_up(values[tightest], 4), place, xytext=(-4, -8), ha="right", textcoords="offset points", fontsize=7, color=BOUND
    )  # fmt: skip
    ax.set_xlim(left, right)
    ax.set_ylim(0, top)
    ax.set_xlabel("code length (bits)")
    ax.set_ylabel("error rate")
    if legend:
        ax.legend(handles=code_length_handles(), fontsize=7, frameon=False)
    return ax


def code_length_handles() -> list[Line2D]:
    """The entries of the legend."""
    return [
        Line2D([], [], color=BOUND, marker="o", linestyle="none", markersize=6, label="error on the sample, and the certificate"),
        Line2D([], [], color=RISK, marker="D", linestyle="none", markersize=5, label="risk (bar: interval)"),
        Line2D([], [], color=GREY, linewidth=1, label="equal certificates"),
    ]


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


def _draw_lines(ax: Axes, values: Sequence[float], n: int, delta: float, limits: tuple[float, float, float]) -> None:
    """A line for each certificate to two decimals, and one below the smallest; each with its value where it leaves the axes."""
    left, right, top = limits
    shown = {round(value, 2) for value in values}
    for value in sorted({one for one in {*shown, max(min(shown) - 0.01, min(shown) / 2)} if 0 < one < 1}):
        lengths, errors = equal_certificates(value, n, delta)
        ax.plot(lengths, errors, color=GREY, linewidth=0.8, zorder=1)
        inside = [(x, y) for x, y in zip(lengths, errors, strict=True) if left <= x <= right and y <= top]
        if inside:
            ax.annotate(f"{value:.3g}", inside[-1], fontsize=6.5, color=INK)
