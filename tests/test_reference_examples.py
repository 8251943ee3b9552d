"""The numbers printed on the formula sheet, each from the 60-digit reference, to its last printed digit.

Slacks are bounds at an empirical risk of 0. Where the sheet prints a number with the constant 3 of S1(c) and the
reference carries the 2 of S1(c'), the test adds the third square root.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from mpmath import mp, mpf

from tests.reference import holdout, margin, pac_bayes, perceptron, rademacher, special, stability, vc
from tests.reference.special import exact, kl_inverse, log_inverse, xi

F = Fraction
DELTA = F(1, 20)


def root(x: Any) -> Any:
    return mp.sqrt(exact(x))


def confidence(n: int, delta: Fraction = DELTA) -> Any:
    """sqrt(ln(1/delta)/(2n))."""
    return mp.sqrt(log_inverse(delta) / (2 * mpf(n)))


def half_a_unit(printed: str) -> Any:
    """Half a unit of the last printed digit."""
    mantissa, _, exponent = printed.partition("e")
    decimals = len(mantissa.partition(".")[2])
    return mpf(10) ** (int(exponent or 0) - decimals) / 2


def ten_thousand(**more: Any) -> dict[str, Any]:
    return {"empirical_risk": F(3, 100), "kl": 500, "n": 10_000, "delta": DELTA, **more}


def without_risk(**more: Any) -> dict[str, Any]:
    return {"empirical_risk": 0, "n": 10_000, "delta": DELTA, **more}


GOLOWICH = {"norm_product": 8, "depth": 3, "data_norm": 100, "n": 10_000}
SPECTRAL = {
    "margin_risk": 0,
    "margin": 1,
    "spectral_norms": (1, 1),
    "distances_2_1": (1, 1),
    "lipschitz": (1, 1),
    "widths": (10, 10, 2),
    "outputs": 2,
    "delta": DELTA,
}
NEYSHABUR = {
    "margin_risk": F(1, 20),
    "margin": 1,
    "spectral_norms": (1, 1),
    "widths": (10, 10, 2),
    "input_radius": 1,
    "noise_scale": F(1, 512),
    "n": 10**7,
    "delta": DELTA,
}
HARDT = {"lipschitz": 1, "smoothness": 1, "step_scale": F(1, 10), "steps": 1000, "n": 1000}
KUZBORSKIJ = {"lipschitz": 1, "smoothness": 1, "curvature": 1, "steps": 1000, "n": 1000, "expected_risk": F(3, 10)}
VALIDATION = {"n": 10**4, "candidates": 10**9, "delta": F(1, 10), "empirical_risk": 0}


def neyshabur(**more: Any) -> Any:
    return margin.neyshabur2018pacbayes(**NEYSHABUR, frobenius_distances=(root(2), 1), **more)


def neyshabur_fixed_margin() -> Any:
    eta = F(1, 100)
    entropy = exact(eta) * log_inverse(eta) + exact(1 - eta) * log_inverse(1 - eta)
    cost = (393216 + entropy) / exact(1 - eta) + mp.log(xi(10**7)) + log_inverse(DELTA)
    return kl_inverse(DELTA, (cost + mp.log(mpf(3) / 2 * 10 * 11)) / 10**7)


def norm_product_slack_with_three() -> Any:
    value = margin.norm_product(margin_risk=0, margin=F(1, 2), norm_product=8, depth=3, outputs=1, data_norm=100, n=10_000, delta=DELTA)
    # j = 4: 16 units, weight 1/(5 * 6)
    return value + mp.sqrt((log_inverse(DELTA) + mp.log(30)) / 20_000)


def multiclass_complexity() -> Any:
    n = 10**6
    value = margin.norm_product(margin_risk=0, margin=1, norm_product=8, depth=3, outputs=10, data_norm=1000, n=n, delta=DELTA)
    return (value - 2 * mp.sqrt((log_inverse(DELTA) + mp.log(20)) / (2 * n))) / 2


def chaining(n: int) -> Any:
    return margin.chained_complexity(scale=mpf(1), layer_ratios=[mpf(1), mpf(1)], widths=[10, 10, 2], outputs=2, data_norm=root(n), n=n)


def closed(n: int) -> Any:
    network = {name: value for name, value in SPECTRAL.items() if name not in ("margin_risk", "delta")}
    return margin.closed_complexity(**network, data_norm=root(n), n=n)


def ratio(p: int, q: int) -> Any:
    return exact(F(p, q))


def thiemann_best_weight() -> Any:
    n, risk = 10**4, exact(F(3, 100))
    cost = 500 + mp.log(2 * mp.sqrt(mpf(n))) + log_inverse(DELTA)
    return 2 / (mp.sqrt(2 * n * risk / cost + 1) + 1)


def relu(form: str, *widths: int) -> Any:
    return vc.dimension_relu_network(widths=widths, form=form)


def log_growth(*widths: int) -> Any:
    return vc.log_growth_relu_network(widths=widths, n=60_000)


def uncapped_log_growth() -> Any:
    """The [784,600,600,10] product of the sheet, from its formula: no layer's cap binds."""
    total, parameters, n = mpf(0), 0, 60_000
    for i, (fan_in, fan_out, units) in enumerate(((784, 600, 600), (600, 600, 600), (600, 10, 9)), 1):
        parameters += (fan_in + 1) * fan_out
        total += mp.log(2) + parameters * mp.log(2 * mp.e * n * units * i / parameters)
    return total


def wide(g: Callable[[], Any]) -> Any:
    with mp.workdps(60):
        return g()


EXAMPLES: list[tuple[str, Callable[[], Any], str]] = [
    # S
    ("S1b", lambda: rademacher.uniform_deviation(**without_risk(complexity=0, form="printed")), ".0407430454722186"),
    ("S1c", lambda: rademacher.uniform_deviation(**without_risk(complexity=0, form="bartlett2017")), ".0367162024602122"),
    ("S1c'", lambda: rademacher.uniform_deviation(**without_risk(complexity=0)), ".0244774683068082"),
    (
        "S2",
        lambda: rademacher.massart(log_cardinality=mp.log(1000), radius=root(1000), n=1000),
        ".11753940002384",
    ),
    ("S5 with 3", norm_product_slack_with_three, ".9064877082448"),
    # A
    ("A1", lambda: holdout.hoeffding(**without_risk()), ".0122387341534041"),
    ("A2 0", lambda: holdout.clopper_pearson(errors=0, n=100, delta=DELTA), ".0295130496070399"),
    ("A2 5", lambda: holdout.clopper_pearson(errors=5, n=100, delta=DELTA), ".102253377643275"),
    ("A2 10", lambda: holdout.clopper_pearson(errors=10, n=500, delta=DELTA), ".0336882723311445"),
    ("A2 50", lambda: holdout.clopper_pearson(errors=50, n=1000, delta=DELTA), ".0628634035123797"),
    ("A3", lambda: holdout.chernoff_kl(empirical_risk=F(1, 20), n=100, delta=DELTA), ".121527036442893"),
    ("A3 at 0", lambda: holdout.chernoff_kl(empirical_risk=0, n=100, delta=DELTA), ".0295130496070399"),
    ("A3 kl inverse", lambda: kl_inverse(F(1, 10), F(1, 50)), ".170383627568828"),
    (
        "A4",
        lambda: holdout.empirical_bernstein(empirical_risk=F(1, 10), variance=F(90, 999), n=1000, delta=DELTA),
        ".134397059648503",
    ),
    (
        "A6 binomial",
        lambda: holdout.occam_binomial(errors=20, n=1000, log_inverse_prior=mp.log(1000), delta=DELTA),
        ".0431766698833607",
    ),
    (
        "A6 kl",
        lambda: holdout.occam_kl(empirical_risk=F(1, 50), n=1000, log_inverse_prior=mp.log(1000), delta=DELTA),
        ".0463542622528699",
    ),
    ("A7", lambda: holdout.kawaguchi2017validation(**VALIDATION, variance_bound=1), ".0693964609728138"),
    ("A7 1/4", lambda: holdout.kawaguchi2017validation(**VALIDATION, variance_bound=F(1, 4)), ".0354657588507383"),
    (
        "A7 Bernstein",
        lambda: holdout.bernstein(empirical_risk=0, variance_bound=F(1, 4), n=10**4, delta=F(1, 10**10)),
        ".0347069103016483",
    ),
    (
        "A7 Hoeffding",
        lambda: holdout.finite_class(empirical_risk=0, n=10**4, class_size=10**9, delta=F(1, 10)),
        ".0339307021220756",
    ),
    (
        "A7 kl .01",
        lambda: holdout.chernoff_kl(empirical_risk=F(1, 100), n=10**4, delta=F(1, 10**10)) - ratio(1, 100),
        ".00832326326894315",
    ),
    (
        "A7 kl .02",
        lambda: holdout.chernoff_kl(empirical_risk=F(2, 100), n=10**4, delta=F(1, 10**10)) - ratio(2, 100),
        ".0110149667573853",
    ),
    ("A8a", lambda: 2 * holdout.hoeffding(empirical_risk=0, n=1000, delta=DELTA), ".077404551204099"),
    ("A8a'", lambda: holdout.hoeffding(empirical_risk=0, n=1000, delta=DELTA), ".0387022756020495"),
    (
        "A8c .7",
        lambda: holdout.progressive_validation(online_risk=F(1, 100), n=1000, rate=F(7, 10), delta=DELTA),
        ".0197569539682972",
    ),
    (
        "A8c 1",
        lambda: holdout.progressive_validation(online_risk=F(1, 100), n=1000, rate=1, delta=DELTA),
        ".0204259332896617",
    ),
    # B
    ("B1", lambda: special.log_sauer_sum(10**4, 10), "76.995491022606"),
    (
        "B2a closed",
        lambda: vc.growth_function(**without_risk(log_growth=10 * (1 + mp.log(1000)))),
        ".137998467605588",
    ),
    ("B2a exact", lambda: vc.sauer(**without_risk(vc_dimension=10)), ".136331837122591"),
    ("B1 as a growth function", lambda: vc.log_growth_sauer(vc_dimension=10, n=10**4), "76.995491022606"),
    ("B3 Cover, four points in the plane", lambda: mp.exp(vc.log_growth_halfspace(inputs=2, n=4)), "14"),
    ("B2b", lambda: vc.vapnik_chervonenkis1971(**without_risk(vc_dimension=10), form="printed"), ".268910470201656"),
    ("B2c at 0", lambda: vc.relative_deviation(**without_risk(vc_dimension=10), form="printed"), ".0361564204920379"),
    (
        "B2c at .05",
        lambda: vc.relative_deviation(empirical_risk=F(1, 20), n=10**4, vc_dimension=10, delta=DELTA, form="printed"),
        ".114280404028362",
    ),
    (
        "B3 threshold closed",
        lambda: vc.dimension_threshold_network(parameters=13, units=4, form="closed"),
        "89.510071063113",
    ),
    ("B3 threshold implicit", lambda: vc.dimension_threshold_network(parameters=13, units=4), "78"),
    (
        "B3 sample size",
        lambda: vc.baum_haussler1989_sample_size(parameters=13, units=4, epsilon=F(1, 10)),
        "29763.1998847608",
    ),
    (
        "B3 piecewise polynomial",
        lambda: vc.dimension_piecewise_polynomial_network(parameters=13, layers=2, units=4, pieces=2, degree=1),
        "639.918716736471",
    ),
    ("B3 [2,3,1] closed", lambda: relu("closed", 2, 3, 1), "178.373675336"),
    ("B3 [2,3,1] implicit", lambda: relu("implicit", 2, 3, 1), "169"),
    ("B3 [2,3,1] growth", lambda: log_growth(2, 3, 1), "246.460789942198"),
    (
        "B3 [2,3,1] slack",
        lambda: vc.growth_function(empirical_risk=0, n=60_000, log_growth=log_growth(2, 3, 1), delta=DELTA),
        ".0956350635601267",
    ),
    (
        "B3 [2,3,1] by its dimension",
        lambda: vc.sauer(empirical_risk=0, n=60_000, vc_dimension=169, delta=DELTA),
        ".201438428310429",
    ),
    (
        "B3 [2,3,1] by its dimension, closed form",
        lambda: vc.growth_function(empirical_risk=0, n=60_000, log_growth=169 * (1 + mp.log(mpf(60_000) / 169)), delta=DELTA),
        ".201753652272867",
    ),
    ("B3 [10,20,20,1] closed", lambda: relu("closed", 10, 20, 20, 1), "19006.0559711"),
    ("B3 [10,20,20,1] implicit", lambda: relu("implicit", 10, 20, 20, 1), "16571"),
    ("B3 [784,600,600,1] closed", lambda: relu("closed", 784, 600, 600, 1), "38400302.9733"),
    ("B3 [784,600,600,1] implicit", lambda: relu("implicit", 784, 600, 600, 1), "30907083"),
    ("B3 [3072,512,512,512,1] closed", lambda: relu("closed", 3072, 512, 512, 512, 1), "143320947.72"),
    ("B3 [3072,512,512,512,1] implicit", lambda: relu("implicit", 3072, 512, 512, 512, 1), "123220855"),
    ("B3 [784,600,600,10] uncapped", uncapped_log_growth, "9928481.98568461"),
    # The sheet caps the loss vectors by 10^n, the number of label vectors; there are no more than 2^n.
    ("B3 [784,600,600,10]", lambda: log_growth(784, 600, 600, 10), "41588.8308335967"),
    # The growth term alone, sqrt(2 ln 2) at the cap (sqrt(2 ln 10) on the sheet); the slacks of [2,3,1] include the confidence term.
    (
        "B3 [784,600,600,10] slack",
        lambda: vc.growth_function(empirical_risk=0, n=60_000, log_growth=log_growth(784, 600, 600, 10), delta=1),
        "1.17741002251547",
    ),
    ("B3 sigmoid", lambda: vc.dimension_sigmoid_network(parameters=13, units=4), "9493.84861960171"),
    # C
    ("C1", lambda: rademacher.linear_l2(norm=10, data_norm=100, n=10**4), ".1"),
    ("C1 e1, e2", lambda: rademacher.linear_l2(norm=1, data_norm=root(2), n=2), ".707106781186548"),
    ("C2", lambda: rademacher.linear_l1(norm=10, data_norm=100, inputs=100, n=10**4), ".325524726143746"),
    ("C3 in l1", lambda: rademacher.two_layer_l1(output_norm=1, hidden_norm=5, data_norm=100, inputs=100, n=10**4), ".325524726143746"),
    ("C5 printed", lambda: rademacher.golowich2018frobenius(**GOLOWICH, form="printed"), ".243146718427009"),
    ("C5 derived", lambda: rademacher.golowich2018frobenius(**GOLOWICH), ".213208737785232"),
    (
        "C5 rows printed",
        lambda: rademacher.golowich2018rows(norm_product=8, depth=3, data_norm=10, inputs=784, n=10**4, form="printed"),
        ".0522502508052325",
    ),
    (
        "C5 rows derived",
        lambda: rademacher.golowich2018rows(norm_product=8, depth=3, data_norm=10, inputs=784, n=10**4),
        ".0334546390197215",
    ),
    (
        "C6 printed factor",
        lambda: 4 * rademacher.golowich2018frobenius(**GOLOWICH, form="printed") + confidence(10**4),
        ".984825607861442",
    ),
    (
        "C6 derived factor",
        lambda: 4 * rademacher.golowich2018frobenius(**GOLOWICH) + confidence(10**4),
        ".865073685294331",
    ),
    ("C7 derived", multiclass_complexity, ".144024950432863"),
    (
        "C7 Mohri",
        lambda: 40 * rademacher.golowich2018frobenius(norm_product=8, depth=3, data_norm=1000, n=10**6),
        ".852834951140927",
    ),
    (
        "C8",
        lambda: margin.bartlett1998fat_shattering(margin_risk=0, fat_shattering_dimension=64, n=10**6, delta=DELTA, form="printed"),
        ".229889859635905",
    ),
    # D. The sheet prints D2 as "main" (8/n included) and "conf"; here their sum, to the digits of "main".
    (
        "D2 1e6",
        lambda: margin.bartlett2017spectral(**SPECTRAL, data_norm=1000, n=10**6) - mpf(".01381535854"),
        "37.965935882",
    ),
    (
        "D2 1e8",
        lambda: margin.bartlett2017spectral(**SPECTRAL, data_norm=10**4, n=10**8) - mpf(".00152412099605"),
        "5.05757243761",
    ),
    ("D3 1e6, closed", lambda: closed(10**6), ".554605571709"),
    ("D3 1e6, closed, twice", lambda: 2 * closed(10**6), "1.10921114342"),
    ("D3 1e8, closed, twice", lambda: 2 * closed(10**8), ".182877758997"),
    ("D3 1e10, closed, twice", lambda: 2 * closed(10**10), ".0254834403651"),
    ("D3 1e6", lambda: chaining(10**6), ".219136138408406"),
    # The sheet prints .0710845774577431: its tenth decimal is misread (7 for 8), see the test of that sum in floats.
    ("D3 1e8, twice", lambda: 2 * chaining(10**8), ".0710845784577431"),
    # KL = (2 + 1)/(2 sigma^2) at sigma = 2^-9
    ("D4 Lemma 1", lambda: margin.neyshabur2018perturbed(margin_risk=0, kl=393216, n=10**7, delta=DELTA), ".793"),
    # The sheet's last digit is 3; the 20 digits are .13546276948487430934.
    ("D4", neyshabur, ".135462769484874"),
    ("D4 with the margin fixed", neyshabur_fixed_margin, ".135462618938147"),
    # E
    ("xi 1", lambda: xi(1), "2"),
    ("xi 2", lambda: xi(2), "2.5"),
    ("9 xi 3", lambda: 9 * xi(3), "26"),
    ("xi 8", lambda: xi(8), "4.24501800537109"),
    ("xi 10", lambda: xi(10), "4.66021568"),
    ("xi 100", lambda: xi(100), "13.209960630216"),
    ("xi 1e3", lambda: xi(1000), "40.3032129261782"),
    ("xi 1e4", lambda: xi(10**4), "125.999121868081"),
    ("xi 1e6", lambda: xi(10**6), "1253.98090839538641914"),
    ("xi 1e12", lambda: xi(10**12), "1253314.80398227136069"),
    ("E1", lambda: pac_bayes.seeger2002(**ten_thousand()), ".117546527527779"),
    (
        "E1 with 2 sqrt n",
        lambda: pac_bayes.maurer2004(**ten_thousand()),
        ".117601266475445",
    ),
    (
        "E1 with n+1",
        lambda: pac_bayes.langford2001(**ten_thousand()),
        ".118064258061358",
    ),
    ("E2 Pinsker", lambda: pac_bayes.mcallester(**ten_thousand()), ".189419893620605"),
    ("E2 Tolstikhin-Seldin", lambda: pac_bayes.tolstikhin_seldin(**ten_thousand()), ".186883481025643"),
    ("E2 McAllester 2003", lambda: pac_bayes.mcallester2003(**ten_thousand()), ".190348337103124"),
    ("E2 best weight", thiemann_best_weight, ".807550852002423"),
    ("E2 Thiemann", lambda: pac_bayes.thiemann(**ten_thousand(weight=thiemann_best_weight())), ".155885335488093"),
    ("E2 quadratic", lambda: pac_bayes.quadratic(**ten_thousand()), ".155885335488093"),
    ("E3", lambda: pac_bayes.catoni(**ten_thousand(temperature=2)), ".120779986054672"),
    ("E3 best", lambda: pac_bayes.catoni(**ten_thousand(temperature=F(145, 100))), ".116973215235364"),
    (
        "E4",
        lambda: pac_bayes.gaussian_kl(mean_q=[2] + [0] * 9, std_q=F(1, 2), mean_p=0, std_p=1),
        "5.18147180559945",
    ),
    ("E4 isotropic", lambda: pac_bayes.gaussian_kl_blocks(distances=[2], sizes=[10], std_q=[F(1, 2)], std_p=[1]), "5.18147180559945"),
    (
        "E10",
        lambda: pac_bayes.data_dependent_prior(**{**ten_thousand(), "n": 25_000}, prior_size=15_000),
        ".117546527527779",
    ),
    (
        "E6",
        lambda: pac_bayes.monte_carlo_risk(sampled_risk=F(3, 100), draws=1000, delta=F(1, 100)),
        ".0493300510382013",
    ),
    (
        "E6 two-sided",
        lambda: pac_bayes.monte_carlo_risk(sampled_risk=F(3, 100), draws=1000, delta=F(1, 200)),
        ".0509688957945943",
    ),
    (
        "E7",
        lambda: holdout.occam_kl(empirical_risk=F(1, 50), n=60_000, log_inverse_prior=1000 * mp.log(2), delta=DELTA),
        ".0491386931614063",
    ),
    (
        "E9",
        lambda: pac_bayes.disintegrated(empirical_risk=F(3, 100), log_ratio=600, n=10**4, delta=DELTA),
        ".129132960838799",
    ),
    # F
    ("F1", lambda: perceptron.novikoff(radius=1, margin=F(1, 10)), "100"),
    ("F2", lambda: perceptron.random_iterate(radius=1, margin=F(1, 10), n=1000), ".1"),
    ("F3", lambda: perceptron.leave_one_out(radius=1, margin=F(1, 10), n=1000), ".0999000999000999"),
    ("F5", lambda: perceptron.vapnik1998margin(radius=1, margin=F(1, 10), n=1000), ".0999000999000999"),
    ("F4", lambda: perceptron.freund_schapire1999(radius=1, margin=F(1, 10), deviation=F(1, 2)), "225"),
    ("F4 hinge", lambda: perceptron.hinge(radius_times_norm=10, hinge_loss=5), "109"),
    # G
    (
        "G1",
        lambda: stability.bousquet_elisseeff2002(**without_risk(stability=F(1, 10**4))),
        ".0368162024602122",
    ),
    ("G2", lambda: stability.feldman_vondrak2018(**without_risk(stability=F(1, 10**4))), ".312159153722087"),
    (
        "G3",
        lambda: stability.bousquet_klochkov_zhivotovskiy2020(empirical_risk=0, stability=1 / root(10**7), n=10**7, delta=DELTA),
        ".0671313168323375",
    ),
    (
        "G3 against G1",
        lambda: stability.bousquet_elisseeff2002(empirical_risk=0, stability=1 / root(10**7), n=10**7, delta=DELTA),
        "2.448",
    ),
    (
        "G3 against G2",
        lambda: stability.feldman_vondrak2018(empirical_risk=0, stability=1 / root(10**7), n=10**7, delta=DELTA),
        ".4533",
    ),
    (
        "G3 1e4",
        lambda: stability.bousquet_klochkov_zhivotovskiy2020(**without_risk(stability=F(1, 10**4))),
        ".0259685846074555",
    ),
    (
        "G4 convex",
        lambda: stability.hardt2016convex(lipschitz=1, smoothness=1, step_sizes=[F(1, 100)] * 1000, n=1000),
        ".02",
    ),
    (
        "G4 strongly convex",
        lambda: stability.hardt2016strongly_convex(lipschitz=1, smoothness=1, strong_convexity=F(1, 10), step_size=F(1, 100), n=1000),
        ".02",
    ),
    ("G4 printed", lambda: stability.hardt2016nonconvex(**HARDT, form="printed"), ".00477669149419481"),
    ("G4 integer", lambda: stability.hardt2016nonconvex(**HARDT), ".00219481877487992"),
    ("H main term", lambda: 2 * rademacher.linear_l2(norm=root(50), data_norm=root(500), n=1000), ".316227766016838"),
    (
        "G5",
        lambda: stability.bassily2020nonsmooth(lipschitz=1, step_size=F(1, 1000), steps=1000, n=1000),
        ".0672455532033676",
    ),
    # The sheet's last digit is 4; the 20 digits are .0020259792521553348146.
    ("G6", lambda: stability.kuzborskij_lampert2018(**KUZBORSKIJ, step_scale=F(1, 1000)), ".00202597925215533"),
    (
        "G8, half of it",
        lambda: stability.regularized_erm(lipschitz=1, strong_convexity=F(1, 5), n=1000) / 2,
        ".005",
    ),
    # J
    (
        "J3",
        lambda: holdout.adaptive_reuse(empirical_risk=0, n=10**4, queries=10, delta=DELTA / 2),
        ".0657962547383599",
    ),
    # T
    ("T kl inverse, tiny q and c", lambda: kl_inverse(F(1, 10**9), F(1, 10**12)), "1.04539049593997e-9"),
    ("T kl inverse, tiny c", lambda: kl_inverse(F(1, 1000), F(1, 10**16)) - ratio(1, 1000), "4.4699e-10"),
    ("T kl inverse, q near 1", lambda: kl_inverse(F(999, 1000), F(1, 1000)), ".999841338903934"),
    (
        "T binomial tail",
        lambda: special.binomial_tail_inverse(0, 10**6, F(1, 10**10)),
        "2.30255858370696e-5",
    ),
]


@pytest.mark.parametrize(("compute", "printed"), [e[1:] for e in EXAMPLES], ids=[e[0] for e in EXAMPLES])
def test_reference_gives_the_number_on_the_sheet(compute: Callable[[], Any], printed: str) -> None:
    value = wide(compute)
    assert abs(value - wide(lambda: mpf(printed))) <= half_a_unit(printed) * (1 + mpf(10) ** -9), mp.nstr(value, 20)


def test_golowich_factors() -> None:
    # paper / derived / C4, as printed; the function returns the smaller of the last two.
    table = {2: ("2.66511", "2.17741", 2), 3: ("3.03933", "2.66511", 4), 5: ("3.63277", "3.35482", 16)}
    for depth, (printed, derived, neyshabur_factor) in table.items():
        unit = {"norm_product": 1, "depth": depth, "data_norm": 1, "n": 1}
        assert rademacher.neyshabur2015(**unit) == neyshabur_factor
        assert abs(rademacher.golowich2018frobenius(**unit, form="printed") - mpf(printed)) < mpf("5.01e-6")
        smaller = min(mpf(derived), mpf(neyshabur_factor))
        assert abs(rademacher.golowich2018frobenius(**unit) - smaller) < mpf("5.01e-6")


def test_growth_function_regressions() -> None:
    assert abs(vc.log_growth_relu_network(widths=[1000, 1, 1], n=10) - 10 * mp.log(2)) < mpf("1e-13")
    with mp.workdps(60):
        assert abs(vc.log_growth_relu_network(widths=[784, 600, 600, 10], n=60_000) - 60_000 * mp.log(2)) < 1e-50


def test_kuzborskij_lampert_is_hardt_with_m() -> None:
    with mp.workdps(60):
        ours = stability.kuzborskij_lampert2018(**{**KUZBORSKIJ, "expected_risk": 1}, step_scale=F(1, 1000))
        theirs = stability.hardt2016nonconvex(**{**HARDT, "step_scale": F(1, 1000)}, form="printed")
        assert abs(ours - theirs * 999 / 1000) < mpf(10) ** -55


def test_kuzborskij_lampert_refuses_above_the_printed_step() -> None:
    stability.kuzborskij_lampert2018(**KUZBORSKIJ, step_scale=F(130980345147, 10**14) - F(1, 10**13))
    with pytest.raises(ValueError, match="step_scale"):
        stability.kuzborskij_lampert2018(**KUZBORSKIJ, step_scale=F(130980345147, 10**14) + F(1, 10**13))


@pytest.mark.slow
def test_the_integer_form_is_below_the_printed_closed_form_and_the_telescoped_sum() -> None:
    """t0 M/n + L (b/a) (Gamma ratio - 1), the sheet's telescoped sum, against the sums of products."""
    with mp.workdps(60):
        for big_l, beta, c, steps, n in ((1, 1, F(1, 10), 1000, 1000), (30, 2, F(1, 2), 300, 40), (9, 3, 1, 50, 200)):
            a, b = mpf(beta) * exact(c), 2 * exact(c) * big_l / n
            candidates = []
            for t0 in range(min(n, steps) + 1):
                ratio = mp.exp(mp.loggamma(steps + 1 + a) + mp.loggamma(t0 + 1) - mp.loggamma(steps + 1) - mp.loggamma(t0 + 1 + a))
                candidates.append(mpf(t0) / n + big_l * b / a * (ratio - 1))
            arguments = {"lipschitz": big_l, "smoothness": beta, "step_scale": c, "steps": steps, "n": n}
            value = stability.hardt2016nonconvex(**arguments)
            assert abs(value - min(candidates)) < mpf(10) ** -50
            s = (2 * exact(c) * big_l**2 * mpf(steps) ** a) ** (1 / (a + 1))
            if s <= min(n, steps):
                assert value <= s * (1 + 1 / a) / n


@pytest.mark.slow
def test_the_methods_for_xi_agree_where_they_meet() -> None:
    with mp.workdps(60):
        for n in (1, 2, 17, 400):
            assert abs(special.xi_by_definition(n) - special.xi_by_falling_factorials(n)) < mpf(10) ** -50
        for n in (10**3, 10**6):
            assert abs(special.xi_by_integral(n) - special.xi_by_falling_factorials(n)) < mpf(10) ** -50


def test_log_sauer_sum_in_its_three_ranges() -> None:
    with mp.workdps(60):
        for n, d in ((1600, 700), (1600, 800), (1600, 801), (1600, 1500), (3500, 400), (3500, 3400)):
            total = term = 1
            for i in range(1, d + 1):
                term = term * (n - i + 1) // i
                total += term
            assert abs(special.log_sauer_sum(n, d) - mp.log(total)) < mpf(10) ** -50 * mp.log(total)


@pytest.mark.parametrize(("k", "n", "delta"), [(0, 7, 0.05), (3, 7, 0.95), (6, 7, 1e-12), (40, 300, 1e-30), (2, 90, 0.5)])
def test_binomial_tail_at_the_inverse_is_delta(k: int, n: int, delta: float) -> None:
    """The tail at the returned p by the plain sum of all its terms."""
    with mp.workdps(90):
        p = special.binomial_tail_inverse(k, n, delta)
        tail = mp.fsum(mp.binomial(n, i) * p**i * (1 - p) ** (n - i) for i in range(k + 1))
        # 1 - p is as small as 1e-13, so that the 56 digits of p are 43 of the tail.
        assert abs(tail / exact(delta) - 1) < mpf(10) ** -40


@pytest.mark.parametrize(("q", "c"), [(0.0, 0.3), (1e-9, 1e-12), (0.3, 1e-25), (0.5, 3.0), (0.999, 1e-3), (0.1, 0.02), (1e-300, 1e-290)])
def test_kl_at_both_inverses_is_c(q: float, c: float) -> None:
    with mp.workdps(60):
        upper, lower = special.kl_inverse(q, c), special.kl_inverse_lower(q, c)
        assert lower <= q <= upper
        for p in (lower, upper):
            if 0 < p < 1 and p != q:
                assert abs(special.kl(q, p) / exact(c) - 1) < mpf(10) ** -30
    assert special.kl_inverse(1, c) == 1
    assert special.kl_inverse(q, 0) == q


def test_the_numeric_chaining_is_below_the_closed_form() -> None:
    """D3's printed closed forms 2 (12 Q/n)(1 + ln(n/(6Q))), above the chained value the more the larger n."""
    printed = {10**6: "1.10921114342", 10**8: ".182877758997", 10**10: ".0254834403651"}
    for n, number in printed.items():
        with mp.workdps(60):
            q = 2 * root(n) * 2 ** mpf(1.5) * mp.sqrt(mp.log(200))
            closed = 24 * q / n * (1 + mp.log(n / (6 * q)))
            assert abs(closed - mpf(number)) <= half_a_unit(number) * (1 + mpf(10) ** -9)
            assert 2 * chaining(n) < closed / mpf(2.4)


def test_the_chained_sum_in_floats() -> None:
    """x_1 = x_2 = 8 * 4^j exactly, so that the sum at n = 1e8 is a line; J = 7 wins."""
    chain = before = 0.0
    values = []
    for j in range(1, 12):
        log_cover = 8 * 4**j * math.log(200 * 40)
        chain += 3 * 2.0**-j * math.sqrt(2 * (log_cover + before) / 1e8)
        before = log_cover
        values.append(2 * (2.0**-j + chain))
    assert min(values) == values[6]
    assert values[6] == pytest.approx(0.0710845784577431, rel=1e-14)
    assert float(2 * chaining(10**8)) == pytest.approx(values[6], rel=1e-14)


def test_spectral_written_out_for_one_case() -> None:
    """(i): s = (3/2, 1), b = (1, 1/2) on the grid of halves, margin .3 rounded down to 1/4, two logits."""
    with mp.workdps(60):
        n = 10**8
        value = margin.spectral(
            **{**SPECTRAL, "margin": F(3, 10), "spectral_norms": (1.2, 0.9), "distances_2_1": (0.7, 0.5)},
            data_norm=10**4,
            n=n,
        )
        # 2 layers: j = (3, 2), k = (2, 1), g = 2
        ratios = [mpf(2) / 3, mpf(1) / 2]
        complexity = margin.chained_complexity(scale=mpf(6), layer_ratios=ratios, widths=[10, 10, 2], outputs=2, data_norm=10**4, n=n)
        cost = mp.log(20 * 12 * 6 * 12 * 6 * mpf(1.5) * 3 * 4)
        assert abs(value - 2 * complexity - 2 * mp.sqrt(cost / (2 * n))) < mpf(10) ** -50


def test_adaptive_reuse_of_one_query_is_hoeffding() -> None:
    common = {"empirical_risk": F(1, 7), "n": 1234, "delta": DELTA}
    assert holdout.adaptive_reuse(**common, queries=1) == holdout.hoeffding(**common)
