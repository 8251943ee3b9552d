"""Inputs of the perceptron's bounds."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from tests.bounds.strategies.case import Case, case
from tests.bounds.strategies.numbers import between, counts, nonnegatives, positives


def separated(**others: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A margin of at most the radius, small or a simple part of it, with other inputs."""

    def build(radius: Any, part: Any, rest: dict[str, Any]) -> dict[str, Any]:
        return {"radius": radius, "margin": Fraction(radius) * Fraction(part), **rest}

    parts = st.one_of(between(Fraction(1, 1000), 1, 1000), st.floats(1e-9, 1))
    return st.builds(build, positives(), parts, st.fixed_dictionaries(others))


CASES: dict[str, Case] = {
    "novikoff": Case(separated(), {"radius": 5, "margin": 1}, float_jump=1),
    "random_iterate": Case(separated(n=counts()), {"radius": 5, "margin": 1, "n": 1000}, float_jump=1),
    "leave_one_out": Case(separated(n=counts()), {"radius": 5, "margin": 1, "n": 1000}, float_jump=1),
    "novikoff_run": Case(
        st.fixed_dictionaries({"weight_norm": nonnegatives(), "margin": positives()}), {"weight_norm": 5, "margin": 1}, float_jump=1
    ),
    "random_iterate_mistakes": case({"expected_mistakes": 25, "n": 1000}, expected_mistakes=nonnegatives(), n=counts()),
    "vapnik1998support_vectors": case({"expected_support_vectors": 25, "n": 1000}, expected_support_vectors=nonnegatives(), n=counts()),
    "vapnik1998margin": Case(separated(n=counts()), {"radius": 5, "margin": 1, "n": 1000}, float_jump=1),
    "freund_schapire1999": Case(separated(deviation=nonnegatives()), {"radius": 5, "margin": 1, "deviation": 0.5}, float_jump=1),
    "hinge": Case(
        st.fixed_dictionaries({"radius_times_norm": nonnegatives(1e150), "hinge_loss": nonnegatives()}).filter(
            lambda inputs: Fraction(inputs["radius_times_norm"]) + Fraction(inputs["hinge_loss"]) >= 1
        ),
        {"radius_times_norm": 10, "hinge_loss": 5},
        float_jump=1,
    ),
}
