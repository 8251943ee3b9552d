"""What the panels of several studies do to their axes: a legend next to the data, named places, logarithms with few and plain ticks."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

_FEW_DECADES = 1.6


def legend_beside(ax: Axes) -> None:
    """A legend to the right of the axes, where no data can lie."""
    ax.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0), handlelength=2.0, borderaxespad=0.2)


def log_places(ax: Axes, places: Sequence[float]) -> None:
    """The x axis logarithmic, with ticks at these places alone: numbers below 1 as fractions of it.

    >>> from matplotlib.figure import Figure
    >>> ax = Figure().add_subplot()
    >>> log_places(ax, [0.5, 1, 256])
    >>> [ax.xaxis.get_major_formatter()(x, None) for x in (0.5, 1, 256)]
    ['1/2', '1', '256']
    """
    ax.set_xscale("log", base=2)
    ax.xaxis.set_major_locator(FixedLocator(list(places)))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}" if x >= 1 else f"1/{1 / x:g}"))


def log_values(ax: Axes) -> None:
    """The y axis logarithmic, after all data are drawn: ticks at powers of ten, and at 2 and 5 times them where there are few decades.

    >>> from matplotlib.figure import Figure
    >>> ax = Figure().add_subplot()
    >>> _ = ax.plot([1, 2], [0.02, 0.3])
    >>> log_values(ax)
    >>> ax.yaxis.get_major_formatter()(0.05, None), ax.yaxis.get_major_formatter()(1e-5, None)
    ('0.05', '$10^{-5}$')
    """
    ax.set_yscale("log")
    low, high = ax.get_ylim()
    subs = (1.0, 2.0, 5.0) if math.log10(high / low) < _FEW_DECADES else (1.0,)
    ax.yaxis.set_major_locator(LogLocator(base=10, subs=subs, numticks=7))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}" if 1e-3 <= y <= 1e3 else rf"$10^{{{round(math.log10(y))}}}$"))
