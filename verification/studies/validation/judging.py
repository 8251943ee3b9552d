"""What the measurements say of each claim."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from scipy import stats

from genbounds.verification.checks.effects import Effect, mean_effect
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.runs.cells import Cell, Result
from genbounds.verification.studies.phenomenon import Finding
from genbounds.verification.studies.validation.cell import BOUNDS, DELTA, Cells, ReuseCell
from genbounds.verification.studies.validation.reusing import FALSE, RISK, SOUND
from genbounds.verification.studies.validation.searching import printed_example

Measured: TypeAlias = Sequence[tuple[Any, Result]]
GUESSING = 0.9
"""The risk of guessing one of ten digits."""
KEPT = 0.5
"""Kendall's tau above this one counts as the same order."""


def of(kind: type, cells: Sequence[Cell], results: Sequence[Result]) -> Measured:
    """The cells of a kind."""
    return [(cell, result) for cell, result in zip(cells, results, strict=True) if isinstance(cell, kind)]


def too_many(failures: int, trials: int, alpha: float) -> bool:
    """Whether a bound that fails with probability delta at most fails so often with probability alpha at most: the exact binomial tail."""
    return float(stats.binom.sf(failures - 1, trials, float(DELTA))) <= alpha


def example() -> Finding:
    """The number that the paper prints."""
    value = printed_example()
    right = f"{100 * value:.2f}" == "6.94"
    said = f"A billion candidates, 10 000 validation examples, gamma^2 = C = 1, delta = 1/10: {100 * value:.5f} %."
    return Finding("example", Verdict.NOT_REFUTED if right else Verdict.REFUTED, said, "the paper's own numbers")


def searched(measured: Measured, alpha: float) -> list[Finding]:
    """The bounds on the candidates of a search, and their order on a second sample."""
    trials = sum(cell.draws for cell, _ in measured)
    failures = {name: sum(result["failures"][name] for _, result in measured) for name in BOUNDS}
    refuted = [name for name in BOUNDS if too_many(failures[name], trials, alpha / len(BOUNDS))]
    disorder = sum(result["disorder"] for _, result in measured)

    def mean(values: Any) -> Effect:
        return mean_effect([values(result) for _, result in measured])

    certified = mean(lambda result: result["certified"][BOUNDS[0]])
    others = ", ".join(f"{name} {mean(lambda result, name=name: result['certified'][name])}" for name in BOUNDS[1:])
    tau, curse = mean(lambda result: result["tau"]), mean(lambda result: result["curse"])
    first = measured[0][0]
    sizes = (
        f"{first.candidates} candidates (widths {', '.join(map(str, first.widths))}), {first.n} training and {first.validation} "
        f"validation examples, {len(measured)} seeds of {first.draws} validation samples each"
    )
    rates = ", ".join(f"{name} {count}" for name, count in failures.items())
    return [
        Finding(
            "union",
            Verdict.REFUTED if refuted else Verdict.NOT_REFUTED,
            f"Samples on which some candidate's risk exceeds its bound, of {trials} (delta = {DELTA}): {rates}.",
            sizes,
        ),
        Finding(
            "order",
            Verdict.REFUTED if disorder else Verdict.NOT_REFUTED,
            f"Of {4 * first.candidates * trials} bounds, {disorder} are out of this order.",
            sizes,
        ),
        Finding(
            "nonvacuous",
            certified.below(GUESSING),
            f"Mean bound on the chosen candidate: {certified} (claimed: below {GUESSING}); {others}; its risk is "
            f"{mean(lambda result: result['chosen'])}.",
            sizes,
        ),
        Finding(
            "kept",
            tau.above(KEPT),
            f"Kendall's tau of the candidates' errors on two test sets: {tau} (claimed: above {KEPT}). The chosen candidate's error is "
            f"larger by {curse} on the second test set.",
            sizes,
        ),
    ]


def reused(measured: Measured, alpha: float) -> list[Finding]:
    """The test set that is asked too often."""
    first = measured[0][0]
    trials = sum(cell.repetitions for cell, _ in measured)
    asked = first.classifiers[-1] + 1
    failures = {
        name: [sum(result["failures"][name][place] for _, result in measured) for place in range(len(first.classifiers))]
        for name in (*FALSE, *SOUND)
    }
    ladder = sum(result["ladder"]["failures"] for _, result in measured)
    tests = len(SOUND) * len(first.classifiers) + 1
    refuted = any(too_many(count, trials, alpha / tests) for name in SOUND for count in failures[name]) or too_many(
        ladder, trials, alpha / tests
    )

    def last(name: str) -> Effect:
        return mean_effect([result[name][-1] for _, result in measured])

    claimed = mean_effect([result["values"]["Hoeffding"][-1] - RISK for _, result in measured])
    bits = mean_effect([result["values"]["adaptive, bits"][-1] for _, result in measured])
    score = mean_effect([result["ladder"]["score"] for _, result in measured])
    value = mean_effect([result["ladder"]["value"] for _, result in measured])
    sizes = f"{asked} models asked about, {first.n} test examples, {len(measured)} seeds of {first.repetitions} test sets each"
    return [
        Finding(
            "lies",
            claimed.below(0.0),
            f"The last model's reported error is {last('reported')} and its risk 1/2; Hoeffding's 95 % limit for a fixed model, minus "
            f"1/2, is {claimed}. On a second test set its error is {last('second')}.",
            sizes,
        ),
        Finding(
            "fixed",
            Verdict.ASSUMPTION_VIOLATED,
            f"The last model depends on the test set: Hoeffding's bound is false on {failures[FALSE[0]][-1]} of {trials} test sets, and "
            f"with the union over {asked} models on {failures[FALSE[1]][-1]}.",
            sizes,
        ),
        Finding(
            "adaptive",
            Verdict.REFUTED if refuted else Verdict.NOT_REFUTED,
            f"They are false on at most {max(max(failures[name]) for name in SOUND)} of {trials} test sets (delta = {DELTA}), and the "
            f"Ladder's bound on {ladder}. After {asked} models the bound of one bit for each answer is {bits}; the Ladder's score stays "
            f"at {score}, and its bound is {value}.",
            sizes,
        ),
    ]


def made_up(cell: Cells, failing: bool) -> Result:
    """A result as it would be, or (``failing``) with bounds that fail on every sample: for the trap."""
    jitter = 0.001 * cell.seed
    if isinstance(cell, ReuseCell):
        count = len(cell.classifiers)
        falls = [RISK - 0.02 * place + jitter for place in range(count)]
        values = {name: [value + (0.01 if name in FALSE else 0.2) for value in falls] for name in (*FALSE, *SOUND)}
        failures = {name: [cell.repetitions if failing or name in FALSE else 0] * count for name in values}
        ladder = {"score": 0.5 + jitter, "value": 0.7 + jitter, "failures": 0}
        return {"reported": falls, "second": [RISK + jitter] * count, "values": values, "failures": failures, "ladder": ladder}
    risks = np.linspace(0.05, 0.9, cell.candidates).tolist()
    return {
        "risks": risks,
        "first": risks,
        "second": risks,
        "bounds": dict.fromkeys(BOUNDS, risks),
        "failures": dict.fromkeys(BOUNDS, cell.draws if failing else 0),
        "certified": dict.fromkeys(BOUNDS, 0.1 + jitter),
        "disorder": 0,
        "tau": 0.9 + jitter,
        "curse": 0.01 + jitter,
        "chosen": 0.05 + jitter,
    }
