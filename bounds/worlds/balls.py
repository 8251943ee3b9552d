"""The world of balls (python-flint's arb): every operation encloses the exact result, so the upper end is a certificate."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb

from genbounds.bounds import special
from genbounds.bounds.special.precision import extra_precision


def lift_scalar(value: Any) -> arb:
    """An exact number as a ball: ints and doubles exactly (whatever the precision), Fractions as a quotient."""
    if not isinstance(value, (float, int)) and isinstance(value, Fraction):  # the cheap question first: vectors hold many doubles
        return arb(value.numerator) / arb(value.denominator)
    return arb(value)


def _elementwise(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let a function of balls act on object arrays of balls too."""

    def act(*arguments: Any) -> Any:
        if any(isinstance(argument, np.ndarray) for argument in arguments):
            return np.frompyfunc(function, len(arguments), 1)(*arguments)
        return function(*arguments)

    return act


def _ball(value: Any) -> arb:
    return value if isinstance(value, arb) else lift_scalar(value)


def _minimum(a: Any, b: Any) -> arb:
    return _ball(a).min(_ball(b))


def _maximum(a: Any, b: Any) -> arb:
    return _ball(a).max(_ball(b))


def _less(a: Any, b: Any) -> bool | None:
    """True or False where it is certain, None where the balls overlap."""
    a, b = _ball(a), _ball(b)
    if a < b:
        return True
    return False if a >= b else None


def _less_equal(a: Any, b: Any) -> bool | None:
    a, b = _ball(a), _ball(b)
    if a <= b:
        return True
    return False if a > b else None


def _magnitude(x: arb) -> int:
    """|log2 |x|| of the middle, rounded up; 0 at 0."""
    middle = abs(x.mid())
    return 0 if middle.is_zero() else int((abs(middle.log()) / arb(2).log()).upper().ceil().unique_fmpz() or 0)


def _where(condition: bool | None, yes: Any, no: Any) -> arb:
    """The hull of both sides where the condition is undecided."""
    if condition is None:
        return _ball(yes).union(_ball(no))
    return _ball(yes) if condition else _ball(no)


def _power(base: Any, exponent: Any) -> Any:
    """``base ** exponent`` for base >= 0 (any base for a square); 0 to a positive power is 0."""
    base, exponent = _ball(base), _ball(exponent)
    if exponent == 2:  # flint leaves the square of a ball around 0 undefined
        return base * base
    if base.is_zero() and exponent > 0:
        return arb(0)
    return base**exponent


class InexactCountError(ValueError):
    """A count that the precision does not hold exactly, as 10^400 - 1 at 128 bits, or no whole number at all."""


def _whole(ball: arb, name: str) -> int:
    """The integer that a ball is, exactly."""
    number = ball.unique_fmpz() if ball.is_exact() else None
    if number is None or not ball.is_integer():
        raise InexactCountError(f"{name} must be a whole number, got {ball}: counts enter exactly")
    return int(number)


class BallWorld:
    """Flint's reading of a formula. A vector input is a one-dimensional object array of balls.

    >>> bool(BallWorld().sqrt(4) == 2)
    True
    """

    log: Callable[..., Any] = staticmethod(_elementwise(lambda x: _ball(x).log()))
    log_quotient: Callable[..., Any] = staticmethod(_elementwise(lambda x, y: (_ball(x) / _ball(y)).log()))
    log2: Callable[..., Any] = staticmethod(_elementwise(lambda x: _ball(x).log_base(2)))
    log1p: Callable[..., Any] = staticmethod(_elementwise(lambda x: _ball(x).log1p()))
    exp: Callable[..., Any] = staticmethod(_elementwise(lambda x: _ball(x).exp()))
    expm1: Callable[..., Any] = staticmethod(_elementwise(lambda x: _ball(x).expm1()))
    one_minus_exp: Callable[..., Any] = staticmethod(_elementwise(lambda x: -(-_ball(x)).expm1()))
    sqrt: Callable[..., Any] = staticmethod(_elementwise(lambda x: _ball(x).sqrt()))
    power: Callable[..., Any] = staticmethod(_elementwise(_power))
    ceil: Callable[..., Any] = staticmethod(_elementwise(lambda x: _ball(x).ceil()))
    floor: Callable[..., Any] = staticmethod(_elementwise(lambda x: _ball(x).upper().floor()))
    absolute: Callable[..., Any] = staticmethod(_elementwise(lambda x: abs(_ball(x))))
    minimum: Callable[..., Any] = staticmethod(_elementwise(_minimum))
    maximum: Callable[..., Any] = staticmethod(_elementwise(_maximum))
    less: Callable[..., Any] = staticmethod(_elementwise(_less))
    less_equal: Callable[..., Any] = staticmethod(_elementwise(_less_equal))
    where: Callable[..., Any] = staticmethod(_elementwise(_where))
    kl_inverse: Callable[..., Any] = staticmethod(_elementwise(lambda q, c: special.kl_inverse_ball(_ball(q), _ball(c))))
    kl_inverse_lower: Callable[..., Any] = staticmethod(_elementwise(lambda q, c: special.kl_inverse_lower_ball(_ball(q), _ball(c))))
    bennett_inverse: Callable[..., Any] = staticmethod(_elementwise(lambda v, c: special.bennett_inverse_ball(_ball(v), _ball(c))))
    log_binomial_sum: Callable[..., Any] = staticmethod(
        _elementwise(lambda n, d: special.log_binomial_sum_ball(_whole(_ball(n), "n"), _whole(_ball(d), "vc_dimension")))
    )

    @property
    def pi(self) -> arb:
        """The number pi at the current precision."""
        return arb.pi()

    @staticmethod
    def binomial_tail_inverse(k: arb, n: arb, delta: arb) -> arb:
        """An enclosure of max{p: P(Bin(n, p) <= k) >= delta}."""
        return special.binomial_tail_inverse_ball(_whole(_ball(k), "errors"), _whole(_ball(n), "n"), _ball(delta))

    @staticmethod
    def binomial_tail_inverse_log(k: arb, n: arb, cost: arb) -> arb:
        """An enclosure of max{p: P(Bin(n, p) <= k) >= exp(-cost)}."""
        return special.binomial_tail_inverse_log_ball(_whole(_ball(k), "errors"), _whole(_ball(n), "n"), _ball(cost))

    @staticmethod
    def change_of_compression_inverse(k: arb, n: arb, delta: arb) -> arb:
        """An enclosure of the root of Campi and Garatti's Psi = 1."""
        return special.change_of_compression_inverse_ball(_whole(_ball(k), "size"), _whole(_ball(n), "n"), _ball(delta))

    @staticmethod
    def mixture_inverse(k: arb, n: arb, delta: arb) -> arb:
        """An enclosure of the p at which the mixture of binomials is 1/delta times the likelihood."""
        return special.mixture_inverse_ball(_whole(_ball(k), "errors"), _whole(_ball(n), "n"), _ball(delta))

    @staticmethod
    def capital_inverse(losses: Any, bets: Any, cost: Any) -> arb:
        """An enclosure of the least mean against which the capital has once reached exp(cost)."""
        return special.capital_inverse_ball([*map(_ball, losses)], [*map(_ball, bets)], _ball(cost))

    @staticmethod
    def ceil_log2(n: arb) -> arb:
        """The smallest whole k >= 0 with 2^k >= n, exactly."""
        return arb((_whole(_ball(n), "n") - 1).bit_length())

    @staticmethod
    def xi(n: arb) -> arb:
        """An enclosure of xi(n)."""
        return special.xi_ball(_whole(_ball(n), "n"))

    @staticmethod
    def x_minus_log1p(x: Any) -> Any:
        """An enclosure of x - ln(1 + x), of a ball or of each entry of an array."""
        if not isinstance(x, np.ndarray):
            return special.x_minus_log1p_ball(_ball(x))
        result = np.empty(x.size, dtype=object)
        result[:] = special.x_minus_log1p_balls([_ball(entry) for entry in x.ravel()])
        return result.reshape(x.shape)

    @staticmethod
    def log_gamma_second_increment(x: Any, a: Any, b: Any) -> Any:
        """An enclosure of ln (Gamma(x) Gamma(x + a + b) / (Gamma(x + a) Gamma(x + b)))."""
        x, a, b = _ball(x), _ball(a), _ball(b)
        # The four terms cancel: x ln x, or what a or b makes of it, stands before about a b / x where both are small.
        with extra_precision(64 + 3 * _magnitude(x) + 2 * _magnitude(a) + 2 * _magnitude(b)):
            return (x + a + b).lgamma() + x.lgamma() - (x + a).lgamma() - (x + b).lgamma()

    @staticmethod
    def lift(value: Any) -> Any:
        """An exact number as a ball, a vector or matrix of them as an object array of balls."""
        if isinstance(value, (tuple, list, np.ndarray)):
            entries = np.asarray(value, dtype=object)
            plain = set(map(type, entries.flat)) <= {int, float}  # arb takes these by itself
            return np.frompyfunc(arb if plain else lift_scalar, 1, 1)(entries)
        return lift_scalar(value)

    @staticmethod
    def let(latex: str, expression: Any) -> Any:
        """The expression itself: names matter only in print."""
        return expression

    @staticmethod
    def ratio(p: int, q: int) -> arb:
        """The constant p/q."""
        return arb(p) / arb(q)

    @staticmethod
    def sum(vector: Any) -> Any:
        """Sum over the last axis."""
        return vector.sum(axis=-1) if vector.size else arb(0)

    @staticmethod
    def prod(vector: Any) -> Any:
        """Product over the last axis."""
        return vector.prod(axis=-1) if vector.size else arb(1)

    @staticmethod
    def largest(vector: Any) -> Any:
        """Largest entry along the last axis."""
        return np.frompyfunc(_maximum, 2, 1).reduce(vector, axis=-1)

    @staticmethod
    def smallest(vector: Any) -> Any:
        """Smallest entry along the last axis."""
        return np.frompyfunc(_minimum, 2, 1).reduce(vector, axis=-1)

    @staticmethod
    def cumulative(vector: Any) -> Any:
        """Running sums along the last axis."""
        return np.cumsum(vector, axis=-1)

    @staticmethod
    def carried(steps: Any, rates: Any, kicks: Any) -> Any:
        """The last v_t of v_t = (1 + step_t rate_t) v_{t-1} + kick_t, from v_0 = 0."""
        carried = arb(0)
        for step, rate, kick in zip(*np.broadcast_arrays(steps, rates, kicks), strict=True):
            carried = (1 + step * rate) * carried + kick
        return carried

    @staticmethod
    def positions(vector: Any) -> Any:
        """1, 2, ... along the last axis."""
        return np.array([arb(i) for i in range(1, vector.shape[-1] + 1)], dtype=object)

    @staticmethod
    def last(vector: Any) -> Any:
        """The last entry."""
        return vector[..., -1]

    @staticmethod
    def with_last(vector: Any, scalar: Any) -> Any:
        """The vector with its last entry replaced."""
        changed = vector.copy()
        changed[..., -1] = scalar
        return changed

    @staticmethod
    def last_crossing(function: Callable[[Any], Any], guess: Any) -> arb:
        """The largest integer m with function(m) >= 0, for a concave function that is not negative somewhere below ``guess``.

        Proved: function(m + 1) < 0 is certain, so concavity excludes every larger integer. ``guess`` may be off by rounding, which beyond
        2^53 is many integers: strides double away from it, and what they enclose is halved. Where the precision does not decide, the
        result is the larger integer.
        """

        def excluded(m: int) -> bool:
            return bool(function(arb(m + 1)) < 0)

        high, stride = _whole(_ball(guess), "guess"), 1
        while not excluded(high):
            high, stride = high + stride, 2 * stride
        low, stride = high, 1
        while low > 0 and not function(arb(low)) >= 0:
            low, stride = low - stride, 2 * stride
        while 0 < low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if excluded(middle) else (middle + 1, high)
        return arb(high)

    @staticmethod
    def along(scalar: Any) -> Any:
        """A scalar set beside a vector; an array of scalars gets one new last axis."""
        return scalar[..., None] if isinstance(scalar, np.ndarray) else scalar

    @staticmethod
    def rows(vector: Any) -> Any:
        """A vector over the layers set beside the levels of a chain: one new axis before the last."""
        return vector[..., None, :]

    @staticmethod
    def before(vector: Any) -> Any:
        """All entries but the last."""
        return vector[..., :-1]

    @staticmethod
    def after(vector: Any) -> Any:
        """All entries but the first."""
        return vector[..., 1:]

    @staticmethod
    def prepend(scalar: Any, vector: Any) -> Any:
        """A vector with one more entry in front."""
        first = np.empty((*vector.shape[:-1], 1), dtype=object)
        first[...] = scalar
        return np.concatenate([first, vector], axis=-1)


BALLS = BallWorld()
