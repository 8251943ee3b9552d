"""Faults that are proved to be true: each exists, survives the worlds, and what its proof claims holds in numbers."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from genbounds.bounds import Bound, get
from genbounds.verification.checks.faults.generated import Fault, faults
from genbounds.verification.checks.faults.killing import kill
from genbounds.verification.checks.faults.proved import PROVED
from genbounds.verification.checks.reading import total
from genbounds.verification.scenarios import scenario


def fault_at(place: tuple[str, str, str]) -> tuple[Bound, Fault]:
    bound = get(place[0])
    assert isinstance(bound, Bound)
    return bound, next(fault for fault in faults(bound) if (fault.operator, fault.where) == place[1:])


def test_every_entry_names_a_fault_that_exists() -> None:
    for place in PROVED:
        fault_at(place)


def test_a_proof_is_the_evidence() -> None:
    bound, _ = fault_at(("vc.realizable", "n for 2n", "2 * n for n"))
    found = next(one for one in kill(bound, [scenario("consistent hypothesis")], "thumbnail") if one.operator == "n for 2n")
    assert found.fate == "true"
    assert found.evidence.startswith("proved: ")


@pytest.mark.parametrize("place", [place for place in PROVED if place[0].startswith("vc.realizable")])
def test_consistent_hypotheses(place: tuple[str, str, str]) -> None:
    """What is proved, min(1, (Pi(2n)/delta)^(1/n) - 1), is nowhere above the faulty bound."""
    bound, fault = fault_at(place)
    for n, d, delta in itertools.product((1, 2, 5, 50, 1000), (0, 1, 3, 40), (1e-6, 0.05, 0.5, 0.999)):
        growth = math.log(sum(math.comb(2 * n, i) for i in range(min(d, 2 * n) + 1)))
        given = {"vc_dimension": d} if "vc_dimension" in bound.inputs else {"log_growth_2n": growth}
        said = float(total(bound, bound.declaration.form, {"n": n, "delta": delta, **given}, formula=fault.formula))
        assert said >= min(1.0, math.expm1(min((growth - math.log(delta)) / n, 1.0))) * (1 - 1e-12)


def test_the_swap_that_the_proof_rests_on() -> None:
    """On all pairs of errors: the mean over swaps of 1[none on the sample] 2^(errors on the ghost) is at most 1."""
    n = 3
    for pattern in itertools.product((0, 1), repeat=2 * n):
        pairs = list(zip(pattern[:n], pattern[n:], strict=True))
        turned = itertools.product((0, 1), repeat=n)
        swapped = [[pair[::-1] if turn else pair for pair, turn in zip(pairs, turns, strict=True)] for turns in turned]
        values = [0 if any(first for first, _ in entry) else 2 ** sum(second for _, second in entry) for entry in swapped]
        assert np.mean(values) <= 1


def test_kawaguchi_with_half_the_range_is_above_bennett_for_each_candidate() -> None:
    bound, fault = fault_at(("holdout.kawaguchi2017validation", "KL or complexity halved", "loss_range / 2 for loss_range"))
    bennett = get("bennett")
    assert isinstance(bennett, Bound)
    for n, variance, candidates, delta in itertools.product((2, 70, 10**5), (1e-6, 0.03, 0.25), (1, 40, 10**6), (1e-6, 0.05, 0.9)):
        shared = {"empirical_risk": 0.0, "n": n, "variance_bound": variance, "loss_range": 1.0}
        said = total(bound, bound.declaration.form, {**shared, "candidates": candidates, "delta": delta}, formula=fault.formula)
        assert float(said) >= float(total(bennett, bennett.declaration.form, {**shared, "delta": delta / candidates})) * (1 - 1e-12)


@pytest.mark.parametrize("place", [place for place in PROVED if place[0] == "margin.neyshabur2018perturbed"])
def test_perturbed_networks(place: tuple[str, str, str]) -> None:
    bound, fault = fault_at(place)
    for n, kl, delta in itertools.product((2, 3, 10, 10**6), (0.0, 1.0, 1e5), (1e-6, 0.5, 0.9999)):
        said = float(total(bound, bound.declaration.form, {"margin_risk": 0.0, "n": n, "kl": kl, "delta": delta}, formula=fault.formula))
        assert said >= math.sqrt((2 * kl + math.log(4 * (n + 1) / delta)) / (2 * n))


@pytest.mark.parametrize("place", [place for place in PROVED if place[1] == "ddof 0"])
def test_the_variance_with_the_divisor_n_holds_for_every_coin(place: tuple[str, str, str]) -> None:
    """P(R > bound) <= delta, over all numbers of errors, for a grid of probabilities."""
    bound, fault = fault_at(place)
    for n, delta in itertools.product((3, 10, 60), (0.9999, 0.5, 0.05, 1e-3)):
        errors = np.arange(n + 1)
        given = {"empirical_risk": errors / n, "variance": errors * (n - errors) / (n * (n - 1)), "n": n, "delta": delta}
        more = {"class_size": 1} if "class_size" in bound.inputs else {}
        said = total(bound, bound.declaration.form, {**given, **more}, formula=fault.formula)
        for p in np.linspace(0.001, 0.999, 200):
            assert stats.binom.pmf(errors, n, p)[said < p].sum() <= delta


def test_the_steps_of_the_proof_for_the_divisor_n() -> None:
    """The fourth moment of losses in [0, 1], the lower tail of Q for coins, and that no s > b satisfies the last inequality."""
    rng = np.random.default_rng(5)
    for support, weights in ((rng.random(size), rng.dirichlet(np.full(size, 0.3))) for size in (2, 3, 5) for _ in range(300)):
        centred = support - weights @ support
        variance, fourth = (float(weights @ centred**power) for power in (2, 4))
        assert fourth <= variance - 3 * variance**2 + 1e-12
    for n, p, level in itertools.product((5, 40), (0.01, 0.2, 0.5), (0.5, 2.0, 5.0)):
        ones = np.arange(n + 1)
        deviation, b = math.sqrt(p * (1 - p)), math.sqrt(2 * level / n)
        q = (ones * (1 - p) ** 2 + (n - ones) * p**2) / n
        low = q < deviation**2 - deviation * b * (1 - 1.5 * deviation**2) - 1e-15
        assert stats.binom.pmf(ones, n, p)[low].sum() <= math.exp(-level)
    for s, part in itertools.product(np.linspace(1e-3, 0.5, 200), np.linspace(1e-3, 1, 200)):
        b = s * part
        assert (s - b) + 1.5 * s**3 > b * (s + b / 6) ** 2
