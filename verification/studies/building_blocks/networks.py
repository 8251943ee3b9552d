"""Networks of each kind of layer: trained together, their affine part, their slopes, and the certificates of some of them."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import jacrev, vmap

from genbounds.models.certifying.certification import certify_summary
from genbounds.models.ensemble import Adam, IndexSamples, ModuleEnsemble
from genbounds.models.measuring.summary import summarize
from genbounds.models.networks.attention import SelfAttention
from genbounds.models.randomness.streams import Stream
from genbounds.models.runtime.threads import one_torch_thread
from genbounds.verification.populations import population
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.studies.building_blocks.tasks import TASKS, build
from genbounds.verification.studies.kinds import AUDIT

DELTA = Fraction(1, 1000)
SCALES = (1.0, 10.0, 100.0, 1000.0, 10000.0)
"""Factors on inputs at which slopes are taken."""
POINTS = 12
"""Examples at which slopes are taken, and pairs at which a network is compared with an affine map."""
CERTAIN = 1e-6
"""A margin below minus this is an error whatever float64 rounds: what counts where a bound is judged."""


@dataclass(frozen=True)
class BlockCell:
    """One network.

    Args:
        kind, activation: the architecture; ``population`` is its task's.
        n, held_out: draws that it is trained on, and further ones.
        steps: of Adam.
        certified: whether its Lipschitz constant is enclosed and all its certificates are found.
        seed: another seed is another sample, initialisation and order.
    """

    kind: str
    activation: str
    population: str
    n: int
    held_out: int
    steps: int
    certified: bool = False
    seed: int = 0


def block_results(cells: Sequence[BlockCell]) -> list[dict[str, Any]]:
    """The results of cells that differ in their seed alone, trained as one ensemble."""
    first = cells[0]
    task, pool = TASKS[first.kind], population(first.population)
    inputs, labels = torch.tensor(pool.inputs).reshape(-1, *task.shape), torch.tensor(pool.labels)
    seeds = [cell.seed for cell in cells]
    samples = IndexSamples.draw(Stream("building blocks", "samples").sub(first.kind), seeds, pool.size, first.n)
    stream = Stream("building blocks", f"{first.kind}/{first.activation}")
    ensemble = ModuleEnsemble(build(first.kind, first.activation), task.shape, task.outputs, networks=seeds, stream=stream)
    batch = max(1, first.n // 10)
    ensemble.train(inputs, labels, samples, steps=first.steps, batch_size=batch, learning_rate=0.01, adam=Adam())
    margins = ensemble.margins(inputs, labels, dtype=torch.float64)
    found = []
    with one_torch_thread():
        for row, cell in enumerate(cells):
            network = ensemble.extract(row).eval()
            wrong = ~(margins[row] > 0)
            result: dict[str, Any] = {
                "parameters": sum(parameter.numel() for parameter in network.parameters()),
                "train": float(wrong[samples.indices[row]].double().mean()),
                "test": float(wrong.double().mean()),
                "affine_error": affine_error(network, inputs[: 2 * POINTS]),
                "slopes": slopes(network, inputs[:POINTS]),
            }
            if first.kind == "attention":
                result["layer_slopes"] = attention_slopes(next(part for part in network.modules() if isinstance(part, SelfAttention)))
            if cell.certified:
                counts = samples.as_counts(pool.size)[row]
                result |= _certified(cell, network, ensemble.initial(row).eval(), pool, counts, margins[row])
            found.append(result)
    return found


def affine_error(network: nn.Module, inputs: Tensor) -> float:
    """How far the network is from the affine map x -> f(0) + J(0) x: the largest difference of logits over the largest of these, in
    float64.

    >>> affine_error(nn.Linear(3, 2), torch.eye(3)) < 1e-12, affine_error(nn.Sequential(nn.Linear(3, 2), nn.Tanh()), torch.eye(3)) > 1e-3
    (True, True)
    """
    precise = _double(network)
    points = inputs.double()
    zero = torch.zeros_like(points[:1])
    with torch.no_grad():
        values, offset = precise(points), precise(zero)

    def logits(x: Tensor) -> Tensor:
        found: Tensor = precise(x[None])
        return found[0]

    jacobian = jacrev(logits)(zero[0]).flatten(1)
    straight = offset + points.flatten(1) @ jacobian.mT
    return float((values - straight).abs().max() / values.abs().max())


def slopes(network: nn.Module, inputs: Tensor) -> list[float]:
    """For each of ``SCALES`` the largest spectral norm of the logits' Jacobian at the scaled inputs, in float64."""
    precise = _double(network)

    def logits(x: Tensor) -> Tensor:
        values: Tensor = precise(x[None])
        return values[0]

    jacobians = vmap(jacrev(logits))
    norms = []
    for scale in SCALES:
        matrices = jacobians(scale * inputs.double()).flatten(2)
        norms.append(float(torch.linalg.matrix_norm(matrices, 2).max()))
    return norms


def attention_slopes(layer: SelfAttention, tokens: int = 8) -> list[float]:
    """For each of ``SCALES`` s the norm of d out_1/d x_1 where the query of token 1 is 0 and the others are +-s u, u a unit vector.

    The weights of token 1 are then 1/T whatever s is, and its derivative is W_O W_V (C W_K^T W_Q/sqrt(d) + I/T) with C the covariance of
    the tokens, which grows like s^2: Kim, Papamakarios and Mnih's reason why dot-product attention has no Lipschitz constant.
    """
    precise = SelfAttention(layer.width, torch.float64, "cpu")
    precise.requires_grad_(False)
    weights: dict[str, Tensor] = {name: value.double() for name, value in layer.state_dict().items()}
    precise.load_state_dict(weights)
    first = -torch.linalg.pinv(weights["query.weight"]) @ weights["query.bias"]
    unit = torch.ones(layer.width, dtype=torch.float64) / math.sqrt(layer.width)
    signs = torch.tensor([(-1.0) ** place for place in range(tokens - 1)], dtype=torch.float64)
    norms = []
    for scale in SCALES:
        others = scale * signs[:, None] * unit

        def out(x: Tensor, others: Tensor = others) -> Tensor:
            mixed: Tensor = precise(torch.cat([x[None], others])[None])[0, 0]
            return mixed

        norms.append(float(torch.linalg.matrix_norm(jacrev(out)(first).detach(), 2)))
    return norms


def _double(network: nn.Module) -> nn.Module:
    return copy.deepcopy(network).double().requires_grad_(False)


def _certified(
    cell: BlockCell, network: nn.Module, initial: nn.Module, pool: FinitePool, counts: Tensor, margins: Tensor
) -> dict[str, Any]:
    """The Lipschitz constant between two bounds, and every certificate at 1 - ``DELTA``, with the risk."""
    shape = TASKS[cell.kind].shape
    seen = counts.nonzero().flatten()
    inputs, labels = torch.tensor(pool.inputs)[seen].reshape(-1, *shape), torch.tensor(pool.labels)[seen]
    summary = summarize(network, inputs, labels, initial=initial, counts=counts[seen].numpy(), input_radius=pool.input_radius)
    key = ("building blocks", cell.kind, cell.activation, cell.n, cell.seed)
    held = pool.sample_counts(key, cell.held_out, purpose="held out")
    errors = int(held[(~(margins > 0)).numpy()].sum())
    table = certify_summary(summary, delta=DELTA, held_out=(errors, cell.held_out), audit=AUDIT)
    risk = Fraction(int((margins < -CERTAIN).sum()), pool.size)
    bound = summary.lipschitz_upper
    _, restricted, radius = ("" if bound is None else bound.how).partition("on inputs of norm at most ")
    assert summary.lipschitz_lower is not None
    return {
        "lower": float(summary.lipschitz_lower),
        "upper": None if bound is None else float(bound),
        "ball": restricted + radius,
        "certificates": [
            {
                "bound": row.bound,
                "form": row.note,
                "value": row.value if math.isfinite(row.value) else None,
                "vacuous": row.vacuous,
                "violated": bool(row.violated),
                "failed": bool(risk > row.value),
            }
            for row in table.rows
        ],
        "not_applicable": [[name, reason] for name, reason in table.not_applicable if name.startswith(("margin.", "vc."))],
        "inputs_norm": float(np.linalg.norm(pool.inputs, axis=1).max()),
    }
