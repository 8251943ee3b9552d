"""Networks on digits with noisy labels: a sweep of batch sizes, and three schedules of rate and batch size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from genbounds.models.ensemble import Ensemble, IndexSamples
from genbounds.models.randomness.streams import Stream
from genbounds.verification.populations import population
from genbounds.verification.runs.cells import canonical_json

HIDDEN = 16
LABEL_NOISE = 0.2
STAGES, FACTOR = 3, 4
NETWORKS = 4
"""Networks of a schedule's cell, whose test errors are averaged."""
Schedule = Literal["decay", "growth", "constant"]


@dataclass(frozen=True)
class SweepCell:
    """One network for each batch size, all of one seed, trained for equally many steps.

    Args:
        rate: learning rate epsilon.
        examples: N, digits of which a fifth has a random wrong label.
        momentum: m.
        batches: sizes B, increasing.
        steps: updates, the same for each batch size.
        seed: of sample, noise, first weights and batches.
    """

    rate: float
    examples: int
    momentum: float
    batches: tuple[int, ...]
    steps: int
    seed: int = 0


@dataclass(frozen=True)
class ScheduleCell:
    """Networks through three stages of equally many epochs.

    Args:
        schedule: "decay" divides the rate by 4 after each stage, "growth" multiplies the batch size by 4, "constant" does neither.
        rate, batch: of the first stage.
        examples: as of a sweep.
        epochs: of each stage; the test error is measured four times in each.
        seed: of all draws.
    """

    schedule: Schedule
    rate: float
    batch: int
    examples: int
    epochs: int
    seed: int = 0


def result_of(cell: SweepCell | ScheduleCell) -> dict[str, Any]:
    """Test errors of the cell's networks."""
    return sweep(cell) if isinstance(cell, SweepCell) else scheduled(cell)


def data(seed: int, examples: int) -> tuple[Tensor, Tensor, Tensor]:
    """Inputs of all digits in the seed's order, the sample first; their labels, noisy on the sample; and the true labels."""
    pool, stream = population("digits"), Stream("noise_scale", "data")
    order = stream.sub("order").permutation([seed], 0, pool.size)[0]
    labels = torch.tensor(pool.labels)[order]
    turned = stream.sub("noise").uniform([seed], 0, pool.size)[0] < LABEL_NOISE
    turned[examples:] = False
    wrong = (labels + 1 + stream.sub("wrong").integers([seed], 0, pool.size, 9)[0]) % 10
    return torch.tensor(pool.inputs)[order], torch.where(turned, wrong, labels), labels


def sweep(cell: SweepCell) -> dict[str, Any]:
    """The test error after training, for each batch size."""
    inputs, noisy, labels = data(cell.seed, cell.examples)
    errors = []
    for batch in cell.batches:
        # First weights are those of the seed, whatever the batch size, rate and number of examples.
        ensemble = Ensemble([inputs.shape[1], HIDDEN, 10], networks=[cell.seed], stream=Stream("noise_scale", "training"))
        sample = IndexSamples(torch.arange(cell.examples))
        ensemble.train(inputs, noisy, sample, steps=cell.steps, batch_size=batch, learning_rate=cell.rate, momentum=cell.momentum)
        errors.append(held_out_error(ensemble, inputs, labels, cell.examples))
    return {"errors": errors}


def scheduled(cell: ScheduleCell) -> dict[str, Any]:
    """The mean test error of the cell's networks after each quarter of a stage."""
    inputs, noisy, labels = data(cell.seed, cell.examples)
    key = canonical_json([cell.rate, cell.batch, cell.examples, cell.seed])  # the same first weights for all three schedules
    ensemble = Ensemble([inputs.shape[1], HIDDEN, 10], networks=NETWORKS, stream=Stream(key, "training"))
    sample, errors, steps = IndexSamples(torch.arange(cell.examples)), [], 0
    for stage in range(STAGES):
        batch = cell.batch * FACTOR**stage if cell.schedule == "growth" else cell.batch
        rate = cell.rate / FACTOR**stage if cell.schedule == "decay" else cell.rate
        for _ in range(4):
            now = cell.epochs * cell.examples // (4 * batch)
            ensemble.train(inputs, noisy, sample, steps=now, batch_size=batch, learning_rate=rate)
            errors.append(held_out_error(ensemble, inputs, labels, cell.examples))
            steps += now
    return {"errors": errors, "steps": steps}


def held_out_error(ensemble: Ensemble, inputs: Tensor, labels: Tensor, examples: int) -> float:
    """The share of errors on the digits that are in no sample, with their true labels; mean over the networks."""
    return ensemble.mistakes(inputs[examples:], labels[examples:]).double().mean().item()
