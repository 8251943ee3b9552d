"""Inputs of the held-out bounds."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from mpmath import mp
from tests.bounds.strategies.case import Case, case
from tests.bounds.strategies.numbers import between, counts, deltas, errors_of, moments, nonnegatives, positives, segments, units
from tests.reference import holdout as reference
from tests.reference.special import rational

from genbounds.bounds import Certificate

EXAMPLE = {"empirical_risk": Fraction(1, 10), "n": 1000, "delta": Fraction(1, 20)}
ERRORS = {"errors": 20, "n": 1000, "delta": Fraction(1, 20)}


def ranged(**others: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """``empirical_risk`` and ``variance_bound`` that fit a ``loss_range``, with other inputs."""

    def build(span: Any, risk: Fraction, variance: Fraction, rest: dict[str, Any]) -> dict[str, Any]:
        exact = Fraction(span)
        return {"empirical_risk": risk * exact, "variance_bound": variance * exact**2, "loss_range": span, **rest}

    portions = between(0, 1)
    return st.builds(build, positives(1e-6, 1e6), portions, portions, st.fixed_dictionaries(others))


def rate_grid(inputs: dict[str, Any], certificate: Certificate) -> Any:
    """The bound at the rate 2^(j/2) and the confidence delta / (1.5 (|j| + 1)(|j| + 2)), for the j that was chosen."""
    j = int(certificate.choices["index"])
    assert j == certificate.choices["index"]
    with mp.workdps(60):
        paid = rational(inputs["delta"]) / (Fraction(3, 2) * (abs(j) + 1) * (abs(j) + 2))
        return reference.progressive_validation(**{**inputs, "delta": paid}, rate=mp.mpf(2) ** (mp.mpf(j) / 2))


_COMPRESSION = case({**EXAMPLE, "bits": 100}, empirical_risk=units(), n=counts(), bits=counts(high=10**12), delta=deltas())
_ONLINE = case({"online_risk": Fraction(1, 10), "n": 1000, "delta": Fraction(1, 20)}, online_risk=units(), n=counts(), delta=deltas())


def kept(most: int, **others: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """``size`` of at most n (below n with ``errors``, which fit with it) and n."""

    def build(n: int, size: int, errors: int, rest: dict[str, Any]) -> dict[str, Any]:
        if "bits" not in rest:
            return {"size": min(size, n), "n": n, **rest}
        size = min(size, int(n) - 1)
        return {"size": size, "n": n, "errors": min(errors, int(n) - size), **rest}

    return st.builds(build, counts(high=10**6), st.integers(0, most), st.integers(0, most), st.fixed_dictionaries(others))


def moment_grid(inputs: dict[str, Any], certificate: Certificate) -> Any:
    """The inversion at the rate and the weight of the whole number that was chosen."""
    index = certificate.choices["index"]
    assert index == int(index)
    return reference.unexpected_bernstein_at(**inputs, index=int(index))


def linear_moment_grid(inputs: dict[str, Any], certificate: Certificate) -> Any:
    """The sum at the point of its grid that was chosen."""
    index = certificate.choices["index"]
    assert index == int(index)
    return reference.linear_unexpected_bernstein_at(**inputs, index=int(index))


SIGNED = {"empirical_risk": Fraction(-1, 100), "second_moment": Fraction(3, 100), "highest": 1, "n": 1000, "delta": Fraction(1, 20)}
LISTED = Case(
    st.fixed_dictionaries({"losses": st.lists(units(), min_size=1, max_size=25).map(tuple), "delta": deltas()}),
    {"losses": (0, 0, 1, Fraction(1, 2), 0, 0, 0, 0), "delta": Fraction(1, 20)},
    float_tolerance=1e-9,
)


def listed_rate(inputs: dict[str, Any], certificate: Certificate) -> Any:
    """The bound at the rate 2^(-j/2) that was chosen."""
    j = int(certificate.choices["index"])
    assert 1 <= j == certificate.choices["index"]
    return reference.empirical_bernstein_sequence(**inputs, index=j)


CASES: dict[str, Case] = {
    "campi2023compression": Case(kept(200, delta=deltas()), {"size": 20, "n": 1000, "delta": Fraction(1, 20)}, float_tolerance=1e-9),
    "sample_compression": Case(
        kept(200, delta=deltas(), bits=st.integers(0, 10**6)), {**ERRORS, "size": 10, "bits": 20}, float_tolerance=1e-9
    ),
    "hoeffding": case(EXAMPLE, empirical_risk=units(), n=counts(), delta=deltas()),
    "clopper_pearson": Case(errors_of("n", 10**9, delta=deltas()), ERRORS, float_tolerance=1e-9),
    "chernoff_kl": case(EXAMPLE, empirical_risk=units(), n=counts(), delta=deltas()),
    "empirical_bernstein": case(
        {**EXAMPLE, "variance": Fraction(9, 100)},
        empirical_risk=units(),
        variance=between(0, Fraction(1, 4)),
        n=counts(2),
        delta=deltas(),
    ),
    "maurer2009finite_class": case(
        {**EXAMPLE, "variance": Fraction(9, 100), "class_size": 100},
        empirical_risk=units(),
        variance=between(0, Fraction(1, 4)),
        n=counts(2),
        class_size=counts(high=10**60),
        delta=deltas(),
    ),
    "bennett": Case(ranged(n=counts(), delta=deltas()), {**EXAMPLE, "variance_bound": Fraction(1, 4), "loss_range": 1}),
    "bernstein": Case(ranged(n=counts(), delta=deltas()), {**EXAMPLE, "variance_bound": Fraction(1, 4), "loss_range": 1}),
    "finite_class": case(
        {**EXAMPLE, "class_size": 100}, empirical_risk=units(), n=counts(), class_size=counts(high=10**60), delta=deltas()
    ),
    "compression": _COMPRESSION,
    "compression[plain]": _COMPRESSION,
    "occam_kl": case(
        {**EXAMPLE, "log_inverse_prior": 10}, empirical_risk=units(), n=counts(), log_inverse_prior=nonnegatives(), delta=deltas()
    ),
    "occam_binomial": Case(
        errors_of("n", 10**7, most=500, log_inverse_prior=nonnegatives(1e6), delta=deltas()),
        {**ERRORS, "log_inverse_prior": 10},
        float_tolerance=1e-9,
    ),
    "kawaguchi2017validation[bennett]": Case(
        ranged(n=counts(), candidates=counts(), delta=deltas()),
        {**EXAMPLE, "candidates": 100, "variance_bound": Fraction(1, 4), "loss_range": 1},
    ),
    "kawaguchi2017validation": Case(
        ranged(n=counts(), candidates=counts(), delta=deltas()),
        {**EXAMPLE, "candidates": 100, "variance_bound": Fraction(1, 4), "loss_range": 1},
    ),
    "progressive_validation": case(
        {"online_risk": Fraction(1, 10), "n": 1000, "rate": Fraction(1, 2), "delta": Fraction(1, 20)},
        online_risk=units(),
        n=counts(),
        rate=positives(1e-9, 1e3),
        delta=deltas(),
    ),
    "progressive_validation_grid": Case(
        st.fixed_dictionaries({"online_risk": units(), "n": counts(), "delta": deltas()}),
        {"online_risk": Fraction(1, 10), "n": 1000, "delta": Fraction(1, 20)},
        from_choices=rate_grid,
    ),
    "disagreement": Case(
        st.builds(
            lambda counted, risk: {"disagreements": counted.pop("errors"), **counted, "surrogate_risk": risk},
            errors_of("unlabelled", 10**9, delta=deltas()),
            units(),
        ),
        {"surrogate_risk": Fraction(1, 50), "disagreements": 20, "unlabelled": 1000, "delta": Fraction(1, 20)},
        float_tolerance=1e-9,
    ),
    "confidence_sequence": Case(errors_of("n", 10**6, most=60, delta=deltas()), ERRORS, float_tolerance=1e-9),
    "betting": LISTED,
    "betting[fixed n]": LISTED,
    "empirical_bernstein_sequence": replace(LISTED, from_choices=listed_rate),
    "adaptive_reuse": case(
        {**EXAMPLE, "queries": 10}, empirical_risk=units(), n=counts(high=10**9), queries=counts(high=100), delta=deltas()
    ),
    "adaptive_reuse_rounded": case(
        {**EXAMPLE, "queries": 10, "bits": 7},
        empirical_risk=units(),
        n=counts(high=10**9),
        queries=counts(high=100),
        bits=counts(high=60),
        delta=deltas(),
    ),
    "online_to_batch": _ONLINE,
    "online_to_batch[printed]": _ONLINE,
    "cesabianchi2008improved": _ONLINE,
    "realizable_finite_class": case(
        {"n": 1000, "class_size": 100, "delta": Fraction(1, 20)}, n=counts(), class_size=counts(high=10**60), delta=deltas()
    ),
    "ladder": case(
        {"reported_risk": Fraction(1, 10), "n": 50000, "queries": 1000, "step": Fraction(7, 100), "delta": Fraction(1, 20)},
        reported_risk=units(),
        n=counts(),
        queries=counts(),
        step=positives(1e-100, 1),
        delta=deltas(),
    ),
    "split_kl": Case(
        segments(n=counts(), delta=deltas()),
        {"segment_risks": (Fraction(99, 100), Fraction(1, 100)), "gaps": (0.5, 0.5), "n": 1000, "delta": Fraction(1, 20)},
    ),
    "unexpected_bernstein": Case(
        moments(n=counts(), delta=deltas()), SIGNED, from_choices=moment_grid, float_tolerance=1e-9, float_below=1e-9
    ),
    "unexpected_bernstein[linear]": Case(
        moments(n=counts(), delta=deltas()), SIGNED, from_choices=linear_moment_grid, float_tolerance=1e-9, float_below=1e-9
    ),
}
