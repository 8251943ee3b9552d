"""Experiments that are repeated on independent draws: what a bound says each time, and the exact risk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from genbounds.bounds.holdout import chernoff_kl, clopper_pearson, hoeffding
from genbounds.bounds.pac_bayes import mcallester, seeger2002
from genbounds.bounds.stability import bousquet_elisseeff2002
from genbounds.bounds.vc import growth_function, log_growth_relu_network
from genbounds.verification.learners.linear_models import loss_range, minimise
from genbounds.verification.learners.small_networks import HELD_OUT, SMALL, STEPS, TRAINED_ON, errors_on, held_out_networks, trained_wrong
from genbounds.verification.learners.voters import CLASSIFIERS, GibbsPosteriors, wrong_classifiers
from genbounds.verification.populations import population
from genbounds.verification.populations.protocol import Array
from genbounds.verification.runs.cells import Cost, Result
from genbounds.verification.runs.planner import training_cost
from genbounds.verification.studies.regularised import bound_of_minimiser

DELTA = Fraction(1, 20)


@dataclass(frozen=True)
class DrawsCell:
    """Some draws of one experiment; ``seed`` says which: draws of different seeds share nothing."""

    experiment: str
    population: str
    draws: int
    seed: int = 0

    @property
    def keys(self) -> range:
        """A number for each draw, which no other cell of the experiment has."""
        return range(self.seed * self.draws, (self.seed + 1) * self.draws)


@dataclass(frozen=True)
class Judged:
    """One bound over all draws of an experiment: bound, risk and what the bound adds its deviation to, one entry per draw.

    ``margin`` is by how much a bound must be below the risk to count: the error with which the two are known.
    """

    bound: str
    values: Array
    risks: Array
    empirical: Array
    note: str
    margin: float = 0.0

    @property
    def violated(self) -> Array:
        """Which draws have the bound below the risk."""
        return np.asarray(self.values < self.risks - self.margin)


# --- networks with held-out draws --------------------------------------------------------------------------------------------------


def train_small(cell: DrawsCell) -> dict[str, Any]:
    """Networks on n = 20 draws each: their errors on 40 further draws each, and over the pool."""
    held_out, over_pool = held_out_networks(population(cell.population), cell.keys)
    return {"held_out_errors": held_out.tolist(), "pool_errors": over_pool.tolist()}


def judge_small(results: Sequence[Result], name: str) -> list[Judged]:
    """Three bounds on the same held-out errors, as issued: certificates for each count."""
    pool = population(name)
    errors, risks = np.array(_all(results, "held_out_errors")), np.array(_all(results, "pool_errors")) / pool.size
    tables = {
        "holdout.hoeffding": [hoeffding(empirical_risk=Fraction(k, HELD_OUT), n=HELD_OUT, delta=DELTA).value for k in range(HELD_OUT + 1)],
        "holdout.chernoff_kl": [
            chernoff_kl(empirical_risk=Fraction(k, HELD_OUT), n=HELD_OUT, delta=DELTA).value for k in range(HELD_OUT + 1)
        ],
        "holdout.clopper_pearson": [clopper_pearson(errors=k, n=HELD_OUT, delta=DELTA).value for k in range(HELD_OUT + 1)],
    }
    note = f"{'-'.join(map(str, SMALL))} ReLU networks, each trained on {TRAINED_ON} draws and held against {HELD_OUT} others"
    return [Judged(bound, np.array(table)[errors], risks, errors / HELD_OUT, note) for bound, table in tables.items()]


# --- tiny networks, judged by the errors on their own sample ---------------------------------------------------------------------------

TINY, TINY_N, TINY_BATCH = (2, 2, 1), 400, 40


def train_tiny(cell: DrawsCell) -> dict[str, Any]:
    """Networks of 9 parameters on the first two features, on n = 400 draws each: errors on these draws and over the pool."""
    pool = population(cell.population)
    drawn = np.stack([pool.sample(("coverage", "tiny", key), TINY_N) for key in cell.keys])
    training = {"steps": STEPS, "batch_size": TINY_BATCH, "learning_rate": 0.3}
    wrong = trained_wrong("coverage tiny", TINY, pool.inputs[:, :2], pool.labels, cell.keys, drawn, **training)
    return {"sample_errors": errors_on(wrong, drawn).tolist(), "pool_errors": wrong.sum(axis=1).tolist()}


def judge_tiny(results: Sequence[Result], name: str) -> list[Judged]:
    """The bound by counting, as issued."""
    pool = population(name)
    errors, risks = np.array(_all(results, "sample_errors")), np.array(_all(results, "pool_errors")) / pool.size
    growth = log_growth_relu_network(widths=TINY, n=TINY_N)
    table = {
        k: growth_function(empirical_risk=Fraction(int(k), TINY_N), n=TINY_N, log_growth=growth, delta=DELTA).value
        for k in np.unique(errors)
    }
    values = np.array([table[k] for k in errors])
    note = f"{'-'.join(map(str, TINY))} ReLU networks on the first two features, each judged by the {TINY_N} draws it was trained on"
    return [Judged("vc.growth_function", values, risks, errors / TINY_N, note)]


# --- Gibbs posteriors on finitely many classifiers ---------------------------------------------------------------------------------------

GIBBS_N, TEMPERATURE = 100, 20.0


def draw_gibbs(cell: DrawsCell) -> dict[str, Any]:
    """Posteriors proportional to exp(-20 * errors / n) on 50 random linear classifiers, uniform prior: all three numbers are sums.

    The relative entropy is sum_h q_h ln(50 q_h).
    """
    pool = population(cell.population)
    drawn = np.stack([pool.sample(("coverage", "gibbs", key), GIBBS_N) for key in cell.keys])
    found = GibbsPosteriors.of(wrong_classifiers(pool), drawn, TEMPERATURE)
    return {"empirical": found.empirical_risk.tolist(), "kl": found.kl.tolist(), "risk": found.risk.tolist()}


def judge_gibbs(results: Sequence[Result], name: str) -> list[Judged]:
    """Two bounds on the same posteriors, in floats padded upward."""
    empirical, kl, risks = (np.array(_all(results, key)) for key in ("empirical", "kl", "risk"))
    inputs = {"empirical_risk": np.minimum(1.0, empirical), "kl": kl, "n": GIBBS_N, "delta": float(DELTA)}
    note = f"Gibbs posteriors on {CLASSIFIERS} random linear classifiers after {GIBBS_N} draws, KL {kl.mean():.2g} nats on average"
    return [
        Judged("pac_bayes.seeger2002", seeger2002.value(**inputs), risks, empirical, note, 1e-12),
        Judged("pac_bayes.mcallester", mcallester.value(**inputs), risks, empirical, note, 1e-12),
    ]


# --- exact minimisers of the regularised logistic risk -----------------------------------------------------------------------------------

REGULARISED_N, STRONG_CONVEXITY = 400, Fraction(1, 2)


def minimise_each(cell: DrawsCell) -> dict[str, Any]:
    """Minimisers for n = 400 draws each: average logistic loss on the draws and over the pool, and the error of either."""
    pool = population(cell.population)
    keys = [("coverage", "regularised", key) for key in cell.keys]
    found = [
        minimise(pool.inputs, pool.labels, pool.sample_counts(key, REGULARISED_N), float(STRONG_CONVEXITY), pool.input_radius)
        for key in keys
    ]
    return {
        "sample_risk": [one.sample_risk for one in found],
        "pool_risk": [one.pool_risk for one in found],
        "error": max(one.error + pool.input_radius * one.distance for one in found),
    }


def judge_minimisers(results: Sequence[Result], name: str) -> list[Judged]:
    """The certificate of uniform stability, in floats: the deviation is the same for all draws."""
    risks, empirical = np.array(_all(results, "pool_risk")), np.array(_all(results, "sample_risk"))
    error = max(result["error"] for result in results)
    issued = bound_of_minimiser(name, REGULARISED_N, STRONG_CONVEXITY, float(empirical[0]), error)
    stability = issued.inputs["stability"]
    values = bousquet_elisseeff2002.value(
        empirical_risk=empirical + error,
        stability=float(stability),  # type: ignore[arg-type]
        n=REGULARISED_N,
        delta=float(DELTA),
        loss_range=loss_range(population(name).input_radius, STRONG_CONVEXITY),
    )
    note = f"exact minimisers of average logistic loss + {float(STRONG_CONVEXITY / 2):g} ||w||^2 on {REGULARISED_N} draws each"
    return [Judged("stability.bousquet_elisseeff2002", values, risks, empirical, note, 2 * error + 1e-12)]


# --- shared ----------------------------------------------------------------------------------------------------------------------------

EXPERIMENTS: Mapping[str, tuple[Any, Any, str]] = {
    "small": (train_small, judge_small, "breast_cancer"),
    "tiny": (train_tiny, judge_tiny, "breast_cancer"),
    "gibbs": (draw_gibbs, judge_gibbs, "breast_cancer"),
    "regularised": (minimise_each, judge_minimisers, "separable"),
}
"""What makes the draws, what judges them, and the population."""
COSTS: Mapping[str, Cost] = {
    "small": training_cost(SMALL, STEPS, TRAINED_ON).taking(1e-3),
    "tiny": training_cost(TINY, STEPS, TINY_BATCH).taking(1e-3),
    "gibbs": Cost(memory=8 * CLASSIFIERS * GIBBS_N, seconds=1.6e-4),
    "regularised": Cost(1, memory=8 * REGULARISED_N, seconds=0.0026),
}
"""Of one draw."""


def _all(results: Sequence[Result], name: str) -> list[Any]:
    return [value for result in results for value in result[name]]
