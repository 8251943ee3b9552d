"""Training on the digits: networks of all scalings and step sizes from the same weights, as one batch of matrices."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from genbounds.verification.populations import population
from genbounds.verification.populations.protocol import generator
from genbounds.verification.studies.depth_scaling.cell import PLAIN, RATES, SCALED, SCALINGS, TrainingCell, tau

CHANCE = math.log(10)
"""The loss of a network that says nothing: what a diverged one is counted as."""
SETTINGS = [(scaling, rate) for scaling in SCALINGS for rate in RATES]


class ScaledNetworks:
    """K networks of one depth, width and normalisation: x -> max(0, A x) -> ... max(0, h + tau W_l h) ... -> B h.

    Args:
        weights: A (K, inputs, width), then W_1, ..., W_L (K, width, width), then B (K, width, classes); they multiply rows from the right.
        scales, kept: (K,) each: the branch's scale, and 1 for residual networks and 0 for plain ones.
        normalised: whether W_l h is standardised over the batch in front of the shortcut's sum (without a trained scale).
    """

    def __init__(self, weights: Sequence[Tensor], scales: Tensor, kept: Tensor, normalised: bool) -> None:
        self.weights = [weight.clone().requires_grad_() for weight in weights]
        self.scales, self.kept = scales[:, None, None], kept[:, None, None]
        self.normalised = normalised

    def logits(self, rows: Tensor, counted: int) -> Tensor:
        """(K, batch, classes) for inputs (K, batch, inputs); the batch's statistics are those of its first ``counted`` rows."""
        state = torch.relu(rows @ self.weights[0])
        for weight in self.weights[1:-1]:
            branch = state @ weight
            if self.normalised:
                branch = branch - branch[:, :counted].mean(dim=1, keepdim=True)
                branch = branch * (branch[:, :counted].square().mean(dim=1, keepdim=True) + 1e-5).rsqrt()
            state = torch.relu(self.kept * state + self.scales * branch)
        return state @ self.weights[-1]

    def losses(self, rows: Tensor, labels: Tensor) -> Tensor:
        """The mean cross-entropy of each network, (K,)."""
        logits = self.logits(rows, rows.shape[1])
        found = torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none")
        return found.view(labels.shape).mean(dim=1)

    def step(self, rows: Tensor, labels: Tensor, rates: Tensor) -> Tensor:
        """One step of gradient descent with a step size for each network; returns the losses before it."""
        losses = self.losses(rows, labels)
        gradients = torch.autograd.grad(losses.sum(), self.weights)
        with torch.no_grad():
            for weight, gradient in zip(self.weights, gradients, strict=True):
                weight.addcmul_(gradient, rates[:, None, None], value=-1.0)
        return losses.detach()


def train(cells: Sequence[TrainingCell]) -> list[Mapping[str, Any]]:
    """Train the networks of cells that differ in their seed alone.

    Returns:
        For each cell and scaling: ``losses``, the training loss of the minibatches; ``loss``, of the whole sample at the end; ``error``,
        in training, and ``test_error``, on the digits that were not drawn; ``rate``. Of the step sizes the one with the least final
        loss counts. A loss that is not finite, or above ln 10, stands as ln 10.
    """
    first, pool = cells[0], population(cells[0].population)
    inputs, labels = torch.tensor(pool.inputs, dtype=torch.float32), torch.tensor(pool.labels)
    randoms = [generator("depth scaling: training", cell.depth, cell.seed) for cell in cells]
    orders = [torch.tensor(random.permutation(len(inputs))) for random in randoms]  # the sample first, then the digits left for the test
    shapes = [(inputs.shape[1], first.width), *[(first.width, first.width)] * first.depth, (first.width, len(pool.classes))]
    weights = [
        torch.stack([torch.tensor(random.standard_normal(shape), dtype=torch.float32) for random in randoms])
        .repeat_interleave(len(SETTINGS), dim=0)
        .mul_(math.sqrt((1 if place == len(shapes) - 1 else 2) / first.width))
        for place, shape in enumerate(shapes)
    ]
    scales = torch.tensor([tau(scaling, first.depth) if scaling in SCALED else 1.0 for scaling, _ in SETTINGS] * len(cells))
    kept = torch.tensor([0.0 if scaling == PLAIN else 1.0 for scaling, _ in SETTINGS] * len(cells))
    rates = torch.tensor([rate for _, rate in SETTINGS] * len(cells))
    networks, curves = ScaledNetworks(weights, scales, kept, first.normalised), []
    for _ in range(first.steps):
        drawn = [order[torch.tensor(random.integers(first.n, size=first.batch))] for order, random in zip(orders, randoms, strict=True)]
        batch = torch.stack(drawn).repeat_interleave(len(SETTINGS), dim=0)
        curves.append(networks.step(inputs[batch], labels[batch], rates))
    final = [_finished(networks, inputs[order], labels[order], place, first.n) for place, order in enumerate(orders)]
    steps = torch.stack(curves, dim=1).view(len(cells), len(SETTINGS), -1)
    return [_best(steps[place], *measured) for place, measured in enumerate(final)]


def _finished(networks: ScaledNetworks, inputs: Tensor, labels: Tensor, place: int, n: int) -> tuple[Tensor, Tensor, Tensor]:
    """Loss and error in training and error in the test, for the networks of one cell."""
    rows = slice(place * len(SETTINGS), (place + 1) * len(SETTINGS))
    scales, kept = networks.scales[rows, 0, 0], networks.kept[rows, 0, 0]
    own = ScaledNetworks([weight.detach()[rows] for weight in networks.weights], scales, kept, networks.normalised)
    with torch.no_grad():
        logits = own.logits(inputs[None], n)
    wrong = (logits.nan_to_num().argmax(dim=2) != labels).float()
    loss = torch.nn.functional.cross_entropy(logits[:, :n].transpose(1, 2), labels[:n].expand(len(logits), -1), reduction="none")
    return loss.mean(dim=1), wrong[:, :n].mean(dim=1), wrong[:, n:].mean(dim=1)


def _best(steps: Tensor, loss: Tensor, error: Tensor, test_error: Tensor) -> Mapping[str, Any]:
    """For each scaling the step size with the least final loss."""
    loss, steps = (values.nan_to_num(CHANCE, CHANCE, CHANCE).clamp(max=CHANCE) for values in (loss, steps))
    found = {}
    for scaling in SCALINGS:
        places = [place for place, (name, _) in enumerate(SETTINGS) if name == scaling]
        best = min(places, key=lambda place: float(loss[place]))
        found[scaling] = {
            "losses": [round(value, 4) for value in steps[best].tolist()],
            "loss": float(loss[best]),
            "error": float(error[best]),
            "test_error": float(test_error[best]),
            "rate": SETTINGS[best][1],
        }
    return found
