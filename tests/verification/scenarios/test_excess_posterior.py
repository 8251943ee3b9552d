"""The fewest errors beyond a reference, against all samples listed by hand; a reference that is forgotten is seen."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy import special

from genbounds.bounds import get
from genbounds.bounds.bounds_on import GIBBS_RISK
from genbounds.bounds.pac_bayes import seeger2002, wu2024recursive
from genbounds.bounds.theorem import Bound
from genbounds.verification import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.populations import population
from genbounds.verification.scenarios.excess_posterior import ExcessPosterior

RISK, ERRORS, SHARE = Fraction(1, 5), (Fraction(9, 10), Fraction(1, 10)), Fraction(4, 5)


def test_the_excess_of_the_better_of_two_is_that_of_all_samples() -> None:
    """Two examples, two hypotheses: every table of errors, and the excess of the one with the least, cut at its levels."""
    by_hand: dict[tuple[Fraction, ...], Fraction] = {}
    for reference in itertools.product((0, 1), repeat=2):
        for tables in itertools.product(itertools.product((0, 1), repeat=2), repeat=2):
            mass = Fraction(1)
            for error in reference:
                mass *= RISK if error else 1 - RISK
            for losses in tables:
                for loss, error in zip(losses, reference, strict=True):
                    p = ERRORS[0] if error else ERRORS[1]
                    mass *= p if loss else 1 - p
            picked = min(tables, key=lambda losses: (sum(losses), sum(a * (1 - b) for a, b in zip(losses, reference, strict=True))))
            excess = [loss - SHARE * error for loss, error in zip(picked, reference, strict=True)]
            shown = tuple(Fraction(sum(entry >= level for entry in excess), 2) for level in (0, 1 - SHARE, 1))
            by_hand[shown] = by_hand.get(shown, Fraction(0)) + mass
    world = ExcessPosterior.world(2, 2, RISK, ERRORS, SHARE)
    law: dict[tuple[Fraction, ...], float] = {}
    for shown, mass in zip(world.inputs["excess_segments"], world.probabilities, strict=True):
        law[shown] = law.get(shown, 0.0) + float(mass)
    assert law == {shown: pytest.approx(float(mass), rel=1e-12) for shown, mass in by_hand.items()}
    assert set(world.truths[GIBBS_RISK]) == {RISK * ERRORS[0] + (1 - RISK) * ERRORS[1]}


@pytest.mark.slow
def test_it_is_judged_and_a_risk_of_the_reference_that_is_left_out_is_refuted() -> None:
    bound = get("pac_bayes.wu2024recursive")
    assert isinstance(bound, Bound)
    found = check(bound.name, scenarios=ExcessPosterior(), rungs="exact")
    assert not found.refuted
    assert found.resolution > 0.94

    def forgetful(math: Any, **inputs: Any) -> Mapping[str, Any]:
        return bound.forms[""].formula(math, **inputs | {"previous_risk": 0})

    def merged(math: Any, **inputs: Any) -> Mapping[str, Any]:
        """The excess as one loss in [-share, 1], whose middle part is forgotten."""
        terms = bound.forms[""].formula(math, **inputs | {"excess_segments": inputs["excess_segments"] * [1.0, 0.0, 1.0]})
        return dict(terms)

    worlds = ExcessPosterior().listed("thumbnail")
    for wrong in (forgetful, merged):
        assert any(judge(match(bound, ExcessPosterior()), world, Fraction(1, 20), wrong).refuted for world in worlds)


def test_steps_at_other_numbers_of_examples_chain_and_pay() -> None:
    """The certificate of a step on 1000 examples enters one on 400; a risk that is known at another n is still refused elsewhere."""
    share = Fraction(1, 40)
    first = seeger2002(empirical_risk=Fraction(1, 10), kl=10, n=1000, delta=share)
    parts = (Fraction(99, 100), Fraction(1, 20), Fraction(1, 100))
    second = wu2024recursive(excess_segments=parts, share=Fraction(1, 2), previous_risk=first, kl=1, n=400, delta=share)
    assert second.delta == 2 * share
    assert second.terms["previous risk"] == pytest.approx(first.value / 2, rel=1e-12)
    assert second.holds_for == "every posterior at once"
    with pytest.raises(ValueError, match="list the segments from the lowest up"):
        wu2024recursive(excess_segments=parts[::-1], share=Fraction(1, 2), previous_risk=first, kl=1, n=400, delta=share)
    with pytest.raises(ValueError, match="three entries"):
        wu2024recursive(excess_segments=parts[:2], share=Fraction(1, 2), previous_risk=first, kl=1, n=400, delta=share)


def test_two_steps_on_a_pool_hold_and_cost_more_than_a_prior_of_one_half_where_the_divergence_is_small() -> None:
    """What docs/choosing.md says of 1600 draws and Gibbs posteriors on 2000 random linear classifiers: means over ten samples.

    The whole chain is certified, both deltas paid, and each of the ten certificates is compared with the exact risk: some one of ten sound
    ones at 95 % is false with a probability of at most .5, and these seeds have none.
    """
    pool, n, delta = population("breast_cancer"), 1600, Fraction(1, 20)
    inputs = np.c_[pool.inputs, np.ones(pool.size)]
    named = inputs @ np.random.default_rng(0).standard_normal((2000, inputs.shape[1])).T
    wrong = (named * np.where(pool.labels == pool.classes[0], -1, 1)[:, None] <= 0).T.astype(float)
    found = []
    for seed in range(10):
        drawn = np.random.default_rng([1, seed]).integers(0, pool.size, n)
        second = drawn[n // 2 :]
        earlier, all_of_them = (np.bincount(drawn[:m], minlength=pool.size).astype(float) for m in (n // 2, n))
        before, now = special.softmax(-0.1 * wrong @ earlier), special.softmax(-0.1 * wrong @ all_of_them)
        new, old = now @ wrong, before @ wrong
        parts = [float(part[second].mean()) for part in (1 - (1 - new) * old, new, new * (1 - old))]
        uniform, moved = float(special.rel_entr(before, 1 / 2000).sum()), float(special.rel_entr(now, before).sum())
        first = seeger2002(empirical_risk=float(old[drawn].mean()), kl=uniform, n=n, delta=delta / 2)
        chained = wu2024recursive(excess_segments=parts, share=Fraction(1, 2), previous_risk=first, kl=moved, n=n // 2, delta=delta / 2)
        assert chained.delta == delta
        assert chained.value > new.mean()
        from_nothing = float(special.rel_entr(now, 1 / 2000).sum())
        on_all = seeger2002(empirical_risk=float(new[drawn].mean()), kl=from_nothing, n=n, delta=delta)
        on_half = seeger2002(empirical_risk=float(new[second].mean()), kl=moved, n=n // 2, delta=delta)
        found.append([chained.value, on_all.value, on_half.value, new.mean()])
    assert np.mean(found, axis=0) == pytest.approx([0.138, 0.103, 0.107, 0.071], abs=0.0006)
