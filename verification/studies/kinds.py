"""Every kind of network, plain and residual, with and without normalisation: trained, certified, its Lipschitz constant enclosed."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, get_args

import torch
from torch.utils.flop_counter import FlopCounterMode

from genbounds.bounds import assumptions as a
from genbounds.bounds.assumptions import Audit
from genbounds.models.certifying.certification import certify_summary
from genbounds.models.networks import ACTIVATIONS, Normalisation
from genbounds.verification.populations import population
from genbounds.verification.rows.bracket_row import BracketRow
from genbounds.verification.rows.kinds import Row
from genbounds.verification.runs.canary import Canary
from genbounds.verification.runs.cells import Cell, Cost, Result, Study, cell_name
from genbounds.verification.studies import entries
from genbounds.verification.studies.certifying import RISK
from genbounds.verification.studies.entries import Entry, rows_of
from genbounds.verification.studies.trained_kind import SHAPES, Kind, KindCell, TrainedKind, build, train

DELTA = Fraction(1, 1000)
"""The networks' certificates by held-out points, the tightest ones, hold all together with probability 1 - DELTA times their number."""
AUDIT: Audit = {
    a.IID_SAMPLE: ("by construction", "draws with replacement from the pool"),
    a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE: ("by construction", "the draws come from a stream that training never touches"),
    a.CLASS_FIXED_IN_ADVANCE: ("by construction", "the architecture was chosen before the sample"),
    a.ARCHITECTURE_FIXED_IN_ADVANCE: ("by construction", "the architecture was chosen before the sample"),
    a.DEPTH_AND_ACTIVATION_FIXED_IN_ADVANCE: ("by construction", "the architecture was chosen before the sample"),
}


class Kinds(Study):
    """Digits by dense, convolutional, recurrent and attention networks, plain or residual, with no, batch, group or layer normalisation.

    The five activations take turns, so that each kind has each of them. Every certificate that ``models.certify`` finds is a row, and so is
    the enclosure of the network's Lipschitz constant.

    Args:
        full: more seeds of every network.
    """

    name = "kinds"
    revision = 6
    description = (
        "Every kind of network, plain and residual, with each normalisation and activation: all certificates, and Lipschitz constants."
    )
    tile_size = 8
    measures_tiles = True

    def __init__(self, full: bool = False) -> None:
        self.full = full

    def cells(self) -> Sequence[KindCell]:
        """Every network with every seed."""
        names = list(ACTIVATIONS)
        variants: list[KindCell] = []
        for kind in get_args(Kind):
            for residual in (False, True):
                for normalisation in (None, *get_args(Normalisation)):
                    variants.append(KindCell(kind, residual, normalisation, names[len(variants) % len(names)]))
        return [replace(cell, seed=seed) for cell in variants for seed in range(5 if self.full else 1)]

    def group(self, cell: Cell) -> Hashable:
        """Networks that differ in their seed alone train as one ensemble."""
        alike: KindCell = replace(cell, seed=0)
        return alike

    def cost(self, cell: Cell) -> Cost:
        """Of the training: a forward pass, and twice as much for the gradients; then the network is traced and measured, twice."""
        network = build(cell).eval()
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            network(torch.zeros((1, *SHAPES[cell.kind])))
        numbers = sum(parameter.numel() for parameter in network.parameters())
        return Cost(1, 3.0 * counter.get_total_flops() * cell.batch_size * cell.steps, 4 * 4 * numbers, 2.5)

    def run_tile(self, cells: Sequence[Cell]) -> list[Result]:
        """Train the networks together and certify each."""
        return [_result(trained) for trained in train(cells)]

    def canary(self) -> Canary:
        """Certificates far below the risk."""
        return entries.canary(self.name)

    def rows(self, cells: Sequence[Cell], results: Sequence[Result]) -> Sequence[Row]:
        """A row for each certificate, and one for each Lipschitz constant."""
        entries, brackets = [], []
        for cell, result in zip(cells, results, strict=True):
            words = {
                "study": self.name,
                "cell": cell_name(self, cell),
                "population": cell.population,
                "network": cell.network,
                "training": f"{cell.training}, seed {cell.seed}",
            }
            lower, upper = result["lipschitz"]
            brackets.append(BracketRow(**words, lower=lower, upper=upper, parameters=result["parameters"], note=result["inputs"]))
            size = population(cell.population).size
            for data in result["entries"]:
                entry = Entry.from_dict(data)
                entries.append((entry, {**words, "scale": "realistic", "n_over_pool": Fraction(entry.n, size)}))
        return [*rows_of(entries), *brackets]


def _result(trained: TrainedKind) -> Mapping[str, Any]:
    summary, cell = trained.summary, trained.cell
    table = certify_summary(summary, delta=DELTA, held_out=(trained.held_out_errors, cell.held_out), audit=AUDIT)
    entries = []
    for certificate in table.rows:
        judged = certificate.bound.startswith("holdout.")
        entry = Entry(
            certificate=certificate,
            risk=trained.risk,
            risk_what=RISK,
            n=cell.held_out if judged else summary.n,
            empirical=Fraction(trained.held_out_errors, cell.held_out) if judged else summary.empirical_risk,
            note=certificate.note,
            quantity="risk" if judged else f"risk, {certificate.note}",
        )
        entries.append(entry.to_dict())
    assert summary.lipschitz_lower is not None
    bound = summary.lipschitz_upper
    # Attention has no Lipschitz constant on all inputs, so that both ends are those of a ball, which the upper one names.
    _, restricted, radius = ("" if bound is None else bound.how).partition("on inputs of norm at most ")
    return {
        "entries": entries,
        "lipschitz": [float(summary.lipschitz_lower), math.inf if bound is None else float(bound)],
        "inputs": restricted + radius,
        "parameters": summary.parameters,
    }
