"""A deeper network and its twins: numbers that the stability bounds would need, measured, and why they certify nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import torch
from torch import Tensor

from genbounds.bounds import Quantity
from genbounds.bounds import assumptions as a
from genbounds.bounds.special.rounding import decimal_down, decimal_up
from genbounds.bounds.stability import bousquet_elisseeff2002, hardt2016nonconvex
from genbounds.models.ensemble import Ensemble, IndexSamples
from genbounds.models.networks import DenseNetwork
from genbounds.models.randomness.streams import Stream
from genbounds.verification.learners.linear_models import double_below
from genbounds.verification.populations import population
from genbounds.verification.rows.bound_row import BoundRow, Scale
from genbounds.verification.rows.kinds import Row
from genbounds.verification.runs.cells import Result, digest

DELTA = Fraction(1, 20)


@dataclass(frozen=True)
class TwinCell:
    """A ReLU network, and twins of it that share its initialisation and its order, each with one example of the sample replaced.

    Args:
        population, n, widths: n draws with replacement; widths are inputs, hidden widths, outputs.
        step: size of all steps; there is one for each example, in the order of one random permutation, so that each twin meets its own.
        twins: how many of them.
    """

    population: str
    n: int
    widths: tuple[int, ...]
    step: Fraction
    twins: int
    scale: Scale
    seed: int = 0

    @property
    def training(self) -> str:
        """The training in words."""
        return f"one pass in random order, steps of size {self.step}, cross-entropy, seed {self.seed}"


CELLS = (TwinCell("digits", 1200, (64, 32, 10), Fraction(1, 20), 15, "realistic"),)


def measure(cell: TwinCell) -> dict[str, Any]:
    """Train a network and its twins; losses of the network, and the largest differences and ratios that were seen."""
    pool = population(cell.population)
    inputs, labels = torch.tensor(pool.inputs), torch.tensor(pool.labels)
    sample = pool.sample(digest(cell), cell.n)
    drawn = np.tile(sample, (cell.twins + 1, 1))
    replaced = pool.sample(digest(cell), cell.twins, purpose="replacements")
    drawn[np.arange(1, cell.twins + 1), np.arange(cell.twins) * cell.n // cell.twins] = replaced
    ensemble = Ensemble(
        cell.widths, networks=[cell.seed] * (cell.twins + 1), stream=Stream(f"twins {digest(cell)}", "training"), dtype=torch.float64
    )
    samples = IndexSamples(torch.from_numpy(drawn))
    ensemble.train(inputs, labels, samples, steps=cell.n, batch_size=1, order="permutation", learning_rate=double_below(cell.step))
    logits = torch.cat(list(ensemble.logits(inputs)), dim=1)
    log_odds = logits.log_softmax(dim=-1)[:, torch.arange(pool.size), labels]
    entropies, losses = (-log_odds).numpy(), (1 - log_odds.exp()).numpy()
    # The stability identity: at the replaced example the loss of the twin, which has not met it, less that of the network, which has.
    places = np.arange(cell.twins) * cell.n // cell.twins
    met, others = sample[places], np.arange(1, cell.twins + 1)
    gradients = [per_example_gradients(ensemble.extract(row), inputs, labels) for row in (0, 1)]
    parameters = [torch.cat([p.flatten() for p in ensemble.extract(row).parameters()]) for row in (0, 1)]
    distance = float((parameters[0] - parameters[1]).detach().norm())
    return {
        "pool_loss": float(losses[0].mean()),
        "sample_loss": float(losses[0][sample].mean()),
        "pool_entropy": float(entropies[0].mean()),
        "sample_entropy": float(entropies[0][sample].mean()),
        "loss_differences": (losses[others, met] - losses[0, met]).tolist(),
        "entropy_differences": (entropies[others, met] - entropies[0, met]).tolist(),
        "largest_entropy": float(entropies.max()),
        "largest_change": float(np.abs(losses[1:] - losses[0]).max()),
        "largest_gradient": float(gradients[0].norm(dim=1).max()),
        "largest_ratio": float((gradients[0] - gradients[1]).norm(dim=1).max()) / distance,
    }


def per_example_gradients(network: DenseNetwork, inputs: Tensor, labels: Tensor) -> Tensor:
    """The gradient of the cross-entropy of each example in all parameters: (N, parameters)."""
    parameters = {name: value.detach() for name, value in network.named_parameters()}

    def loss(values: dict[str, Tensor], x: Tensor, y: Tensor) -> Tensor:
        logits = torch.func.functional_call(network, values, (x[None],))
        return torch.nn.functional.cross_entropy(logits, y[None])

    found = torch.func.vmap(torch.func.grad(loss), in_dims=(None, 0, 0))(parameters, inputs, labels)
    return torch.cat([found[name].flatten(1) for name in parameters], dim=1)


def rows(found: Sequence[tuple[TwinCell, Result, dict[str, Any]]]) -> list[Row]:
    """Two rows per network: the certificate of uniform stability that it would have, and the bound on the expected gap."""
    return [row for cell, result, words in found for row in (_uniform(cell, result, words), _descent(cell, result, words))]


def _uniform(cell: TwinCell, result: Result, words: dict[str, Any]) -> BoundRow:
    measured = f"largest change of the loss over {cell.twins} twins and the pool"
    certificate = bousquet_elisseeff2002.estimate(
        empirical_risk=Quantity(result["sample_loss"], "estimate", "float64 average over the sample"),
        stability=Quantity(result["largest_change"], "lower", measured),
        n=cell.n,
        delta=DELTA,
    ).audited(
        {
            a.IID_SAMPLE: ("by construction", f"{cell.n} draws with replacement from the pool"),
            a.BOUNDED_LOSS: ("by construction", "one minus the probability of the right class"),
            a.UNIFORM_STABILITY: ("violated", f"{measured}: a lower bound of the supremum over all samples, which nothing bounds here"),
            a.ALGORITHM_FIXED_IN_ADVANCE: ("by construction", "initialisation, order, loss, step size and number of steps are the cell's"),
            a.DETERMINISTIC_ALGORITHM: ("by construction", "initialisation and order are fixed, and the same for the twins"),
        }
    )
    return BoundRow.compared(
        certificate,
        Fraction(result["pool_loss"]),
        cell.n,
        empirical=result["sample_loss"],
        risk_what="one minus the probability of the right class, average over the pool",
        network=_network(cell),
        note=f"stability {result['largest_change']:.3g} measured; {_expected_gap(result['loss_differences'])}",
        **words,
    )


def _descent(cell: TwinCell, result: Result, words: dict[str, Any]) -> BoundRow:
    with np.errstate(over="ignore"):  # the search looks at exp(hundreds) on its way
        estimate = hardt2016nonconvex.estimate(
            lipschitz=Quantity(result["largest_gradient"], "lower", "largest gradient over the pool, at the trained weights alone"),
            smoothness=Quantity(result["largest_ratio"], "lower", "largest change of a gradient between two twins over their distance"),
            step_scale=cell.step * cell.n,
            steps=cell.n,
            n=cell.n,
            loss_range=Quantity(result["largest_entropy"], "lower", "largest cross-entropy over the pool and the twins"),
        )
    certificate = estimate.audited(
        {
            a.IID_SAMPLE: ("by construction", f"{cell.n} draws with replacement from the pool"),
            a.BOUNDED_LOSS: ("violated", "the cross-entropy has no upper bound; the largest one seen was put in its place"),
            a.LIPSCHITZ_LOSS: (
                "violated",
                "a network with two layers is not Lipschitz in its weights; the largest gradient seen was put in",
            ),
            a.SMOOTH_LOSS: ("violated", "ReLU networks are not smooth in their weights: the gradient jumps at each kink"),
            a.PLAIN_SGD: (
                "by construction",
                "one example per step, no momentum, no projection",
            ),
            a.START_FIXED_IN_ADVANCE: ("by construction", "the initialisation is drawn from a stream of its own"),
            a.STEPS_FIXED_IN_ADVANCE: ("by construction", "one pass of constant steps, the cell's; the last iterate"),
            a.STEPS_AT_MOST_C_OVER_T: ("by construction", "constant steps are at most c/t with c = T times their size"),
            a.OBLIVIOUS_ORDER: ("by construction", "the order is drawn from a stream of its own"),
        }
    )
    gap = abs(result["pool_entropy"] - result["sample_entropy"])
    return BoundRow.compared(
        certificate,
        Fraction(gap),
        cell.n,
        risk_what="cross-entropy over the pool minus that on the sample, of one run",
        network=_network(cell),
        note=(
            f"gradient norm up to {decimal_up(result['largest_gradient'], 3)}, smoothness at least "
            f"{decimal_down(result['largest_ratio'], 3)}, as measured; {_expected_gap(result['entropy_differences'])}"
        ),
        **words,
    )


def _expected_gap(differences: Sequence[float]) -> str:
    """The signed gap that is expected, by the twins of one network: no more than a description, as they share its sample."""
    found = np.array(differences)
    error = found.std(ddof=1) / len(found) ** 0.5
    return f"expected gap {found.mean():.2g} by the twins, standard error {error:.1g} over the examples replaced"


def _network(cell: TwinCell) -> str:
    return f"{'-'.join(map(str, cell.widths))} ReLU, with biases"
