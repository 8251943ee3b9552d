"""The code of ternary rows: probabilities that add up to one, against a plain Krichevsky-Trofimov code, and what an order costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations_with_replacement, product
from math import factorial, log2, prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genbounds.models.compression._arithmetic import Reader, Writer
from genbounds.models.compression._levels import Row, code_rows, code_sorted_rows

matrices = st.tuples(st.integers(1, 6), st.integers(1, 7)).flatmap(
    lambda shape: st.lists(st.tuples(*[st.sampled_from((-1, 0, 0, 0, 1))] * shape[1]), min_size=shape[0], max_size=shape[0])
)


class Meter:
    """A coder that only multiplies probabilities."""

    def __init__(self) -> None:
        self.probability = Fraction(1)

    def code(self, weights: Sequence[int], symbol: int) -> int:
        self.probability *= Fraction(weights[symbol], sum(weights))
        return symbol


def probability(code: object, rows: Sequence[Row]) -> Fraction:
    meter = Meter()
    code(meter, len(rows), len(rows[0]), rows)  # type: ignore[operator]
    return meter.probability


@pytest.mark.slow
@given(matrices)
def test_rows_are_decoded(rows: list[Row]) -> None:
    for code, wanted in ((code_rows, rows), (code_sorted_rows, sorted(rows))):
        writer = Writer()
        code(writer, len(rows), len(rows[0]), wanted)
        assert code(Reader(writer.word()), len(rows), len(rows[0])) == wanted


def test_the_probabilities_of_all_matrices_add_up_to_one() -> None:
    every = list(product((-1, 0, 1), repeat=2))
    assert sum(probability(code_rows, rows) for rows in product(every, repeat=2)) == 1
    assert sum(probability(code_sorted_rows, rows) for rows in combinations_with_replacement(every, 3)) == 1


@pytest.mark.slow
@given(matrices)
def test_rows_in_order_cost_what_krichevsky_and_trofimov_say(rows: list[Row]) -> None:
    counts = Counter(level for row in rows for level in row)
    expected = estimator(counts[0], counts[1] + counts[-1]) * estimator(counts[1], counts[-1])
    assert probability(code_rows, rows) == expected


@pytest.mark.slow
@given(matrices)
def test_rows_without_an_order_save_the_logarithm_of_their_orders(rows: list[Row]) -> None:
    orders = factorial(len(rows)) // prod(factorial(count) for count in Counter(rows).values())
    # The urns learn in another order, but what they have learnt at the end, and so the product, does not depend on it.
    assert probability(code_sorted_rows, sorted(rows)) == orders * probability(code_rows, rows)


def estimator(first: int, second: int) -> Fraction:
    """(1/2)(3/2)...(first - 1/2) (1/2)...(second - 1/2) / (first + second)!"""
    halves = prod((Fraction(2 * i + 1, 2) for i in range(first)), start=Fraction(1))
    halves *= prod((Fraction(2 * i + 1, 2) for i in range(second)), start=Fraction(1))
    return halves / factorial(first + second)


def test_sparse_rows_cost_about_their_entropy() -> None:
    rows = [tuple(1 if (7 * i + j) % 20 == 0 else 0 for j in range(100)) for i in range(10)]
    entropy = -1000 * (0.05 * log2(0.05) + 0.95 * log2(0.95))
    assert entropy < -log2(probability(code_rows, rows)) < entropy + 15
