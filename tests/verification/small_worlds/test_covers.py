"""Small covering numbers again by other means, and capacities that are a little too small are refuted by them."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from genbounds.bounds import Capacity
from genbounds.bounds.vc import log_cover_convolutional, log_cover_finite_class
from genbounds.verification.checks.rungs.brute_force import look, meetings
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.small_worlds.covers import of_diagonals, of_list, of_products


@pytest.mark.parametrize("seed", range(6))
def test_a_cover_of_a_list_is_found_again_on_a_grid_of_centres(seed: int) -> None:
    """Losses in tenths, radius 1/5: centres in tenths are enough, and all sets of them are tried."""
    rng = np.random.default_rng(seed)
    losses = rng.integers(0, 11, (4, 2))
    centres = list(itertools.product(range(11), repeat=2))
    reached = [frozenset(i for i, loss in enumerate(losses) if np.abs(loss - centre).max() <= 2) for centre in centres]
    sets = {one for one in reached if one}
    fewest = next(k for k in range(1, 5) if any(len(frozenset().union(*some)) == 4 for some in itertools.combinations(sets, k)))
    assert of_list([tuple(Fraction(int(x), 10) for x in loss) for loss in losses], Fraction(1, 5)) == fewest


def test_products_fill_their_segment() -> None:
    """The largest and the least product among weights on a grid, and no product beyond them."""
    steps = [Fraction(i, 4) for i in range(9)]
    products = [a * b for a, b in itertools.product(steps, repeat=2) if abs(a - 1) + abs(b - 1) <= 1]
    assert (min(products), max(products)) == (0, Fraction(9, 4))
    (known,) = [one for one in of_products("full") if one.label == "2 factors within 1 of 1, n = 100"]
    assert float(known.truth) == pytest.approx(math.log(50))
    (known,) = [one for one in of_diagonals("full") if one.label == "2 diagonal entries within 2 of 1, n = 5"]
    assert float(known.truth) == pytest.approx(2 * math.log(3))


def _looked(capacity: Capacity, size: Any = "thumbnail") -> list[Verdict]:
    found = [look(meeting, size) for meeting in meetings(capacity) if meeting.judged]
    return [one.verdict for one in found if one is not None]


def test_covers_are_not_refuted() -> None:
    assert _looked(log_cover_finite_class, "full") == [Verdict.NOT_REFUTED]
    assert _looked(log_cover_convolutional, "full") == [Verdict.NOT_REFUTED] * 2


@pytest.mark.parametrize("capacity", [log_cover_finite_class, log_cover_convolutional], ids=lambda one: one.name)
def test_four_fifths_of_a_cover_are_refuted(capacity: Capacity) -> None:
    form = capacity.forms[capacity.declaration.form]
    true = form.formula

    def smaller(math: Any, **given: Any) -> dict[str, Any]:
        return {name: 4 * term / 5 for name, term in true(math, **given).items()}

    object.__setattr__(form, "formula", smaller)
    try:
        assert Verdict.REFUTED in _looked(capacity, "full")
    finally:
        object.__setattr__(form, "formula", true)
