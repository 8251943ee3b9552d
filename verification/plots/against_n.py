"""Bounds against the number of examples, compared with the risk and with what held-out points would have certified."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

from matplotlib.axes import Axes

from genbounds.verification.checks.tightness import held_out_baseline
from genbounds.verification.plots.series import Style, Value, mark_what_certifies_nothing, numbers, one_for_each, styled
from genbounds.verification.report.drawing import GREY, INK, RISK

BASELINE_LABEL = "held-out baseline"


def bound_against_n(
    ax: Axes,
    n: Sequence[int],
    bounds: Mapping[str, Sequence[Value]],
    *,
    risk: Sequence[Fraction | float] | None = None,
    delta: Fraction | float | None = None,
    trivial: float | None = 1.0,
    styles: Mapping[str, Style] | None = None,
) -> Axes:
    """Draw each bound against n, on logarithmic axes, with the risk and the held-out baseline.

    Args:
        ax: the axes to draw on.
        n: the numbers of examples, each at least 1.
        bounds: for each label one number or certificate for each n. Infinite values are left out. Estimates and certificates with a
            violated assumption get a ring, and the legend says what that means.
        risk: what the bounds bound, one for each n, in [0, 1] where the baseline is drawn.
        delta: with it, and with ``risk``, the held-out baseline is drawn: the Clopper-Pearson bound of n held-out points, of which
            ceil(n risk) are errors.
        trivial: the value from which a bound is vacuous, drawn as a line; None for no such line.
        styles: arguments of ``Axes.plot`` for some of the labels.

    Returns:
        The axes.

    Raises:
        ValueError: no n, one below 1, another number of values than of n, NaN, ``delta`` without ``risk``, or a style without its label.

    >>> from genbounds.bounds.holdout import hoeffding
    >>> from matplotlib.figure import Figure
    >>> n = [100, 1000, 10000]
    >>> found = [hoeffding(empirical_risk="0.1", n=size, delta="0.05") for size in n]
    >>> ax = bound_against_n(Figure().add_subplot(), n, {"Hoeffding": found}, risk=[0.1, 0.1, 0.1], delta=0.05)
    >>> [line.get_label() for line in ax.lines]
    ['Hoeffding', 'held-out baseline', 'risk', 'vacuous from here']
    >>> [round(float(y), 4) for y in ax.lines[1].get_ydata()]
    [0.1637, 0.117, 0.1051]
    """
    for label, values in bounds.items():
        one_for_each(values, n, f"bounds[{label!r}]", "n")
    if any(size < 1 for size in n):
        raise ValueError(f"n must hold numbers of examples, each at least 1, got {min(n)}: leave it out")
    if delta is not None and risk is None:
        raise ValueError(f"risk must be given where delta is, got delta={delta} alone: the held-out baseline depends on the risk")
    for label, look in styled(list(bounds), styles).items():
        values = numbers(bounds[label], f"bounds[{label!r}]")
        ax.plot(n, [value if math.isfinite(value) else math.nan for value in values], **{"markersize": 4, **look}, label=label)
    if risk is not None:
        _draw_truth(ax, n, risk, delta)
    for certificates in bounds.values():
        mark_what_certifies_nothing(ax, n, certificates)
    if trivial is not None:
        ax.axhline(trivial, color=GREY, linewidth=0.9, label="vacuous from here")
    ax.set(xscale="log", yscale="log", xlabel="n (number of examples)", ylabel="bound, or risk")
    ax.legend(fontsize=7, frameon=False)
    return ax


def _draw_truth(ax: Axes, n: Sequence[int], risk: Sequence[Fraction | float], delta: Fraction | float | None) -> None:
    one_for_each(risk, n, "risk", "n")
    shown = numbers([float(one) for one in risk], "risk", least=0.0)
    if delta is not None:
        baseline = [held_out_baseline(one, size, float(delta)) for one, size in zip(risk, n, strict=True)]
        ax.plot(n, baseline, color=INK, marker="_", markersize=7, linestyle=(0, (1, 1)), linewidth=1.2, label=BASELINE_LABEL)
    ax.plot(n, shown, color=RISK, marker="s", markersize=4, linestyle=":", label="risk")
