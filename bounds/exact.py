"""Numbers as they were given: ints, Fractions and doubles, compared and stored without rounding."""

from __future__ import annotations

import decimal
import math
import numbers
import re
import sys
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np

Exact: TypeAlias = int | Fraction | float
ExactOrVector: TypeAlias = Exact | tuple[Exact, ...]
LARGEST_EXPONENT = 400
"""Of a decimal in a text: doubles end at 1.8e308."""


def exact(value: Any, name: str = "value") -> Exact:
    """Return ``value`` as an int, a Fraction or a double, without changing it.

    numpy scalars become the Python number of the same value (a long double that is not a double a Fraction), a ``Decimal`` becomes the
    Fraction it denotes, and a text is read as people write numbers, exactly (``read_decimal``). Raises ``ValueError`` for
    NaN, infinities and texts that are not numbers, and ``TypeError`` for anything that is not a real number; ``name`` is used in the
    message.

    >>> exact(np.float32(0.5)), exact(decimal.Decimal("0.05")), exact("0.05"), exact("1e4")
    (0.5, Fraction(1, 20), Fraction(1, 20), 10000)
    """
    if _is_plain(value):
        return value  # type: ignore[no-any-return]
    if isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be a number, got {value!r}: pass 0 or 1 if a count is meant")
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else value
    if isinstance(value, str):
        return read_decimal(value, name)
    if isinstance(value, decimal.Decimal):
        if not value.is_finite():
            raise ValueError(f"{name} must be finite, got {value}: look for an overflow or a missing value where it was computed")
        return exact(Fraction(value), name)
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return exact(value[()], name)
    if isinstance(value, np.longdouble) and np.isfinite(value):
        ratio = Fraction(*value.as_integer_ratio())
        return float(ratio) if abs(ratio) <= sys.float_info.max and float(ratio) == ratio else exact(ratio, name)
    if isinstance(value, (numbers.Real, np.floating)):
        number = float(value)
        if not math.isfinite(number):
            raise ValueError(f"{name} must be finite, got {number}: look for an overflow or a missing value where it was computed")
        return number
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:  # a 0-d tensor of any library
        return exact(value.item(), name)
    raise TypeError(f"{name} must be a number, got {type(value).__name__}: pass an int, a Fraction or a float")


def _is_plain(value: Any) -> bool:
    """Whether the value is an int or a finite double as it is: what long vectors hold, told apart without the abstract number classes."""
    return type(value) is int or (type(value) is float and math.isfinite(value))


def exact_vector(value: Any, name: str = "value") -> tuple[Exact, ...]:
    """Return a one-dimensional sequence or array as a tuple of exact numbers; ``ValueError`` if it is empty or not one-dimensional.

    >>> exact_vector(np.array([1.0, 2.5]))
    (1.0, 2.5)
    """
    if getattr(value, "ndim", 1) != 1 or isinstance(value, (str, bytes)) or not isinstance(value, (Sequence, np.ndarray)):
        if hasattr(value, "tolist") and getattr(value, "ndim", 0) == 1:
            return exact_vector(value.tolist(), name)
        shape = tuple(getattr(value, "shape", ()))
        raise ValueError(
            f"{name} must be a vector with one number per layer (or step), got {type(value).__name__} of shape {shape}: "
            "pass a list, a tuple or a 1-d array"
        )
    entries = value.tolist() if isinstance(value, np.ndarray) and value.dtype.kind in "iuf" and value.dtype.itemsize <= 8 else value
    if len(entries) and all(map(_is_plain, entries)):
        return tuple(entries)
    numbers_ = tuple(exact(entry, f"{name}[{index}]") for index, entry in enumerate(entries))
    if not numbers_:
        raise ValueError(f"{name} must hold at least one number, got an empty vector: pass one entry per layer (or step)")
    return numbers_


def exact_or_vector(value: Any, name: str = "value") -> ExactOrVector:
    """``exact`` for a scalar, ``exact_vector`` for a sequence or an array with one axis.

    >>> exact_or_vector([1, 2]), exact_or_vector(3)
    ((1, 2), 3)
    """
    if isinstance(value, (list, tuple)) or getattr(value, "ndim", 0) >= 1:
        return exact_vector(value, name)
    return exact(value, name)


def refuse_no_number(value: Any, name: str) -> None:
    """Raise ``TypeError`` unless ``value`` is a real number, an array, tensor or nested sequence of them; infinities and NaN pass.

    numpy would read True as 1 and a ragged list as objects. A text with a number in it passes; ``without_texts`` reads it.

    >>> refuse_no_number([True, 2], "n")
    Traceback (most recent call last):
    ...
    TypeError: n must be a number, got True: pass 0 or 1 if a count is meant
    """
    if isinstance(value, (list, tuple)):
        for entry in value:
            refuse_no_number(entry, name)
    elif isinstance(value, np.ndarray) and value.dtype.kind not in "iufO":
        raise TypeError(f"{name} must be an array of numbers, got one of type {value.dtype}: convert it to float64")
    elif isinstance(value, np.ndarray) and value.dtype.kind == "O":
        refuse_no_number(value.tolist(), name)
    elif not isinstance(value, float) and (isinstance(value, np.generic) or not hasattr(value, "dtype")):
        number = Fraction(exact(value, name))
        if abs(number) > sys.float_info.max:
            raise ValueError(
                f"{name} must be at most 1.8e308 to be read in floats, got one of {int(number).bit_length()} bits: "
                "call the bound itself, whose certificate reads it exactly"
            )


def without_texts(value: Any, name: str) -> Any:
    """The same value with every text in it, alone or in nested lists, read as an exact number.

    >>> without_texts(["1/20", 3, [0.5]], "delta")
    [Fraction(1, 20), 3, [0.5]]
    """
    if isinstance(value, str):
        return exact(value, name)
    if isinstance(value, (list, tuple)):
        return type(value)([without_texts(entry, name) for entry in value])
    return value


def written(value: Any) -> str:
    """An exact number for a message, or a vector of them: a Fraction with its decimals, a number of many digits by its power of two.

    >>> written(Fraction(1, 3)), written(10**400), written((1, -Fraction(10**400, 3)))
    ('1/3 (about 0.333333)', 'about 2^1328', '(1, about -2^1327)')
    """
    if isinstance(value, tuple):
        return f"({', '.join(map(written, value))})"
    if not isinstance(value, (int, Fraction)) or not value:
        return str(value)
    exponent = abs(value.numerator).bit_length() - value.denominator.bit_length()
    if abs(exponent) > 1000:
        return f"about {'-' if value < 0 else ''}2^{exponent}"
    if isinstance(value, int):
        return str(value)
    decimals = f"about {float(value):.6g}"
    return f"{value} ({decimals})" if value.denominator.bit_length() <= 256 else decimals


def directed(value: Exact, name: str, *, up: bool) -> float:
    """The nearest double that is at least the exact value (at most, if not ``up``); ``ValueError`` where there is none.

    A number above the largest double has one below it, the largest; and 0 is refused as the double below a positive number.

    >>> directed(Fraction(1, 3), "x", up=True) > Fraction(1, 3) > directed(Fraction(1, 3), "x", up=False), directed(10**400, "n", up=False)
    (True, 1.7976931348623157e+308)
    """
    if isinstance(value, float):
        return value
    largest = sys.float_info.max
    if not -largest <= value <= largest:
        if (value > 0) == up:
            raise ValueError(f"{name} must be at most 1.8e308 in size for a search in doubles, got {written(value)}: rescale the inputs")
        return -largest if up else largest
    near = float(value)
    if (up and Fraction(near) < value) or (not up and Fraction(near) > value):
        near = math.nextafter(near, math.inf if up else -math.inf)
    if near == 0 and value > 0:
        raise ValueError(f"{name} must be at least 5e-324 for a search in doubles, got {written(value)}: rescale the inputs")
    return near


def broadcast_shape(shapes: Mapping[str, tuple[int, ...]]) -> tuple[int, ...]:
    """The common shape of the inputs of a call; ``ValueError`` that names them if there is none.

    >>> broadcast_shape({"n": (3, 1), "delta": (4,)})
    (3, 4)
    """
    try:
        return np.broadcast_shapes(*shapes.values())
    except ValueError:
        given = ", ".join(f"{name} {shape}" for name, shape in shapes.items() if shape)
        raise ValueError(f"the shapes of the inputs must broadcast, got {given}: give each array the same shape, or length 1") from None


def to_json(value: Any) -> Any:
    """An exact number (or a vector of them, or a dict with such entries) as JSON that reads back to the same number and type.

    >>> to_json(Fraction(1, 20)), to_json((1, 0.5))
    ({'fraction': '1/20'}, [1, 0.5])
    """
    if isinstance(value, (tuple, list)):
        return [to_json(entry) for entry in value]
    if isinstance(value, Mapping):
        return {name: to_json(entry) for name, entry in value.items()}
    if isinstance(value, Fraction):
        return {"fraction": f"{value.numerator}/{value.denominator}"}
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": repr(value)}
    return value


def from_json(value: Any) -> Any:
    """The inverse of ``to_json``.

    >>> from_json({"fraction": "1/20"})
    Fraction(1, 20)
    """
    if isinstance(value, list):
        return tuple(from_json(entry) for entry in value)
    if isinstance(value, dict) and set(value) == {"fraction"}:
        refuse_extreme(value["fraction"], "a fraction")
        return Fraction(value["fraction"])
    if isinstance(value, dict) and set(value) == {"float"}:
        return float(value["float"])
    return value


def brief(text: str) -> str:
    """A text for a message, in quotes: of a long one the beginning and the length.

    >>> brief("0.05x"), brief("9" * 5000)[-22:]
    ("'0.05x'", "'... (5000 characters)")
    """
    return repr(text) if len(text) <= 100 else f"{text[:60]!r}... ({len(text)} characters)"


def refuse_extreme(text: str, name: str = "value") -> None:
    """Raise ``ValueError`` for a text with an exponent beyond 400: its exact value would take minutes, or all memory.

    >>> refuse_extreme("1e308")
    """
    exponent = re.search(r"[eE]([-+]?\d[\d_]*)\s*$", text)
    if exponent and abs(int(exponent[1])) > LARGEST_EXPONENT:
        raise ValueError(f"{name} must lie between 1e-400 and 1e400, got {brief(text.strip())}: look for a slip in its exponent")


def read_decimal(text: str, name: str = "value") -> Exact:
    """Read a number as people write it, exactly: ``0.05`` is 1/20, ``1/3`` a third, ``1e-3`` a thousandth.

    Used by the command line and by JSON inputs; ``ValueError`` (``name`` in its message) if the text is not a number.

    >>> read_decimal("0.05"), read_decimal("1e4"), read_decimal("20/500")
    (Fraction(1, 20), 10000, Fraction(1, 25))
    """
    refuse_extreme(text, name)
    try:
        number = Fraction(text.strip().replace("_", ""))
    except (ValueError, ZeroDivisionError) as error:
        raise ValueError(f"{name} must be a number, got {brief(text)}: write it like 0.05, 1/20, 1e-3 or 1000") from error
    return int(number) if number.denominator == 1 else number
