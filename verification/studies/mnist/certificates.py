"""What a cell of the studies of MNIST and Fashion-MNIST does: its data, its prior and its recipe, for the procedure of posteriors."""

from __future__ import annotations

from fractions import Fraction

from genbounds.bounds.assumptions import Status
from genbounds.models.randomness.streams import Stream
from genbounds.models.stochastic import PosteriorTraining, ScaleGrid, Split
from genbounds.verification.populations import population
from genbounds.verification.populations.fashion_mnist import FASHION_MNIST
from genbounds.verification.populations.idx_pool import TRAINING
from genbounds.verification.populations.mnist import MNIST
from genbounds.verification.runs.cells import digest
from genbounds.verification.studies.entries import Entry
from genbounds.verification.studies.mnist.cell import MnistCell
from genbounds.verification.studies.mnist.networks import prior_of_cell
from genbounds.verification.studies.posteriors.image_files import ImageFiles, ImageSample
from genbounds.verification.studies.posteriors.procedure import CertifiedPosterior, Prior, Recipe

DELTA = Fraction(7, 200)
"""Every certificate holds with probability 96.5 %, the Monte-Carlo part included (the .025 + .01 of Perez-Ortiz et al. 2021)."""
ALTERNATIVES = 32
"""Priors are charged ln 32: architectures, scales and recipes that were tried on these images while the cells were written, or that are
certified on them."""
FILES = {files.name: files for files in (MNIST, FASHION_MNIST)}
GRID = ScaleGrid(Fraction(1), 100)


def entries_of_cell(cell: MnistCell) -> list[Entry]:
    """The certificates of a cell: of the Gibbs risk, of the held-out baseline, and, where asked for, of a drawn network and of the vote."""
    stream = Stream(f"mnist {digest(cell.identity)}", "experiment")
    half = cell.prior == "half"
    pool, files, alternatives = population(cell.population), FILES[cell.population], ALTERNATIVES * cell.seeds
    sample = ImageSample(files.title, TRAINING, files.repeated, cell.label_noise)
    data = ImageFiles.of(pool, sample, halves=half, stream=stream, network=cell.seed)
    counted = f"{alternatives} priors" if cell.seeds == 1 else f"{alternatives} priors, {ALTERNATIVES} at each of {cell.seeds} seeds"
    prior = Prior(
        gaussian=prior_of_cell(cell, data, stream),
        audit=_independence(data.split, cell.seeds),
        means_audit=("declared", f"it was fitted on the other half; at delta/{alternatives} for the {_tried(cell.seeds)}"),
        alternatives=alternatives,
        scale_grid=None if half else GRID,
    )
    recipe = Recipe(
        delta=DELTA,
        objective=cell.objective,
        training=PosteriorTraining(cell.steps, cell.batch_size, cell.learning_rate, initial_scale=cell.initial_scale, draws=cell.draws),
        pairs=cell.pairs,
        vote_pairs=cell.pairs // 4,
        posterior_audit=("declared", f"the only one of this seed; one for each of {counted}, each at delta/{alternatives}"),
        derandomised=cell.derandomised,
    )
    words = f"{cell.network}, {cell.gaussian}, {cell.training}, seed {cell.seed}"
    return CertifiedPosterior(data, prior, recipe, stream, cell.seed, quantity=lambda what: f"{what}: {words}").entries()


def _independence(split: Split | None, seeds: int) -> tuple[Status, str]:
    """How the prior is independent of the bound's images, and what of it is paid for."""
    tried = "that were tried" if seeds == 1 else f"({ALTERNATIVES} that were tried, {seeds} seeds of each)"
    paid = f"one of {ALTERNATIVES * seeds} {tried}, at a price of ln {ALTERNATIVES * seeds}"
    if split is None:
        return "declared", f"means at the initialisation and a scale on a paid grid; {paid}"
    sets = f"prior positions ({len(split.prior)}) and bound positions ({split.bound_size}) are disjoint"
    return "declared", f"{sets}; {paid}"


def _tried(seeds: int) -> str:
    return "recipes that were tried" if seeds == 1 else f"{ALTERNATIVES} recipes that were tried, {seeds} seeds of each"
