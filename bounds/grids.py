"""Grids fixed in advance on which observed norms, margins and free parameters are placed, so that one bound holds for all at once.

Every placement here is exact in floats: a grid point is never below the number it stands for (never above, for the margin).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from genbounds.bounds.worlds import FLOATS
from genbounds.bounds.worlds.protocol import Number, World


def doubling_index(size: Any, unit: Any) -> np.ndarray:
    """The smallest j >= 0 with unit * 2^j >= size (size >= 0, unit > 0), tested by multiplication with powers of two, which is exact.

    >>> doubling_index(16.0, 1.0), doubling_index(16.1, 1.0), doubling_index(0.0, 1.0)
    (array(4.), array(5.), array(0.))
    """
    size_mantissa, size_exponent = np.frexp(np.asarray(size, np.float64))
    unit_mantissa, unit_exponent = np.frexp(np.asarray(unit, np.float64))
    index = size_exponent - unit_exponent + (size_mantissa > unit_mantissa)
    return np.where(np.asarray(size) == 0, 0.0, np.maximum(index, 0)).astype(np.float64)


def doubling_index_of_product(sizes: Any, unit: Any) -> np.ndarray:
    """The smallest j >= 0 with unit * 2^j >= the product of the positive ``sizes`` along the last axis, wherever its parts lie.

    Mantissas and exponents are multiplied apart, so that no part of the product leaves the doubles. The mantissas' product is moved up
    by more than its rounding error: where the two sides agree to within that, it is one more.

    >>> doubling_index_of_product([1e-200, 1e-200, 1e300, 3.0], 1e-110), doubling_index_of_product([1e300, 3.0, 1e-200, 1e-200], 1e-110)
    (array(35.), array(35.))
    """
    mantissas, exponents = np.frexp(np.asarray(sizes, np.float64))
    product, exponent = np.ones(mantissas.shape[:-1]), np.zeros(mantissas.shape[:-1])
    for factor in range(mantissas.shape[-1]):
        product, shift = np.frexp(product * mantissas[..., factor])
        exponent = exponent + shift + exponents[..., factor]
    product, shift = np.frexp(product * (1 + (mantissas.shape[-1] + 2) * 2.0**-52))
    unit_mantissa, unit_exponent = np.frexp(np.asarray(unit, np.float64))
    return np.asarray(np.maximum(exponent + shift - unit_exponent + (product > unit_mantissa), 0.0))


def halving_index(margin: Any) -> np.ndarray:
    """The smallest integer g (negative ones too) with 2^-g <= margin: the margin rounded down to a power of two.

    >>> halving_index(1.0), halving_index(0.9), halving_index(5.0)
    (array(0.), array(1.), array(-2.))
    """
    _, exponent = np.frexp(np.asarray(margin, np.float64))
    return np.asarray(1.0 - exponent)


def quarter_power_index(size: Any) -> np.ndarray:
    """The smallest whole j >= -400 with 2^(j/4) >= size (size >= 0), or one more where the two are within 1e-9 of each other.

    Exact at powers of two, which are their own grid points.

    >>> quarter_power_index(1.0), quarter_power_index(1.5), quarter_power_index(0.0)
    (array(0.), array(3.), array(-400.))
    """
    size = np.asarray(size, np.float64)
    mantissa, exponent = np.frexp(size)
    with np.errstate(divide="ignore"):
        index = np.ceil(4 * np.log2(size) + 1e-9)
    index = np.where(mantissa == 0.5, 4.0 * (exponent - 1), index)
    return np.asarray(np.maximum(index, -400.0) + 0.0)  # no negative zero


def ceiling_of_multiple(factor: int, number: Any) -> Any:
    """ceil(factor * number) of the exact product, not of its rounding, or from 2^53 on the least double that is no smaller.

    >>> ceiling_of_multiple(2, 1.0), ceiling_of_multiple(3, 1 / 3)
    (array(2.), array(1.))
    """
    number = np.asarray(number, np.float64)
    product = factor * number
    mantissa, exponent = np.frexp(number)
    high = np.ldexp(np.floor(np.ldexp(mantissa, 26)), exponent - 26)
    rest = (factor * high - product) + factor * (number - high)  # the rounding error of the product, exactly, for factors below 2^26
    ceiling = np.ceil(product)
    above = np.maximum(ceiling + 1, np.nextafter(ceiling, np.inf))  # from 2^53 on the whole double above is further than 1 away
    return np.where((ceiling == product) & (rest > 0), above, ceiling)


_RATES = np.arange(-80, 17)
_BLOCK = 2**20


def rate_index(level: Callable[[Any, Any], Any], *inputs: Any) -> np.ndarray:
    """The j for which ``level(2^(j/2), ln of 1/weight of j)`` is smallest, for every element of the broadcast ``inputs``.

    The bound behind ``level`` must hold for every j: the choice, made in floats, costs tightness only.
    """
    shape = np.broadcast_shapes(*(np.shape(entry) for entry in inputs))
    step = max(1, _BLOCK // max(1, int(np.prod(shape))))
    best, found = np.full(shape, np.inf), np.zeros(shape)
    for start in range(0, _RATES.size, step):
        index = _RATES[start : start + step].reshape(-1, *(1,) * len(shape)).astype(np.float64)
        values = np.broadcast_to(level(2.0 ** (index / 2), np.asarray(weight_of_integer(FLOATS, index))), (index.shape[0], *shape))
        values = np.where(np.isnan(values), np.inf, values)  # where an intermediate result overflowed
        row = np.argmin(values, axis=0)
        smallest = np.take_along_axis(values, row[None], axis=0)[0]
        found = np.where(smallest < best, index.ravel()[row], found)
        best = np.minimum(smallest, best)
    return found


def weight_of_integer(math: World, index: Number) -> Number:
    """ln of 1 / weight for an index in the integers: weights 1 / (1.5 (|j| + 1)(|j| + 2)) add up to at most 1."""
    size = math.absolute(index)
    return math.log(3 * (size + 1) * (size + 2) / 2)


def weight_of_natural(math: World, index: Number) -> Number:
    """ln of 1 / weight for an index 0, 1, 2, ...: weights 1 / ((j + 1)(j + 2)) add up to 1."""
    return math.log((index + 1) * (index + 2))
