"""Representative cases of the perceptron."""

from __future__ import annotations

from fractions import Fraction

from cases.case import Case

CASES: dict[str, Case] = {
    "perceptron.novikoff": Case(
        "For a perceptron run on separable data: it bounds the mistakes of that run.", {"radius": 1, "margin": 0.1}, size=None, risk=None
    ),
    "perceptron.random_iterate": Case(
        "For the expected risk after one pass over separable data whose margin is known for the population.",
        {"radius": 1, "margin": 0.1},
        risk=Fraction(0),
    ),
    "perceptron.leave_one_out": Case(
        "For the expected risk of the weights after convergence, likewise.", {"radius": 1, "margin": 0.1}, risk=Fraction(0)
    ),
    "perceptron.novikoff_run": Case(
        "For a run whose weights are at hand: sharper than `novikoff`.", {"weight_norm": 5, "margin": 0.1}, size=None, risk=None
    ),
    "perceptron.random_iterate_mistakes": Case(
        "For the expected risk after one pass over data that are not separable, from a bound on the expected mistakes.",
        {"expected_mistakes": 225},
        risk=Fraction(0),
    ),
    "perceptron.vapnik1998support_vectors": Case(
        "For the expected risk of a support vector machine, from the expected number of its support vectors.",
        {"expected_support_vectors": 25},
        risk=Fraction(0),
    ),
    "perceptron.vapnik1998margin": Case(
        "For the hard-margin machine through the origin on a population whose margin is known.",
        {"radius": 1, "margin": 0.1},
        risk=Fraction(0),
    ),
    "perceptron.freund_schapire1999": Case(
        "For data that are not separable: distances to a margin of your choice, squared.",
        {"radius": 1, "margin": 0.1, "deviation": 0.5},
        size=None,
        risk=None,
    ),
    "perceptron.hinge": Case(
        "For data that are not separable: any comparison vector and its hinge loss.",
        {"radius_times_norm": 10, "hinge_loss": 5},
        size=None,
        risk=None,
    ),
}
