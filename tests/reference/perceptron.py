"""Independent 60-digit references for the perceptron bounds (sheet F)."""

from __future__ import annotations

from typing import Any

from mpmath import mp

from tests.reference.special import exact, rational, sixty_digits


@sixty_digits
def novikoff(*, radius: Any, margin: Any) -> Any:
    return exact((rational(radius) / rational(margin)) ** 2)


@sixty_digits
def random_iterate(*, radius: Any, margin: Any, n: int) -> Any:
    return exact(min(rational(n), (rational(radius) / rational(margin)) ** 2) / rational(n))


@sixty_digits
def leave_one_out(*, radius: Any, margin: Any, n: int) -> Any:
    return exact((rational(radius) / rational(margin)) ** 2 / (rational(n) + 1))


@sixty_digits
def novikoff_run(*, weight_norm: Any, margin: Any) -> Any:
    return exact(rational(weight_norm) / rational(margin))


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
    return exact(multipliers * rational(radius) ** 2 / (rational(n) + 1))


@sixty_digits
def freund_schapire1999(*, radius: Any, margin: Any, deviation: Any) -> Any:
    return exact(((rational(radius) + rational(deviation)) / rational(margin)) ** 2)


@sixty_digits
def hinge(*, radius_times_norm: Any, hinge_loss: Any) -> Any:
    # M <= a sqrt(M) + L, solved for M: the larger root of M^2 - (a^2 + 2L) M + L^2 = 0.
    a, loss = exact(radius_times_norm), exact(hinge_loss)
    half = (a * a + 2 * loss) / 2
    return half + mp.sqrt(half * half - loss * loss)
