"""At which margin a margin bound is read: the best of many, at the sample's own size and at others."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from genbounds.bounds import Quantity
from genbounds.bounds.exact import Exact
from genbounds.models.certifying.candidates import theorem
from genbounds.models.measuring.network_summary import NetworkSummary

QUANTILES = 60
"""Margins are tried at this many quantiles of the sample's: every margin bound here holds for all margins at once."""


@dataclass
class MarginSearch:
    """All inputs but delta of a margin bound, at the margin whose value is smallest in floats."""

    bound: str
    summary: NetworkSummary
    fixed: dict[str, Any]
    options: dict[str, Any]
    unit: Exact

    @cached_property
    def margins(self) -> list[float]:
        """Those that are tried."""
        return candidate_margins(self.summary, self.unit)

    @cached_property
    def risks(self) -> list[Fraction]:
        """The share of the sample at or below each of them."""
        return [self.summary.margin_risk(margin) for margin in self.margins]

    def inputs(self, delta: Fraction) -> Mapping[str, Any]:
        """At the sample's own n."""
        margins_, risks = self._tried(self.summary.n)
        plain = {key: plain_number(entry) for key, entry in self.fixed.items()}
        values = []
        for margin, risk in zip(margins_, risks, strict=True):
            try:
                given = {**plain, "margin": margin, "margin_risk": float(risk), "delta": float(delta)}
                with np.errstate(all="ignore"):
                    values.append(float(theorem(self.bound).value(**given, **self.options)))
            except (ValueError, OverflowError):  # beyond the doubles: the certificate is computed in larger numbers
                values.append(np.inf)
        best = int(np.argmin(np.nan_to_num(values, nan=np.inf)))
        return {**self.fixed, "margin": margins_[best], "margin_risk": risks[best]}

    def at_size(self, n: int) -> Callable[[Fraction], Mapping[str, Any]]:
        """At n examples of which the same share has each margin, and whose inputs have the same root mean square."""
        margins_, risks = self._tried(n)
        fixed = {**self.fixed, "n": n}
        if "data_norm" in fixed:
            fixed["data_norm"] = _grown(fixed["data_norm"], n, self.summary.n)
        plain = {key: plain_number(entry) for key, entry in fixed.items()}

        def inputs(delta: Fraction) -> Mapping[str, Any]:
            given = {**plain, "margin": np.array(margins_), "margin_risk": np.array([float(risk) for risk in risks])}
            with np.errstate(all="ignore"):
                values = np.asarray(theorem(self.bound).value(**given, **self.options, delta=float(delta)))
            best = int(np.argmin(np.nan_to_num(values, nan=np.inf)))
            return {**fixed, "margin": margins_[best], "margin_risk": risks[best]}

        return inputs

    def _tried(self, n: int) -> tuple[list[float], list[Fraction]]:
        """The margins and their shares; one bound takes no margin above n."""
        if self.bound != "margin.bartlett2017spectral" or max(self.margins) <= n:
            return self.margins, self.risks
        margins_ = sorted({min(margin, float(n)) for margin in self.margins})
        return margins_, [self.summary.margin_risk(margin) for margin in margins_]


def _grown(norm: Quantity, n: int, measured: int) -> Quantity:
    """The Frobenius norm of n inputs whose root mean square is that of the measured ones, rounded up."""
    factor = Fraction(math.isqrt((n << 128) // measured) + 1, 1 << 64)
    return replace(norm, value=Fraction(norm.value) * factor, how=f"{norm.how}; times sqrt({n}/{measured})")  # type: ignore[arg-type]


def candidate_margins(summary: NetworkSummary, unit: Exact = 1) -> list[float]:
    """Positive margins just below evenly spaced quantiles of the sample, and the numbers unit * 2^j next below them; 1 if none is positive.

    Just below a margin, the example that has it is not counted in the margin risk.
    """
    shares = [Fraction(1, summary.n), *(Fraction(step, QUANTILES) for step in range(1, QUANTILES + 1))]
    quantiles = {summary.margin_quantile(share) for share in shares}
    below = {float(np.nextafter(margin, 0)) for margin in quantiles if margin > 0}
    found = {margin for margin in below if margin > 0}
    return sorted(found | {point for margin in found for point in _grid_below(margin, unit)}) or [1.0]


def _grid_below(margin: float, unit: Exact) -> list[float]:
    """unit * 2^j, the largest that is at most the margin, rounded up to a double so that it is still on the grid's side; nothing if 0."""
    if not unit > 0:
        return []
    exponent = _floor_log2(Fraction(margin) / Fraction(unit))
    point = Fraction(unit) * Fraction(2) ** exponent
    try:
        near = float(point)
    except OverflowError:
        return []
    rounded = near if Fraction(near) >= point else float(np.nextafter(near, np.inf))
    return [rounded] if 0 < rounded <= margin else []


def _floor_log2(number: Fraction) -> int:
    """The largest j with 2^j <= number."""
    j = number.numerator.bit_length() - number.denominator.bit_length()
    return j if Fraction(2) ** j <= number else j - 1


def plain_number(value: Any) -> Any:
    """A measured input as a float or an array."""
    plain = value.value if isinstance(value, Quantity) else value
    return np.array([_float(entry) for entry in plain]) if isinstance(plain, tuple) else _float(plain)


def _float(value: Exact) -> float:
    try:
        return float(value)
    except OverflowError:
        return np.inf
