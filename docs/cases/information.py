"""Representative cases of the bounds by information."""

from __future__ import annotations

from fractions import Fraction

from cases.case import Case

CASES: dict[str, Case] = {
    "information.xu_raginsky2017": Case(
        "If the output takes few values, or is noisy, so that its mutual information with the sample is finite and known.",
        {"mutual_information": 10, "subgaussian": Fraction(1, 2)},
    ),
    "information.steinke_zakynthinou2020": Case(
        "The same where the mutual information is infinite: given pairs of examples that of the choice is at most n ln 2.",
        {"conditional_information": 10},
    ),
    "information.harutyunyan2021": Case(
        "To study a training procedure through its losses or predictions alone, by runs on pairs of examples.",
        {"evaluated_information": Fraction(1, 200)},
        size=None,
    ),
    "information.hellstrom_durisi2022": Case(
        "As `harutyunyan2021`, where the expected risk on the sample is small and known.",
        {"expected_empirical_risk": Fraction(1, 100), "evaluated_information": Fraction(1, 200)},
        size=None,
    ),
    "information.interpolating": Case(
        "As `harutyunyan2021`, for a procedure that always fits its sample.", {"evaluated_information": Fraction(1, 200)}, size=None
    ),
    "information.finite_outputs": Case("For an algorithm that picks one of K outputs.", {"class_size": 1000}, size=None, risk=None),
    "information.evaluated_by_conditional": Case(
        "From the conditional mutual information to what `hellstrom_durisi2022` and `interpolating` take.",
        {"conditional_information": 10},
        risk=None,
    ),
    "information.evaluated_by_growth": Case(
        "For any algorithm whose output lies in a class of known growth function.",
        {"log_growth_2n": 21},
        risk=None,
    ),
}
