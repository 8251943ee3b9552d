"""Faults that are proved to be true: each exists, survives the worlds, and what its proof claims holds in numbers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy import stats

from genbounds.bounds import Bound, get
from genbounds.bounds.worlds import FloatWorld
from genbounds.verification.checks.faults.generated import Fault, faults
from genbounds.verification.checks.faults.killing import kill
from genbounds.verification.checks.faults.proved import PROVED
from genbounds.verification.checks.reading import total
from genbounds.verification.scenarios import scenario


def fault_at(place: tuple[str, str, str]) -> tuple[Bound, Fault]:
    bound = get(place[0])
    assert isinstance(bound, Bound)
    return bound, next(fault for fault in faults_of(bound) if (fault.operator, fault.where) == place[1:])


@cache
def faults_of(bound: Bound) -> tuple[Fault, ...]:
    return faults(bound)


def test_every_entry_names_a_fault_that_exists() -> None:
    for place in PROVED:
        fault_at(place)


@pytest.mark.slow
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


@pytest.mark.slow
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


BETS = [place for place in PROVED if place[0] == "holdout.betting"]
GUESSES = [place for place in PROVED if place[0] == "holdout.empirical_bernstein_sequence"]
DELTAS = (1e-6, 0.05, 0.5, 0.9999)


class Recording(FloatWorld):
    """Floats that keep what a formula stakes and for which level, and what it puts before a list."""

    staked: tuple[Any, Any]
    listed: Any

    def capital_inverse(self, losses: Any, bets: Any, cost: Any) -> Any:
        self.staked = (bets, cost)
        return np.ones(len(losses))

    def prepend(self, scalar: Any, vector: Any) -> Any:
        self.listed = FloatWorld.prepend(scalar, vector)
        return self.listed


def sequences(length: int) -> np.ndarray:
    """All sequences of 0, 1/2 and 1 of a short length, and a few of other losses."""
    return np.array([*itertools.product((0.0, 0.5, 1.0), repeat=length), *np.random.default_rng(7).random((50, length)).tolist()])


def stakes(formula: Callable[..., Any], losses: np.ndarray, delta: float) -> tuple[np.ndarray, float]:
    """What a formula stakes on the losses of each row, lambda, and for which level."""
    world = Recording()
    with np.errstate(all="ignore"):
        formula(world, losses=losses, delta=np.float64(delta))
    bets, cost = world.staked
    return np.broadcast_to(bets, losses.shape), float(np.asarray(cost).ravel()[0])


def guesses(formula: Callable[..., Any], losses: np.ndarray) -> np.ndarray:
    """What a formula guesses before each loss."""
    world = Recording()
    with np.errstate(all="ignore"):
        formula(world, losses=losses, delta=np.float64(0.5), index=np.float64(1))
    return np.broadcast_to(world.listed, losses.shape)


def looks_ahead(numbers: Callable[[np.ndarray], np.ndarray], losses: np.ndarray) -> bool:
    """Whether the numbers up to loss t change with loss t or a later one."""
    changed = [np.concatenate([losses[:, :t], 1 - losses[:, t:]], axis=1) for t in range(losses.shape[1])]
    return any(not np.array_equal(numbers(other)[:, : t + 1], numbers(losses)[:, : t + 1]) for t, other in enumerate(changed))


@pytest.mark.parametrize("place", BETS)
def test_a_faulty_bet_is_made_of_the_losses_before_and_is_not_negative(place: tuple[str, str, str]) -> None:
    _, fault = fault_at(place)
    for delta, length in itertools.product(DELTAS, (1, 4)):
        losses = sequences(length)
        bets, cost = stakes(fault.formula, losses, delta)
        assert np.all(bets >= 0)  # not so for what is not a number
        assert cost >= -math.log(delta) * (1 - 1e-12)
        assert not looks_ahead(lambda other, level=delta: stakes(fault.formula, other, level)[0], losses)  # type: ignore[misc]


@pytest.mark.parametrize("place", BETS)
def test_the_capital_of_faulty_bets_has_mean_one_and_seldom_reaches_its_level(place: tuple[str, str, str]) -> None:
    """In Fractions, over every sequence of three losses: the mean is 1 and P(the largest capital >= 1/delta) <= delta."""
    _, fault = fault_at(place)
    law = {0.0: Fraction(1, 2), 0.5: Fraction(1, 3), 1.0: Fraction(1, 6)}
    risk = sum(Fraction(x) * weight for x, weight in law.items())
    cap = Fraction(3, 4) / (1 - risk)
    losses = np.array(list(itertools.product(law, repeat=3)))
    for delta in (Fraction(1, 20), Fraction(9, 10)):
        mean, rich = Fraction(0), Fraction(0)
        for row, bets in zip(losses.tolist(), stakes(fault.formula, losses, float(delta))[0].tolist(), strict=True):
            weight, capital, largest = Fraction(1), Fraction(1), Fraction(1)
            for loss, bet in zip(row, bets, strict=True):
                weight *= law[loss]
                capital *= 1 + (cap if bet == math.inf else min(Fraction(bet), cap)) * (risk - Fraction(loss))
                largest = max(largest, capital)
            assert capital > 0
            mean, rich = mean + weight * capital, rich + weight * (largest >= 1 / delta)
        assert mean == 1
        assert rich <= delta


def test_a_bet_that_looks_at_its_loss_is_noticed() -> None:
    bound, _ = fault_at(BETS[0])

    def seeing(math: FloatWorld, *, losses: Any, delta: Any) -> Mapping[str, Any]:
        return {"least rejected mean": math.capital_inverse(losses, 1 / (1 + losses), math.log_quotient(1, delta))}

    assert looks_ahead(lambda losses: stakes(seeing, losses, 0.5)[0], sequences(4))
    assert not looks_ahead(lambda losses: stakes(bound.forms[bound.declaration.form].formula, losses, 0.5)[0], sequences(4))


def test_the_one_fault_that_makes_a_bet_no_number_has_no_proof() -> None:
    place = ("holdout.betting", "square dropped", "no square of losses - _means(math, losses) (_variances_before)")
    _, fault = fault_at(place)
    assert np.any(np.isnan(stakes(fault.formula, np.zeros((1, 4)), 0.5)[0]))
    assert place not in PROVED


@pytest.mark.parametrize("place", GUESSES)
def test_a_faulty_guess_is_made_of_the_losses_before_and_is_not_negative(place: tuple[str, str, str]) -> None:
    _, fault = fault_at(place)
    assert not looks_ahead(lambda losses: guesses(fault.formula, losses), sequences(4))
    assert np.all(guesses(fault.formula, sequences(4)) >= 0)


def mean_of_the_next_factor(guess: Any, rate: float, p: float) -> Any:
    """The mean over a coin x of exp(lambda (p - x) - psi (x - g)^2), g what is guessed for 0 and for 1."""
    psi = -math.log1p(-rate) - rate
    for_0, for_1 = guess
    return (1 - p) * np.exp(rate * p - psi * for_0**2) + p * np.exp(rate * (p - 1) - psi * (1 - for_1) ** 2)


@pytest.mark.parametrize("place", GUESSES)
def test_with_faulty_guesses_the_process_is_a_supermartingale(place: tuple[str, str, str]) -> None:
    """After every beginning, and at every rate; a guess that sees its loss would not do."""
    _, fault = fault_at(place)
    said = guesses(fault.formula, sequences(4))
    for j, p in itertools.product((1, 2, 5, 20), (0.01, 0.3, 0.5, 0.9)):
        assert np.all(mean_of_the_next_factor((said, said), 2 ** (-j / 2), p) <= 1 + 1e-12)
        assert mean_of_the_next_factor((0.0, 1.0), 2 ** (-j / 2), p) > 1


@pytest.mark.parametrize("place", [place for place in PROVED if place[0] == "holdout.ladder"])
def test_the_ladder_with_a_smaller_price_still_pays_for_every_model_that_can_be_met(place: tuple[str, str, str]) -> None:
    """k^B exp(-2 n d^2) <= delta for the faulty deviation d."""
    bound, fault = fault_at(place)
    for n, k, step, delta in itertools.product((1, 50, 10**6), (1, 2, 30, 10**6), (1.0, 0.5, 0.3, 0.01), DELTAS):
        given = {"reported_risk": 0.0, "n": n, "queries": k, "step": step, "delta": delta}
        deviation = float(total(bound, bound.declaration.form, given, formula=fault.formula)) - step
        assert (1 / step + 2) * math.log(k) - 2 * n * deviation**2 <= math.log(delta) + 1e-6


def test_the_models_that_a_leaderboard_can_meet() -> None:
    """By listing what can be seen: a sequence that never increases over b scores, before each of k submissions."""
    for b, k in itertools.product((2, 3, 4), (1, 2, 3, 5)):
        met = sum(all(x >= y for x, y in itertools.pairwise(seen)) for t in range(k) for seen in itertools.product(range(b), repeat=t))
        assert met == math.comb(k + b - 1, b) <= k**b


@pytest.mark.parametrize(
    ("dropped", "weight"),
    [("1 in size + 1", lambda k: Fraction(1, k * (k + 2))), ("2 in size + 2", lambda k: Fraction(1, k * (k + 1)))],
)
def test_compression_sets_with_the_weights_that_a_fault_leaves(dropped: str, weight: Callable[[int], Fraction]) -> None:
    """The faulty value is Clopper and Pearson's at delta times the weight of the size and of the set; and no number without a set."""
    bound, fault = fault_at(("holdout.sample_compression", "term dropped", f"without {dropped} (sample_compression)"))

    def said(**given: float) -> float:
        return float(total(bound, bound.declaration.form, {"bits": 0, **given}, formula=fault.formula))

    assert sum(map(weight, range(1, 2000))) <= 1
    for n, k, errors, delta in itertools.product((2, 7, 50), (1, 3), (0, 1), (0.05, 0.5)):
        if k + errors < n:
            level = delta * float(weight(k)) / math.comb(n, k)
            assert said(n=n, size=k, errors=errors, delta=delta) == pytest.approx(
                stats.beta.isf(level, errors + 1, n - k - errors), rel=1e-9
            )
    assert said(n=7, size=0, errors=0, delta=0.05) == math.inf  # how NaN is read


@pytest.mark.parametrize(("dropped", "order"), [("cost", lambda cost: 2.0), ("1", lambda cost: max(2.0, cost))])
def test_an_order_that_another_rule_chooses_is_at_least_2(dropped: str, order: Callable[[float], float]) -> None:
    """The faulty bound is what the derivation says at that order, at which the moments for P(|d| > x) <= 2 exp(-x^2/2) are as it says."""
    where = f"without {dropped} in 1 + cost (bousquet_klochkov_zhivotovskiy2020)"
    bound, fault = fault_at(("stability.bousquet_klochkov_zhivotovskiy2020", "term dropped", where))
    for n, b, delta in itertools.product((2, 100, 10**6), (0.0, 1e-3, 0.1), DELTAS):
        cost = math.log(2 / delta)
        p = order(cost)
        moment = 2 * math.gamma(p / 2 + 1) * 2 ** (p / 2)
        assert p >= 2
        assert moment ** (1 / p) <= math.sqrt(p / math.e) * math.exp((1 + math.log(2 * p) / 2) / p) * (1 + 1e-12)
        dependent = b * math.ceil(math.log2(n)) * math.sqrt(p * (p - 1) / math.e) * math.exp((cost + 1 + math.log(2 * p) / 2) / p)
        derived = 2 * b + math.sqrt(cost / (2 * n)) + dependent
        given = {"empirical_risk": 0.0, "stability": b, "n": n, "delta": delta, "loss_range": 1.0}
        assert float(total(bound, bound.declaration.form, given, formula=fault.formula)) == pytest.approx(derived, rel=1e-9)
