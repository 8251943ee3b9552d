"""Coverage of the whole PAC-Bayes procedure: split, prior, training and Monte Carlo, again and again; and of the procedure with faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

import numpy as np
import torch

from genbounds.bounds import get
from genbounds.bounds.pac_bayes import seeger2002
from genbounds.bounds.special.rounding import decimal_up
from genbounds.models.networks import DenseNetwork
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic import (
    GaussianDenseNetwork,
    PosteriorTraining,
    certify_gibbs,
    fit_network,
    gibbs_errors,
    monte_carlo_errors,
    split_draws,
    train_posterior,
)
from genbounds.verification.checks.coverage import MINIMUM_DRAWS, Coverage, coverage, draws_needed
from genbounds.verification.checks.planted import FAULTS, RUNGS, Fault, caught, kl_without_biases
from genbounds.verification.checks.shares import share
from genbounds.verification.checks.tightness import critical_scale
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.populations import population
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.rows.coverage_row import CoverageRow
from genbounds.verification.rows.kinds import Row
from genbounds.verification.rows.mutant_row import MutantRow
from genbounds.verification.runs.canary import Canary
from genbounds.verification.runs.cells import Cell, Cost, Result, Study, cell_name
from genbounds.verification.runs.planner import training_cost

DELTA = Fraction(1, 20)
"""Of the certificate, its Monte-Carlo share included."""
RISK_DELTA = Fraction(1, 1000)
"""The lower limit of the risk on the pool fails with at most half of this, which is added to delta."""
FAULTY_DRAWS = 150
"""A rate of .2 is found with probability .96 within 150 draws."""
FEW_PAIRS = 10
"""Pairs where the Monte-Carlo term is left out: with thousands, what is lost would not show in the draws."""
FITTED_ON_BOUND: Fault = "prior fitted on the bound's sample"
FIT_STEPS, POSTERIOR_STEPS = 50, 25
CHUNK = 50
FULL_TIMES = 4


@dataclass(frozen=True)
class ProcedureCell:
    """Some draws of the procedure; ``seed`` says which: draws of different seeds share nothing.

    Args:
        prior: the part of the split that the prior's means are fitted on, "prior" as it should be.
        draws, seed: the networks seed * draws, ..., (seed + 1) * draws - 1.
        population, n: every draw samples n points with replacement; half of them fit the prior's means.
        widths, std: the network, and the prior's standard deviation, fixed in advance.
        pairs: (weights, example) pairs for the empirical Gibbs risk.
        risk_pairs: the same for the risk on the pool.
    """

    prior: Literal["prior", "bound"] = "prior"
    draws: int = CHUNK
    seed: int = 0
    population: str = "digits"
    n: int = 80
    widths: tuple[int, ...] = (64, 16, 10)
    std: float = 0.1
    pairs: int = 2000
    risk_pairs: int = 10_000

    @property
    def keys(self) -> range:
        """A number for each draw, which no other cell of the same prior has."""
        return range(self.seed * self.draws, (self.seed + 1) * self.draws)


class Procedure(Study):
    """As many draws of the whole procedure as find a violation rate of twice delta with probability .95, and some of each faulty one.

    Args:
        full: four times as many.
    """

    name = "procedure"
    revision = 3
    description = "The whole PAC-Bayes procedure on hundreds of independent draws, and the same with planted faults."

    def __init__(self, full: bool = False) -> None:
        self.full = full

    def cells(self) -> Sequence[ProcedureCell]:
        """The procedure in chunks of draws, then the one whose prior is fitted on the wrong part."""
        draws = max(MINIMUM_DRAWS, draws_needed(float(DELTA + RISK_DELTA / 2), alpha=share(Procedure.name)))
        times = FULL_TIMES if self.full else 1
        return [
            *(ProcedureCell(seed=seed) for seed in range(-(-draws // CHUNK) * times)),
            *(ProcedureCell("bound", seed=seed) for seed in range(FAULTY_DRAWS // CHUNK * times)),
        ]

    def cost(self, cell: Cell) -> Cost:
        """A fit and a posterior for each draw, small compared with the pairs of the two risks, which are most of a usual run's seconds."""
        fit = training_cost(cell.widths, FIT_STEPS, cell.n // 2)
        posterior = training_cost(cell.widths, POSTERIOR_STEPS, cell.n // 2).times(2)
        one = Cost(1, fit.operations + posterior.operations, posterior.memory + 8 * cell.risk_pairs * sum(cell.widths), 0.14)
        return replace(one.times(cell.draws), memory=one.memory)

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """Make the draws of each cell."""
        return [_draws(cell) for cell in cells]

    def canary(self) -> Canary:
        """The faults of the kill matrix before the rungs without draws, and violations before coverage; the sound case is the real code."""
        return _canary()

    def rows(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Row]:
        """One row of the procedure as it should be, and one for each planted fault: which rungs catch it."""
        sound = [position for position, cell in enumerate(cells) if cell.prior == "prior"]
        faulty = [position for position, cell in enumerate(cells) if cell.prior == "bound"]
        if not sound:
            return []
        cell = cells[sound[0]]
        found = {name: _all(results, sound, name) for name in results[sound[0]]}
        network = "-".join(map(str, cell.widths))
        note = (
            f"{network} ReLU networks, n = {cell.n}, half of it for the prior; bound {_up(found['none'])}, risk at most "
            f"{_up(found['upper'])}, KL {_up(found['kl'])} on average; the risk is a lower limit that fails with "
            f"probability {float(RISK_DELTA / 2):g}, added to delta"
        )
        return [
            CoverageRow.of(
                judged(found["none"], found["lower"]),
                study=self.name,
                cell=cell_name(self, cell),
                bound="pac_bayes.seeger2002",
                population=cell.population,
                critical_scale=critical_scale(found["empirical"], found["none"] - found["empirical"], found["lower"], float(DELTA)),
                quantity="coverage of the whole procedure",
                note=note,
            ),
            *_mutants(cell_name(self, cell), found, results, faulty),
        ]


def _up(values: Any) -> str:
    """The average of upper bounds, rounded up."""
    return decimal_up(float(np.mean(values)), 3)


def judged(values: Any, lower: Any) -> Coverage:
    """How often the certificate was below the lower limit of the risk."""
    return coverage(np.asarray(values) < np.asarray(lower), float(DELTA), share(Procedure.name), reference_delta=float(RISK_DELTA / 2))


def _canary() -> Canary:
    """Each rung must see one of the planted faults, and nothing in the procedure as it is.

    Were the real code faulty, a rung would find that in every copy and book it as caught: here it is an alarm.
    """
    seen = [caught(fault) for fault in FAULTS[1:]]
    sound = caught("none")
    found = {rung: (any(rung in one for one in seen), rung in sound) for rung in RUNGS}
    low, high = np.full(FAULTY_DRAWS, 0.25), np.full(FAULTY_DRAWS, 0.75)
    found["coverage"] = tuple(judged(values, np.full(FAULTY_DRAWS, 0.5)).verdict is Verdict.REFUTED for values in (low, high))  # type: ignore[assignment]
    return Canary.of("the faults of the kill matrix, and a bound below every risk", found)


def _mutants(cell: str, found: Mapping[str, Any], results: Sequence[Result], faulty: Sequence[int]) -> list[MutantRow]:
    """A row for each fault that has draws; that of the prior has cells of its own."""
    draws = {fault: (found[fault], found["lower"]) for fault in FAULTS[1:] if fault in found}
    if faulty:
        draws[FITTED_ON_BOUND] = (_all(results, faulty, "none"), _all(results, faulty, "lower"))
    return [kill(cell, fault, judged(*draws[fault])) for fault in FAULTS[1:] if fault in draws]


def kill(cell: str, fault: Fault, found: Coverage) -> MutantRow:
    """Which rungs catch a fault: those without draws, and coverage by its draws.

    >>> row = kill("c", "KL without the biases", judged([1.0] * 150, [0.5] * 150))
    >>> row.caught_by, row.missed_by
    ('identity', 'enumeration, audit, coverage')
    >>> row.note
    'identity: KL 1032, while ln(dQ/dP) averages 1066; coverage: 0 of 150 draws below the risk'
    """
    evidence = caught(fault)
    seen = f"{found.violations} of {found.draws} draws below the risk"
    refuted = found.verdict is Verdict.REFUTED
    by = [*evidence, *(["coverage"] if refuted else [])]
    shown = [*(f"{rung}: {what}" for rung, what in evidence.items()), f"coverage: {seen}"]
    if refuted:
        shown[-1] += f", refuted at draw {found.stopped_at}"
    return MutantRow(
        study=Procedure.name,
        cell=cell,
        bound="pac_bayes.seeger2002",
        mutant=fault,
        caught_by=", ".join(by),
        missed_by=", ".join(rung for rung in (*RUNGS, "coverage") if rung not in by),
        note="; ".join(shown),
    )


def _draws(cell: ProcedureCell) -> dict[str, Any]:
    pool = population(cell.population)
    found = [draw(cell, pool, key) for key in cell.keys]
    return {name: [one[name] for one in found] for name in found[0]}


def draw(cell: ProcedureCell, pool: FinitePool, key: int) -> dict[str, float]:
    """One draw: sample, split, prior, posterior, certificate, and limits of the Gibbs risk on the pool."""
    stream = Stream("procedure", "experiment")
    rows = torch.tensor(pool.sample(("procedure", key), cell.n))
    inputs, labels = torch.tensor(pool.inputs)[rows], torch.tensor(pool.labels)[rows]
    split = split_draws(cell.n, cell.n // 2, stream, key)
    means = DenseNetwork(cell.widths).initialise(stream, key)
    seen = split.prior if cell.prior == "prior" else split.bound
    fit_network(means, inputs[seen], labels[seen], steps=FIT_STEPS, learning_rate=0.03)
    prior = GaussianDenseNetwork(means, cell.std)
    posterior = train_posterior(
        prior,
        inputs[split.bound],
        labels[split.bound],
        bound=get("pac_bayes.quadratic"),
        delta=DELTA,
        stream=stream,
        network=key,
        training=PosteriorTraining(POSTERIOR_STEPS, 0, 0.03, initial_scale=0.9),
    )
    options: dict[str, Any] = {"stream": stream, "network": key}
    certificate = certify_gibbs(posterior, prior, inputs, labels, delta=DELTA, pairs=cell.pairs, split=split, **options)
    pool_inputs, pool_labels = torch.tensor(pool.inputs), torch.tensor(pool.labels)
    risk = gibbs_errors(posterior, pool_inputs, pool_labels, cell.risk_pairs, delta=RISK_DELTA, **options)
    given = {name: certificate.inputs[name] for name in ("empirical_risk", "kl", "n", "delta")}
    few, _ = monte_carlo_errors(posterior, inputs[split.bound], labels[split.bound], FEW_PAIRS, stream.sub("few pairs"), network=key)
    faults: dict[Fault, dict[str, Any]] = {
        "n doubled": {"n": 2 * split.bound_size},
        "KL without the biases": {"kl": kl_without_biases(posterior, prior)},
        "no Monte-Carlo term": {"empirical_risk": Fraction(few, FEW_PAIRS), "delta": DELTA},
    }
    return {
        "none": certificate.value,
        **{fault: seeger2002(**given | change).value for fault, change in faults.items()},
        "empirical": float(given["empirical_risk"]),  # type: ignore[arg-type]
        "kl": float(given["kl"]),  # type: ignore[arg-type]
        "lower": float(risk.lower),
        "upper": float(risk.upper),
    }


def _all(results: Sequence[Result], positions: Sequence[int], name: str) -> Any:
    return np.array([value for position in positions for value in results[position][name]])
