"""A prefix code of quantised weights: what a compression bound may charge for, as bits that can be decoded again.

A sequence of whole numbers (the quantisation level of each weight) is written as its length, its distinct levels, the lengths of their
Huffman words, and the words. Numbers are in Elias's delta code. Each part says where it ends, so no code is a prefix of another.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any


def encode_levels(levels: Iterable[int]) -> str:
    """The code of a finite sequence of whole numbers (of either sign), as a string of 0s and 1s; its length in bits is the price of the
    sequence.

    The code takes about the entropy of the levels for each weight, and a few bits for each distinct level. The values that the levels stand
    for (a codebook, a scale) are not in it: if they were chosen on the data, add their bits.

    Raises:
        ValueError: a level that is not a whole number.

    >>> bits = encode_levels([0, 0, 0, 1, 0, -1, 0, 0])
    >>> len(bits), decode_levels(bits)
    (41, [0, 0, 0, 1, 0, -1, 0, 0])
    """
    sequence = [_whole(level) for level in levels]
    counts = Counter(sequence)
    alphabet = sorted(counts)
    lengths = _huffman_lengths([counts[level] for level in alphabet])
    words = dict(zip(alphabet, _canonical_words(lengths), strict=True))
    header = [elias_delta(len(sequence) + 1), elias_delta(len(alphabet) + 1)]
    if alphabet:
        header.append(elias_delta(_unsigned(alphabet[0]) + 1))
        header += [elias_delta(after - before) for before, after in pairwise(alphabet)]
        header += [elias_delta(length + 1) for length in lengths]
    return "".join(header) + "".join(words[level] for level in sequence)


def _whole(level: Any) -> int:
    """The level as an int; ``ValueError`` for what is not a whole number, which would be decoded as another level."""
    try:
        whole = int(level)
    except (TypeError, ValueError, OverflowError):
        whole = None
    if whole is None or whole != level:
        raise ValueError(f"levels must be whole numbers, got {level!r}: pass the index of each weight's level in the codebook")
    return whole


def decode_levels(bits: str) -> list[int]:
    """The sequence that ``encode_levels`` wrote.

    Raises:
        ValueError: the bits are not a code, or some of them are left over.

    >>> decode_levels(encode_levels([0, 2, -1]))
    [0, 2, -1]
    """
    reader = _Reader(bits)
    total, distinct = reader.number() - 1, reader.number() - 1
    alphabet: list[int] = []
    for i in range(distinct):
        number = reader.number()
        alphabet.append(alphabet[-1] + number if i else _signed(number - 1))
    lengths = [reader.number() - 1 for _ in alphabet]
    level_of = dict(zip(_canonical_words(lengths), alphabet, strict=True))
    sequence = [level_of[reader.word(level_of)] for _ in range(total)]
    if reader.position != len(bits):
        raise ValueError(f"bits must be one code, got {len(bits) - reader.position} more than it needs: split them off")
    return sequence


def elias_delta(number: int) -> str:
    """Elias's delta code of a positive whole number, log2(number) + 2 log2 log2(number) + O(1) bits.

    >>> [elias_delta(number) for number in (1, 2, 3, 17)]
    ['1', '0100', '0101', '001010001']
    """
    if number < 1:
        raise ValueError(f"number must be at least 1, got {number}: shift it")
    binary = f"{number:b}"
    size = f"{len(binary):b}"
    return "0" * (len(size) - 1) + size + binary[1:]


def _unsigned(level: int) -> int:
    """0, -1, 1, -2, 2, ... to 0, 1, 2, 3, 4, ..."""
    return 2 * level if level >= 0 else -2 * level - 1


def _signed(number: int) -> int:
    return number // 2 if number % 2 == 0 else -(number + 1) // 2


def _huffman_lengths(counts: Sequence[int]) -> list[int]:
    """The lengths of Huffman's words for these counts; a single symbol has the empty word."""
    lengths = [0] * len(counts)
    heap = [(count, index, [index]) for index, count in enumerate(counts)]
    heapq.heapify(heap)
    while len(heap) > 1:
        first, _, left = heapq.heappop(heap)
        second, tie, right = heapq.heappop(heap)
        for symbol in left + right:
            lengths[symbol] += 1
        heapq.heappush(heap, (first + second, tie, left + right))
    return lengths


def _canonical_words(lengths: Sequence[int]) -> list[str]:
    """The words with these lengths, in order of length and then of position, each the next binary number."""
    words, code, before = [""] * len(lengths), 0, 0
    for length, position in sorted((length, position) for position, length in enumerate(lengths)):
        code <<= length - before
        words[position] = f"{code:0{length}b}" if length else ""
        code, before = code + 1, length
    return words


class _Reader:
    """Reads numbers and words from the front of a string of bits."""

    def __init__(self, bits: str) -> None:
        self.bits, self.position = bits, 0

    def take(self, count: int) -> str:
        """The next ``count`` bits."""
        end = self.position + count
        if end > len(self.bits):
            raise ValueError(f"bits must be a whole code, got {len(self.bits)} bits that end inside one: pass all of it")
        taken, self.position = self.bits[self.position : end], end
        return taken

    def number(self) -> int:
        """The next number in Elias's delta code."""
        zeros = 0
        while self.take(1) == "0":
            zeros += 1
        size = int("1" + self.take(zeros), 2)
        return int("1" + self.take(size - 1), 2)

    def word(self, known: dict[str, int]) -> str:
        """The next word of a prefix-free set."""
        word = ""
        while word not in known:
            word += self.take(1)
        return word
