"""The perceptron on draws from a pool: separable digits, and breast cancer, which it does not separate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from genbounds.bounds.assumptions import (
    CYCLED_TO_CONVERGENCE,
    DEVIATION_OF_SEQUENCE,
    ERRORS_CHANGE_COMPRESSION,
    FEATURES_FIXED_IN_ADVANCE,
    FIRST_WEIGHTS_ZERO,
    HINGE_OF_SEQUENCE,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    MISTAKES_OVER_SAMPLES,
    ONE_PASS,
    ONLINE_LOSSES,
    POPULATION_SEPARABLE,
    PREFERENT_COMPRESSION,
    RANDOM_ITERATE,
    REBUILT_FROM_COMPRESSION,
    SEPARABLE,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import EXPECTED_RISK, MEAN_RISK_OF_ITERATES, MISTAKES, MISTAKES_OF_RUN, RISK
from genbounds.models.ensemble import IndexSamples, PerceptronRun, cycle, one_pass, pool_errors
from genbounds.verification.populations import population
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Array
from genbounds.verification.scenarios.scenario import Scenario, World, holding, violating

SLACK = 1 + 1e-9
"""More than what float64 can lose in the sums here: quantities that must be upper bounds are multiplied by it."""
_RUNS = (
    holding("draws with replacement from the pool", IID_SAMPLE)
    | holding("the run is made here, in float64 on coordinates whose sums are exact", FIRST_WEIGHTS_ZERO)
    | holding("the pool's own inputs", FEATURES_FIXED_IN_ADVANCE)
    | holding("a mistake or none", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
)
_ONE_PASS = (
    holding("each example once, in the order in which it was drawn", ONE_PASS, ONLINE_LOSSES)
    | holding("the mean over all iterates is taken", RANDOM_ITERATE, MISTAKES_OVER_SAMPLES)
    | violating("there is one pass", CYCLED_TO_CONVERGENCE)
)
_COMPARED = holding("computed over the rounds of the run for one vector fixed beforehand", DEVIATION_OF_SEQUENCE, HINGE_OF_SEQUENCE)


def runs(pool: FinitePool, n: int, keys: range, *, to_convergence: bool = False) -> tuple[PerceptronRun, Array]:
    """One perceptron for each key, and the rows of the pool that it met."""
    drawn = np.stack([pool.sample(("perceptron", key), n) for key in keys])
    inputs, labels, samples = torch.tensor(pool.inputs), torch.tensor(pool.labels), IndexSamples(torch.from_numpy(drawn))
    return (cycle(inputs, labels, samples) if to_convergence else one_pass(inputs, labels, samples, iterate_risk=True)), drawn


def online_truths(run: PerceptronRun, pool: FinitePool) -> dict[str, Array]:
    """The mistakes of each run, and the mean risk of its iterates."""
    mistakes, risk = run.mistakes.numpy(), run.random_iterate_risk(pool.size).numpy()
    return {MISTAKES: mistakes, MISTAKES_OF_RUN: mistakes, EXPECTED_RISK: risk, MEAN_RISK_OF_ITERATES: risk}


class PerceptronOnDigits(Scenario):
    """One pass over n draws of digits, 0 against the rest, which a vector separates with a known margin."""

    name = "perceptron on digits"
    description = "one pass of the perceptron over draws from digits, 0 against the rest, which are separable"
    inputs = frozenset(
        {"n", "radius", "margin", "weight_norm", "deviation", "radius_times_norm", "hinge_loss", "online_risk", "rate", "expected_mistakes"}
    )
    truths = frozenset({MISTAKES, MISTAKES_OF_RUN, EXPECTED_RISK, MEAN_RISK_OF_ITERATES})
    audit = _RUNS | _ONE_PASS | _COMPARED | holding("one vector separates the whole pool, in fractions", SEPARABLE, POPULATION_SEPARABLE)

    def draws(self, keys: range) -> Iterator[World]:
        """A short and a longer run."""
        pool = population("digits_0_vs_rest")
        for n in (30, 200):
            run, _ = runs(pool, n, keys)
            inputs: dict[str, Any] = {
                "weight_norm": run.weight_norms.numpy() * SLACK,
                "online_risk": run.mistakes.numpy() / n,
            }
            yield World(
                f"digits, n = {n}", separable_common(pool) | {"n": n}, inputs, online_truths(run, pool), truth_range=(0.0, float(n))
            )


def separable_common(pool: FinitePool) -> dict[str, Any]:
    """What one separating vector of the pool says: no round falls short of its margin."""
    assert pool.margin is not None
    ratio = pool.input_radius / pool.margin * SLACK
    return {
        "radius": pool.input_radius,
        "margin": pool.margin,
        "deviation": 0,
        "radius_times_norm": ratio,
        "hinge_loss": 0,
        "rate": 1,
        "expected_mistakes": ratio**2 * SLACK,
    }


class ConvergedOnDigits(Scenario):
    """The perceptron cycled over n draws of digits until no mistake is left; its last weights are judged."""

    name = "perceptron on digits to convergence"
    description = "the perceptron cycled over draws from digits, 0 against the rest, until no mistake is left"
    inputs = frozenset({"n", "radius", "margin", "weight_norm", "size", "errors", "bits"})
    truths = frozenset({MISTAKES, MISTAKES_OF_RUN, EXPECTED_RISK, RISK})
    revision = 2
    audit = (
        _RUNS
        | holding("one vector separates the whole pool, in fractions", SEPARABLE, POPULATION_SEPARABLE)
        | holding("in the order in which they were drawn; the run ends after a pass without a mistake", CYCLED_TO_CONVERGENCE)
        | violating("there are several passes", ONE_PASS)
        | holding(
            "a run on the examples of the mistakes, or on more of the sample, makes the same mistakes in the same order",
            *(PREFERENT_COMPRESSION, REBUILT_FROM_COMPRESSION),
        )
        | holding("the run would not end before an example on which it errs is a mistake", ERRORS_CHANGE_COMPRESSION)
    )

    def draws(self, keys: range) -> Iterator[World]:
        """One setting."""
        pool, n = population("digits_0_vs_rest"), 60
        assert pool.margin is not None
        run, _ = runs(pool, n, keys, to_convergence=True)
        if not bool(run.converged.all()):
            raise ArithmeticError("a perceptron on a separable pool must converge: its passes were cut off")
        risk = pool_errors(run.weights, torch.tensor(pool.inputs), torch.tensor(pool.labels)).numpy() / pool.size
        mistakes = run.mistakes.numpy()
        inputs = {"weight_norm": run.weight_norms.numpy() * SLACK, "size": run.distinct_mistaken.numpy()}
        truths = {MISTAKES: mistakes, MISTAKES_OF_RUN: mistakes, EXPECTED_RISK: risk, RISK: risk}
        common = {"n": n, "radius": pool.input_radius, "margin": pool.margin, "errors": 0, "bits": 0}
        yield World(f"digits, n = {n}", common, inputs, truths)


class PerceptronOnNoisyPool(Scenario):
    """One pass over n draws of breast cancer, which no vector separates through the origin."""

    name = "perceptron on breast cancer"
    description = "one pass of the perceptron over draws from breast cancer, which is not separable, compared with a fixed vector"
    inputs = frozenset({"n", "radius", "margin", "deviation", "radius_times_norm", "hinge_loss", "online_risk", "rate"})
    truths = frozenset({MISTAKES_OF_RUN, MEAN_RISK_OF_ITERATES})
    audit = _RUNS | _ONE_PASS | _COMPARED | violating("no vector separates the pool through the origin", SEPARABLE, POPULATION_SEPARABLE)

    def draws(self, keys: range) -> Iterator[World]:
        """Compared with the mean of the signed inputs over the pool, at margin 1."""
        pool = population("breast_cancer_1_vs_rest")
        signed = pool.inputs * pool.labels[:, None]
        u = signed.mean(axis=0)
        length, margin = float(np.linalg.norm(u)) * SLACK, 1.0
        along = signed @ u
        for n in (20, 100):
            run, drawn = runs(pool, n, keys)
            met, mistaken = along[drawn], run.mistaken.numpy()
            inputs: dict[str, Any] = {
                "deviation": np.sqrt((np.clip(margin - met / length, 0, None) ** 2).sum(axis=1)) * SLACK,
                "hinge_loss": (np.clip(1 - met / (margin * length), 0, None) * mistaken).sum(axis=1) * SLACK,
                "online_risk": run.mistakes.numpy() / n,
            }
            truths = online_truths(run, pool)
            common = {
                "n": n,
                "radius": pool.input_radius,
                "margin": margin,
                "rate": 1,
                "radius_times_norm": pool.input_radius / margin * SLACK,
            }
            kept = {what: truths[what] for what in (MISTAKES_OF_RUN, MEAN_RISK_OF_ITERATES)}
            yield World(f"breast cancer, n = {n}", common, inputs, kept)
