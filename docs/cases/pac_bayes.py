"""Representative cases of the PAC-Bayes bounds."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from cases.case import DELTA, EMPIRICAL, RISK, Case, errors_at_risk

POSTERIOR: dict[str, Any] = {**EMPIRICAL, "kl": 500}
VOTES: dict[str, Any] = {"empirical_risk": Fraction(1, 5), "disagreement": Fraction(3, 10), "kl": 2, "delta": DELTA}
CASES: dict[str, Case] = {
    "pac_bayes.seeger2002": Case(
        "For a posterior and a prior that did not see the sample: the default, no relaxation is below it.", POSTERIOR
    ),
    "pac_bayes.maurer2004": Case("To reproduce a published certificate: most print this form.", POSTERIOR),
    "pac_bayes.langford2001": Case("To reproduce a certificate of the first papers, with n + 1.", POSTERIOR),
    "pac_bayes.mcallester": Case("For a formula to differentiate or to reason with.", POSTERIOR),
    "pac_bayes.mcallester1999": Case("To cite the classic.", POSTERIOR),
    "pac_bayes.mcallester2003": Case("To cite the classic with its later, smaller constants.", POSTERIOR),
    "pac_bayes.catoni": Case(
        "If a temperature was fixed before the sample, or as a training objective that is linear in risk and KL.",
        {**POSTERIOR, "temperature": 2},
    ),
    "pac_bayes.catoni_grid": Case("As `catoni`, when no temperature was fixed in advance.", POSTERIOR),
    "pac_bayes.thiemann": Case(
        "As a training objective: convex in the posterior and in the weight by turns.", {**POSTERIOR, "weight": Fraction(4, 5)}
    ),
    "pac_bayes.quadratic": Case("As a training objective without a free parameter: the best `thiemann` in closed form.", POSTERIOR),
    "pac_bayes.tolstikhin_seldin": Case("For a closed form whose rate is 1/n at small empirical risk.", POSTERIOR),
    "pac_bayes.disintegrated": Case(
        "For the one network that was drawn from the posterior, in place of the average over it.", {**EMPIRICAL, "log_ratio": 500}
    ),
    "pac_bayes.monte_carlo_risk": Case(
        "If the empirical Gibbs risk was sampled with whole passes over the data; then `seeger2002`.",
        {"sampled_risk": RISK, "delta": Fraction(1, 100)},
        size="draws",
    ),
    "pac_bayes.monte_carlo_errors": Case(
        "If it was sampled with independent (weights, example) pairs: cheaper and tighter.",
        {"errors": errors_at_risk, "delta": Fraction(1, 100)},
        size="pairs",
    ),
    "pac_bayes.gaussian_kl": Case(
        "For Gaussian weights with independent coordinates.",
        {"mean_q": (0.5, -1.0, 0.25), "std_q": (0.1, 0.2, 0.1), "mean_p": (0, 0, 0), "std_p": (0.5, 0.5, 0.5)},
        size=None,
        risk=None,
    ),
    "pac_bayes.gaussian_kl_grid": Case(
        "If the prior's scale was not fixed in advance: it is chosen on a grid and paid for, and the result goes in as `kl`.",
        {"mean_q": (0.1,) * 20, "std_q": (0.0625,) * 20, "mean_p": (0,) * 20},
        size=None,
        risk=None,
    ),
    "pac_bayes.gaussian_kl_blocks": Case(
        "For one standard deviation per layer: layers enter by their size and their distance from the initialisation.",
        {"distances": (1, 0.5), "sizes": (200, 20), "std_q": (0.1, 0.2), "std_p": (0.5, 0.5)},
        size=None,
        risk=None,
    ),
    "pac_bayes.gaussian_kl_blocks_grid": Case(
        "As `gaussian_kl_blocks`, if no prior scale was fixed in advance: one per layer is chosen on a grid and paid for.",
        {"distances": (1, 0.5), "sizes": (200, 20), "std_q": (0.1, 0.2)},
        size=None,
        risk=None,
    ),
    "pac_bayes.gaussian_log_ratio": Case(
        "For `disintegrated`: the log ratio at the one network that was drawn.",
        {"shift": (0.5, -1.0, 0.25), "noise": (0.1, 0.2, -0.1), "std": 0.5},
        size=None,
        risk=None,
    ),
    "pac_bayes.data_dependent_prior": Case(
        "If the prior was fitted on a part of the sample: the bound is on the rest, whose number the function takes.",
        {**POSTERIOR, "kl": 20, "prior_size": 50},
    ),
    "pac_bayes.majority_vote_factor_two": Case(
        "From a certificate of the Gibbs risk to the vote, when nothing is known about the voters' disagreement.",
        {"gibbs_risk": Fraction(1, 5)},
        size=None,
        risk=None,
    ),
    "pac_bayes.c_bound": Case(
        "If the voters disagree a lot: the vote can then be far better than its voters.",
        {"gibbs_risk": Fraction(1, 5), "disagreement": Fraction(3, 10)},
        size=None,
        risk=None,
    ),
    "pac_bayes.germain2015pac_bound_1": Case(
        "For binary voters that rarely disagree; `germain2015pac_bound_2` is smaller where they often do.", VOTES, risk=Fraction(1, 5)
    ),
    "pac_bayes.germain2015pac_bound_2": Case(
        "For binary voters that often disagree, with the disagreement measured on the same sample.", VOTES, risk=Fraction(1, 5)
    ),
    "pac_bayes.masegosa2020tandem": Case(
        "For the vote, with several classes too, from how often two voters err together.",
        {"tandem_risk": Fraction(1, 50), "kl": 2, "delta": DELTA},
    ),
    "pac_bayes.shalev_shwartz2014pac_bayes": Case(
        "To reproduce the textbook bound; `mcallester` and `seeger2002` are below it.", POSTERIOR
    ),
    "pac_bayes.split_kl": Case(
        "For losses of a few values, such as 0, 1/2 and 1, most of which lie in the middle.",
        {"segment_risks": (Fraction(9, 100), Fraction(1, 100)), "gaps": (0.5, 0.5), "kl": 500, "delta": DELTA},
    ),
    "pac_bayes.unexpected_bernstein": Case(
        "For losses of either sign that are mostly close to 0; `catoni_grid` for losses of 0 and 1, and below it for others in [0, 1].",
        {**POSTERIOR, "second_moment": Fraction(1, 20)},
    ),
    "pac_bayes.wu2024recursive": Case(
        "If the prior was fitted on a part of the sample and that part shall count too: step by step, from the step before.",
        {
            "excess_segments": (Fraction(97, 100), Fraction(4, 100), Fraction(1, 100)),
            "share": Fraction(1, 2),
            "previous_risk": Fraction(1, 10),
            "kl": 20,
            "delta": DELTA,
        },
    ),
    "pac_bayes.tolstikhin_seldin_empirical_bernstein": Case(
        "If the losses of the voters vary little over the sample: losses in [0, 1] that are not errors.",
        {**POSTERIOR, "variance": Fraction(1, 1000)},
    ),
}
