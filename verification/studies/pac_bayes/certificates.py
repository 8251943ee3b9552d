"""What a cell of the PAC-Bayes study does: its data, its prior and its recipe, for the procedure of posteriors."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from genbounds.bounds.assumptions import Status
from genbounds.models.networks import DenseNetwork
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic import (
    GaussianDenseNetwork,
    GaussianNetwork,
    GaussianSubspaceNetwork,
    PosteriorTraining,
    Split,
    fit_network,
)
from genbounds.verification.populations import population
from genbounds.verification.runs.cells import digest
from genbounds.verification.studies.entries import Entry
from genbounds.verification.studies.pac_bayes.cell import PosteriorCell
from genbounds.verification.studies.posteriors.data_set import DataSet
from genbounds.verification.studies.posteriors.pool_draws import PoolDraws
from genbounds.verification.studies.posteriors.procedure import GIBBS, CertifiedPosterior, Prior, Recipe

DELTA = Fraction(1, 20)
"""Every certificate holds with probability 95 %, the Monte-Carlo part included."""


def entries_of_cell(cell: PosteriorCell) -> list[Entry]:
    """Train the posterior of a cell, and certify its Gibbs risk by two bounds; where asked for, one drawn network and the vote as well."""
    stream = Stream(f"posterior {digest(replace(cell, seed=0))}", "experiment")
    data = data_of_cell(cell, stream)
    prior = Prior(
        gaussian=prior_of_cell(cell, data, stream),
        audit=_independence(data.split),
        means_audit=("by construction", "fitted on the prior's positions only"),
    )
    recipe = Recipe(
        delta=DELTA,
        objective=cell.objective,
        training=PosteriorTraining(
            cell.steps, cell.batch_size, cell.learning_rate, p_min=cell.p_min, initial_scale=cell.initial_scale, draws=cell.batch_size
        ),
        pairs=cell.pairs,
        vote_pairs=cell.pairs,
        posterior_audit=("by construction", "the only posterior of a sample that no other cell has"),
        relaxed=True,
        held_out=not cell.label_noise,  # the risk of one network is exact, but against the pool's own labels
        derandomised=cell.derandomised,
    )
    made = CertifiedPosterior(data, prior, recipe, stream, cell.seed, quantity=lambda what: "risk" if what == GIBBS else what)
    return made.entries()


def data_of_cell(cell: PosteriorCell, stream: Stream) -> DataSet:
    """All of the pool with how often each point was drawn, or the draws one by one, of which half are the prior's."""
    pool, key, pairs = population(cell.population), digest(cell), 2 * cell.pairs
    if cell.prior == "data-free":
        return PoolDraws.whole(pool, key, cell.n, pairs)
    return PoolDraws.halves(pool, key, cell.n, pairs, cell.label_noise, stream, cell.seed)


def prior_of_cell(cell: PosteriorCell, data: DataSet, stream: Stream) -> GaussianNetwork:
    """The prior of a cell: means at the initialisation, or fitted on the split's prior part and on nothing else."""
    means = DenseNetwork(cell.widths).initialise(stream, cell.seed)
    if data.split is not None:
        fit_network(means, *data.prior_part, steps=cell.fit_steps)
    if cell.dimension:
        return GaussianSubspaceNetwork(means, cell.dimension, cell.std, stream, network=cell.seed)
    return GaussianDenseNetwork(means, cell.std)


def _independence(split: Split | None) -> tuple[Status, str]:
    """How the prior of a cell is independent of the bound's draws; its scale and its training are constants of the study."""
    if split is None:
        return "by construction", "means at the initialisation, which no data touched, and a scale that is a constant of the study"
    return "by construction", (
        f"prior positions ({len(split.prior)}) and bound positions ({split.bound_size}) are disjoint, the fit gets the former only, "
        "and the scale is a constant of the study"
    )
