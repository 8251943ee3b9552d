"""Points that are shattered by reading bits: compared with a network run in plain Python, and the faults that they refute."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from genbounds.bounds import Capacity, get
from genbounds.verification.checks.faults.capacities import directly, settings_of
from genbounds.verification.checks.faults.generated import faults
from genbounds.verification.checks.rungs.brute_force import look, meetings
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.small_worlds import bit_extraction
from genbounds.verification.small_worlds.bit_extraction import WORLDS, borders, broken_line, patterns_of_a_weight, polynomial


def capacity_named(name: str) -> Capacity:
    found = get(name)
    assert isinstance(found, Capacity)
    return found


def test_every_labelling_of_the_points_is_that_of_a_network_run_in_plain_python() -> None:
    """Two weights of two bits: all 16 labellings of the four points, by networks of widths (3, 1, 4, 1) with whole numbers as weights."""
    bits, weights = 2, 2
    ends = [int(end) for end in borders(bits)]
    kinks = [0] + [(a + b) // 2 for a, b in itertools.pairwise(ends)]
    outward = [1] + [2 * (-1) ** k for k in range(1, len(kinks))]
    seen = set()
    for numbers in itertools.product(range(2**bits), repeat=weights):
        labels = []
        for i, place in itertools.product(range(weights), range(bits)):
            point = [int(i == k) for k in range(weights)] + [2**bits * place]
            unit = max(0, 4 * sum(w * x for w, x in zip((*numbers, 1), point, strict=True)))
            hidden = [max(0, unit - kink) for kink in kinks]
            labels.append(sum(v * h for v, h in zip(outward, hidden, strict=True)) - ends[0] > 0)
        seen.add(tuple(labels))
    assert len(seen) == 2 ** (bits * weights)
    assert (weights + 1, 1, len(kinks), 1) == bit_extraction._by_widths(bits, weights)["widths"]


@pytest.mark.parametrize("bits", [1, 4, 7])
def test_the_broken_line_and_the_polynomial_say_the_same(bits: int) -> None:
    numbers = 4 * np.arange(bits << bits)
    assert np.array_equal(broken_line(numbers, bits) > 0, polynomial(numbers, bits) > 0)
    assert patterns_of_a_weight(broken_line, bits) == patterns_of_a_weight(polynomial, bits) == 2**bits
    assert len(borders(bits)) == (2**bits if bits > 1 else 1)
    factors = [end - 4 * 2 for end in borders(bits).tolist()]  # at the number 2, as a product in whole numbers
    assert (-math.prod(factors) > 0) == bool(polynomial(np.array([8]), bits)[0] > 0)


def test_a_unit_that_confuses_two_numbers_shatters_nothing() -> None:
    def clumsy(scores: np.ndarray, bits: int) -> np.ndarray:
        return broken_line(np.where(scores // 4 % 2**bits == 0, scores + 4, scores), bits)  # 0 is read as 1

    assert patterns_of_a_weight(clumsy, 3) == 7


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_no_capacity_is_below_what_is_shattered(world: bit_extraction.SmallWorld) -> None:
    judged = [one for name in _READERS for one in meetings(capacity_named(name), small=[world]) if one.judged]
    assert judged
    for meeting in judged:
        found = look(meeting, "thumbnail")
        assert found is not None
        assert found.resolution is not None
        assert found.verdict is Verdict.NOT_REFUTED, found.evidence
        assert found.resolution >= _LEAST[world.name]
    for known in world.settings("thumbnail"):
        weights, bits = _sizes(known.label)
        shattered = weights * bits * (math.log(2) if world.gives == "log_growth" else 1)
        assert float(known.truth) == pytest.approx(shattered, rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "operator", "where"),
    [
        ("vc.log_growth_relu_network", "running sum dropped", ""),
        ("vc.dimension_relu_network", "running sum dropped", ""),
        ("vc.log_growth_piecewise_polynomial_network", "running sum dropped", ""),
        ("vc.log_growth_piecewise_polynomial_network", "term dropped", "math.power"),
    ],
)
def test_a_bound_that_loses_the_depth_or_the_degree_is_refuted(name: str, operator: str, where: str) -> None:
    known = [one for one in settings_of(capacity_named(name), "thumbnail") if one[0].small in WORLDS]
    (found,) = [
        one
        for fault in faults(capacity_named(name))
        if fault.operator == operator and where in fault.where and "without 1 in" not in fault.where
        for one in directly(fault, known)
    ]
    assert found.fate == "caught"
    assert "that read bits" in found.evidence


def test_without_its_factors_i_the_bound_is_still_above_all_that_is_read_by_way_of_one_number() -> None:
    """The reason of the line: layers of k units turn a sign at most prod (k + 1) times, and allow log2(2 e R k) bits each."""
    for depth, bits in itertools.product(range(1, 12), range(1, 200, 7)):
        units = math.ceil(2 ** (bits / depth)) - 1  # the fewest, in layers of equal width, that turn the sign 2^R - 1 times
        read = depth * math.log2(units + 1)
        assert bits <= read + 1e-9
        assert depth * math.log2(2 * math.e * bits * max(units, 1)) > read


_READERS = (
    "vc.log_growth_relu_network",
    "vc.log_growth_piecewise_polynomial_network",
    "vc.dimension_relu_network",
    "vc.dimension_piecewise_polynomial_network",
)


_LEAST = {
    "patterns of ReLU networks that read bits": 0.21,
    "patterns of ReLU networks that read bits, by their parts": 0.21,
    "patterns of polynomials that read bits": 0.51,
    "dimension of ReLU networks that read bits": 0.21,
    "dimension of ReLU networks that read bits, by their sizes": 0.03,
    "dimension of polynomials that read bits, by their sizes": 0.07,
}
"""The resolution: what part of the capacity is shattered, or says as much as its sign vectors."""


def _sizes(label: str) -> tuple[int, int]:
    words = label.split()
    return int(words[5]), int(words[0])
