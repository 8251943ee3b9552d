"""Intervals by their ends: what a recorded step is known to lie in, a pair of exact balls of few bits.

Every function takes what its arguments lie in, and what comes out is rounded outward. Where that isn't exact it is a unit wider still, so
that interval arithmetic of a higher precision, flint's or not, finds itself inside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeAlias

import numpy as np
from flint import arb, ctx

from genbounds.bounds import special
from genbounds.bounds.special.precision import extra_precision
from genbounds.bounds.worlds.balls import lift_scalar

Balls: TypeAlias = "tuple[arb, arb]"
"""What the two ends of a result lie in."""
SPARE = 64
"""Bits beyond those of the ends with which functions are computed."""


@dataclass(frozen=True, slots=True)
class Ends:
    """All numbers from ``low`` to ``high``, two exact balls."""

    low: arb
    high: arb


def _down(ball: arb) -> arb:
    """The ball's lower end in the current precision, a unit lower if the ball is not a point."""
    low = ball.lower()
    return low if ball.is_exact() and low == ball else (low - abs(low) * arb(2) ** -ctx.prec).lower()


def outward(low: arb, high: arb) -> Ends | None:
    """The ends of everything in two balls, in the current precision; None where there is none."""
    if not (low.is_finite() and high.is_finite()):
        return None
    return Ends(_down(low), -_down(-high))


def spared(function: Callable[..., Balls | None]) -> Callable[..., Ends | None]:
    """The function computed with spare bits, its two balls rounded outward; None where it or an argument is undefined."""

    def act(*arguments: Ends | None) -> Ends | None:
        if any(entry is None for entry in arguments):
            return None
        with extra_precision(SPARE):
            found = function(*arguments)
        return None if found is None else outward(*found)

    return act


def exact(value: Any) -> Ends | None:
    """An exact number: its own ends where it is a double or whole, else rounded outward."""
    if isinstance(value, (np.floating, np.integer)):
        value = value.item()
    if isinstance(value, (float, int)):
        return Ends(arb(value), arb(value))
    with extra_precision(SPARE):
        ball = lift_scalar(value)
    return outward(ball, ball)


def probability(function: Callable[..., Ends | None]) -> Callable[..., Ends | None]:
    """The function, whose values lie in [0, 1], so that rounding leaves it in there."""

    def act(*arguments: Any) -> Ends | None:
        found = function(*arguments)
        return None if found is None else Ends(found.low.max(arb(0)), found.high.min(arb(1)))

    return act


def loose(ball: arb) -> arb:
    """The ball as it is, which need not be found to be exact: xi(1) = 2 where others have a sum and a rest."""
    return ball * arb(1, arb(2) ** -ctx.prec)


def product(a: Ends, b: Ends) -> Balls:
    """The least and the largest product of two ends, as balls."""
    return _hull([x * y for x in (a.low, a.high) for y in (b.low, b.high)])


def quotient(a: Ends, b: Ends) -> Balls | None:
    """The same of the quotients; None where the divisor may be 0."""
    if not (b.low > 0 or b.high < 0):
        return None
    return _hull([x / y for x in (a.low, a.high) for y in (b.low, b.high)])


def _hull(values: list[arb]) -> Balls:
    """Balls around the least and the largest of some numbers."""
    return reduce(lambda a, b: a.min(b), values), reduce(lambda a, b: a.max(b), values)


def increasing(function: Callable[[arb], arb], *, above: int | None = None, strictly: bool = False) -> Callable[[Ends], Balls | None]:
    """An increasing function of balls, at both ends; undefined below ``above`` (and there, if ``strictly``)."""

    def act(a: Ends) -> Balls | None:
        defined = above is None or (a.low > above if strictly else a.low >= above)
        return (function(a.low), function(a.high)) if defined else None

    return act


def power(base: Ends, exponent: Ends) -> Balls | None:
    """``base ** exponent``: a whole power, or any other one of a base that isn't negative."""
    e = exponent.low
    if not (e == exponent.high and e.is_integer()):
        if not base.low > 0:
            return (arb(0), arb(0)) if base.low == 0 == base.high and e > 0 else None
        values = [b**x for b in (base.low, base.high) for x in (e, exponent.high)]
        return _hull([loose(value) for value in values])
    if e < 0:
        inner = power(base, Ends(-e, -e))
        return None if inner is None else quotient(Ends(arb(1), arb(1)), Ends(inner[0].lower(), inner[1].upper()))
    whole = int(e.unique_fmpz() or 0)
    if whole % 2 == 0 and base.low < 0:
        base = Ends(arb(0).max(-base.high), (-base.low).max(base.high))
    return base.low**whole, base.high**whole


def kl_inverse(q: Ends, c: Ends) -> Balls | None:
    """The upper inverse of kl; it increases in both."""
    if q.low > 1 or q.high < 0 or c.high < 0:
        return None
    return special.kl_inverse_ball(q.low.max(arb(0)), c.low.max(arb(0))), special.kl_inverse_ball(q.high.min(arb(1)), c.high)


def kl_inverse_lower(q: Ends, c: Ends) -> Balls | None:
    """The lower inverse of kl; it increases in q and decreases in c."""
    if q.low > 1 or q.high < 0 or c.high < 0:
        return None
    low = special.kl_inverse_lower_ball(q.low.max(arb(0)), c.high)
    return low, special.kl_inverse_lower_ball(q.high.min(arb(1)), c.low.max(arb(0)))


def bennett_inverse(v: Ends, c: Ends) -> Balls | None:
    """The inverse of Bennett's exponent; it increases in both."""
    if v.low < 0 or c.high < 0:
        return None
    return special.bennett_inverse_ball(v.low, c.low.max(arb(0))), special.bennett_inverse_ball(v.high, c.high)


def binomial_tail_inverse(k: int, n: int, delta: Ends) -> Balls | None:
    """The inverse of the binomial tail; it decreases in delta."""
    if not delta.low > 0:
        return None
    return special.binomial_tail_inverse_ball(k, n, delta.high.min(arb(1))), special.binomial_tail_inverse_ball(k, n, delta.low)


def gamma_quotient(x: Ends, a: Ends, b: int) -> Balls | None:
    """Gamma(x) Gamma(x + a + b) / (Gamma(x + a) Gamma(x + b)) for a whole b: the product of 1 + a/(x + i), i < b."""
    if not (x.low > 0 and a.low >= 0):
        return None
    low = high = arb(1)
    for i in range(b):
        low, high = low * (1 + a.low / (x.high + i)), high * (1 + a.high / (x.low + i))
    return low, high


def less(a: Ends | None, b: Ends | None) -> bool | None:
    """Whether a < b, where that is certain."""
    if a is None or b is None:
        return None
    return True if a.high < b.low else False if a.low >= b.high else None


def less_equal(a: Ends | None, b: Ends | None) -> bool | None:
    """Whether a <= b, where that is certain."""
    if a is None or b is None:
        return None
    return True if a.high <= b.low else False if a.low > b.high else None


def where(condition: bool | None, yes: Ends | None, no: Ends | None) -> Ends | None:
    """One of two, or what holds both."""
    if condition is not None:
        return yes if condition else no
    return None if yes is None or no is None else Ends(yes.low.min(no.low), yes.high.max(no.high))


# --- lists -----------------------------------------------------------------------------------------------------------------------------


def along_last(function: Callable[[list[Any]], Any]) -> Callable[[np.ndarray], Any]:
    """A function of lists, applied to the lists of the last axis of an object array."""

    def act(value: np.ndarray) -> Any:
        if value.ndim == 1:
            return function(list(value))
        result = np.empty(value.shape[:-1], dtype=object)
        for index in np.ndindex(*value.shape[:-1]):
            result[index] = function(list(value[index]))
        return result

    return act


def added(entries: list[Ends | None]) -> Ends | None:
    """The sum of a list."""
    return spared(lambda *given: (sum((x.low for x in given), arb(0)), sum((x.high for x in given), arb(0))))(*entries)


def multiplied(entries: list[Ends | None]) -> Ends | None:
    """The product of a list."""
    return spared(lambda *given: _ends_of(reduce(lambda a, b: _within(product(a, b)), given, Ends(arb(1), arb(1)))))(*entries)


def largest(entries: list[Ends | None]) -> Ends | None:
    """The largest of a list."""
    return spared(lambda *given: (reduce(arb.max, (x.low for x in given)), reduce(arb.max, (x.high for x in given))))(*entries)


def carried(steps: Any, rates: Any, kicks: Any) -> Ends | None:
    """The last v_t of v_t = (1 + step_t rate_t) v_{t-1} + kick_t, from v_0 = 0."""

    def run(*given: Ends) -> Balls:
        value = Ends(arb(0), arb(0))
        for step, rate, kick in zip(given[::3], given[1::3], given[2::3], strict=True):
            grown = _within(product(step, rate))
            grown = _within(product(_within((1 + grown.low, 1 + grown.high)), value))
            value = _within((grown.low + kick.low, grown.high + kick.high))
        return _ends_of(value)

    arrays = np.broadcast_arrays(*(np.asarray(entry, dtype=object) for entry in (steps, rates, kicks)))
    return spared(run)(*np.stack(arrays, axis=-1).ravel())


def _within(balls: Balls) -> Ends:
    """The ends of two balls in the current precision, without the unit that a checker is left."""
    return Ends(balls[0].lower(), balls[1].upper())


def _ends_of(value: Ends) -> Balls:
    return value.low, value.high
