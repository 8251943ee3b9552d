"""One representative case a bound: inputs that the documentation plots and the benchmark times, and a line on when to use the bound.

An input may be a function of n (the number of errors at a fixed rate, the norm of n inputs of norm 1). A test compares the names with the
catalogue, so that a new bound needs its line here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

DELTA = Fraction(1, 20)
RISK = Fraction(1, 20)
N = 10_000
WIDTHS = (10, 20, 20, 2)


def _errors(n: int) -> int:
    """The count nearest to an error rate of 5 %."""
    return round(RISK * n)


def _norm_of_unit_inputs(n: int) -> float:
    """The Frobenius norm of n inputs of norm 1."""
    return math.sqrt(n)


def _halfspace_growth(n: int) -> float:
    """(en/d)^d for d = 10, in logarithms, or 2^n."""
    return 10 * math.log(math.e * n / 10) if n >= 10 else n * math.log(2)


@dataclass(frozen=True)
class Case:
    """When to use a bound, and inputs for it; ``size`` names the input that is the number of examples, if it has one.

    ``sizes`` is the range of n that is plotted. ``risk`` is the empirical risk of the case, at which Clopper-Pearson is drawn beside the
    bound; None where the bound is not of a risk.
    """

    when: str
    inputs: dict[str, Any]
    size: str | None = "n"
    sizes: tuple[int, int] = (100, 10**7)
    risk: Fraction | None = RISK

    def at(self, n: int = N) -> dict[str, Any]:
        """The inputs at this number of examples."""
        values = {name: value(n) if callable(value) else value for name, value in self.inputs.items()}
        return values if self.size is None else {**values, self.size: n}


EMPIRICAL: dict[str, Any] = {"empirical_risk": RISK, "delta": DELTA}
COUNTED: dict[str, Any] = {"errors": _errors, "delta": DELTA}
POSTERIOR: dict[str, Any] = {**EMPIRICAL, "kl": 500}
SPECTRAL: dict[str, Any] = {
    "margin_risk": RISK,
    "margin": 1,
    "spectral_norms": (1.5, 1.2, 1.1),
    "distances_2_1": (2.0, 3.0, 1.0),
    "lipschitz": (1, 1, 1),
    "widths": WIDTHS,
    "outputs": 2,
    "data_norm": _norm_of_unit_inputs,
    "delta": DELTA,
}
GRAPH: dict[str, Any] = {
    "margin_risk": RISK,
    "margin": 1,
    "distances_2_1": (2.0, 3.0, 1.0),
    "input_lipschitz": (1, 1.5, 2.5),
    "inputs_at_zero": (0, 0, 0),
    "output_lipschitz": (2.5, 1.5, 1),
    "entries": (200, 400, 40),
    "outputs": 2,
    "data_norm": _norm_of_unit_inputs,
    "delta": DELTA,
}
NEYSHABUR: dict[str, Any] = {
    "margin_risk": RISK,
    "margin": 1,
    "spectral_norms": (1, 1),
    "frobenius_distances": (1.5, 1),
    "widths": (10, 10, 2),
    "input_radius": 1,
    "noise_scale": Fraction(1, 512),
    "delta": DELTA,
}
NETWORK: dict[str, Any] = {"norm_product": 8, "depth": 3, "data_norm": _norm_of_unit_inputs}
LARGE = (10**4, 10**10)

HOLDOUT = {
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
    "holdout.bernstein": Case(
        "If a bound on the true variance is known in advance, from the loss and not from the sample.",
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
    "holdout.ladder": Case(
        "For a leaderboard that releases a score only when a submission beats the last one by a step.",
        {"reported_risk": RISK, "queries": 1000, "step": Fraction(7, 100), "delta": DELTA},
    ),
}

VC = {
    "vc.growth_function": Case(
        "If the growth function itself can be bounded, as by `log_growth_relu_network`: it loses less than the way through a VC dimension.",
        {**EMPIRICAL, "log_growth": _halfspace_growth},
    ),
    "vc.sauer": Case("If only a VC dimension is known.", {**EMPIRICAL, "vc_dimension": 10}),
    "vc.vapnik_chervonenkis1971": Case("To cite the classic; `sauer` is below it.", {**EMPIRICAL, "vc_dimension": 10}),
    "vc.relative_deviation": Case(
        "If the empirical risk is near 0: the rate is then 1/n in place of 1/sqrt(n).", {**EMPIRICAL, "vc_dimension": 10}
    ),
    "vc.dimension_halfspace": Case("For linear classifiers with a threshold.", {"inputs": 10}, size=None, risk=None),
    "vc.dimension_threshold_network": Case("For networks of hard threshold units.", {"parameters": 13, "units": 4}, size=None, risk=None),
    "vc.dimension_relu_network": Case(
        "For a ReLU network with one output; for a bound on its risk, `log_growth_relu_network` is the shorter way.",
        {"widths": (10, 20, 20, 1)},
        size=None,
        risk=None,
    ),
    "vc.log_growth_relu_network": Case(
        "For ReLU networks, multiclass too; its value goes into `growth_function`.", {"widths": WIDTHS}, risk=None
    ),
    "vc.dimension_piecewise_polynomial_network": Case(
        "For activations that are piecewise polynomials of a degree above one.",
        {"parameters": 13, "layers": 2, "units": 4, "pieces": 2, "degree": 1},
        size=None,
        risk=None,
    ),
    "vc.dimension_sigmoid_network": Case("For networks of logistic units.", {"parameters": 13, "units": 4}, size=None, risk=None),
    "vc.baum_haussler1989_sample_size": Case(
        "To see how many examples the classic theorem asks for.",
        {"parameters": 13, "units": 4, "epsilon": Fraction(1, 10)},
        size=None,
        risk=None,
    ),
    "vc.bousquet2004introduction": Case(
        "To reproduce the one-sided textbook bound; `sauer` is below it.", {**EMPIRICAL, "vc_dimension": 10}
    ),
    "vc.shalev_shwartz2014growth": Case(
        "To reproduce the textbook bound with 1/delta; `sauer` is far below it.", {**EMPIRICAL, "vc_dimension": 10}
    ),
    "vc.log_growth_sauer": Case("If a VC dimension is known and nothing counts the class directly.", {"vc_dimension": 10}, risk=None),
    "vc.log_growth_halfspace": Case(
        "For linear classifiers with a threshold: the exact count, for `growth_function`.", {"inputs": 10}, risk=None
    ),
    "vc.log_growth_threshold_network": Case(
        "For networks of hard threshold units whose incoming weights are known unit by unit; for `growth_function`.",
        {"unit_parameters": (3, 3, 3, 4)},
        risk=None,
    ),
    "vc.baum_haussler1989growth": Case(
        "For networks of hard threshold units of which only the totals are known.", {"parameters": 13, "units": 4}, risk=None
    ),
    "vc.log_growth_piecewise_polynomial_network": Case(
        "As `log_growth_relu_network`, for convolutions, pooling and other piecewise polynomial activations.",
        {"parameters": (9, 4), "breakpoints": (3, 1), "degree": 1},
        risk=None,
    ),
    "vc.realizable": Case(
        "If the hypothesis makes no error on the sample: the rate is then 1/n.", {"vc_dimension": 10, "delta": DELTA}, risk=Fraction(0)
    ),
}

RADEMACHER = {
    "rademacher.uniform_deviation": Case(
        "If an upper bound on the empirical Rademacher complexity of the *loss* class is at hand.",
        {**EMPIRICAL, "complexity": lambda n: 1 / math.sqrt(n)},
    ),
    "rademacher.expected_deviation": Case(
        "If the complexity is bounded for the population, and not on this sample alone.",
        {**EMPIRICAL, "complexity": lambda n: 1 / math.sqrt(n)},
    ),
    "rademacher.massart": Case(
        "For a finite set of loss vectors.",
        {"log_cardinality": math.log(1000), "radius": _norm_of_unit_inputs},
        risk=None,
    ),
    "rademacher.linear_l2": Case(
        "For linear and kernel classes with a bounded l2 norm.", {"norm": 1, "data_norm": _norm_of_unit_inputs}, risk=None
    ),
    "rademacher.linear_l1": Case(
        "For linear classes with a bounded l1 norm and bounded coordinates.",
        {"norm": 1, "data_norm": _norm_of_unit_inputs, "inputs": 100},
        risk=None,
    ),
    "rademacher.two_layer": Case(
        "For one hidden layer with bounded row norms and an l1 output layer.",
        {"output_norm": 2, "hidden_norm": 1, "data_norm": _norm_of_unit_inputs},
        risk=None,
    ),
    "rademacher.two_layer_odd": Case(
        "As `two_layer`, for tanh and other odd activations.",
        {"output_norm": 2, "hidden_norm": 1, "data_norm": _norm_of_unit_inputs},
        risk=None,
    ),
    "rademacher.two_layer_l1": Case(
        "As `two_layer`, with rows bounded in l1 and bounded coordinates.",
        {"output_norm": 2, "hidden_norm": 1, "data_norm": _norm_of_unit_inputs, "inputs": 100},
        risk=None,
    ),
    "rademacher.two_layer_l1_odd": Case(
        "As `two_layer_l1`, for tanh and other odd activations.",
        {"output_norm": 2, "hidden_norm": 1, "data_norm": _norm_of_unit_inputs, "inputs": 100},
        risk=None,
    ),
    "rademacher.kernel_predictor": Case(
        "For a trained kernel predictor, a ridge or an interpolant, and its observed norm.",
        {**EMPIRICAL, "lipschitz": 1, "norm": 7, "data_norm": _norm_of_unit_inputs},
    ),
    "rademacher.neyshabur2015": Case(
        "For shallow networks: at depth 2 its factor is below Golowich's; `golowich2018frobenius` takes the smaller of the two.",
        NETWORK,
        risk=None,
    ),
    "rademacher.golowich2018frobenius": Case("For networks without biases whose Frobenius norms are bounded.", NETWORK, risk=None),
    "rademacher.golowich2018rows": Case(
        "For networks whose rows are bounded in l1, with bounded coordinates.", {**NETWORK, "inputs": 784}, risk=None
    ),
}

MARGIN = {
    "margin.norm_product": Case(
        "For a trained network without biases and its observed Frobenius norms and margins; every one of them at once.",
        {"margin_risk": RISK, "margin": 1, **NETWORK, "outputs": 10, "delta": DELTA},
        sizes=LARGE,
    ),
    "margin.spectral": Case(
        "For a trained network and its initialisation: observed spectral norms, distances and margins, all paid for.", SPECTRAL, sizes=LARGE
    ),
    "margin.spectral_graph": Case(
        "For networks that are no chains (residual sums, concatenations) or share weights (kernels, tokens): `summarize` measures them.",
        GRAPH,
        sizes=LARGE,
    ),
    "margin.bartlett2017spectral": Case(
        "To compare with the literature; `spectral` is derived completely and, with its chaining, far below it in practice.",
        SPECTRAL,
        sizes=LARGE,
    ),
    "margin.neyshabur2018pacbayes": Case(
        "If the network stays close to its initialisation in Frobenius norm and the input radius is known in advance.",
        NEYSHABUR,
        sizes=LARGE,
    ),
    "margin.neyshabur2018pacbayes_grid": Case(
        "As `neyshabur2018pacbayes`, with the noise scale chosen and paid for.",
        {name: value for name, value in NEYSHABUR.items() if name != "noise_scale"},
        sizes=LARGE,
    ),
    "margin.bartlett1998fat_shattering": Case(
        "To cite the classic, with a margin fixed before the sample.",
        {"margin_risk": RISK, "fat_shattering_dimension": 64, "delta": DELTA},
        sizes=LARGE,
    ),
    "margin.norm_product_fixed_class": Case(
        "If the margin and a bound on the product of norms were fixed before the sample.",
        {"margin_risk": RISK, "margin": 1, **NETWORK, "outputs": 10, "delta": DELTA},
        sizes=LARGE,
    ),
    "margin.spectral_fixed_class": Case(
        "If the margin and bounds on every layer's norms were fixed before the sample.", SPECTRAL, sizes=LARGE
    ),
    "margin.spectral_closed": Case(
        "To see how the spectral bound depends on its inputs: a formula where `spectral` has a chain, about 2.5 times above it.",
        SPECTRAL,
        sizes=LARGE,
    ),
    "margin.spectral_closed_fixed_class": Case(
        "As `spectral_closed`, if the margin and bounds on every layer's norms were fixed before the sample.", SPECTRAL, sizes=LARGE
    ),
    "margin.neyshabur2018perturbed": Case(
        "To reproduce the published lemma, for any perturbation and its divergence; `neyshabur2018pacbayes` is derived completely.",
        {"margin_risk": RISK, "kl": 500, "delta": DELTA},
        sizes=LARGE,
    ),
    "margin.neyshabur2018output_change": Case(
        "To see how far a perturbation of the weights moves the outputs.",
        {"spectral_norms": (2, 1), "noise_norms": (0.25, 0.25), "input_radius": 4},
        size=None,
        risk=None,
    ),
    "margin.fat_shattering_linear": Case(
        "For linear functions in `bartlett1998fat_shattering`.", {"norm": 1, "radius": 1, "scale": 0.0625}, size=None, risk=None
    ),
    "margin.mohri2018binary": Case(
        "For a binary class whose complexity was bounded on this sample, at a margin fixed before it.",
        {"margin_risk": RISK, "margin": 1, "complexity": lambda n: 1 / math.sqrt(n), "delta": DELTA},
        sizes=LARGE,
    ),
    "margin.mohri2018multiclass": Case(
        "To reproduce the textbook bound from a complexity of the scores; `norm_product` is below it for networks.",
        {"margin_risk": RISK, "margin": 1, "outputs": 10, "complexity": lambda n: 1 / math.sqrt(n), "delta": DELTA},
        sizes=LARGE,
    ),
    "margin.mohri2018uniform": Case(
        "To reproduce the textbook bound that holds for every margin of a binary class.",
        {"margin_risk": RISK, "margin": 0.5, "largest_margin": 1, "complexity": lambda n: 1 / math.sqrt(n), "delta": DELTA},
        sizes=LARGE,
    ),
}

VOTES: dict[str, Any] = {"empirical_risk": Fraction(1, 5), "disagreement": Fraction(3, 10), "kl": 2, "delta": DELTA}
PAC_BAYES = {
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
        {"errors": _errors, "delta": Fraction(1, 100)},
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
        "For one standard deviation a layer: layers enter by their size and their distance from the initialisation.",
        {"distances": (1, 0.5), "sizes": (200, 20), "std_q": (0.1, 0.2), "std_p": (0.5, 0.5)},
        size=None,
        risk=None,
    ),
    "pac_bayes.gaussian_kl_blocks_grid": Case(
        "As `gaussian_kl_blocks`, if no prior scale was fixed in advance: one a layer is chosen on a grid and paid for.",
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
    "pac_bayes.germain2015pac_bound_1": Case("To cite it; `germain2015pac_bound_2` is below it.", VOTES, risk=Fraction(1, 5)),
    "pac_bayes.germain2015pac_bound_2": Case(
        "For the vote of binary voters whose disagreement was measured on the same sample.", VOTES, risk=Fraction(1, 5)
    ),
    "pac_bayes.masegosa2020tandem": Case(
        "For the vote, with several classes too, from how often two voters err together.",
        {"tandem_risk": Fraction(1, 50), "kl": 2, "delta": DELTA},
    ),
    "pac_bayes.shalev_shwartz2014pac_bayes": Case(
        "To reproduce the textbook bound; `mcallester` and `seeger2002` are below it.", POSTERIOR
    ),
    "pac_bayes.tolstikhin_seldin_empirical_bernstein": Case(
        "If the losses of the voters vary little over the sample: losses in [0, 1] that are no errors.",
        {**POSTERIOR, "variance": Fraction(1, 1000)},
    ),
}

PERCEPTRON = {
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

ONE_OVER_N: dict[str, Any] = {**EMPIRICAL, "stability": lambda n: Fraction(1, n)}
TWINS: dict[str, Any] = {"lipschitz": 1, "smoothness": 1, "step_sizes": (0.1,) * 20, "replaced": (0, 0, 0, 1) * 5}
STABILITY = {
    "stability.bousquet_elisseeff2002": Case("For a stability of the order 1/n: the tightest here below n = 100 000.", ONE_OVER_N),
    "stability.feldman_vondrak2018": Case("For a stability well above 1/n.", ONE_OVER_N),
    "stability.bousquet_klochkov_zhivotovskiy2020": Case("For a stability well above 1/n and a large n.", ONE_OVER_N),
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
}

CASES: dict[str, Case] = {**HOLDOUT, **VC, **RADEMACHER, **MARGIN, **PAC_BAYES, **PERCEPTRON, **STABILITY}
