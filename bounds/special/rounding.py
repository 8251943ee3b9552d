"""Directed rounding: from a ball to a double, and from a double to a decimal, without ever crossing the exact value."""

import math
import re
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction

from flint import arb, ctx

from genbounds.bounds.special.precision import least_precision, precision

_ROUNDINGS = {"up": ROUND_CEILING, "down": ROUND_FLOOR, "nearest": ROUND_HALF_EVEN}
_LARGEST = math.ldexp(2**53 - 1, 971)
_SMALLEST_EXPONENT = -1074  # of the last bit of a subnormal double
_ENOUGH_BITS = 64  # rounding first to 64 bits and then to 53, both upward, is rounding to 53 bits once


def arb_to_float_up(x: arb) -> float:
    """Return the smallest double that is at least every number in the ball ``x``.

    Above the largest double this is infinity, and a ball that is not a number gives ``nan``.

    >>> arb_to_float_up(arb(2) ** -5000), arb_to_float_up(arb("0.1 +/- 1e-18"))
    (5e-324, 0.10000000000000002)
    """
    with least_precision(_ENOUGH_BITS):
        return _to_double(x.upper(), up=True)


def arb_to_float_down(x: arb) -> float:
    """Return the largest double that is at most every number in the ball ``x``.

    >>> arb_to_float_down(arb(2) ** -5000), arb_to_float_down(arb("0.1 +/- 1e-18"))
    (0.0, 0.09999999999999999)
    """
    with least_precision(_ENOUGH_BITS):
        return _to_double(x.lower(), up=False)


def _to_double(x: arb, *, up: bool) -> float:
    """Round an exact ``x`` to a double."""
    if x.is_nan():
        return math.nan
    if not x.is_finite():
        return math.inf if x > 0 else -math.inf
    man, exp = x.man_exp()
    sign = 1 if up else -1  # rounding down is rounding the negative up
    mantissa, exponent = sign * int(man), int(exp)
    if mantissa == 0:
        return 0.0
    top = exponent + mantissa.bit_length()
    last = max(top - 53, _SMALLEST_EXPONENT)
    if exponent < last:
        mantissa, exponent = -(-mantissa >> (last - exponent)), last
    if top > 1025 or exponent + mantissa.bit_length() > 1024:
        return sign * (math.inf if mantissa > 0 else -_LARGEST)
    return sign * math.ldexp(mantissa, exponent) + 0.0  # no negative zero


def binary_exponent(x: arb) -> int:
    """Return e with |midpoint of x| in [2^(e−1), 2^e); a midpoint of 0 counts as very small.

    >>> binary_exponent(arb(5))
    3
    """
    man, exp = x.mid().man_exp()
    mantissa = int(man)
    return int(exp) + mantissa.bit_length() if mantissa else -(10**6)


def at_most_one(x: arb) -> arb:
    """Cut off what a ball has above 1, for a number that is known to be at most 1; a ball wider than 1/8 is left as it is.

    Rounding 1 − 2^(−k−40) to k bits gives the midpoint 1 − 2^(−k) and the radius 2^(−k), so that the upper end is exactly 1:
    the one way to a radius that is an exact power of two.

    >>> at_most_one(arb(1, 1e-30)).upper() == 1
    True
    """
    if x <= 1 or x.is_nan():
        return x
    bits = min(ctx.prec, -binary_exponent((1 - x.lower()).upper()))
    if bits < 3:
        return x
    with precision(bits + 60):
        point = 1 - arb(2) ** (-bits - 40)
    with precision(bits):
        return +point


def decimal_up(x: float, digits: int) -> str:
    """Print the double ``x`` with ``digits`` significant digits, rounded toward plus infinity.

    >>> decimal_up(0.02951304960703, 4), decimal_up(-0.5, 3), decimal_up(1.25e-12, 2)
    ('0.02952', '-0.5', '1.3e-12')
    """
    return _decimal(x, digits, ROUND_CEILING)


def decimal_down(x: float, digits: int) -> str:
    """Print the double ``x`` with ``digits`` significant digits, rounded toward minus infinity.

    >>> decimal_down(0.02951304960703, 4)
    '0.02951'
    """
    return _decimal(x, digits, ROUND_FLOOR)


def decimal_nearest(x: float, digits: int) -> str:
    """Print the double ``x`` with ``digits`` significant digits, rounded to the nearest (ties to even).

    >>> decimal_nearest(2 / 3, 3)
    '0.667'
    """
    return _decimal(x, digits, ROUND_HALF_EVEN)


def formatted(value: int | float | Fraction, spec: str, direction: str) -> str:
    """Print a number by a format specification such as ``.4f`` or ``>12.3e``, rounded ``up``, ``down`` or to ``nearest``.

    As for floats, the precision is 6 where a type is given without one. Without type and precision 17 significant digits are shown, which
    are enough to tell every double from its neighbours.

    Raises:
        ValueError: a format type other than e, f, g or %.

    >>> formatted(0.02951304960703, ".4f", "up"), formatted(0.02951304960703, ".4f", "down"), formatted(2 / 3, "8.1%", "up")
    ('0.0296', '0.0295', '   66.7%')
    """
    if isinstance(value, float) and not math.isfinite(value):
        return format(value, re.sub(r"\.\d+|[a-zA-Z%]$", "", spec))
    parts = re.fullmatch(r"(?P<layout>.*?)(?P<precision>\.\d+)?(?P<type>[eEfFgG%]?)", spec)
    if parts is None or re.search(r"[a-zA-Z]$", parts["layout"][1:] if parts["layout"][1:2] in "<>=^" else parts["layout"]):
        raise ValueError(f"a format of a number must end in one of e, f, g, %, got {spec!r}: write it like .4f")
    precision = parts["precision"] or (".6" if parts["type"] else ".17")
    with localcontext(Context(prec=2000, rounding=_ROUNDINGS[direction])):
        number = Decimal(value) if isinstance(value, int | float) else _quotient(value, direction)
        layout = parts["layout"]
        grouped = layout.endswith("_")
        # Decimal groups by commas alone.
        text = format(number, f"{layout[:-1] + ',' if grouped else layout}{precision}{parts['type'] or 'g'}")
        return text.replace(",", "_") if grouped else text


def _quotient(value: Fraction, direction: str) -> Decimal:
    """A Fraction as a decimal of 60 digits, rounded in the direction."""
    return Context(prec=60, rounding=_ROUNDINGS[direction]).divide(Decimal(value.numerator), Decimal(value.denominator))


def _decimal(x: float, digits: int, rounding: str) -> str:
    if not math.isfinite(x):
        return str(float(x))
    rounded = Context(prec=digits, rounding=rounding).create_decimal(Decimal(x))
    if rounded == 0:
        return "0"
    exponent = rounded.adjusted()
    if -5 <= exponent < 16:
        return f"{rounded:f}"
    mantissa = rounded.scaleb(-exponent, Context(prec=digits))
    return f"{mantissa:f}e{exponent:+03d}"
