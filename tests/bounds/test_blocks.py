"""Large arrays are read in blocks: the same numbers as one by one, whatever the shapes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from genbounds.bounds import get
from genbounds.bounds.worlds import blocks

RNG = np.random.default_rng(7)


def _widths(rows: int) -> np.ndarray:
    return RNG.integers(1, 30, (rows, 4)).astype(float)


CASES: dict[str, Callable[[], dict[str, Any]]] = {
    "holdout.hoeffding": lambda: {"empirical_risk": RNG.random((300, 301)), "n": 50, "delta": RNG.random((300, 301))},
    "pac_bayes.seeger2002": lambda: {"empirical_risk": RNG.random(70_000), "kl": RNG.random(70_000), "n": 100, "delta": 0.05},
    "vc.log_growth_relu_network": lambda: {"widths": _widths(9_000), "n": RNG.integers(1, 10**6, 9_000)},
    "vc.dimension_relu_network": lambda: {"widths": np.concatenate([_widths(6_000), np.ones((6_000, 1))], axis=1)},
    "margin.spectral": lambda: {
        "margin_risk": 0.1,
        "margin": 10 ** RNG.uniform(-2, 2, 400),
        "spectral_norms": RNG.uniform(0.5, 2, (400, 3)),
        "distances_2_1": RNG.uniform(0, 2, (400, 3)),
        "lipschitz": np.ones(3),
        "widths": (5, 10, 10, 2),
        "outputs": 2,
        "data_norm": 1000.0,
        "n": 10**6,
        "delta": 0.05,
    },
    "stability.hardt2016convex": lambda: {
        "lipschitz": 1.0,
        "smoothness": RNG.uniform(0.1, 1, 2_500),
        "step_sizes": RNG.random((2_500, 70)),
        "n": 100,
    },
    "stability.regularized_erm": lambda: {"lipschitz": RNG.random((2, 40_000)), "strong_convexity": 1.0, "n": 10},
}


@pytest.mark.parametrize("name", CASES)
def test_a_large_array_gives_what_its_elements_give(name: str) -> None:
    formula, inputs = get(name), CASES[name]()
    lifted = {key: np.asarray(value, np.float64) for key, value in inputs.items()}
    shape = blocks.batch_of(lifted, formula.vectors)
    assert shape is not None
    whole = formula.value(**inputs)
    assert whole.shape == shape
    for flat in (0, *RNG.integers(0, whole.size, 8).tolist(), whole.size - 1):
        where = np.unravel_index(flat, shape)
        one = {key: entry[where] if entry.ndim > (key in formula.vectors) else entry for key, entry in lifted.items()}
        np.testing.assert_allclose(whole[where], formula.value(**one), rtol=1e-13)


def test_arrays_of_different_shapes_still_broadcast() -> None:
    hoeffding = get("holdout.hoeffding")
    risks, sizes = RNG.random((400, 1)), np.arange(1, 401)
    table = hoeffding.value(empirical_risk=risks, n=sizes, delta=0.05)
    assert table.shape == (400, 400)
    np.testing.assert_allclose(table[3, 7], hoeffding.value(empirical_risk=risks[3, 0], n=8, delta=0.05), rtol=1e-14)


def test_an_array_that_does_not_enter_the_result_is_checked_all_the_same() -> None:
    convex = get("stability.hardt2016convex")
    smoothness = np.full(100_000, 0.5)
    inputs = {"lipschitz": 1.0, "step_sizes": [0.1, 0.1], "n": 10}
    assert convex.value(**inputs, smoothness=smoothness) == convex.value(**inputs, smoothness=0.5)
    smoothness[-1] = 30.0
    with pytest.raises(ValueError, match="smoothness"):
        convex.value(**inputs, smoothness=smoothness)


def test_one_bad_element_among_many_is_refused() -> None:
    risks = np.full(200_000, 0.5)
    risks[150_000] = np.nan
    with pytest.raises(ValueError, match="empirical_risk"):
        get("holdout.hoeffding").value(empirical_risk=risks, n=10, delta=0.05)
