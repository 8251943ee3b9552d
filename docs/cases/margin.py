"""Representative cases of the margin bounds."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from cases.case import DELTA, NETWORK, RISK, WIDTHS, Case, norm_of_unit_inputs

SPECTRAL: dict[str, Any] = {
    "margin_risk": RISK,
    "margin": 1,
    "spectral_norms": (1.5, 1.2, 1.1),
    "distances_2_1": (2.0, 3.0, 1.0),
    "lipschitz": (1, 1, 1),
    "widths": WIDTHS,
    "outputs": 2,
    "data_norm": norm_of_unit_inputs,
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
    "data_norm": norm_of_unit_inputs,
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
LARGE = (10**4, 10**10)
CASES: dict[str, Case] = {
    "margin.norm_product": Case(
        "For a trained network without biases and its observed Frobenius norms and margins; every one of them at once.",
        {"margin_risk": RISK, "margin": 1, **NETWORK, "outputs": 10, "delta": DELTA},
        sizes=LARGE,
    ),
    "margin.spectral": Case(
        "For a trained network and its initialisation: observed spectral norms, distances and margins, all paid for.", SPECTRAL, sizes=LARGE
    ),
    "margin.spectral_graph": Case(
        "For networks that are not chains (residual sums, concatenations) or share weights (kernels, tokens): `summarize` measures them.",
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
