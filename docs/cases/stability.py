"""Representative cases of the stability bounds."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from cases.case import DELTA, EMPIRICAL, RISK, Case

ONE_OVER_N: dict[str, Any] = {**EMPIRICAL, "stability": lambda n: Fraction(1, n)}
TWINS: dict[str, Any] = {"lipschitz": 1, "smoothness": 1, "step_sizes": (0.1,) * 20, "replaced": (0, 0, 0, 1) * 5}
CASES: dict[str, Case] = {
    "stability.bousquet_elisseeff2002": Case("For a stability of the order 1/n: the tightest here below n = 2000.", ONE_OVER_N),
    "stability.feldman_vondrak2018": Case("For a stability well above 1/n, as it was printed.", ONE_OVER_N),
    "stability.bousquet_klochkov_zhivotovskiy2020": Case(
        "The tightest here from about n = 2000 on, unless the stability is far below 1/n.", ONE_OVER_N
    ),
    "stability.hardt2016convex": Case(
        "For SGD on a convex, smooth, Lipschitz loss.", {"lipschitz": 1, "smoothness": 1, "step_sizes": (0.01,) * 100}
    ),
    "stability.hardt2016strongly_convex": Case(
        "For projected SGD on a strongly convex loss, after any number of steps.",
        {"lipschitz": 1, "smoothness": 1, "strong_convexity": Fraction(1, 10), "step_size": Fraction(1, 100)},
    ),
    "stability.hardt2016nonconvex": Case(
        "For SGD with steps c/t on a smooth loss that need not be convex.",
        {"lipschitz": 1, "smoothness": 1, "step_scale": Fraction(1, 10), "steps": 1000},
    ),
    "stability.bassily2020nonsmooth": Case(
        "For SGD on a convex Lipschitz loss that is not smooth.",
        {"lipschitz": 1, "step_size": Fraction(1, 1000), "steps": 1000},
    ),
    "stability.kuzborskij_lampert2018": Case(
        "To study how a good start helps; its inputs are population quantities.",
        {"lipschitz": 1, "smoothness": 1, "curvature": 1, "step_scale": Fraction(1, 1000), "expected_risk": Fraction(3, 10), "steps": 1000},
        sizes=(1000, 10**7),
    ),
    "stability.regularized_erm": Case(
        "For the exact minimiser of a strongly convex objective; its value goes into the bounds above.",
        {"lipschitz": 1, "strong_convexity": Fraction(1, 10)},
        risk=None,
    ),
    "stability.regularized_erm_approximate": Case(
        "The same for a solver that stops once the objective is within a known gap of its minimum.",
        {"lipschitz": 1, "strong_convexity": Fraction(1, 10), "objective_gap": Fraction(1, 10**8)},
        risk=None,
    ),
    "stability.regularized_erm_remove": Case(
        "The same against removing one example, the others at their weight 1/n, as `ridge_leave_one_out` has it.",
        {"lipschitz": 1, "strong_convexity": Fraction(1, 10)},
        risk=None,
    ),
    "stability.regularized_erm_remove_renormalized": Case(
        "The same if the average without the example is over the n - 1 others.",
        {"lipschitz": 1, "strong_convexity": Fraction(1, 10)},
        risk=None,
    ),
    "stability.bousquet_elisseeff2002remove": Case(
        "As `bousquet_elisseeff2002`, for a stability against removing one example.", ONE_OVER_N
    ),
    "stability.bousquet_elisseeff2002leave_one_out": Case(
        "If the leave-one-out risk is known (ridge, kernels) in place of the empirical one; `regularized_erm_remove` gives the stability.",
        {"leave_one_out_risk": RISK, "stability": lambda n: Fraction(1, n), "delta": DELTA},
    ),
    "stability.expected_gap": Case(
        "From a uniform stability to the expected gap, without a confidence term.", {"stability": Fraction(1, 1000)}, size=None
    ),
    "stability.hardt2016nonconvex_steps": Case(
        "As `hardt2016nonconvex`, for step sizes of any other shape.",
        {"lipschitz": 1, "smoothness": 1, "step_sizes": (0.01,) * 100},
    ),
    "stability.hardt2016distance_nonconvex": Case(
        "To check a pair of twin runs, step by step, against the theory of `hardt2016nonconvex`.", TWINS, size=None, risk=None
    ),
    "stability.hardt2016distance_convex": Case(
        "To check a pair of twin runs on a convex loss; times the Lipschitz constant it bounds the change of every loss.",
        TWINS,
        size=None,
        risk=None,
    ),
    "stability.hardt2016distance_strongly_convex": Case(
        "The same on a strongly convex loss: early meetings are forgotten.", {**TWINS, "strong_convexity": 0.5}, size=None, risk=None
    ),
    "stability.minimum_norm_interpolation": Case(
        "For kernel interpolation without regularisation, from the expected squared norm.",
        {"radius": 1, "expected_squared_norm": 50},
        risk=None,
    ),
    "stability.hardt2016decaying": Case(
        "For projected SGD on a strongly convex loss with steps 1/(strong_convexity t).",
        {"lipschitz": 1, "smoothness": 1, "strong_convexity": Fraction(1, 10)},
    ),
    "stability.differential_privacy": Case(
        "For a hypothesis that a differentially private algorithm returned, on the sample that it saw.",
        {**EMPIRICAL, "privacy": Fraction(1, 10)},
    ),
    "stability.differential_privacy_gap": Case(
        "For the mean over samples, where the privacy is pure.", {"privacy": Fraction(1, 10)}, size=None, risk=None
    ),
    "stability.approximate_privacy_gap": Case(
        "For the mean over samples, where the privacy has an additive part, as that of noisy gradient descent.",
        {"privacy": Fraction(1, 10), "slack": Fraction(1, 10**5)},
        size=None,
        risk=None,
    ),
    "stability.minibatch_convex": Case(
        "As `hardt2016convex`, for batches of any sizes.", {"lipschitz": 1, "smoothness": 1, "step_sizes": (0.01,) * 100}
    ),
    "stability.minibatch_nonconvex": Case(
        "For gradient descent with minibatches on a smooth loss that need not be convex.",
        {"lipschitz": 1, "smoothness": 1, "step_sizes": tuple(0.1 / t for t in range(1, 101))},
    ),
}
