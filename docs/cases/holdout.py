"""Representative cases of the held-out bounds."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from cases.case import DELTA, EMPIRICAL, RISK, Case, errors_at_risk

COUNTED: dict[str, Any] = {"errors": errors_at_risk, "delta": DELTA}
CASES: dict[str, Case] = {
    "holdout.hoeffding": Case("For a first look, and in proofs: `clopper_pearson` and `chernoff_kl` are never above it.", EMPIRICAL),
    "holdout.clopper_pearson": Case("Whenever the loss is 0 or 1 and the model did not see these examples. Nothing is tighter.", COUNTED),
    "holdout.chernoff_kl": Case("For held-out losses in [0, 1] that are not 0 or 1.", EMPIRICAL),
    "holdout.empirical_bernstein": Case(
        "For held-out losses in [0, 1] whose variance is far below that of 0-1 losses of the same mean.",
        {**EMPIRICAL, "variance": Fraction(1, 100)},
    ),
    "holdout.maurer2009finite_class": Case(
        "As `empirical_bernstein`, for a model picked from a fixed list on the same data.",
        {**EMPIRICAL, "variance": Fraction(1, 100), "class_size": 1000},
    ),
    "holdout.unexpected_bernstein": Case(
        "For held-out losses of either sign that are mostly close to 0: how much worse a model is than another, say.",
        {**EMPIRICAL, "second_moment": Fraction(1, 20)},
    ),
    "holdout.split_kl": Case(
        "For held-out losses of a few values, such as 0, 1/2 and 1, most of which lie in the middle.",
        {"segment_risks": (Fraction(9, 100), Fraction(1, 100)), "gaps": (0.5, 0.5), "delta": DELTA},
    ),
    "holdout.bennett": Case(
        "If a bound on the true variance is known in advance, from the loss and not from the sample.",
        {**EMPIRICAL, "variance_bound": Fraction(1, 4)},
    ),
    "holdout.bernstein": Case(
        "To reproduce a bound by Bernstein's inequality; `bennett` is below it.",
        {**EMPIRICAL, "variance_bound": Fraction(1, 4)},
    ),
    "holdout.finite_class": Case(
        "For a model picked from a fixed list on the same data; `occam_kl` is tighter.", {**EMPIRICAL, "class_size": 1000}
    ),
    "holdout.occam_kl": Case(
        "For a model picked from a list with prior weights, or described by a prefix code; any loss in [0, 1].",
        {**EMPIRICAL, "log_inverse_prior": 100.0},
    ),
    "holdout.occam_binomial": Case("As `occam_kl`, for error counts: the tightest of its kind.", {**COUNTED, "log_inverse_prior": 100.0}),
    "holdout.kawaguchi2017validation": Case(
        "To reproduce the published validation bound; at a variance of 1/4 `finite_class` and `occam_kl` are below it.",
        {**EMPIRICAL, "candidates": 1000, "variance_bound": Fraction(1, 4)},
    ),
    "holdout.progressive_validation": Case(
        "For one online pass: every example tests the model before it trains it, so that no example is held out.",
        {"online_risk": RISK, "rate": Fraction(7, 10), "delta": DELTA},
    ),
    "holdout.progressive_validation_grid": Case(
        "As `progressive_validation`, when no rate was fixed in advance: the grid is paid for.", {"online_risk": RISK, "delta": DELTA}
    ),
    "holdout.confidence_sequence": Case(
        "As `clopper_pearson`, if you look after every example and may stop at any time: it holds for all n at once.", COUNTED
    ),
    "holdout.betting": Case(
        'For held-out losses in [0, 1] of small variance, from the whole list; `form="fixed n"` if their number was fixed beforehand.',
        {"losses": (0, 0, 0, Fraction(1, 2)) * 100, "delta": DELTA},
        size=None,
        risk=None,
    ),
    "holdout.empirical_bernstein_sequence": Case(
        "As `betting` if you look at the losses again and again, in closed form; often tighter where the losses vary much.",
        {"losses": (0, 0, 0, Fraction(1, 2)) * 100, "delta": DELTA},
        size=None,
        risk=None,
    ),
    "holdout.disagreement": Case(
        "For your own network, trained on every label: its disagreement with a certified surrogate, on inputs without labels.",
        {"surrogate_risk": Fraction(1, 50), "disagreements": errors_at_risk, "delta": DELTA},
        size="unlabelled",
    ),
    "holdout.adaptive_reuse": Case(
        "If the same validation set steered the search: each model was chosen after the scores of the earlier ones.",
        {**EMPIRICAL, "queries": 10},
    ),
    "holdout.adaptive_reuse_rounded": Case(
        "As `adaptive_reuse`, if the scores were shown rounded: few bits leave the analyst few paths.",
        {**EMPIRICAL, "queries": 10, "bits": 7},
    ),
    "holdout.online_to_batch": Case(
        "As `progressive_validation` without a free parameter, for online losses that are not small.", {"online_risk": RISK, "delta": DELTA}
    ),
    "holdout.cesabianchi2008improved": Case(
        "To reproduce the published online bound; `progressive_validation_grid` is far below it.", {"online_risk": RISK, "delta": DELTA}
    ),
    "holdout.realizable_finite_class": Case(
        "If the hypothesis was picked from a list and makes no error on the sample.", {"class_size": 1000, "delta": DELTA}, risk=Fraction(0)
    ),
    "holdout.compression": Case(
        "For a compressed network: the length of a prefix code of everything that was chosen on the data.", {**EMPIRICAL, "bits": 1000}
    ),
    "holdout.campi2023compression": Case(
        "For a network that was trained on few of its examples and is right on all others: pick-to-learn (`models.pick_to_learn`), "
        "perceptrons, hard-margin machines. No example is held out.",
        {"size": errors_at_risk, "delta": DELTA},
    ),
    "holdout.sample_compression": Case(
        "If some of the examples, and perhaps a message, rebuild the predictor, errors on others allowed: support vectors, prototypes.",
        {"size": 10, "errors": errors_at_risk, "delta": DELTA},
    ),
    "holdout.ladder": Case(
        "For a leaderboard that releases a score only when a submission beats the last one by a step.",
        {"reported_risk": RISK, "queries": 1000, "step": Fraction(7, 100), "delta": DELTA},
    ),
}
