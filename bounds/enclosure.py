"""The ball reading of a formula: enclose its terms, raise the precision until the enclosure is tight, round the upper end up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flint import arb

from genbounds.bounds.special.precision import precision
from genbounds.bounds.special.rounding import arb_to_float_up
from genbounds.bounds.worlds.balls import BALLS, InexactCountError

_FIRST_BITS = 128
_LAST_BITS = 4096
_TIGHT = 40  # bits of relative accuracy that end the search: far below the 1e-9 that certificates promise


def _tight(ball: arb) -> bool:
    """Whether the ball is finite and narrow relative to its size (or exactly zero)."""
    return bool(ball.is_finite() and (ball.is_exact() or ball.rel_accuracy_bits() >= _TIGHT))


def balls(formula: Callable[..., dict[str, Any]], values: Mapping[str, Any], choices: Mapping[str, Any]) -> tuple[dict[str, arb], arb]:
    """The terms and their sum as balls, at the first precision that makes the sum narrow; the widest tried is 4096 bits."""
    bits = _FIRST_BITS
    while True:
        with precision(bits):
            lifted = {name: BALLS.lift(value) for name, value in {**values, **choices}.items()}
            try:
                terms = formula(BALLS, **lifted)
            except InexactCountError:
                if bits >= _LAST_BITS:
                    raise
                terms = {}
            total = sum(terms.values(), arb(0))
        if terms and (_tight(total) or bits >= _LAST_BITS):
            break
        bits *= 2
    if not total.is_finite() and not (total.lower() > 0):
        raise ValueError(
            "the inputs must have a finite bound, got a formula that is not defined there: look for inputs at the edge of their domain"
        )
    return terms, total


def enclose(
    formula: Callable[..., dict[str, Any]], values: Mapping[str, Any], choices: Mapping[str, Any]
) -> tuple[dict[str, float], float]:
    """The terms and the value of a formula, each rounded up to a double (inf where it exceeds the largest)."""
    terms, total = balls(formula, values, choices)
    return {name: arb_to_float_up(term) for name, term in terms.items()}, arb_to_float_up(total)


def hull_up(formula: Callable[..., dict[str, Any]], values: Mapping[str, Any], choices: Mapping[str, Any]) -> tuple[bool, Any]:
    """``(whole, value)``: an exact integer as an int, anything else rounded up to a double."""
    _, total = balls(formula, values, choices)
    if total.is_exact() and total.is_integer():
        return True, int(total.unique_fmpz() or 0)
    return False, arb_to_float_up(total)
