"""The divergences of long Gaussians, summed in floats: never below the exact value, and at most 2e-12 above it."""

from __future__ import annotations

import time
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genbounds.bounds import pac_bayes
from genbounds.bounds.special import gaussian_sum

SIZE = gaussian_sum.LONG


def exact_kl(mean_q: Any, std_q: Any, mean_p: Any, std_p: Any) -> Any:
    """Half the sum of r^2 - 1 - 2 ln r + (d/S)^2, at 60 digits; equal entries are counted, not summed again."""
    rows, counts = np.unique(np.stack([mean_q, std_q, mean_p, std_p]), axis=1, return_counts=True)
    with mpmath.workdps(60):
        total = mpmath.mpf(0)
        for (mu, s, nu, scale), count in zip(rows.T.tolist(), counts.tolist(), strict=True):
            r, d = mpmath.mpf(s) / scale, (mpmath.mpf(mu) - nu) / mpmath.mpf(scale)
            total += count * (r * r - 1 - 2 * mpmath.log(r) + d * d)
        return total / 2


def spread_out(few: list[float]) -> np.ndarray:
    """A long vector of these entries."""
    return np.resize(np.array(few, dtype=np.float64), SIZE)


RATIOS = st.one_of(
    st.floats(1e-130, 1e130),
    st.floats(0.3, 3),
    st.integers(-60, 60).map(lambda k: 1 + k * 2.0**-52),
    st.integers(1, 52).map(lambda b: 1 - 2.0**-b),
    st.sampled_from((0.7071067811865475, 0.7071067811865476, 1.4142135623730951, 1.414213562373095, 0.5, 2.0)),
)
MEANS = st.one_of(st.just(0.0), st.floats(-1e10, 1e10), st.floats(-1e-300, 1e-300, allow_subnormal=True), st.floats(-2, 2))


@pytest.mark.slow
@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(MEANS, RATIOS, MEANS, st.one_of(st.just(1.0), st.floats(1e-5, 1e5))), min_size=1, max_size=7))
def test_the_sum_in_floats_is_never_below_the_exact_one(rows: list[tuple[float, float, float, float]]) -> None:
    mean_q, ratio, mean_p, std_p = (spread_out(list(column)) for column in zip(*rows, strict=True))
    std_q = ratio * std_p
    found = float(pac_bayes.gaussian_kl(mean_q=mean_q, std_q=std_q, mean_p=mean_p, std_p=std_p))
    exact = exact_kl(mean_q, std_q, mean_p, std_p)
    assert mpmath.mpf(found) >= exact
    assert mpmath.mpf(found) <= exact * (1 + mpmath.mpf(2e-12)) + SIZE * mpmath.mpf(10) ** -299


@pytest.mark.slow
def test_each_term_is_far_closer_than_the_proof_allows() -> None:
    ratios = np.concatenate([np.linspace(0.4, 2.5, 4001), 2.0 ** np.linspace(-400, 400, 801), 1 + np.arange(1, 200) * 2.0**-52])
    spread, _ = gaussian_sum._spread(ratios, np.ones_like(ratios))
    with mpmath.workdps(60):
        for r, found in zip(ratios.tolist(), spread.tolist(), strict=True):
            exact = mpmath.mpf(r) ** 2 - 1 - 2 * mpmath.log(mpmath.mpf(r))
            assert abs(mpmath.mpf(found) - exact) <= exact * 512 * mpmath.mpf(2) ** -53


def test_equal_gaussians_have_divergence_zero() -> None:
    means, stds = np.linspace(-1, 1, SIZE), np.linspace(0.1, 1, SIZE)
    assert pac_bayes.gaussian_kl(mean_q=means, std_q=stds, mean_p=means, std_p=stds).value == 0


@pytest.mark.parametrize("scale", [1e-200, 5e-324, 1e200])
def test_what_leaves_the_doubles_is_read_in_balls(scale: float) -> None:
    ones = np.ones(SIZE)
    found = float(pac_bayes.gaussian_kl(mean_q=0 * ones, std_q=scale * ones, mean_p=0 * ones, std_p=ones * scale))
    assert found == 0
    inputs = {"mean_q": 0 * ones, "std_q": scale * ones, "mean_p": 0 * ones, "std_p": ones}
    if scale < 1:
        exact = exact_kl(*inputs.values())
        assert exact <= mpmath.mpf(float(pac_bayes.gaussian_kl(**inputs))) <= exact * (1 + mpmath.mpf(2e-12))


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0, -1.0])
def test_a_bad_entry_of_a_long_vector_is_refused(value: float) -> None:
    stds, zeros = np.ones(SIZE), np.zeros(SIZE)
    stds[17] = value
    for formula, more in ((pac_bayes.gaussian_kl, {"std_p": np.ones(SIZE)}), (pac_bayes.gaussian_kl_grid, {})):
        with pytest.raises(ValueError, match="std_q"):
            formula(mean_q=zeros, std_q=stds, mean_p=zeros, **more)
    with pytest.raises(ValueError, match="must have the same length"):
        pac_bayes.gaussian_kl(mean_q=zeros, std_q=np.ones(SIZE + 1), mean_p=zeros, std_p=np.ones(SIZE))


@pytest.mark.parametrize("spread", [1e-3, 0.05, 0.3, 3.0])
def test_the_grid_agrees_with_balls(spread: float, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    inputs = {"mean_q": spread * random.normal(size=SIZE), "std_q": spread * random.uniform(0.5, 1, SIZE), "mean_p": np.zeros(SIZE)}
    quick = pac_bayes.gaussian_kl_grid(**inputs)
    monkeypatch.setattr(gaussian_sum, "LONG", 10**9)
    slow = pac_bayes.gaussian_kl_grid(**inputs)
    assert float(slow) * (1 - 1e-14) <= float(quick) <= float(slow) * (1 + 3e-12)
    assert (quick.how, quick.assumptions, quick.kind) == (slow.how, slow.assumptions, slow.kind)
    assert ("largest_variance, fixed" in quick.how) == (spread > 0.1)


def test_lists_of_doubles_are_read_as_arrays_and_others_exactly() -> None:
    stds = np.linspace(0.5, 2, SIZE)
    arrays = {"mean_q": np.zeros(SIZE), "std_q": stds, "mean_p": np.zeros(SIZE), "std_p": np.ones(SIZE)}
    found = float(pac_bayes.gaussian_kl(**arrays))
    assert found == float(pac_bayes.gaussian_kl(**{name: entry.tolist() for name, entry in arrays.items()}))
    mixed = {name: [int(x) if x == int(x) else x for x in entry.tolist()] for name, entry in arrays.items()}
    assert float(pac_bayes.gaussian_kl(**mixed)) == pytest.approx(found, rel=2e-12)
    assert gaussian_sum.doubles(mixed["std_q"]) is None


@pytest.mark.slow
def test_a_million_weights_take_less_than_a_microsecond_each() -> None:
    random = np.random.default_rng(0)
    size = 10**6
    inputs = {"mean_q": random.normal(size=size), "std_q": random.uniform(0.1, 3, size), "mean_p": np.zeros(size)}
    for formula, more in ((pac_bayes.gaussian_kl, {"std_p": np.ones(size)}), (pac_bayes.gaussian_kl_grid, {})):
        start = time.process_time()
        formula(**inputs, **more)
        assert time.process_time() - start < 1
