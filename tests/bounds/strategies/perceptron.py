"""Inputs of the perceptron's bounds."""

from __future__ import annotations

from tests.bounds.strategies.case import Case, case
from tests.bounds.strategies.numbers import counts, nonnegatives, positives

CASES: dict[str, Case] = {
    "novikoff": case({"radius": 5, "margin": 1}, radius=positives(), margin=positives()),
    "random_iterate": case({"radius": 5, "margin": 1, "n": 1000}, radius=positives(), margin=positives(), n=counts()),
    "leave_one_out": case({"radius": 5, "margin": 1, "n": 1000}, radius=positives(), margin=positives(), n=counts()),
    "novikoff_run": case({"weight_norm": 5, "margin": 1}, weight_norm=nonnegatives(), margin=positives()),
    "random_iterate_mistakes": case({"expected_mistakes": 25, "n": 1000}, expected_mistakes=nonnegatives(), n=counts()),
    "vapnik1998support_vectors": case({"expected_support_vectors": 25, "n": 1000}, expected_support_vectors=nonnegatives(), n=counts()),
    "vapnik1998margin": case({"radius": 5, "margin": 1, "n": 1000}, radius=positives(), margin=positives(), n=counts()),
    "freund_schapire1999": case(
        {"radius": 5, "margin": 1, "deviation": 0.5}, radius=positives(), margin=positives(), deviation=nonnegatives()
    ),
    "hinge": case({"radius_times_norm": 10, "hinge_loss": 5}, radius_times_norm=nonnegatives(1e150), hinge_loss=nonnegatives()),
}
