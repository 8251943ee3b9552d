"""Why a bound of the catalogue has no row in a table of certificates."""

from __future__ import annotations

from collections.abc import Mapping

from genbounds.bounds import Bound, catalogue
from genbounds.bounds.bounds_on import RISK

_FAMILY_REASONS = {
    "holdout": "no held-out examples: pass held_out=(inputs, labels) that neither training nor model selection saw",
    "pac_bayes": "needs a posterior over weights: train_posterior and certify_gibbs make one",
    "perceptron": "counts the mistakes of the perceptron algorithm, which cannot be read off a trained network",
    "information": "needs the information that the training algorithm reveals about its sample, which cannot be read off a trained network",
    "stability": "needs constants of the loss and of the training algorithm that cannot be read off a trained network",
}
_REASONS = {
    "holdout.bennett": "needs a bound on the variance that was known before the sample",
    "holdout.bernstein": "needs a bound on the variance that was known before the sample",
    "holdout.finite_class": "the held-out examples judge one network: see holdout.hoeffding; with several candidates pass their number",
    "holdout.occam_kl": "needs a prior over networks that was fixed in advance",
    "holdout.occam_binomial": "needs a prior over networks that was fixed in advance",
    "holdout.kawaguchi2017validation": "needs the number of candidates that the held-out examples chose from: one network has none",
    "holdout.betting": "needs the losses in their order: pass them to certify_losses",
    "holdout.confidence_sequence": "holdout.clopper_pearson is smaller for errors counted once; this is for repeated looks at the count",
    "holdout.empirical_bernstein_sequence": "needs the losses in their order: pass them to certify_losses",
    "holdout.disagreement": "needs surrogate=(predictor, certificate) and unlabelled=inputs that neither network saw",
    "holdout.progressive_validation": "needs the losses of an online pass over the examples",
    "holdout.adaptive_reuse": "needs the number of models that the held-out examples have judged: with one it is holdout.hoeffding",
    "rademacher.uniform_deviation": "needs a class whose norms were bounded before training: margin.norm_product pays for all norms",
    "margin.bartlett1998fat_shattering": "needs a margin that was fixed before the sample: margin.norm_product holds for all at once",
    "margin.mohri2018multiclass": "needs a class whose norms, and a margin, were fixed before the sample: margin.norm_product pays for all",
    "margin.mohri2018uniform": "needs a class whose norms were fixed before the sample: margin.norm_product pays for all",
    "margin.norm_product_fixed_class": "needs norms and a margin that were bounded before training: margin.norm_product pays for all",
    "margin.spectral_fixed_class": "needs norms and a margin that were bounded before training: margin.spectral pays for all",
    "margin.spectral_closed_fixed_class": "needs norms and a margin that were bounded before training: margin.spectral pays for all",
    "margin.mohri2018binary": "needs a class whose norms, and a margin, were fixed before the sample: margin.norm_product pays for all",
    "margin.neyshabur2018perturbed": "needs a margin fixed before the sample: margin.neyshabur2018pacbayes_grid holds for all at once",
    "margin.neyshabur2018pacbayes": "its noise scale is chosen by margin.neyshabur2018pacbayes_grid, at no further cost",
}


_MEASURED = ("empirical_risk", "errors", "n", "delta", "margin", "margin_risk")


def not_applicable(found: set[str], reasons: Mapping[str, str], judged: bool) -> list[tuple[str, str]]:
    """A reason for every bound of the catalogue that has no row."""
    result = []
    for formula in catalogue():
        if not isinstance(formula, Bound) or formula.name in found:
            continue
        result.append((formula.name, reasons.get(formula.name) or _general_reason(formula, judged)))
    return result


def _general_reason(bound: Bound, judged: bool) -> str:
    """Why a bound that no candidate reads has no row."""
    if bound.family == "holdout" and not judged and bound.name != "holdout.disagreement":
        return _FAMILY_REASONS["holdout"]
    if bound.name in _REASONS:
        return _REASONS[bound.name]
    if bound.family in _FAMILY_REASONS and bound.family != "holdout":
        return _FAMILY_REASONS[bound.family]
    if bound.bounds_on != RISK:
        return f"bounds the {bound.bounds_on}, not the risk of the network"
    missing = ", ".join(name for name in bound.inputs if name not in _MEASURED)
    return f"needs inputs that no measurement of a network gives: {missing}" if missing else "is not about a single network"
