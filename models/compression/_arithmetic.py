"""Arithmetic coding in exact integers: the word of a sequence of choices, within two bits of its information, and back."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Protocol


class Coder(Protocol):
    """What a code is written against once, for both directions: ``Writer`` takes the symbols, ``Reader`` finds them."""

    def code(self, weights: Sequence[int], symbol: int) -> int:
        """The symbol chosen, of probability weights[symbol] / sum(weights). A reader ignores the one it is given."""


class Writer:
    """Narrows the interval [0, 1) choice by choice, in exact rational numbers.

    Successive choices divide an interval into disjoint ones, so two sequences of which none begins the other have disjoint intervals.
    The word is the shortest whose dyadic interval [0.word, 0.word + 2^-length) lies inside: so the words are prefix-free, and a word is
    shorter than log2(1/probability) + 2 bits (Rissanen 1976).

    >>> writer = Writer()
    >>> for symbol in (0, 0, 1, 0):
    ...     _ = writer.code([9, 1], symbol)
    >>> writer.word()
    '11000'
    """

    def __init__(self) -> None:
        self._low, self._width, self._denominator = 0, 1, 1

    def code(self, weights: Sequence[int], symbol: int) -> int:
        """Narrow the interval to the symbol's part. ``ValueError`` for a symbol without weight."""
        if not 0 <= symbol < len(weights) or weights[symbol] < 1:
            raise ValueError(f"symbol must have a positive weight, got {symbol} of {len(weights)} weights: it has no code here")
        total = sum(weights)
        self._low = self._low * total + self._width * sum(weights[:symbol])
        self._width *= weights[symbol]
        self._denominator *= total
        return symbol

    def word(self) -> str:
        """The shortest word inside the interval."""
        length = max(0, self._denominator.bit_length() - self._width.bit_length() - 1)
        while True:
            start = -((-self._low << length) // self._denominator)
            if (start + 1) * self._denominator <= (self._low + self._width) << length:
                return f"{start:0{length}b}" if length else ""
            length += 1


class Reader:
    """Finds the choices of a word, given the same weights in the same order. Bits missing at the end count as zeros."""

    def __init__(self, word: str) -> None:
        if set(word) - {"0", "1"}:
            raise ValueError(f"word must consist of 0s and 1s, got {sorted(set(word) - {'0', '1'})} in it: pass the bits as a string")
        self._position, self._denominator = int(word or "0", 2), 1 << len(word)

    def code(self, weights: Sequence[int], symbol: int = 0) -> int:
        """The symbol whose part of the interval holds the word's point, which is then taken relative to that part."""
        total = sum(weights)
        point = self._position * total
        below = 0
        for found, after in enumerate(accumulate(weights)):
            if point < after * self._denominator:
                self._position = point - below * self._denominator
                self._denominator *= weights[found]
                return found
            below = after
        raise AssertionError("a point below 1 lies in one of the parts")
