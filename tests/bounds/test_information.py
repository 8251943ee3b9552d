"""Informations of tables and of runs, and the steps of the derivations, each by another way than the library's."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

from genbounds.bounds import DirectionError, Quantity, information
from genbounds.bounds.information import tables as tables_of_information
from genbounds.bounds.special.rounding import arb_to_float_up

HALF = Fraction(1, 2)


def entropy(weights: list[Fraction]) -> mpf:
    """In nats, to 50 digits, of weights that need not add up to 1."""
    whole = sum(weights)
    shares = [mpf(w.numerator) / w.denominator * whole.denominator / whole.numerator for w in weights if w]
    return -sum((p * mp.log(p) for p in shares), mpf(0))


def by_entropies(table: list[list[Fraction]]) -> mpf:
    rows, columns = [sum(row) for row in table], [sum(column) for column in zip(*table, strict=True)]
    return entropy(rows) + entropy(columns) - entropy([entry for row in table for entry in row])


weights = st.fractions(0, 1, max_denominator=1000)
tables = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda shape: st.lists(st.lists(weights, min_size=shape[1], max_size=shape[1]), min_size=shape[0], max_size=shape[0])
)


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(tables.filter(lambda table: any(entry for row in table for entry in row)))
def test_the_information_of_a_table_is_that_of_its_entropies(table: list[list[Fraction]]) -> None:
    with mp.workdps(50):
        true = by_entropies(table)
        found = mpf(float(information.mutual_information(table)))
        assert true - mpf(10) ** -45 <= found <= true * (1 + mpf(10) ** -15) + mpf(10) ** -30


def test_information_given_a_third_variable_is_the_mean_over_its_values() -> None:
    first, second = [[3, 1], [1, 3]], [[Fraction(1, 2), 0], [0, Fraction(1, 2)]]
    with mp.workdps(50):
        true = (8 * by_entropies([[Fraction(e) for e in row] for row in first]) + mp.log(2)) / 9
        assert 0 <= mpf(float(information.mutual_information([first, second]))) - true < mpf(10) ** -15


def test_a_table_is_moved_up_never_down() -> None:
    """Independent variables in doubles that are no exact product: information of about 1e-33, and not 0."""
    found = information.mutual_information([[0.1 * 0.3, 0.1 * 0.7], [0.9 * 0.3, 0.9 * 0.7]])
    assert 0 < float(found) < 1e-30
    assert found.kind == "upper"


@pytest.mark.parametrize(
    ("joint", "said"),
    [
        ([1, 2], "1 levels of lists"),
        ([[1, 2], [1]], "rows of one length"),
        ([[1, -1]], "no weight below 0"),
        ([[0, 0]], "a weight above 0"),
        ([[[[1]]]], "4 levels"),
    ],
)
def test_what_is_no_table_is_refused(joint: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        information.mutual_information(joint)


def test_an_information_stands_for_the_input_that_it_was_computed_for() -> None:
    table = [[3, 1], [1, 3]]
    of_sample = information.mutual_information(table)
    with pytest.raises(ValueError, match="mutual_information"):
        information.harutyunyan2021(evaluated_information=of_sample)
    of_pair = information.mutual_information(table, gives="evaluated_information")
    assert information.harutyunyan2021(evaluated_information=of_pair).value == pytest.approx(math.sqrt(2 * float(of_pair)))
    with pytest.raises(ValueError, match="gives must be one of mutual_information"):
        information.mutual_information(table, gives="kl")
    with pytest.raises(DirectionError):
        information.xu_raginsky2017(mutual_information=Quantity(0.1, "estimate", "neighbours"), subgaussian=HALF, n=10)


# --- runs ------------------------------------------------------------------------------------------------------------------------------


def laws(share_0: Fraction, share_1: Fraction, runs: int) -> list[tuple[np.ndarray, Fraction]]:
    """All counts of two outcomes among so many runs, of which a fair coin decides the choice, with probabilities."""
    found = []
    for choices in itertools.product((0, 1), repeat=runs):
        for outcomes in itertools.product((0, 1), repeat=runs):
            chance = Fraction(1, 2**runs)
            counts = np.zeros((1, 1, 2, 2), dtype=int)
            for u, o in zip(choices, outcomes, strict=True):
                share = (share_0, share_1)[u]
                chance *= share if o else 1 - share
                counts[0, 0, u, o] += 1
            found.append((counts, chance))
    return found


def plug_in(counts: np.ndarray) -> float:
    return arb_to_float_up(tables_of_information.plug_in(counts[0, 0]))


@pytest.mark.parametrize("shares", [(HALF, HALF), (Fraction(1, 5), Fraction(3, 5)), (Fraction(0), Fraction(1))])
@pytest.mark.parametrize("runs", [1, 2, 4])
def test_the_mean_of_the_plug_in_value_is_no_less_than_the_information(shares: tuple[Fraction, Fraction], runs: int) -> None:
    exact = float(information.mutual_information([[1 - shares[0], shares[0]], [1 - shares[1], shares[1]]]))
    mean = math.fsum(float(chance) * plug_in(counts) for counts, chance in laws(*shares, runs))
    assert mean >= exact - 1e-15
    assert runs > 1 or mean == pytest.approx(math.log(2))  # one run shows one choice only


def test_the_plug_in_value_is_the_divergence_of_the_two_shares_from_their_mean() -> None:
    counts = np.array([[[[3, 1], [2, 6]]]])
    p, q = np.array([0.75, 0.25]), np.array([0.25, 0.75])
    middle = (p + q) / 2
    assert plug_in(counts) == pytest.approx(float(p @ np.log(p / middle) + q @ np.log(q / middle)) / 2, rel=1e-14)


def test_the_limit_of_runs_fails_seldom_enough_by_enumeration() -> None:
    """Three supersamples of one pair, two runs each, delta = .4: the probability that the limit is below the information."""
    share_0, share_1, delta = Fraction(1, 10), Fraction(9, 10), Fraction(2, 5)
    exact = float(information.mutual_information([[1 - share_0, share_0], [1 - share_1, share_1]]))
    values: dict[float, Fraction] = {}
    for counts, chance in laws(share_0, share_1, 2):
        values[plug_in(counts)] = values.get(plug_in(counts), Fraction(0)) + chance
    representative = {plug_in(counts): counts for counts, _ in laws(share_0, share_1, 2)}
    failing = Fraction(0)
    for chosen in itertools.combinations_with_replacement(values, 3):
        stacked = np.concatenate([representative[value] for value in chosen])
        if float(information.measured_information(stacked, delta=delta)) < exact:
            failing += sum(math.prod((values[v] for v in order), start=Fraction(1)) for order in set(itertools.permutations(chosen)))
    assert failing <= delta
    # The limit can fail at all: without a confidence term the mean of three would be below the information more often than never.
    below = sum(
        math.prod((values[v] for v in order), start=Fraction(1))
        for order in itertools.product(values, repeat=3)
        if sum(order) / 3 < exact - 1e-12
    )
    assert below > failing


def test_a_measured_information_carries_its_delta_and_what_it_assumes() -> None:
    counts = np.ones((50, 3, 2, 4), dtype=int)
    measured = information.measured_information(counts, delta=Fraction(1, 20))
    certificate = information.interpolating(evaluated_information=measured)
    assert certificate.delta == Fraction(1, 20)
    assert certificate.mode == "EXP"
    assert "independent supersamples" in {entry.assumption.name for entry in certificate.assumptions}


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (np.ones((3, 2, 2), dtype=int), "shape"),
        (np.ones((3, 2, 3, 2), dtype=int), "shape"),
        (np.zeros((0, 1, 2, 2), dtype=int), "shape"),
        (np.full((3, 1, 2, 2), 0.5), "whole numbers"),
        (np.full((3, 1, 2, 2), -1), "at least 0"),
    ],
)
def test_what_counts_no_runs_is_refused(counts: np.ndarray, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        information.measured_information(counts, delta=0.05)


def test_a_delta_outside_its_range_is_refused() -> None:
    with pytest.raises(ValueError, match="delta must lie in"):
        information.measured_information(np.ones((3, 1, 2, 2), dtype=int), delta=1)


# --- steps of the derivations ----------------------------------------------------------------------------------------------------------


def test_the_bound_by_the_relative_entropy_increases_in_the_empirical_risk() -> None:
    """2 p - q, as long as it is below 1; on a grid of q and informations."""
    q = np.linspace(0, 1, 401)
    for amount in (1e-4, 0.01, 0.1, 0.3, 0.6, 0.69, 2.0):
        values = information.hellstrom_durisi2022.value(expected_empirical_risk=q, evaluated_information=amount)
        assert np.all(np.diff(values) >= -1e-12)


def test_the_exponential_moment_of_the_chosen_loss_over_that_of_a_coin_is_at_most_one() -> None:
    """E exp(t a)/(1 - m + m e^t) <= 1 for a fair choice between two losses of mean m, on a grid."""
    for first, second, t in itertools.product(np.linspace(0, 1, 11), np.linspace(0, 1, 11), (-5.0, -0.5, 0.5, 5.0)):
        m = (first + second) / 2
        assert (math.exp(t * first) + math.exp(t * second)) / 2 <= (1 - m + m * math.exp(t)) * (1 + 1e-15)


def test_interpolation_is_never_above_the_other_bounds_where_all_hold() -> None:
    for amount in np.linspace(1e-6, math.log(2), 50):
        least = information.interpolating.value(evaluated_information=amount)
        by_kl = information.hellstrom_durisi2022.value(expected_empirical_risk=0, evaluated_information=amount)
        assert least <= by_kl + 1e-12
        assert by_kl <= information.harutyunyan2021.value(evaluated_information=amount) + 1e-12


def test_a_growth_function_is_read_at_all_points_of_the_pairs() -> None:
    from genbounds.bounds.vc import log_growth_sauer

    with pytest.raises(ValueError, match="2000"):
        information.evaluated_by_growth(log_growth_2n=log_growth_sauer(vc_dimension=3, n=1000), n=1000)
    fed = information.evaluated_by_growth(log_growth_2n=log_growth_sauer(vc_dimension=3, n=2000), n=1000)
    assert information.harutyunyan2021(evaluated_information=fed).value == pytest.approx(math.sqrt(2 * 0.02101094916), rel=1e-9)
