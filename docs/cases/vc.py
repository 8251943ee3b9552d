"""Representative cases of the VC bounds and dimensions."""

from __future__ import annotations

import math
from fractions import Fraction

from cases.case import DELTA, EMPIRICAL, WIDTHS, Case


def _halfspace_growth(n: int) -> float:
    """(en/d)^d for d = 10, in logarithms, or 2^n."""
    return 10 * math.log(math.e * n / 10) if n >= 10 else n * math.log(2)


CASES: dict[str, Case] = {
    "vc.growth_function": Case(
        "If the growth function itself can be bounded, as by `log_growth_relu_network`: it loses less than the way through a VC dimension.",
        {**EMPIRICAL, "log_growth": _halfspace_growth},
    ),
    "vc.sauer": Case("If only a VC dimension is known.", {**EMPIRICAL, "vc_dimension": 10}),
    "vc.vapnik_chervonenkis1971": Case("To cite the classic; `sauer` is below it.", {**EMPIRICAL, "vc_dimension": 10}),
    "vc.relative_deviation": Case(
        "If the empirical risk is near 0: the rate is then 1/n in place of 1/sqrt(n).", {**EMPIRICAL, "vc_dimension": 10}
    ),
    "vc.relative_deviation_growth": Case(
        "As `relative_deviation`, for a network or another class whose growth function is counted directly: give it at 2n.",
        {**EMPIRICAL, "log_growth_2n": lambda n: _halfspace_growth(2 * n)},
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
        "To compare with the textbook bound with 1/delta, its constant mended; `sauer` is far below it.", {**EMPIRICAL, "vc_dimension": 10}
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
    "vc.realizable_growth": Case(
        "As `realizable`, for a network or another class whose growth function is counted directly: give it at 2n.",
        {"log_growth_2n": lambda n: _halfspace_growth(2 * n), "delta": DELTA},
        risk=Fraction(0),
    ),
    "vc.maurer2009growth": Case(
        "If the empirical risk may be near 1 as well as near 0, and to cite the empirical Bernstein bound of a class.",
        {**EMPIRICAL, "log_growth_2n": lambda n: _halfspace_growth(2 * n)},
    ),
    "vc.maurer2009cover": Case(
        "For a class with losses in [0, 1] of which a covering number is known, where the losses of the hypothesis vary little.",
        {**EMPIRICAL, "variance": Fraction(1, 100), "log_cover": 30},
    ),
    "vc.log_cover_finite_class": Case(
        "For finitely many hypotheses; `holdout.occam_kl` needs no cover.", {"class_size": 1000}, size=None, risk=None
    ),
    "vc.log_cover_convolutional": Case(
        "For networks with shared weights that stay near their initialisation, known in advance; its value goes into `maurer2009cover`.",
        {"parameters": 500, "distance": 1, "depth": 4, "input_radius": 1, "lipschitz": 1},
        risk=None,
    ),
}
