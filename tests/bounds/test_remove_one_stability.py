"""Remove-one stability: exact minimisers on a line with and without each example, and the chain to the bounds that need it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from genbounds.bounds import DirectionError, stability

DELTA = Fraction(1, 20)
POINTS = (Fraction(-2), Fraction(-1, 3), Fraction(0), Fraction(1, 2), Fraction(3))
KEPT, RENORMALIZED = stability.regularized_erm_remove, stability.regularized_erm_remove_renormalized


def median(sample: tuple[Fraction, ...], weight: Fraction, mu: Fraction) -> Fraction:
    """The minimiser of weight * sum |w - y| + (mu/2) w^2, exactly: a kink, or the vertex of a piece."""
    vertices = [weight * (len(sample) - 2 * below) / mu for below in range(len(sample) + 1)]
    return min((*sample, *vertices), key=lambda w: weight * sum(abs(w - y) for y in sample) + mu / 2 * w * w)


def tilted(sample: tuple[Fraction, ...], weight: Fraction, mu: Fraction) -> Fraction:
    """The minimiser of -weight * sum y w + (mu/2) w^2, exactly."""
    return weight * sum(sample) / mu


def weight_of(bound: Any, n: int, size: int) -> Fraction:
    """The weight of an example in a sample of ``size`` that is left of n."""
    return Fraction(1, n if bound is KEPT else size) if size else Fraction(0)


def changes(
    bound: Any, fit: Callable[..., Fraction], values: Iterable[Fraction], loss: Any, n: int, size: int, mu: Fraction
) -> list[Fraction]:
    """How much the loss at each point changes when an example is removed from each sample of ``size``."""
    points, found = tuple(values), []
    for sample in product(points, repeat=size):
        whole, less = fit(sample, weight_of(bound, n, size), mu), fit(sample[1:], weight_of(bound, n, size - 1), mu)
        found += [abs(loss(whole, z) - loss(less, z)) for z in points]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("bound", [KEPT, RENORMALIZED], ids=["kept", "renormalized"])
@pytest.mark.parametrize("mu", [Fraction(1, 3), Fraction(2)])
@pytest.mark.parametrize("n", [2, 3, 4])
def test_no_removed_example_changes_a_loss_by_more_and_one_does_by_as_much(bound: Any, mu: Fraction, n: int) -> None:
    value = Fraction(bound(lipschitz=1, strong_convexity=mu, n=n).value)
    for size in (n, n - 1):  # a leave-one-out bound needs both
        assert max(changes(bound, median, POINTS, lambda w, y: abs(w - y), n, size, mu)) <= value
    both = [max(changes(bound, tilted, (Fraction(-1), Fraction(1)), lambda w, y: -y * w, n, size, mu)) for size in (n, n - 1)]
    # Opposite labels attain it; alone, the last example of the renormalized average has none to be opposite to.
    attained = Fraction(1, n) / mu if bound is KEPT else 2 / mu / max(n - 1, 2)
    assert max(both) == attained <= value <= (attained if n > 2 or bound is KEPT else 2 * attained) * (1 + Fraction(1, 10**15))


@pytest.mark.parametrize("bound", [KEPT, RENORMALIZED], ids=["kept", "renormalized"])
def test_an_objective_gap_is_paid_by_the_distance_it_allows(bound: Any) -> None:
    mu, gap, big_l = 0.5, 2.0**-20, 3.0
    away = (2 * gap / mu) ** 0.5  # (mu/2) w^2 = gap
    exact = bound(lipschitz=big_l, strong_convexity=mu, n=100)
    near = bound(lipschitz=big_l, strong_convexity=mu, n=100, objective_gap=gap)
    assert near.value == pytest.approx(exact.value + 2 * big_l * away, rel=1e-14)


@pytest.mark.parametrize("bound", [KEPT, RENORMALIZED], ids=["kept", "renormalized"])
def test_the_mean_leave_one_out_risk_is_as_near_to_the_risk_as_the_stability_says(bound: Any) -> None:
    """Labels of -1 and 1, uniform, the loss 1 - y w on them: all samples of three."""
    n, mu, labels = 3, Fraction(2), (Fraction(-1), Fraction(1))
    gap = Fraction(0)
    for sample in product(labels, repeat=n):
        risk = sum(1 - y * tilted(sample, weight_of(bound, n, n), mu) for y in labels) / 2
        left = [sample[:i] + sample[i + 1 :] for i in range(n)]
        others = [tilted(rest, weight_of(bound, n, n - 1), mu) for rest in left]
        gap += (risk - sum(1 - y * w for y, w in zip(sample, others, strict=True)) / n) / 2**n
    assert abs(gap) <= Fraction(bound(lipschitz=1, strong_convexity=mu, n=n).value)


def test_a_replace_one_certificate_is_none_against_removing() -> None:
    """An algorithm that errs everywhere on an even number of examples and nowhere on an odd one: replace-one stability 0, remove-one 1."""
    n, rest = 10**6, {"delta": DELTA, "loss_range": 1}
    risk, leave_one_out = Fraction(int(n % 2 == 0)), Fraction(int((n - 1) % 2 == 0))
    assert stability.bousquet_elisseeff2002leave_one_out(leave_one_out_risk=leave_one_out, stability=0, n=n, **rest).value < risk
    replaced = stability.regularized_erm(lipschitz=0, strong_convexity=1, n=n)  # any certificate of the replace-one kind
    with pytest.raises(
        DirectionError, match=r"remove-one uniform stability, got .* the output on n - 1 examples may be far .* regularized_erm_rem"
    ):
        stability.bousquet_elisseeff2002leave_one_out(leave_one_out_risk=leave_one_out, stability=replaced, n=n, **rest)
    # For the empirical risk it will do: the number is that of the replace-one theorem at twice the stability, and larger.
    beta = stability.regularized_erm(lipschitz=1, strong_convexity=1, n=n)
    by_removing = stability.bousquet_elisseeff2002remove(empirical_risk=0, stability=beta, n=n, **rest)
    assert by_removing.value >= stability.bousquet_elisseeff2002(empirical_risk=0, stability=beta, n=n, **rest).value


@pytest.mark.parametrize("bound", [KEPT, RENORMALIZED], ids=["kept", "renormalized"])
def test_a_remove_one_certificate_enters_what_is_about_removing_and_nothing_else(bound: Any) -> None:
    n, rest = 1000, {"delta": DELTA}
    removed = bound(lipschitz=1, strong_convexity=1, n=n)
    by_leaving_out = stability.bousquet_elisseeff2002leave_one_out(leave_one_out_risk=0, stability=removed, n=n, **rest)
    names = {entry.assumption.name for entry in by_leaving_out.assumptions}
    assert {"remove-one uniform stability at n and n - 1", "strongly convex objectives", "convex loss", "Lipschitz loss"} <= names
    by_removing = stability.bousquet_elisseeff2002remove(empirical_risk=0, stability=removed, n=n, **rest)
    assert by_removing.value == pytest.approx(by_leaving_out.value + removed.value, rel=1e-12)
    for replacing in (stability.bousquet_elisseeff2002, stability.bousquet_klochkov_zhivotovskiy2020, stability.feldman_vondrak2018):
        with pytest.raises(DirectionError, match="twice as much; pass a replace-one stability"):
            replacing(empirical_risk=0, stability=removed, n=n, **rest)
    with pytest.raises(DirectionError, match="twice as much"):
        stability.expected_gap(stability=removed)
    with pytest.raises(ValueError, match=r"at n=1000 where .* is read at n=1001: compute it at that n$"):
        stability.bousquet_elisseeff2002leave_one_out(leave_one_out_risk=0, stability=removed, n=n + 1, **rest)
