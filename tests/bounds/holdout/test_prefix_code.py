"""The prefix code of quantised weights: decodable, prefix-free, Kraft's inequality by enumeration, near the entropy."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import pairwise, product
from math import log2
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genbounds.bounds.holdout import compression, decode_levels, encode_levels, occam_kl
from genbounds.bounds.holdout._prefix_code import elias_delta


@pytest.mark.slow
@given(st.lists(st.integers(-(10**20), 10**20), max_size=60))
def test_what_was_encoded_is_decoded(levels: list[int]) -> None:
    assert decode_levels(encode_levels(levels)) == levels


def test_no_code_is_a_prefix_of_another_and_kraft_holds() -> None:
    codes = [encode_levels(levels) for size in range(6) for levels in product((-1, 0, 1), repeat=size)]
    ordered = sorted(codes)
    assert len(set(codes)) == len(codes)
    assert not any(after.startswith(before) for before, after in pairwise(ordered))
    assert sum(Fraction(1, 2 ** len(code)) for code in codes) <= 1


def test_elias_delta_is_prefix_free() -> None:
    words = sorted(elias_delta(number) for number in range(1, 2000))
    assert not any(after.startswith(before) for before, after in pairwise(words))
    assert sum(Fraction(1, 2 ** len(word)) for word in words) < 1


def test_the_length_is_near_the_entropy() -> None:
    levels = np.round(np.random.default_rng(0).normal(size=20000) * 2).astype(int).tolist()
    counts = Counter(levels)
    entropy = -sum(count * log2(count / len(levels)) for count in counts.values())
    assert entropy <= len(encode_levels(levels)) <= 1.03 * entropy + 12 * len(counts)


def test_cut_and_overlong_codes_are_refused() -> None:
    bits = encode_levels([3, 1, 3, 3])
    with pytest.raises(ValueError, match="whole code"):
        decode_levels(bits[:-1])
    with pytest.raises(ValueError, match="one code"):
        decode_levels(bits + "0")


def test_the_compression_bound_is_occam_with_the_code_length() -> None:
    bits = len(encode_levels([0, 1, 0, 0, -1] * 40))
    inputs = {"empirical_risk": Fraction(1, 50), "n": 5000, "delta": Fraction(1, 20)}
    occam = occam_kl(**inputs, log_inverse_prior=bits * np.log(2)).value
    assert compression(**inputs, bits=bits).value == pytest.approx(occam, rel=1e-14)
    assert compression(**inputs, bits=bits, code="plain").value > occam


@pytest.mark.parametrize("level", [0.7, -1.5, float("nan"), float("inf"), None, "1", 1j])
def test_a_level_that_is_no_whole_number_is_refused(level: Any) -> None:
    """Truncated, it would be decoded as another level: the code would not be that of the network whose risk is certified."""
    with pytest.raises(ValueError, match="levels must be whole numbers"):
        encode_levels([0, level])


def test_whole_numbers_of_any_type_are_levels() -> None:
    numbers: list[Any] = [np.int8(2), 3.0, True]
    assert encode_levels(numbers) == encode_levels([2, 3, 1])
