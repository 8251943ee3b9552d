"""Inputs of the stability bounds."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from tests.bounds.strategies.case import Case, case
from tests.bounds.strategies.numbers import between, counts, deltas, nonnegatives, positives, units


def ranged(**others: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """``empirical_risk`` in [0, ``loss_range``], with other inputs."""
    return st.builds(
        lambda span, portion, rest: {"empirical_risk": portion * Fraction(span), "loss_range": span, **rest},
        positives(1e-6, 1e6),
        between(0, 1),
        st.fixed_dictionaries(others),
    )


def leave_one_out(inputs: dict[str, Any]) -> dict[str, Any]:
    """The same with the empirical risk under the name of the leave-one-out risk."""
    return {"leave_one_out_risk" if name == "empirical_risk" else name: value for name, value in inputs.items()}


def small_steps() -> st.SearchStrategy[dict[str, Any]]:
    """Steps of at most 2/smoothness."""

    def build(smoothness: Any, portions: list[Fraction], lipschitz: Any, n: Any) -> dict[str, Any]:
        largest = 2 / Fraction(smoothness)
        return {"lipschitz": lipschitz, "smoothness": smoothness, "step_sizes": tuple(p * largest for p in portions), "n": n}

    portions = st.lists(between(0, 1), min_size=1, max_size=20)
    return st.builds(build, positives(1e-60, 1e60), portions, nonnegatives(1e60), counts())


def smooth_steps() -> st.SearchStrategy[dict[str, Any]]:
    """A constant step of at most 1/smoothness, and a strong convexity of at most the smoothness."""

    def build(smoothness: Any, step: Fraction, convexity: Fraction, lipschitz: Any, n: Any) -> dict[str, Any]:
        exact = Fraction(smoothness)
        return {"lipschitz": lipschitz, "smoothness": smoothness, "strong_convexity": convexity * exact, "step_size": step / exact, "n": n}

    portions = between(Fraction(1, 10**6), 1)
    return st.builds(build, positives(1e-60, 1e60), portions, portions, nonnegatives(1e60), counts())


def data_dependent() -> st.SearchStrategy[dict[str, Any]]:
    """One pass, a curvature of at most the smoothness, and a step scale that the theorem admits."""

    def build(smoothness: Any, curvature: Fraction, step: Fraction, lipschitz: Any, risk: Any, sizes: list[int]) -> dict[str, Any]:
        steps, n = sorted(sizes)
        exact = Fraction(smoothness)
        largest = min(1 / exact, 1 / (16 * exact**2 * Fraction(math.log(max(steps, 2))) ** 2))
        return {
            "lipschitz": lipschitz,
            "smoothness": smoothness,
            "curvature": curvature * exact,
            "step_scale": step * largest,
            "expected_risk": risk,
            "steps": steps,
            "n": n,
        }

    portions = between(Fraction(1, 100), Fraction(999, 1000), 1000)
    sizes = st.lists(counts(high=10**9).map(int), min_size=2, max_size=2)
    return st.builds(build, positives(1e-3, 1e3), portions, portions, nonnegatives(1e3), units(), sizes)


# The reference multiplies out every step.
_SGD = case(
    {"lipschitz": 1, "smoothness": 1, "step_scale": Fraction(1, 10), "steps": 1000, "n": 1000, "loss_range": 1},
    lipschitz=nonnegatives(1e6),
    smoothness=positives(1e-6, 100),
    step_scale=positives(1e-6, 100),
    steps=counts(high=2000),
    n=counts(2, 10**9),
    loss_range=positives(1e-3, 1e3),
)


def coupled(largest: Any, **others: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Step sizes of at most ``largest(constants)``, and which of them met the replaced example."""

    def build(constants: dict[str, Any], lipschitz: Any, steps: list[tuple[Fraction, int]]) -> dict[str, Any]:
        most = largest(**constants)
        sizes, replaced = zip(*((portion * most, met) for portion, met in steps), strict=True)
        return {**constants, "lipschitz": lipschitz, "step_sizes": sizes, "replaced": replaced}

    steps = st.lists(st.tuples(between(0, 1), st.integers(0, 1)), min_size=1, max_size=20)
    return st.builds(build, st.fixed_dictionaries(others), nonnegatives(1e60), steps)


def curved() -> st.SearchStrategy[dict[str, Any]]:
    """Strongly convex losses, with steps of at most 2/(smoothness + strong_convexity)."""

    def build(smoothness: Any, part: Fraction, rest: dict[str, Any]) -> dict[str, Any]:
        convexity = part * Fraction(smoothness)
        largest = 2 / (Fraction(smoothness) + convexity)
        steps = tuple(portion * largest for portion in rest["step_sizes"])
        return {**rest, "smoothness": smoothness, "strong_convexity": convexity, "step_sizes": steps}

    rest = coupled(lambda: Fraction(1))
    return st.builds(build, positives(1e-60, 1e60), between(Fraction(1, 10**6), 1), rest)


RUNS: dict[str, Any] = {"lipschitz": 1, "smoothness": 2, "step_sizes": (0.25, 0.5, 0.25), "replaced": (1, 0, 1)}

CASES: dict[str, Case] = {
    "bousquet_elisseeff2002": Case(
        ranged(stability=nonnegatives(1e100), n=counts(), delta=deltas()),
        {"empirical_risk": Fraction(1, 10), "stability": Fraction(1, 1000), "n": 1000, "delta": Fraction(1, 20), "loss_range": 1},
    ),
    "hardt2016convex": Case(small_steps(), {"lipschitz": 1, "smoothness": 1, "step_sizes": (Fraction(1, 2), Fraction(1, 4)), "n": 1000}),
    # In floats the error of the exponent, up to 1e5 here, is the relative error of the number.
    "hardt2016nonconvex": replace(_SGD, float_tolerance=1e-9, float_below=1e-9),
    "hardt2016nonconvex[printed]": _SGD,
    "regularized_erm": case(
        {"lipschitz": 1, "strong_convexity": 0.25, "n": 1000}, lipschitz=nonnegatives(1e100), strong_convexity=positives(1e-100), n=counts()
    ),
    "regularized_erm_approximate": case(
        {"lipschitz": 1, "strong_convexity": 0.25, "n": 1000, "objective_gap": 1e-6},
        lipschitz=nonnegatives(1e100),
        strong_convexity=positives(1e-100),
        n=counts(),
        objective_gap=nonnegatives(1e100),
    ),
    "regularized_erm_remove": case(
        {"lipschitz": 1, "strong_convexity": 0.25, "n": 1000, "objective_gap": 1e-6},
        lipschitz=nonnegatives(1e100),
        strong_convexity=positives(1e-100),
        n=counts(),
        objective_gap=nonnegatives(1e100),
    ),
    "regularized_erm_remove_renormalized": case(
        {"lipschitz": 1, "strong_convexity": 0.25, "n": 1000, "objective_gap": 1e-6},
        lipschitz=nonnegatives(1e100),
        strong_convexity=positives(1e-100),
        n=counts(2),
        objective_gap=nonnegatives(1e100),
    ),
    "feldman_vondrak2018": case(
        {"empirical_risk": Fraction(1, 10), "stability": Fraction(1, 1000), "n": 1000, "delta": Fraction(1, 20)},
        empirical_risk=units(),
        stability=nonnegatives(),
        n=counts(),
        delta=deltas(),
    ),
    "bousquet_klochkov_zhivotovskiy2020": Case(
        ranged(stability=nonnegatives(1e100), n=counts(), delta=deltas()),
        {"empirical_risk": Fraction(1, 10), "stability": Fraction(1, 10**5), "n": 1000, "delta": Fraction(1, 20), "loss_range": 1},
    ),
    "hardt2016strongly_convex": Case(
        smooth_steps(), {"lipschitz": 1, "smoothness": 2, "strong_convexity": 0.25, "step_size": Fraction(1, 4), "n": 1000}
    ),
    "bassily2020nonsmooth": case(
        {"lipschitz": 1, "step_size": Fraction(1, 1000), "steps": 1000, "n": 1000},
        lipschitz=nonnegatives(1e100),
        step_size=positives(1e-60, 1e60),
        steps=counts(),
        n=counts(),
    ),
    "bassily2020nonsmooth[printed]": case(
        {"lipschitz": 1, "step_size": Fraction(1, 1000), "steps": 1000, "n": 1000},
        lipschitz=nonnegatives(1e100),
        step_size=positives(1e-60, 1e60),
        steps=counts(),
        n=counts(),
    ),
    "expected_gap": case({"stability": 0.25}, stability=nonnegatives()),
    "hardt2016distance_convex": Case(coupled(lambda smoothness: 2 / Fraction(smoothness), smoothness=positives(1e-60, 1e60)), RUNS),
    "hardt2016distance_nonconvex": Case(coupled(lambda smoothness: 4 / Fraction(smoothness), smoothness=positives(1e-60, 1e60)), RUNS),
    "hardt2016distance_strongly_convex": Case(curved(), {**RUNS, "strong_convexity": 1}),
    "hardt2016nonconvex_steps": Case(
        st.builds(
            lambda smoothness, portions, rest: {
                "smoothness": smoothness,
                "step_sizes": tuple(portion / Fraction(smoothness) for portion in portions),
                **rest,
            },
            positives(1e-6, 1e6),
            st.lists(between(0, 4), min_size=1, max_size=30),
            st.fixed_dictionaries({"lipschitz": nonnegatives(1e6), "n": counts(high=100), "loss_range": positives(1e-3, 1e3)}),
        ),
        {"lipschitz": 1, "smoothness": 1, "step_sizes": (0.5, 0.25, 0.125), "n": 10, "loss_range": 1},
    ),
    "minimum_norm_interpolation": case(
        {"radius": 1, "expected_squared_norm": 50, "n": 1000},
        radius=nonnegatives(1e100),
        expected_squared_norm=nonnegatives(1e100),
        n=counts(),
    ),
    "kuzborskij_lampert2018": Case(
        data_dependent(),
        {
            "lipschitz": 1,
            "smoothness": 1,
            "curvature": 0.5,
            "step_scale": Fraction(1, 1000),
            "expected_risk": Fraction(3, 10),
            "steps": 500,
            "n": 1000,
        },
    ),
    "bousquet_elisseeff2002remove": Case(
        ranged(stability=nonnegatives(1e100), n=counts(), delta=deltas()),
        {"empirical_risk": Fraction(1, 10), "stability": Fraction(1, 1000), "n": 1000, "delta": Fraction(1, 20), "loss_range": 1},
    ),
    "bousquet_elisseeff2002leave_one_out": Case(
        ranged(stability=nonnegatives(1e100), n=counts(), delta=deltas()).map(leave_one_out),
        {"leave_one_out_risk": Fraction(1, 10), "stability": Fraction(1, 1000), "n": 1000, "delta": Fraction(1, 20), "loss_range": 1},
    ),
    "hardt2016decaying": Case(
        st.builds(
            lambda smooth, span: {name: value for name, value in {**smooth, "loss_range": span}.items() if name != "step_size"},
            smooth_steps(),
            positives(1e-60, 1e60),
        ),
        {"lipschitz": 1, "smoothness": 2, "strong_convexity": 0.5, "n": 1000, "loss_range": 1},
    ),
    "differential_privacy": case(
        {"empirical_risk": Fraction(1, 10), "privacy": 0.5, "n": 1000, "delta": Fraction(1, 20)},
        empirical_risk=units(),
        privacy=nonnegatives(1e6),
        n=counts(),
        delta=deltas(),
    ),
    "differential_privacy_gap": case({"privacy": 0.5}, privacy=nonnegatives(1e6)),
    "approximate_privacy_gap": case({"privacy": 0.5, "slack": Fraction(1, 1000)}, privacy=nonnegatives(1e6), slack=units()),
    "minibatch_convex": Case(small_steps(), {"lipschitz": 1, "smoothness": 1, "step_sizes": (Fraction(1, 2), Fraction(1, 4)), "n": 1000}),
    "minibatch_nonconvex": Case(
        st.builds(
            lambda smoothness, portions, rest: {
                "smoothness": smoothness,
                "step_sizes": tuple(portion / Fraction(smoothness) for portion in portions),
                **rest,
            },
            positives(1e-6, 1e6),
            st.lists(between(0, 4), min_size=1, max_size=30),
            st.fixed_dictionaries({"lipschitz": nonnegatives(1e6), "n": counts()}),
        ),
        {"lipschitz": 1, "smoothness": 1, "step_sizes": (0.5, 0.25, 0.125), "n": 10},
    ),
}
