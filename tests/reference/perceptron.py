"""Independent 60-digit references for the perceptron bounds (sheet F)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from mpmath import mp

from tests.reference.special import exact, rational, sixty_digits


def _mistakes(radius: Any, margin: Any) -> int:
    """The whole number M with M margin^2 <= radius^2 < (M + 1) margin^2, by integer division."""
    quotient = (rational(radius) / rational(margin)) ** 2
    return int(quotient.numerator // quotient.denominator)


@sixty_digits
def novikoff(*, radius: Any, margin: Any) -> Any:
    return exact(_mistakes(radius, margin))


@sixty_digits
def random_iterate(*, radius: Any, margin: Any, n: int) -> Any:
    return exact(min(rational(n), Fraction(_mistakes(radius, margin))) / rational(n))


@sixty_digits
def leave_one_out(*, radius: Any, margin: Any, n: int) -> Any:
    return exact(Fraction(_mistakes(radius, margin)) / (rational(n) + 1))


@sixty_digits
def novikoff_run(*, weight_norm: Any, margin: Any) -> Any:
    return exact(rational(weight_norm) // rational(margin))


@sixty_digits
def random_iterate_mistakes(*, expected_mistakes: Any, n: int) -> Any:
    return exact(rational(expected_mistakes) / rational(n))


@sixty_digits
def vapnik1998support_vectors(*, expected_support_vectors: Any, n: int) -> Any:
    return exact(rational(expected_support_vectors) / (rational(n) + 1))


@sixty_digits
def vapnik1998margin(*, radius: Any, margin: Any, n: int) -> Any:
    # 1/(n + 1) times radius^2 sum_p a_p, the multipliers of the machine adding up to 1/margin^2.
    multipliers = 1 / rational(margin) ** 2
    return exact(Fraction(multipliers * rational(radius) ** 2 // 1) / (rational(n) + 1))


@sixty_digits
def freund_schapire1999(*, radius: Any, margin: Any, deviation: Any) -> Any:
    return exact(Fraction(((rational(radius) + rational(deviation)) / rational(margin)) ** 2 // 1))


@sixty_digits
def hinge(*, radius_times_norm: Any, hinge_loss: Any) -> Any:
    # M <= a sqrt(M) + L, solved for M: the larger root of M^2 - (a^2 + 2L) M + L^2 = 0.
    a, loss = exact(radius_times_norm), exact(hinge_loss)
    half = (a * a + 2 * loss) / 2
    largest = half + mp.sqrt(half * half - loss * loss)
    return mp.floor(largest * (1 + mp.mpf(10) ** -55))  # an integer that the 60 digits put a hair below
