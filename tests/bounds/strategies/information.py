"""Inputs of the bounds by information."""

from __future__ import annotations

from fractions import Fraction

from tests.bounds.strategies.case import Case, case
from tests.bounds.strategies.numbers import counts, nonnegatives, units

CASES: dict[str, Case] = {
    "xu_raginsky2017": case(
        {"mutual_information": 2, "subgaussian": Fraction(1, 2), "n": 1000},
        mutual_information=nonnegatives(1e100),
        subgaussian=nonnegatives(1e100),
        n=counts(),
    ),
    "steinke_zakynthinou2020": case({"conditional_information": 2, "n": 1000}, conditional_information=nonnegatives(1e100), n=counts()),
    "harutyunyan2021": case({"evaluated_information": Fraction(1, 200)}, evaluated_information=nonnegatives(1e100)),
    "hellstrom_durisi2022": case(
        {"expected_empirical_risk": Fraction(1, 100), "evaluated_information": Fraction(1, 200)},
        expected_empirical_risk=units(),
        evaluated_information=nonnegatives(1e6),
    ),
    "interpolating": case({"evaluated_information": Fraction(1, 200)}, evaluated_information=nonnegatives(1e100)),
    "finite_outputs": case({"class_size": 1000}, class_size=counts()),
    "evaluated_by_conditional": case({"conditional_information": 2, "n": 1000}, conditional_information=nonnegatives(1e100), n=counts()),
    "evaluated_by_growth": case({"log_growth_2n": 21, "n": 1000}, log_growth_2n=nonnegatives(1e100), n=counts()),
}
