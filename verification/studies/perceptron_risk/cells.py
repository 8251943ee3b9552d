"""What one cell of the perceptron's study does: basis vectors, separable populations, and labels of which some are turned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from genbounds.bounds import Quantity
from genbounds.bounds.perceptron import freund_schapire1999, hinge, novikoff
from genbounds.models.ensemble import IndexSamples, one_pass
from genbounds.models.randomness.streams import Stream
from genbounds.verification.populations import FinitePool, population
from genbounds.verification.populations.protocol import Array
from genbounds.verification.runs.cells import canonical_json
from genbounds.verification.studies.perceptron import PerceptronCell, broken_inequalities, measure, separator

ALLOWANCE = 1e-9
"""Relative: sums of a few thousand float64 products of numbers of size 1 are off by far less."""
MARGINS = np.geomspace(0.01, 1.0, 80)
"""Margins and inverse lengths of the comparison vector; every one gives a bound, and the least is taken."""


@dataclass(frozen=True)
class BasisCell:
    """All basis vectors of a space with random labels, in random orders.

    Args:
        dimension: d, the number of examples too, at least 2.
        draws: labellings and orders.
        seed: of both.
    """

    dimension: int
    draws: int
    seed: int = 0


@dataclass(frozen=True)
class NoisyCell:
    """One pass over draws of a separable population whose labels are turned with some probability.

    Args:
        population: with labels -1 and +1.
        noise: probability that a label is turned, for each draw anew.
        n: length of the sequence.
        draws: sequences.
        seed: of all.
    """

    population: str
    noise: float
    n: int
    draws: int
    seed: int = 0


def result_of(cell: BasisCell | NoisyCell | PerceptronCell) -> dict[str, Any]:
    """What a cell gives, by its kind; a ``PerceptronCell`` is one of the study ``perceptron``."""
    if isinstance(cell, BasisCell):
        return on_basis(cell)
    return on_noisy(cell) if isinstance(cell, NoisyCell) else measure(cell)


def on_basis(cell: BasisCell) -> dict[str, Any]:
    """Mistakes of one pass, runs that break the proof's inequalities, and the certificate."""
    stream = Stream(canonical_json(cell), "basis")
    d = cell.dimension
    mistakes, broken = [], 0
    for draw in range(cell.draws):
        labels = 2 * stream.sub("labels").integers([draw], 0, d, 2)[0] - 1
        labels[0], labels[1] = 1, -1  # both classes, which a pool with a margin has; the order is random
        order = stream.sub("order").permutation([draw], 0, d)
        pool = FinitePool("basis", np.eye(d), labels.numpy(), "none", separator=labels.double().numpy())
        run = one_pass(torch.eye(d, dtype=torch.float64), labels, IndexSamples(order))
        mistakes.append(int(run.mistakes[0]))
        broken += broken_inequalities(run, pool)
        assert pool.margin is not None
        certificate = novikoff(radius=Quantity(1.0, "upper", "basis vectors"), margin=Quantity(pool.margin, "lower", "<u, y e_i>"))
    return {"mistakes": mistakes, "broken": broken, "bound": float(certificate.value)}


def on_noisy(cell: NoisyCell) -> dict[str, Any]:
    """Mistakes of each run, and its two certificates."""
    pool = population(cell.population)
    stream, networks = Stream(canonical_json(cell), "noisy"), range(cell.draws)
    rows = stream.sub("rows").integers(networks, 0, cell.n, pool.size)
    turned = stream.sub("noise").uniform(networks, 0, cell.n) < cell.noise
    # The second half of this pool has every label turned: a turned draw is a row of that half.
    inputs, labels = torch.tensor(pool.inputs).repeat(2, 1), torch.tensor(np.concatenate([pool.labels, -pool.labels]))
    samples = IndexSamples(rows + pool.size * turned.long())
    run = one_pass(inputs, labels, samples)
    signed = (inputs * labels[:, None]).numpy()[samples.indices.numpy()]
    bounds = [bounds_of(signed[draw], pool) for draw in networks]
    return {
        "mistakes": run.mistakes.tolist(),
        "freund_schapire": [both[0] for both in bounds],
        "hinge": [both[1] for both in bounds],
    }


def bounds_of(signed: Array, pool: FinitePool) -> tuple[float, float]:
    """The certificates of Freund and Schapire and of the hinge loss for one sequence of y x, (n, d), both with all rounds in their sums.

    The comparison vectors are the population's separator and the least-squares fit of the labels; margins and lengths are searched on a
    grid. All are free: the bounds hold for each.
    """
    squares = np.linalg.lstsq(signed, np.ones(len(signed)), rcond=None)[0]
    radius = Quantity(pool.input_radius, "upper", "largest ||x|| of the pool, rounded up")
    best = [np.inf, np.inf]
    for direction in (separator(pool), squares):
        scores = signed @ (direction / np.linalg.norm(direction))
        short = np.maximum(0.0, MARGINS[:, None] - scores)
        deviations = np.sqrt((short**2).sum(axis=1)) * (1 + ALLOWANCE)
        hinges = (short / MARGINS[:, None]).sum(axis=1) * (1 + ALLOWANCE)
        at = int(np.argmin((pool.input_radius + deviations) / MARGINS))
        lengths = pool.input_radius / MARGINS * (1 + ALLOWANCE)
        where = int(np.argmin(lengths + np.sqrt(lengths**2 + 4 * hinges)))
        margin = float(MARGINS[at]) * (1 - ALLOWANCE)
        found = (
            freund_schapire1999(radius=radius, margin=margin, deviation=float(deviations[at])).value,
            hinge(radius_times_norm=float(lengths[where]), hinge_loss=float(hinges[where])).value,
        )
        best = [min(old, float(new)) for old, new in zip(best, found, strict=True)]
    return best[0], best[1]
