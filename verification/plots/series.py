"""What the lines of a figure are made of: numbers or certificates that are checked, and looks that are told apart without colour."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any, TypeAlias

from matplotlib.axes import Axes

from genbounds.bounds.certificate import Certificate
from genbounds.verification.report.drawing import BASELINE, BOUND, GREY, RISK

Value: TypeAlias = Certificate | float
Style: TypeAlias = Mapping[str, Any]
"""Arguments of ``Axes.plot``."""
PURPLE = "#CC79A7"
LOOKS: tuple[Style, ...] = tuple(
    {"color": colour, "marker": marker, "linestyle": line}
    for colour, marker, line in (
        (BOUND, "o", "-"), (BASELINE, "^", "-."), (PURPLE, "D", ":"), (RISK, "s", "--"), ("#56B4E9", "v", "-"), ("#E69F00", "P", "-."),
    )
)  # fmt: skip
"""Okabe and Ito's colours, each with a marker and a line of its own."""
NOT_CERTIFIED: Style = {"color": GREY, "marker": "o", "linestyle": "none", "markersize": 6, "fillstyle": "none"}
"""The ring around an estimate, and around a certificate with a violated assumption."""
NOT_CERTIFIED_LABEL = "certifies nothing: an estimate, or an assumption is violated"


def styled(labels: Sequence[str], styles: Mapping[str, Style] | None) -> dict[str, dict[str, Any]]:
    """The look of each label: one of ``LOOKS`` in turn, and what ``styles`` says of it instead.

    ``ValueError`` for a style of a label that is not there.

    >>> styled(["a", "b"], {"b": {"color": "black"}})["b"]
    {'color': 'black', 'marker': '^', 'linestyle': '-.'}
    """
    for name in styles or {}:
        if name not in labels:
            raise ValueError(f"styles must be of labels that are drawn ({', '.join(labels)}), got one of {name!r}: leave it out")
    return {label: {**look, **(styles or {}).get(label, {})} for label, look in zip(labels, cycle(LOOKS), strict=False)}


def numbers(values: Sequence[Value], what: str, *, least: float = -math.inf) -> list[float]:
    """The values as doubles; ``ValueError`` for one that is NaN, or below ``least``.

    >>> numbers([0.5, 2], "bounds")
    [0.5, 2.0]
    """
    found = [float(value) for value in values]
    for value in found:
        if math.isnan(value) or value < least:
            least_said = "" if least == -math.inf else f" of at least {least:g}"
            raise ValueError(f"{what} must be numbers{least_said}, got {value}: leave out what was not measured")
    return found


def one_for_each(values: Sequence[Any], places: Sequence[Any], what: str, of: str) -> None:
    """``ValueError`` unless there are as many values as places, and some.

    >>> one_for_each([1, 2], [3], "bounds", "n")
    Traceback (most recent call last):
    ValueError: bounds must be one for each entry of n (1), got 2: give as many
    """
    if not len(places):
        raise ValueError(f"{of} must have an entry, got none: nothing would be drawn")
    if len(values) != len(places):
        raise ValueError(f"{what} must be one for each entry of {of} ({len(places)}), got {len(values)}: give as many")


def certifies(value: Value) -> bool:
    """Whether a value may be drawn as a certificate: numbers are taken at their word."""
    return not isinstance(value, Certificate) or (value.kind == "certificate" and not value.violated)


def mark_what_certifies_nothing(ax: Axes, x: Sequence[float], values: Sequence[Value]) -> None:
    """A ring around each estimate and each certificate with a violated assumption, named once in the legend."""
    shown = [(place, float(value)) for place, value in zip(x, values, strict=True) if not certifies(value)]
    if shown:
        known = NOT_CERTIFIED_LABEL in ax.get_legend_handles_labels()[1]
        ax.plot(*zip(*shown, strict=True), **{**NOT_CERTIFIED, "markersize": 9}, label=None if known else NOT_CERTIFIED_LABEL, zorder=4)
