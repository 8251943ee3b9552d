"""Every sequence of losses, and the analyst who looks after every example."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from genbounds.bounds import Source, bound, registry
from genbounds.bounds.assumptions import HYPOTHESIS_INDEPENDENT_OF_SAMPLE, IID_STREAM, ZERO_ONE_LOSS
from genbounds.bounds.bounds_on import RISK
from genbounds.bounds.declaration import Terms
from genbounds.bounds.holdout import betting, confidence_sequence, empirical_bernstein_sequence
from genbounds.verification.checks.check import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.checks.rungs import EveryN
from genbounds.verification.checks.rungs.every_n import crossing
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.scenarios import scenario
from genbounds.verification.scenarios.losses_in_order import LossesInOrder


def test_the_law_of_two_losses_of_two_values() -> None:
    world = LossesInOrder.world(2, ((Fraction(0), Fraction(3, 4)), (Fraction(1, 2), Fraction(1, 4))))
    half = Fraction(1, 2)
    assert dict(zip(world.inputs["losses"], world.probabilities, strict=True)) == {
        (0, 0): Fraction(9, 16),
        (0, half): Fraction(3, 16),
        (half, 0): Fraction(3, 16),
        (half, half): Fraction(1, 16),
    }
    assert set(world.truths[RISK]) == {Fraction(1, 8)}


def test_crossing_against_every_sequence() -> None:
    generator, p, last = np.random.default_rng(0), Fraction(1, 3), 7
    stopped = [generator.random(n + 1) < 0.2 for n in range(1, last + 1)]
    by_hand = Fraction(0)
    for sequence in itertools.product((0, 1), repeat=last):
        counts = itertools.accumulate(sequence)
        if any(stopped[n][k] for n, k in enumerate(counts)):
            by_hand += p ** sum(sequence) * (1 - p) ** (last - sum(sequence))
    assert crossing(stopped, p) == by_hand


@pytest.fixture
def peeking(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Clopper and Pearson's limit, planted as a bound for all n at once."""
    monkeypatch.setattr(registry, "_formulas", dict(registry._formulas))

    @bound(
        source=Source("clopper1934use", "as one who looks every day would use it"),
        assumes=(IID_STREAM, ZERO_ONE_LOSS, HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
        symbols={"errors": "k", "n": "n", "delta": "d"},
        increasing=("errors",),
        decreasing=("n", "delta"),
    )
    def looks_every_day(math: Any, *, errors: Any, n: Any, delta: Any) -> Terms:
        """The limit of a fixed n."""
        return {"limit": math.binomial_tail_inverse(errors, n, delta)}

    return looks_every_day


@pytest.mark.slow
def test_a_limit_for_one_n_is_refuted_as_one_for_all(peeking: Any) -> None:
    fixed = scenario("fixed hypothesis")
    finding = EveryN().look(match(peeking, fixed), "thumbnail")
    assert finding is not None
    assert finding.verdict is Verdict.REFUTED
    assert finding.measured is not None
    assert finding.allowed is not None
    assert finding.measured > 2 * finding.allowed
    found = check(peeking, scenarios=fixed, rungs=["every sample", "all risks", "deep tail"])
    assert not found.refuted  # at each n by itself it is right


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "where", "reached"),
    [
        ("confidence_sequence", "fixed hypothesis", 0.97),
        ("progressive_validation", "online run", 0.95),
        ("progressive_validation_grid", "online run", 0.95),
    ],
)
def test_what_holds_at_every_n_stands_and_little_less_would(name: str, where: str, reached: float) -> None:
    found = check(f"holdout.{name}", scenarios=where, rungs="every n")
    assert not found.refuted
    assert found.resolution > reached


def test_bounds_of_a_fixed_n_are_not_tried_at_every_n() -> None:
    found = check("holdout.clopper_pearson", scenarios="fixed hypothesis", rungs="every n")
    assert not [finding for trial in found.trials for finding in trial.findings]


def no_price(math: Any, *, losses: Any, delta: Any) -> Mapping[str, Any]:
    """The stakes raised to all that one has: a capital of 1/delta is reached by luck more often."""
    cost = math.log_quotient(1, delta)
    return {"mean": math.capital_inverse(losses, 1000 + 0 * losses, cost / 2)}


def no_union(math: Any, *, losses: Any, delta: Any, index: Any = None) -> Mapping[str, Any]:
    """The spread of the losses is left out."""
    return {"limit": math.smallest(math.cumulative(losses) / math.positions(losses)) + 0 * delta}


@pytest.mark.slow
@pytest.mark.parametrize(("theorem", "fault"), [(betting, no_price), (empirical_bernstein_sequence, no_union)])
def test_a_planted_fault_is_refuted_and_the_bound_is_not(theorem: Any, fault: Any) -> None:
    found, refuted = match(theorem, LossesInOrder()), []
    for world in LossesInOrder().worlds("thumbnail"):
        refuted.append(judge(found, world, Fraction(1, 20), formula=fault).refuted)
        assert not judge(found, world, Fraction(1, 20)).refuted
    assert any(refuted)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "form", "reached"),
    [("betting", "anytime", 0.99), ("betting", "fixed n", 0.99), ("empirical_bernstein_sequence", "", 0.4)],
)
def test_these_are_judged(name: str, form: str, reached: float) -> None:
    found = check(f"holdout.{name}", scenarios=LossesInOrder(), rungs="every sample", form=form)
    assert not found.refuted
    assert found.resolution > reached


@pytest.mark.parametrize("choice", ["the hypothesis whose losses are listed", "which losses are listed", "the range of the listed losses"])
def test_lists_of_losses_that_show_nothing_refute_what_their_assumptions_exclude(choice: str) -> None:
    for name in ("betting", "empirical_bernstein_sequence"):
        (trial,) = check(f"holdout.{name}", scenarios=scenario(f"hostile: {choice}")).trials
        assert trial.fails_there is True


def test_the_limits_of_all_earlier_days_hold_too() -> None:
    """A list that grows never makes the bound worse, and one error among many costs little more than for one who looked once."""
    losses = [0] * 40 + [1] + [0] * 59
    for theorem in (betting, empirical_bernstein_sequence):
        limits = [theorem(losses=losses[:n], delta=Fraction(1, 20)).value for n in (1, 10, 40, 41, 100)]
        assert limits == sorted(limits, reverse=True)
    assert confidence_sequence(errors=1, n=100, delta=Fraction(1, 20)).value < 0.07
