"""The world of floats and numpy arrays: broadcasts, fast; elementary functions are plain float64, iterative members are padded upward."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from genbounds.bounds import special
from genbounds.bounds.special.gamma import log_gamma_second_increment
from genbounds.bounds.special.summing import product_and_rest, sums_after
from genbounds.bounds.worlds.blocks import SHORT

_FLOOR_PAD = 1e-14  # relative; the arguments of a floor are a few operations away from the inputs


class FloatWorld:
    """numpy's reading of a formula. Vector inputs have the layer as their last axis.

    >>> float(FloatWorld().sqrt(4))
    2.0
    """

    pi = math.pi
    log: Callable[..., Any] = staticmethod(np.log)
    log2: Callable[..., Any] = staticmethod(np.log2)
    log1p: Callable[..., Any] = staticmethod(np.log1p)
    exp: Callable[..., Any] = staticmethod(np.exp)
    expm1: Callable[..., Any] = staticmethod(np.expm1)
    sqrt: Callable[..., Any] = staticmethod(np.sqrt)
    power: Callable[..., Any] = staticmethod(np.power)
    ceil: Callable[..., Any] = staticmethod(np.ceil)
    absolute: Callable[..., Any] = staticmethod(np.absolute)
    minimum: Callable[..., Any] = staticmethod(np.minimum)
    maximum: Callable[..., Any] = staticmethod(np.maximum)
    less: Callable[..., Any] = staticmethod(np.less)
    less_equal: Callable[..., Any] = staticmethod(np.less_equal)
    where: Callable[..., Any] = staticmethod(np.where)
    kl_inverse: Callable[..., Any] = staticmethod(special.kl_inverse)
    kl_inverse_lower: Callable[..., Any] = staticmethod(special.kl_inverse_lower)
    bennett_inverse: Callable[..., Any] = staticmethod(special.bennett_inverse)
    binomial_tail_inverse: Callable[..., Any] = staticmethod(special.binomial_tail_inverse)
    binomial_tail_inverse_log: Callable[..., Any] = staticmethod(special.binomial_tail_inverse_log)
    change_of_compression_inverse: Callable[..., Any] = staticmethod(special.change_of_compression_inverse)
    mixture_inverse: Callable[..., Any] = staticmethod(special.mixture_inverse)
    capital_inverse: Callable[..., Any] = staticmethod(special.capital_inverse)
    log_binomial_sum: Callable[..., Any] = staticmethod(special.log_binomial_sum)
    xi: Callable[..., Any] = staticmethod(special.xi)
    x_minus_log1p: Callable[..., Any] = staticmethod(special.x_minus_log1p)
    log_gamma_second_increment: Callable[..., Any] = staticmethod(log_gamma_second_increment)

    @staticmethod
    def lift(value: Any) -> np.ndarray:
        """Float64 of an int, Fraction, float, array or sequence of them."""
        if isinstance(value, np.ndarray) and value.dtype != object:
            return value.astype(np.float64, copy=False)
        return (
            np.vectorize(float, otypes=[np.float64])(np.asarray(value, dtype=object))
            if _holds_objects(value)
            else np.asarray(value, np.float64)
        )

    @staticmethod
    def let(latex: str, expression: Any) -> Any:
        """The expression itself: names matter only in print."""
        return expression

    @staticmethod
    def ceil_log2(n: Any) -> Any:
        """The smallest whole k >= 0 with 2^k >= n, for n >= 1."""
        mantissa, exponent = np.frexp(np.asarray(n, dtype=np.float64))
        return exponent - (mantissa == 0.5) * 1.0

    @staticmethod
    def one_minus_exp(x: Any) -> Any:
        """1 - exp(-x), without cancellation."""
        return -np.expm1(-np.asarray(x, dtype=np.float64))

    @staticmethod
    def log_quotient(x: Any, y: Any) -> Any:
        """ln(x/y), also where the quotient overflows (1/delta for a delta below 5.6e-309) or is close to 1 (for a delta close to 1)."""
        quotient = np.divide(x, y)
        log = np.log(quotient)
        if np.isinf(quotient).any():
            log = np.where(np.isinf(quotient), np.log(x) - np.log(y), log)
        near = (quotient > 0.5) & (quotient < 2)  # there x - y is exact
        return np.where(near, np.log1p(np.divide(np.subtract(x, y), y)), log) if near.any() else log

    @staticmethod
    def ratio(p: int, q: int) -> float:
        """The constant p/q."""
        return p / q

    @staticmethod
    def sum(vector: Any) -> Any:
        """Sum over the last axis."""
        return np.sum(vector, axis=-1)

    @staticmethod
    def prod(vector: Any) -> Any:
        """Product over the last axis."""
        return np.prod(vector, axis=-1)

    @staticmethod
    def largest(vector: Any) -> Any:
        """Largest entry along the last axis."""
        return np.max(vector, axis=-1)

    @staticmethod
    def smallest(vector: Any) -> Any:
        """Smallest entry along the last axis."""
        return np.min(vector, axis=-1)

    @staticmethod
    def cumulative(vector: Any) -> Any:
        """Running sums along the last axis."""
        if np.ndim(vector) < 2 or vector.shape[-1] > SHORT:
            return np.cumsum(vector, axis=-1)
        result = np.empty_like(vector)  # layer by layer: numpy's own takes a call for every element of the batch
        result[..., 0] = vector[..., 0]
        for layer in range(1, vector.shape[-1]):
            np.add(result[..., layer - 1], vector[..., layer], out=result[..., layer])
        return result

    @staticmethod
    def carried(steps: Any, rates: Any, kicks: Any) -> Any:
        """The last v_t of v_t = (1 + step_t rate_t) v_{t-1} + kick_t, from v_0 = 0: each kick grows by the sum of the later logarithms."""
        steps, rates, kicks = np.broadcast_arrays(steps, rates, kicks)
        product, rest = product_and_rest(steps, rates)
        logs = np.where(product < -0.5, np.log((1 + product) + rest), np.log1p(product))
        return np.sum(np.where(kicks == 0, 0, kicks * np.exp(sums_after(logs))), axis=-1)

    @staticmethod
    def floor(x: Any) -> Any:
        """The largest whole number that is at most x, which is padded upward by far more than its rounding error."""
        return np.floor(np.asarray(x, dtype=np.float64) * (1 + _FLOOR_PAD))

    @staticmethod
    def positions(vector: Any) -> Any:
        """1, 2, ... along the last axis."""
        return np.arange(1, np.shape(vector)[-1] + 1, dtype=np.float64)

    @staticmethod
    def last(vector: Any) -> Any:
        """The last entry."""
        return vector[..., -1]

    @staticmethod
    def with_last(vector: Any, scalar: Any) -> Any:
        """The vector with its last entry replaced."""
        return np.concatenate([vector[..., :-1], np.asarray(scalar)[..., None]], axis=-1)

    @staticmethod
    def last_crossing(function: Callable[[Any], Any], guess: Any) -> Any:
        """The largest integer m with function(m) >= 0, for a concave function; ``guess`` comes from a search in floats."""
        return np.asarray(guess)

    @staticmethod
    def along(scalar: Any) -> Any:
        """A scalar (per batch element) set beside a vector: one new last axis."""
        return np.asarray(scalar)[..., None]

    @staticmethod
    def rows(vector: Any) -> Any:
        """A vector over the layers set beside the levels of a chain: one new axis before the last."""
        return vector[..., None, :]

    @staticmethod
    def before(vector: Any) -> Any:
        """All entries but the last: entry i of the result is the neighbour before entry i of ``after``."""
        return vector[..., :-1]

    @staticmethod
    def after(vector: Any) -> Any:
        """All entries but the first."""
        return vector[..., 1:]

    @staticmethod
    def prepend(scalar: Any, vector: Any) -> Any:
        """A vector with one more entry in front."""
        first = np.broadcast_to(np.asarray(scalar)[..., None], (*vector.shape[:-1], 1))
        return np.concatenate([first, vector], axis=-1)

    def adopt(self, inputs: dict[str, Any], vectors: frozenset[str]) -> tuple[FloatWorld, dict[str, Any]]:
        """Lift every input to float64."""
        return self, {name: self.lift(value) for name, value in inputs.items()}

    @staticmethod
    def hand_back(value: Any, inputs: dict[str, Any]) -> Any:
        """The value itself: float64 whatever the dtype of the arrays."""
        return value

    @staticmethod
    def to_numpy(value: Any) -> np.ndarray:
        """The value itself, as an array."""
        return np.asarray(value)


def _holds_objects(value: Any) -> bool:
    """Whether numpy would make an object array of the value (Fractions, ints beyond 64 bits)."""
    return np.asarray(value).dtype == object


FLOATS = FloatWorld()
