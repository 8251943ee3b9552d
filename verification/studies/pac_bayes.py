"""PAC-Bayes: Gaussian networks on digits, with a prior that saw no data and one that saw half of the draws."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

import torch
from torch import Tensor

from genbounds.bounds import Certificate, get
from genbounds.bounds.assumptions import IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, PRIOR_INDEPENDENT_OF_SAMPLE
from genbounds.bounds.pac_bayes import mcallester
from genbounds.models.networks import DenseNetwork
from genbounds.models.stochastic import (
    GaussianDenseNetwork,
    PosteriorTraining,
    Split,
    certify_gibbs,
    fit_network,
    gibbs_errors,
    split_draws,
    train_posterior,
)
from genbounds.models.streams import Stream
from genbounds.verification.cells import Cell, Result, Study, cell_name, digest
from genbounds.verification.populations import population
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Array
from genbounds.verification.rows import Interval, Row
from genbounds.verification.studies.entries import Entry, rows_of

DELTA = Fraction(1, 20)
"""Every certificate holds with probability 95 %, the Monte-Carlo part included."""
RISK_DELTA = Fraction(1, 1000)
"""The interval of the Gibbs risk on the pool fails with this probability."""


@dataclass(frozen=True)
class PosteriorCell:
    """A Gaussian network with one hidden layer, trained on a PAC-Bayes bound.

    Args:
        population, n: the sample is n draws with replacement from the population.
        widths: inputs, hidden units, outputs.
        prior: "data-free" (means at the initialisation, the bound on all n draws) or "half" (means fitted on half of the draws, the bound
            on the others).
        std: standard deviation of the prior's weights, fixed in advance.
        objective: the bound that training minimises.
        steps, learning_rate, initial_scale: see `PosteriorTraining`.
        seed: another seed is another sample and other random numbers.
        pairs: independent (weights, example) pairs for the empirical Gibbs risk; as many twice over for the risk on the pool.
    """

    prior: Literal["data-free", "half"]
    objective: str
    std: float
    steps: int
    learning_rate: float
    initial_scale: float
    seed: int = 0
    population: str = "digits"
    n: int = 1200
    widths: tuple[int, int, int] = (64, 32, 10)
    pairs: int = 100_000

    @property
    def network(self) -> str:
        """The architecture in words."""
        return f"{'-'.join(map(str, self.widths))} ReLU, Gaussian weights"

    @property
    def training(self) -> str:
        """The training in words."""
        prior = "data-free prior" if self.prior == "data-free" else "prior means fitted on half of the draws"
        return f"{prior}, standard deviation {self.std:g}; posterior trained on pac_bayes.{self.objective}"


DATA_FREE = PosteriorCell("data-free", "seeger2002", std=0.5, steps=800, learning_rate=0.03, initial_scale=0.2)
LARGE = replace(DATA_FREE, n=10**5)
HALF = PosteriorCell("half", "seeger2002", std=0.05, steps=200, learning_rate=0.005, initial_scale=0.9)


class PacBayes(Study):
    """Two priors and two training objectives; each posterior is certified by two bounds.

    Args:
        full: more seeds.
    """

    name = "pac_bayes"
    revision = 2
    description = "Randomised networks on digits: PAC-Bayes bounds with a data-free prior and with one fitted on half of the draws."

    def __init__(self, full: bool = False) -> None:
        self.full = full

    def cells(self) -> Sequence[PosteriorCell]:
        """Priors times objectives times seeds, and one large sample."""
        both = [replace(cell, objective=objective) for cell in (DATA_FREE, HALF) for objective in ("seeger2002", "mcallester")]
        return [replace(cell, seed=seed) for cell in (*both, LARGE) for seed in range(5 if self.full else 1)]

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """Train and certify one network after the other."""
        return [{"entries": [entry.to_dict() for entry in certify(cell)]} for cell in cells]

    def rows(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Row]:
        """One row for each certificate."""
        entries = []
        for cell, result in zip(cells, results, strict=True):
            size = population(cell.population).size
            words = {
                "study": self.name,
                "cell": cell_name(self, cell),
                "population": cell.population,
                "network": cell.network,
                "training": f"{cell.training}, seed {cell.seed}",
                "scale": "realistic" if cell.n <= size else "non-vacuous",
            }
            for data in result["entries"]:
                entry = Entry.from_dict(data)
                entries.append((entry, {**words, "n_over_pool": Fraction(entry.n, size)}))
        return rows_of(entries)


def certify(cell: PosteriorCell) -> list[Entry]:
    """Train the posterior of a cell, and certify its Gibbs risk by both bounds."""
    pool = population(cell.population)
    stream = Stream(f"posterior {digest(replace(cell, seed=0))}", "experiment")
    means = DenseNetwork(cell.widths).initialise(stream, cell.seed)
    inputs, labels, counts, split = _sample(cell, pool, stream)
    seen: slice | Tensor = slice(None)
    if split is not None:
        seen = split.bound
        fit_network(means, inputs[split.prior], labels[split.prior])
    prior = GaussianDenseNetwork(means, cell.std)
    posterior = train_posterior(
        prior,
        inputs[seen],
        labels[seen],
        counts=counts,
        bound=get(f"pac_bayes.{cell.objective}"),
        delta=DELTA,
        stream=stream,
        network=cell.seed,
        training=PosteriorTraining(cell.steps, 128, cell.learning_rate, initial_scale=cell.initial_scale),
    )
    seeger = certify_gibbs(
        posterior,
        prior,
        inputs,
        labels,
        counts=counts,
        delta=DELTA,
        pairs=cell.pairs,
        stream=stream,
        split=split,
        network=cell.seed,
        prior_is_data_free=split is None,
    ).audited({PRIOR_INDEPENDENT_OF_SAMPLE: ("by construction", _prior_audit(split))})
    risk = gibbs_risk(posterior, pool, 2 * cell.pairs, stream, cell.seed)
    return [_entry(certificate, risk, cell) for certificate in (seeger, relaxed(seeger))]


def _prior_audit(split: Split | None) -> str:
    """How the prior of a cell is independent of the bound's draws; its scale and its training are constants of the study."""
    if split is None:
        return "means at the initialisation, which no data touched, and a scale that is a constant of the study"
    return (
        f"prior positions ({len(split.prior)}) and bound positions ({split.bound_size}) are disjoint, the fit above gets the former only, "
        "and the scale is a constant of the study"
    )


def _sample(cell: PosteriorCell, pool: FinitePool, stream: Stream) -> tuple[Tensor, Tensor, Array | None, Split | None]:
    """Inputs and labels, and either how often each point was drawn or, where the prior takes half of the draws, which half."""
    inputs, labels = torch.tensor(pool.inputs), torch.tensor(pool.labels)
    if cell.prior == "data-free":
        return inputs, labels, pool.sample_counts(digest(cell), cell.n), None
    drawn = torch.tensor(pool.sample(digest(cell), cell.n))
    return inputs[drawn], labels[drawn], None, split_draws(cell.n, cell.n // 2, stream, cell.seed)


def relaxed(seeger: Certificate) -> Certificate:
    """McAllester's form at the inputs of a certificate of Seeger's, the Monte-Carlo share of delta included."""
    names = ("empirical_risk", "kl", "n", "delta")
    independence = next(entry for entry in seeger.assumptions if entry.assumption == PRIOR_INDEPENDENT_OF_SAMPLE)
    return mcallester(**{name: seeger.inputs[name] for name in names}).audited(
        {PRIOR_INDEPENDENT_OF_SAMPLE: (independence.status, independence.how)}
    )


def gibbs_risk(posterior: GaussianDenseNetwork, pool: FinitePool, pairs: int, stream: Stream, network: int) -> Interval:
    """The Gibbs risk on the pool as an interval: no formula gives it exactly."""
    found = gibbs_errors(
        posterior,
        torch.tensor(pool.inputs),
        torch.tensor(pool.labels),
        pairs,
        stream,
        delta=RISK_DELTA,
        network=network,
    )
    lower, upper = Fraction(found.lower.value), Fraction(found.upper.value)  # type: ignore[arg-type]
    method = f"99.9 % Clopper-Pearson interval from {pairs} independent (weights, example) pairs"
    return Interval(math.nextafter(float(lower), 0.0), math.nextafter(float(upper), 1.0), method)


def _entry(certificate: Certificate, risk: Interval, cell: PosteriorCell) -> Entry:
    n = int(certificate.inputs["n"])  # type: ignore[arg-type]
    audited = certificate.audited(
        {
            IID_SAMPLE: ("by construction", f"{n} draws with replacement from the pool"),
            LOSS_IN_UNIT_INTERVAL: ("by construction", "errors are counted"),
        }
    )
    measured, kl = (certificate.inputs[name] for name in ("empirical_risk", "kl"))
    return Entry(
        certificate=audited,
        risk=risk,
        risk_what="Gibbs risk on the pool",
        n=n,
        empirical=float(measured),  # type: ignore[arg-type]
        note=f"KL {float(kl):.4g} nats; empirical Gibbs risk bounded from {cell.pairs} pairs at a fifth of delta",  # type: ignore[arg-type]
        risk_delta=RISK_DELTA,
    )
