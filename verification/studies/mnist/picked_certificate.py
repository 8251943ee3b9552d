"""What a cell of pick-to-learn does: its images, its network and its run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from genbounds.models.picking import Picking
from genbounds.models.randomness.streams import Stream
from genbounds.verification.populations import population
from genbounds.verification.populations.idx_pool import TRAINING
from genbounds.verification.runs.cells import digest
from genbounds.verification.studies.entries import Entry
from genbounds.verification.studies.mnist.cell import CONVOLUTIONAL, MnistCell
from genbounds.verification.studies.mnist.certificates import ALTERNATIVES, DELTA, FILES
from genbounds.verification.studies.mnist.networks import DISTORTIONS, IMAGE, initial_network
from genbounds.verification.studies.mnist.picking import PickedCell
from genbounds.verification.studies.posteriors.image_files import ImageFiles, ImageSample
from genbounds.verification.studies.posteriors.picking import Images, certify_picked

WEIGHT_DECAY = 0.01


def picked_entry(cell: PickedCell) -> Entry:
    """Train and certify the network of a cell: the first images are spent, the settings are among the recipes that are paid for."""
    stream = Stream(f"mnist {digest(cell.identity)}", "experiment")
    files = FILES[cell.population]
    sample = ImageSample(files.title, TRAINING, files.repeated)
    data = ImageFiles.of(population(cell.population), sample, halves=False, stream=stream, network=cell.seed)
    images = Images((data.inputs.reshape(-1, *IMAGE), data.labels), (data.test[0].reshape(-1, *IMAGE), data.test[1]))
    model: nn.Module = initial_network(_as_fitted(cell), stream).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    moves = DISTORTIONS[cell.distortion]

    def augment(inputs: Tensor, generator: np.random.Generator) -> Tensor:
        return moves.apply(inputs[:, 0], generator)[:, None]

    settings = Picking(
        spent=cell.spent,
        first_steps=cell.first_steps,
        rounds=cell.rounds,
        at_most=cell.at_most,
        steps=cell.steps,
        share=cell.share,
        learning_rate=cell.learning_rate,
        later_rate=cell.later_rate,
        weight_decay=WEIGHT_DECAY,
        averaging=cell.averaging,
        augment=augment,
    )
    alternatives = ALTERNATIVES * cell.seeds
    words = f"{cell.network}, {cell.training}, seed {cell.seed}"
    return certify_picked(model, images, settings, stream, DELTA, data.interval, seed=cell.seed, alternatives=alternatives, words=words)[0]


def _as_fitted(cell: PickedCell) -> MnistCell:
    """The cell of the study whose network starts as this one does."""
    return replace(CONVOLUTIONAL, widths=cell.widths, seed=cell.seed)
