"""The arithmetic coder: decodable, prefix-free, within two bits of the information."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise, product
from math import log2, prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genbounds.models.compression._arithmetic import Reader, Writer

steps = st.lists(st.integers(1, 10**12), min_size=1, max_size=5).flatmap(
    lambda weights: st.tuples(st.just(weights), st.integers(0, len(weights) - 1))
)


def word_of(choices: list[tuple[list[int], int]]) -> str:
    writer = Writer()
    for weights, symbol in choices:
        writer.code(weights, symbol)
    return writer.word()


@pytest.mark.slow
@given(st.lists(steps, max_size=60))
def test_what_was_written_is_read_and_the_word_is_within_two_bits_of_the_information(choices: list[tuple[list[int], int]]) -> None:
    word = word_of(choices)
    reader = Reader(word)
    assert [reader.code(weights) for weights, _ in choices] == [symbol for _, symbol in choices]
    probability = prod((Fraction(weights[symbol], sum(weights)) for weights, symbol in choices), start=Fraction(1))
    assert Fraction(1, 2 ** len(word)) <= probability < Fraction(4, 2 ** len(word))


def test_words_of_an_adaptive_code_are_prefix_free_and_kraft_holds() -> None:
    # Seven flips of a coin whose weights are the counts so far, plus one: weights that depend on what was decoded before.
    words = []
    for flips in product((0, 1), repeat=7):
        words.append(word_of([([1 + flips[:i].count(0), 1 + flips[:i].count(1)], flip) for i, flip in enumerate(flips)]))
    assert not any(after.startswith(before) for before, after in pairwise(sorted(words)))
    assert sum(Fraction(1, 2 ** len(word)) for word in words) <= 1


def test_the_word_is_the_shortest_in_its_interval() -> None:
    # Symbol 1 of weights 1, 2, 1 has the interval [1/4, 3/4): the longest dyadic intervals in it are [1/4, 1/2) and [1/2, 3/4).
    assert word_of([([1, 2, 1], 1)]) == "01"
    assert word_of([]) == word_of([([5], 0)]) == ""
    assert len(word_of([([1, 999], 1)] * 100)) <= -100 * log2(0.999) + 2


@pytest.mark.parametrize(("weights", "symbol"), [([1, 0], 1), ([1, 1], 2), ([1, 1], -1)])
def test_a_symbol_without_weight_has_no_word(weights: list[int], symbol: int) -> None:
    with pytest.raises(ValueError, match="no code"):
        Writer().code(weights, symbol)


def test_a_word_must_be_bits() -> None:
    with pytest.raises(ValueError, match="0s and 1s"):
        Reader("0120")
