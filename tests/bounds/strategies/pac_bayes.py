"""Inputs of the PAC-Bayes bounds."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from tests.bounds.strategies.case import Case, case
from tests.bounds.strategies.numbers import counts, deltas, errors_of, nonnegatives, positives, units

EXAMPLE = {"empirical_risk": Fraction(3, 100), "kl": 50, "n": 1000, "delta": Fraction(1, 20)}

# xi(n) of the reference is a sum to 10^7 and a slow integral beyond: few such n.
SAMPLE_SIZES = st.one_of(counts(high=10**5), st.sampled_from((10**6, 5 * 10**7, 10**10)))


def reals() -> st.SearchStrategy[Any]:
    """Numbers of both signs."""
    return st.builds(lambda x, sign: sign * x, nonnegatives(1e100), st.sampled_from((-1, 1)))


def gaussians() -> st.SearchStrategy[dict[str, Any]]:
    """Two Gaussians of one to five weights, with close standard deviations too."""

    def build(columns: list[tuple[Any, ...]]) -> dict[str, Any]:
        mean_q, std_q, mean_p, std_p = zip(*columns, strict=True)
        return {"mean_q": mean_q, "std_q": std_q, "mean_p": mean_p, "std_p": std_p}

    scale = positives(1e-60, 1e60)
    apart = st.tuples(reals(), scale, reals(), scale)
    close = st.builds(lambda mean, s, t: (mean, s, mean, s * (1 + t)), reals(), st.floats(1e-3, 1e3), st.floats(-1e-7, 1e-7))
    return st.lists(st.one_of(apart, close), min_size=1, max_size=5).map(build)


CASES: dict[str, Case] = {
    "seeger2002": case(EXAMPLE, empirical_risk=units(), kl=nonnegatives(), n=SAMPLE_SIZES, delta=deltas()),
    "mcallester": case(EXAMPLE, empirical_risk=units(), kl=nonnegatives(), n=counts(), delta=deltas()),
    "monte_carlo_risk": case(
        {"sampled_risk": Fraction(3, 100), "draws": 1000, "delta": Fraction(1, 100)}, sampled_risk=units(), draws=counts(), delta=deltas()
    ),
    "monte_carlo_errors": Case(
        errors_of("pairs", 10**9, delta=deltas()), {"errors": 50, "pairs": 1000, "delta": Fraction(1, 20)}, float_tolerance=1e-9
    ),
    "gaussian_kl": Case(
        gaussians(),
        {"mean_q": (0.5, 0.25), "std_q": (0.5, 0.5), "mean_p": (0, 0), "std_p": (1, 1)},
    ),
}
