"""Independent 60-digit references for the bounds by information."""

from __future__ import annotations

from typing import Any

from mpmath import mp, mpf

from tests.reference.special import exact, kl_inverse, sixty_digits


def solved(information: Any, variance: Any) -> Any:
    """The smallest I/t + t v/2 over slopes t > 0: what Donsker and Varadhan's inequality leaves of a gap, at its best slope."""
    if not information or not variance:
        return mpf(0)
    slope = mp.exp((mp.log(2) + mp.log(information) - mp.log(variance)) / 2)
    return information / slope + slope * variance / 2


@sixty_digits
def xu_raginsky2017(*, mutual_information: Any, subgaussian: Any, n: int) -> Any:
    return solved(exact(mutual_information), exact(subgaussian) ** 2 / exact(n))


@sixty_digits
def steinke_zakynthinou2020(*, conditional_information: Any, n: int) -> Any:
    return solved(exact(conditional_information), 1 / exact(n))


@sixty_digits
def harutyunyan2021(*, evaluated_information: Any) -> Any:
    return solved(exact(evaluated_information), mpf(1))


@sixty_digits
def hellstrom_durisi2022(*, expected_empirical_risk: Any, evaluated_information: Any) -> Any:
    """The mean over a pair by bisection; of this the part of the fresh point."""
    q = exact(expected_empirical_risk)
    return min(2 * kl_inverse(expected_empirical_risk, evaluated_information) - q, mpf(1))


@sixty_digits
def interpolating(*, evaluated_information: Any) -> Any:
    return exact(evaluated_information) * mp.log(mp.e, 2)


@sixty_digits
def finite_outputs(*, class_size: int) -> Any:
    """The entropy of K equally likely outputs, term by term for few."""
    k = exact(class_size)
    return sum((mp.log(k) / k for _ in range(int(class_size))), mpf(0)) if class_size <= 64 else mp.log(2) * mp.log(k, 2)


@sixty_digits
def evaluated_by_conditional(*, conditional_information: Any, n: int) -> Any:
    return min(exact(conditional_information) / exact(n), mp.log(2))


@sixty_digits
def evaluated_by_growth(*, log_growth_2n: Any, n: int) -> Any:
    return min(exact(log_growth_2n) / exact(n), mp.log(2))
