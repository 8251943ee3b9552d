"""What a cell of the MNIST study does: its data, its prior and its recipe, for the procedure of posteriors."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from genbounds.bounds.assumptions import Status
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic import PosteriorTraining, ScaleGrid, Split
from genbounds.verification.populations import population
from genbounds.verification.populations.mnist import TRAINING
from genbounds.verification.runs.cells import digest
from genbounds.verification.studies.entries import Entry
from genbounds.verification.studies.mnist.cell import MnistCell
from genbounds.verification.studies.mnist.networks import prior_of_cell
from genbounds.verification.studies.posteriors.image_files import ImageFiles
from genbounds.verification.studies.posteriors.procedure import CertifiedPosterior, Prior, Recipe

DELTA = Fraction(7, 200)
"""Every certificate holds with probability 96.5 %, the Monte-Carlo part included (the .025 + .01 of Perez-Ortiz et al. 2021)."""
ALTERNATIVES = 32
"""Priors are charged ln 32: architectures, scales and recipes that were tried on these images while the cells were written."""
GRID = ScaleGrid(Fraction(1), 100)


def entries_of_cell(cell: MnistCell) -> list[Entry]:
    """The certificates of a cell: of the Gibbs risk, of the held-out baseline, and, where asked for, of a drawn network and of the vote."""
    stream = Stream(f"mnist {digest(replace(cell, seed=0))}", "experiment")
    half = cell.prior == "half"
    pool = population(cell.population)
    data = ImageFiles.of(pool, "MNIST", TRAINING, cell.label_noise, halves=half, stream=stream, network=cell.seed)
    prior = Prior(
        gaussian=prior_of_cell(cell, data, stream),
        audit=_independence(data.split),
        means_audit=("declared", f"it was fitted on the other half; at delta/{ALTERNATIVES} for the recipes that were tried"),
        alternatives=ALTERNATIVES,
        scale_grid=None if half else GRID,
    )
    recipe = Recipe(
        delta=DELTA,
        objective=cell.objective,
        training=PosteriorTraining(cell.steps, cell.batch_size, cell.learning_rate, initial_scale=cell.initial_scale, draws=cell.draws),
        pairs=cell.pairs,
        vote_pairs=cell.pairs // 4,
        posterior_audit=("declared", f"the only one of this seed; one for each of {ALTERNATIVES} priors, each at delta/{ALTERNATIVES}"),
        derandomised=cell.derandomised,
    )
    words = f"{cell.network}, {cell.gaussian}, {cell.training}, seed {cell.seed}"
    return CertifiedPosterior(data, prior, recipe, stream, cell.seed, quantity=lambda what: f"{what}: {words}").entries()


def _independence(split: Split | None) -> tuple[Status, str]:
    """How the prior is independent of the bound's images, and what of it is paid for."""
    paid = f"one of {ALTERNATIVES} that were tried, at a price of ln {ALTERNATIVES}"
    if split is None:
        return "declared", f"means at the initialisation and a scale on a paid grid; {paid}"
    sets = f"prior positions ({len(split.prior)}) and bound positions ({split.bound_size}) are disjoint"
    return "declared", f"{sets}; {paid}"
