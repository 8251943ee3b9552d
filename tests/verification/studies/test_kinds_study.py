"""The study of every kind of network: what it covers, how it trains, and what its rows say."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any, get_args

import pytest
import torch

from genbounds.models.measuring.summary import summarize
from genbounds.models.networks import ACTIVATIONS, Normalisation
from genbounds.models.randomness.streams import Stream
from genbounds.verification.populations import population
from genbounds.verification.rows.bound_row import BoundRow
from genbounds.verification.rows.bracket_row import BracketRow
from genbounds.verification.rows.interval import Interval
from genbounds.verification.runs.cells import canonical_json, parse_json
from genbounds.verification.studies.kinds import DELTA, Kinds
from genbounds.verification.studies.trained_kind import Kind, KindCell, _one_by_one, _together, risk_of

SMALL = KindCell("recurrent", True, "layer", "elu", n=200, held_out=300, steps=20)


def test_every_kind_in_each_of_its_variants_and_with_each_activation() -> None:
    cells = Kinds().cells()
    variants = {(cell.kind, cell.residual, cell.normalisation) for cell in cells}
    assert variants == set(product(get_args(Kind), (False, True), (None, *get_args(Normalisation))))
    assert {(cell.kind, cell.activation) for cell in cells} == set(product(get_args(Kind), ACTIVATIONS))
    assert len({cell.network for cell in cells}) == len(cells) == 32
    assert set(cells) < set(Kinds(full=True).cells())


@pytest.mark.slow
def test_networks_train_one_by_one_as_they_do_together() -> None:
    """Same draws, same steps of Adam; what differs is the order of float32 sums, far below the change of a weight."""
    pool = population("digits")
    cells = [SMALL, replace(SMALL, seed=4)]
    counts = torch.stack([torch.tensor(pool.sample_counts(f"test {cell.seed}", cell.n)) for cell in cells])
    stream, data = Stream("test", "training"), (torch.tensor(pool.inputs), torch.tensor(pool.labels))
    together, alone = (learn(cells, *data, counts, stream) for learn in (_together, _one_by_one))
    for (one, started), (other, start) in zip(together, alone, strict=True):
        moved = [(a - b).detach().abs().max() for a, b in zip(one.parameters(), started.parameters(), strict=True)]
        apart = [(a - b).detach().abs().max() for a, b in zip(one.parameters(), other.parameters(), strict=True)]
        assert all(torch.equal(a, b) for a, b in zip(started.parameters(), start.parameters(), strict=True))
        assert float(max(apart)) < 1e-3 < 0.05 < float(max(moved))


def checked_rows(cell: KindCell) -> list[BoundRow]:
    """The certificates of a network, after what must hold for every kind."""
    study = Kinds()
    rows = study.rows([cell], parse_json(canonical_json(study.run_tile([cell]))))
    bounds = [row for row in rows if isinstance(row, BoundRow)]
    (bracket,) = [row for row in rows if isinstance(row, BracketRow)]
    assert 0 < bracket.lower <= bracket.upper
    held_out = {row.bound: row for row in bounds if row.family == "holdout"}
    assert set(held_out) >= {"holdout.clopper_pearson", "holdout.hoeffding"}
    assert all(row.n == 300 and row.certificate.delta == DELTA for row in held_out.values())
    assert all(row.n == 200 for row in bounds if row.family != "holdout")
    (risk,) = {row.risk for row in bounds}
    assert isinstance(risk, Fraction)
    assert 0 < risk < 1
    assert risk * 1797 == int(risk * 1797)
    # The two cells of these tests: a sound bound is below the risk of one of them with probability 1/500 at most.
    assert risk <= held_out["holdout.clopper_pearson"].certificate.value < 1
    return bounds


@pytest.mark.slow
def test_rows_hold_every_certificate_and_the_lipschitz_constant() -> None:
    assert "holdout" in {row.family for row in checked_rows(SMALL)}


@pytest.mark.slow
def test_the_lipschitz_constant_of_attention_is_one_on_a_ball() -> None:
    study, cell = Kinds(), KindCell("attention", True, None, "relu", n=50, held_out=50, steps=2)
    rows = study.rows([cell], study.run_tile([cell]))
    (bracket,) = [row for row in rows if isinstance(row, BracketRow)]
    assert bracket.note.startswith("on inputs of norm at most 4.8")
    assert population("digits").input_radius <= float(bracket.note.rpartition(" ")[2]) + 1e-5


@pytest.mark.slow
def test_a_convolutional_chain_has_bounds_from_its_norms_as_well() -> None:
    bounds = checked_rows(KindCell("convolutional", False, "batch", "relu", n=200, held_out=300, steps=60))
    assert {row.family for row in bounds} >= {"holdout", "margin"}


def test_margins_that_float64_cannot_decide_make_the_risk_an_interval() -> None:
    """Margins of -1 and 1, which are decided; and one of -2^-53 beside one of 1/2."""
    layer = torch.nn.Linear(2, 2, bias=False)
    data: Any = ([[1.0, 0.0], [1.0, 1.0]], [0, 1])
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[0.0, 1.0], [1.0, 1.0]]))
    assert risk_of(summarize(layer, *data)) == Fraction(1, 2)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[1.0, 2.0**-53], [0.5, 0.5]]))  # the second example's margin is -2^-53, which 1 + 2^-53 loses
    found = risk_of(summarize(layer, *data))
    assert isinstance(found, Interval)
    assert found.lower == 0 < 0.5 <= found.upper < 0.5 + 1e-12
    assert "1 margins" in found.method
    assert math.isfinite(found.middle)
