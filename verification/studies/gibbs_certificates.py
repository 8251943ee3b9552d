"""What a cell of the PAC-Bayes study does: the prior, the posterior, and a certificate for each predictor made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import torch
from torch import Tensor

from genbounds.bounds import Certificate, get
from genbounds.bounds.assumptions import (
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    ONE_POSTERIOR,
    PRIOR_INDEPENDENT_OF_SAMPLE,
    ZERO_ONE_LOSS,
    Assumption,
    Status,
)
from genbounds.bounds.pac_bayes import mcallester
from genbounds.bounds.special.rounding import decimal_up
from genbounds.models.networks import DenseNetwork
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic import (
    GaussianDenseNetwork,
    GaussianNetwork,
    GaussianSubspaceNetwork,
    PosteriorTraining,
    Split,
    certify_gibbs,
    certify_majority_vote,
    certify_prior_mean,
    certify_single_draw,
    draw_coordinates,
    fit_network,
    gibbs_errors,
    network_risk,
    split_draws,
    train_posterior,
)
from genbounds.verification.populations import population
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.rows.bound_row import Risk
from genbounds.verification.rows.interval import Interval
from genbounds.verification.runs.cells import digest
from genbounds.verification.studies.entries import Entry
from genbounds.verification.studies.label_noise import flip, noisy_interval
from genbounds.verification.studies.pac_bayes import PosteriorCell
from genbounds.verification.studies.vote_risk import vote_risk

DELTA = Fraction(1, 20)
"""Every certificate holds with probability 95 %, the Monte-Carlo part included."""
RISK_DELTA = Fraction(1, 1000)
"""The interval of a risk on the pool fails with this probability."""
VOTERS = 2000
"""Networks that are drawn for the interval of the vote's risk."""
ON_THE_POOL = "on the pool"


@dataclass(frozen=True, eq=False)
class Drawn:
    """The draws of a cell: rows of the pool with their multiplicities, or positions and how they are split."""

    inputs: Tensor
    labels: Tensor
    counts: Any
    split: Split | None

    @property
    def n(self) -> int:
        """The number of draws that the bound is evaluated on."""
        if self.split is not None:
            return self.split.bound_size
        return int(self.counts.sum())

    @property
    def bound_part(self) -> dict[str, Any]:
        """What the bound is evaluated on, as arguments."""
        if self.split is None:
            return {"inputs": self.inputs, "labels": self.labels, "counts": self.counts}
        return {"inputs": self.inputs[self.split.bound], "labels": self.labels[self.split.bound]}


def certify(cell: PosteriorCell) -> list[Entry]:
    """Train the posterior of a cell, and certify its Gibbs risk by two bounds; where asked for, one drawn network and the vote as well."""
    pool = population(cell.population)
    stream = Stream(f"posterior {digest(replace(cell, seed=0))}", "experiment")
    drawn = draw_sample(cell, pool, stream)
    prior = make_prior(cell, drawn, stream)
    part = drawn.bound_part
    options: dict[str, Any] = {"stream": stream, "network": cell.seed}
    posterior = train_posterior(
        prior,
        **part,
        **options,
        bound=get(f"pac_bayes.{cell.objective}"),
        delta=DELTA,
        training=PosteriorTraining(
            cell.steps, cell.batch_size, cell.learning_rate, p_min=cell.p_min, initial_scale=cell.initial_scale, draws=cell.batch_size
        ),
    )
    audit = {PRIOR_INDEPENDENT_OF_SAMPLE: _prior_audit(drawn.split)}
    whole: dict[str, Any] = {"inputs": drawn.inputs, "labels": drawn.labels, "counts": drawn.counts, "split": drawn.split}
    free = drawn.split is None
    seeger = certify_gibbs(posterior, prior, **whole, **options, delta=DELTA, pairs=cell.pairs, prior_is_data_free=free).audited(audit)
    risk = gibbs_risk(posterior, pool, 2 * cell.pairs, stream, cell)
    kl, measured = (float(_input(seeger, name)) for name in ("kl", "empirical_risk"))
    note = f"KL {decimal_up(kl, 4)} nats; empirical Gibbs risk bounded from {cell.pairs} pairs at a fifth of delta"
    entries = [_entry(made, risk, "Gibbs risk", note, drawn.n, measured) for made in (seeger, relaxed(seeger))]
    if drawn.split is not None and not cell.label_noise:
        entries.append(_held_out(prior, part, pool))
    if cell.derandomised:
        entries.append(_one_network(posterior, prior, part, pool, options, audit))
        entries += _votes(seeger, posterior, part, pool, options, cell)
    return entries


def draw_sample(cell: PosteriorCell, pool: FinitePool, stream: Stream) -> Drawn:
    """Inputs and labels: all of the pool with how often each point was drawn, or the draws one by one, of which half are the prior's."""
    inputs, labels = torch.tensor(pool.inputs), torch.tensor(pool.labels)
    if cell.prior == "data-free":
        return Drawn(inputs, labels, pool.sample_counts(digest(cell), cell.n), None)
    rows = torch.tensor(pool.sample(digest(cell), cell.n))
    labels = flipped(labels[rows], cell.label_noise, len(pool.classes), stream, cell.seed)
    return Drawn(inputs[rows], labels, None, split_draws(cell.n, cell.n // 2, stream, cell.seed))


def flipped(labels: Tensor, noise: Fraction, classes: int, stream: Stream, network: int) -> Tensor:
    """The labels 0, ..., classes - 1, each with probability ``noise`` replaced by another one, uniformly and independently."""
    draws = stream.sub("label noise").draws([network])
    moves = draws.integers(len(labels), len(labels), classes - 1)[0]
    return flip(labels, noise, classes, draws.uniform(0, len(labels))[0], moves)


def make_prior(cell: PosteriorCell, drawn: Drawn, stream: Stream) -> GaussianNetwork:
    """The prior of a cell: means at the initialisation, or fitted on the split's prior part and on nothing else."""
    means = DenseNetwork(cell.widths).initialise(stream, cell.seed)
    if drawn.split is not None:
        fit_network(means, drawn.inputs[drawn.split.prior], drawn.labels[drawn.split.prior], steps=cell.fit_steps)
    if cell.dimension:
        return GaussianSubspaceNetwork(means, cell.dimension, cell.std, stream, network=cell.seed)
    return GaussianDenseNetwork(means, cell.std)


def gibbs_risk(posterior: GaussianNetwork, pool: FinitePool, pairs: int, stream: Stream, cell: PosteriorCell) -> Interval:
    """The Gibbs risk on the pool as an interval: no formula gives it exactly. Label noise is carried over exactly."""
    inputs, labels = torch.tensor(pool.inputs), torch.tensor(pool.labels)
    found = gibbs_errors(posterior, inputs, labels, pairs, stream, delta=RISK_DELTA, network=cell.seed)
    method = f"99.9 % Clopper-Pearson interval from {pairs} independent (weights, example) pairs"
    return noisy_interval(float(found.lower), float(found.upper), cell.label_noise, posterior.outputs, method)


def relaxed(seeger: Certificate) -> Certificate:
    """McAllester's form at the inputs of a certificate of Seeger's, the Monte-Carlo share of delta included."""
    names = ("empirical_risk", "kl", "n", "delta")
    independence = next(entry for entry in seeger.assumptions if entry.assumption == PRIOR_INDEPENDENT_OF_SAMPLE)
    return mcallester(**{name: seeger.inputs[name] for name in names}).audited(
        {PRIOR_INDEPENDENT_OF_SAMPLE: (independence.status, independence.how)}
    )


def _prior_audit(split: Split | None) -> tuple[Status, str]:
    """How the prior of a cell is independent of the bound's draws; its scale and its training are constants of the study."""
    if split is None:
        return "by construction", "means at the initialisation, which no data touched, and a scale that is a constant of the study"
    return "by construction", (
        f"prior positions ({len(split.prior)}) and bound positions ({split.bound_size}) are disjoint, the fit gets the former only, "
        "and the scale is a constant of the study"
    )


def _held_out(prior: GaussianNetwork, part: Mapping[str, Any], pool: FinitePool) -> Entry:
    """The held-out baseline: the network at the prior's means, on the draws that the PAC-Bayes bound spends."""
    how = "fitted on the prior's positions only"
    certificate = certify_prior_mean(prior, **part, delta=DELTA).audited({HYPOTHESIS_INDEPENDENT_OF_SAMPLE: ("by construction", how)})
    errors, n = (int(_input(certificate, name)) for name in ("errors", "n"))
    note = f"the held-out baseline: {errors} errors on the {n} draws that the PAC-Bayes bound spends"
    return _entry(certificate, _exact(prior, prior.moments()[0], pool), "risk of the network at the prior's means", note, n, errors / n)


def _one_network(
    posterior: GaussianNetwork,
    prior: GaussianNetwork,
    part: Mapping[str, Any],
    pool: FinitePool,
    options: Mapping[str, Any],
    audit: dict[Assumption, tuple[Status, str]],
) -> Entry:
    """One network, the first and only draw of a stream of its own; its risk is exact."""
    certificate = certify_single_draw(posterior, prior, **part, **options, delta=DELTA).audited(audit)
    coordinates = draw_coordinates(posterior, options["stream"], network=options["network"])
    ratio, measured = (float(_input(certificate, name)) for name in ("log_ratio", "empirical_risk"))
    note = f"log density ratio {decimal_up(ratio, 4)} nats"
    return _entry(
        certificate, _exact(posterior, coordinates, pool), "risk of one drawn network", note, int(_input(certificate, "n")), measured
    )


def _votes(
    gibbs: Certificate,
    posterior: GaussianNetwork,
    part: Mapping[str, Any],
    pool: FinitePool,
    options: Mapping[str, Any],
    cell: PosteriorCell,
) -> list[Entry]:
    """The majority vote, by twice the Gibbs risk and by the tandem risk."""
    stream: Stream = options["stream"].sub(f"voters {cell.seed}")
    risk = vote_risk(posterior, pool, VOTERS, stream, delta=float(RISK_DELTA))
    made = certify_majority_vote(gibbs, posterior, **part, **options, delta=DELTA, pairs=cell.pairs)
    n = int(_input(gibbs, "n"))
    return [_entry(certificate, risk, "risk of the majority vote", f"by {name}", n, None) for name, certificate in made.items()]


def _input(certificate: Certificate, name: str) -> Any:
    """An input of a certificate, for ``int`` and ``float``."""
    return certificate.inputs[name]


def _exact(network: GaussianNetwork, coordinates: Tensor, pool: FinitePool) -> Fraction:
    """The risk of the one network with these coordinates: its errors on the pool, each point once."""
    return network_risk(network, coordinates, torch.tensor(pool.inputs), torch.tensor(pool.labels), delta=RISK_DELTA).estimate


def _entry(certificate: Certificate, risk: Risk, what: str, note: str, n: int, empirical: float | None) -> Entry:
    audit: dict[Assumption, tuple[Status, str]] = {
        IID_SAMPLE: ("by construction", f"{n} draws with replacement from the pool"),
        LOSS_IN_UNIT_INTERVAL: ("by construction", "errors are counted"),
        ZERO_ONE_LOSS: ("by construction", "errors are counted, ties included"),
        ONE_POSTERIOR: ("by construction", "the only posterior of a sample that no other cell has"),
    }
    made = {entry.assumption for entry in certificate.assumptions}
    return Entry(
        certificate=certificate.audited({key: value for key, value in audit.items() if key in made}),
        risk=risk,
        risk_what=f"{what} {ON_THE_POOL}",
        n=n,
        empirical=empirical,
        note=note,
        quantity="risk" if what == "Gibbs risk" else what,
        risk_delta=RISK_DELTA if isinstance(risk, Interval) else 0,
    )
