"""One learning curve: networks of one seed on growing parts of one sample, trained as one ensemble."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import torch
from torch import Tensor

from genbounds.bounds.rademacher import golowich2018frobenius
from genbounds.models.ensemble import Adam, Ensemble, learning_curve
from genbounds.models.randomness.streams import Stream
from genbounds.verification.populations import population
from genbounds.verification.runs.cells import canonical_json

Task = Literal["clean", "noisy", "digits"]
FEATURES, HIDDEN, TEACHER = 10, 32, 4
"""Normal inputs; ReLU units of the network, and of the teacher whose sign is the label. No biases: the norm bound is for such networks."""
NOISE = 0.1
"""Of the task with noise, the probability that a label is turned: its Bayes risk."""
DIGITS_TEST = 597
DELTA = Fraction(1, 20)
"""Of the bounds, and of the held-out baseline."""
RATE, BATCH = 0.01, 32


@dataclass(frozen=True)
class CurveCell:
    """The learning curve of one seed.

    Args:
        task: "clean" and "noisy" have the labels of a teacher of four ReLU units, the noisy ones turned with probability 1/10; fresh
            examples are drawn. "digits" are scikit-learn's, parts of 1200 of them, tested on the other 597.
        sizes: numbers of examples, increasing; each sample is a part of the next.
        steps: of Adam on batches of 32 that are drawn from the sample with replacement; the rate falls to 0 as a cosine.
        test: fresh examples on which the risk is measured; of the digits all that are left.
        seed: of teacher, examples, first weights and batches.
    """

    task: Task
    sizes: tuple[int, ...]
    steps: int
    test: int
    seed: int = 0


def run(cell: CurveCell) -> dict[str, Any]:
    """Risk on the test examples, error on the sample and, for scalar networks, the norm bound's complexity at each size."""
    inputs, labels, test = examples(cell)
    widths = [inputs.shape[1], HIDDEN, 10 if cell.task == "digits" else 1]
    sizes = list(cell.sizes)
    ensemble = Ensemble(widths, networks=[0] * len(sizes), stream=Stream(canonical_json(cell), "training"), bias=False)
    samples = learning_curve(torch.arange(sizes[-1]), sizes, len(inputs))
    ensemble.train(
        inputs,
        labels,
        samples,
        steps=cell.steps,
        batch_size=BATCH,
        learning_rate=RATE,
        adam=Adam(),
        schedule=lambda step: (1 + math.cos(math.pi * step / cell.steps)) / 2,
    )
    margins = ensemble.margins(inputs, labels)
    wrong = ~(margins > 0)
    found: dict[str, Any] = {
        "risks": wrong[:, -test:].double().mean(dim=1).tolist(),
        "errors": [wrong[row, :size].double().mean().item() for row, size in enumerate(sizes)],
        "complexities": None,
    }
    if cell.task != "digits":
        found["complexities"] = [complexity(ensemble, row, inputs[:size], margins[row, :size]) for row, size in enumerate(sizes)]
    return found


def complexity(ensemble: Ensemble, row: int, inputs: Tensor, margins: Tensor) -> float:
    """Twice the Rademacher complexity of networks of this one's norms on its sample, over the median of its margins there."""
    norms = [weights[row].double().norm().item() for weights in ensemble.weights]
    capacity = golowich2018frobenius(norm_product=math.prod(norms), depth=len(norms), data_norm=inputs.norm().item(), n=len(inputs))
    return 2 * float(capacity) / float(margins.median())


def examples(cell: CurveCell) -> tuple[Tensor, Tensor, int]:
    """Inputs and labels, the sample first and the test examples last, and the number of the latter."""
    if cell.task == "digits":
        pool = population("digits")
        order = Stream("learning_curves", "digits").permutation([cell.seed], 0, pool.size)[0]
        return torch.tensor(pool.inputs)[order], torch.tensor(pool.labels)[order], DIGITS_TEST
    stream, count = Stream("learning_curves", "teacher"), cell.sizes[-1] + cell.test
    inputs = stream.sub("inputs").normal([cell.seed], 0, count * FEATURES).view(count, FEATURES)
    teacher = stream.sub("weights").normal([cell.seed], 0, TEACHER * FEATURES).view(TEACHER, FEATURES)
    signs = torch.tensor([1.0, -1.0] * (TEACHER // 2), dtype=torch.float64)
    labels = (torch.relu(inputs @ teacher.T) @ signs > 0).long()
    if cell.task == "noisy":
        turned = stream.sub("noise").uniform([cell.seed], 0, count)[0] < NOISE
        labels = torch.where(turned, 1 - labels, labels)
    return inputs, labels, cell.test


def widths_of_scalar_network() -> Sequence[int]:
    """Inputs, hidden units and the one output of the networks on the tasks with a teacher."""
    return FEATURES, HIDDEN, 1
