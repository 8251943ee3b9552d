"""certify: no certificate is below the exact risk on pools that are the population, for every kind of network."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch
from tests.models.certified_networks import KINDS, data, fit, mlp
from torch import Tensor, nn

from genbounds.bounds.assumptions import (
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
)
from genbounds.models import certify


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(KINDS))
def test_no_certificate_is_below_the_exact_risk(kind: str) -> None:
    """A pool of 400 points is the population, sampled with replacement: its risk is known. Each row may fail with probability 5 % and the
    held-out ones at most so; with these seeds none does, and a correct bound of this looseness fails far more rarely.
    """
    pool_x, pool_y = data(400, seed=5)
    generator = torch.Generator().manual_seed(6)
    train, held = (torch.randint(0, 400, (n,), generator=generator) for n in (300, 300))
    torch.manual_seed(7)
    init = KINDS[kind]().double()
    model = fit(copy.deepcopy(init), pool_x[train], pool_y[train], 150)
    radius = float(pool_x.norm(dim=1).max()) + 1e-9
    pairs = (pool_x[train], pool_y[train]), (pool_x[held], pool_y[held])
    drawn: Any = {HYPOTHESIS_INDEPENDENT_OF_SAMPLE: ("by construction", "draws with replacement, so some points of the pool are in both")}
    table = certify(model, pairs[0], initial=init, held_out=pairs[1], input_radius=radius, audit=drawn)
    risk = float((model(pool_x).argmax(1) != pool_y).double().mean())
    assert table.rows
    assert all(row.value >= risk for row in table.rows)
    assert table.best is not None
    assert risk <= table.best.value < 1
    bracket = dict(table.facts)["Lipschitz constant"]
    lower, upper = (float(number) for number in bracket.removeprefix("in [").removesuffix("]").split(","))
    assert 0 < lower <= upper
    reasons = dict(table.not_applicable)
    if kind in ("residual", "residual dense", "recurrent", "attention"):
        assert "the theorem is for chains" in reasons["margin.norm_product"]
    if kind == "attention":
        assert "attention" in reasons["margin.spectral_graph"]
    else:
        assert {row.note for row in table.rows if row.bound == "margin.spectral_graph"} == {"reference: zero", "reference: initialisation"}
    if kind == "convolutional":
        assert table["margin.spectral"].value > 0
        assert "max_pool" in reasons["margin.norm_product"]
        assert "pooled" in reasons["vc.growth_function"]


@pytest.mark.slow
def test_the_bound_of_graphs_says_something_of_a_residual_network_on_enough_draws() -> None:
    """x + B tanh(A x) with biases, then a linear layer, trained on 10^11 draws from a pool of 200, given as counts: above the exact risk,
    below 1/2, at both references. It may fail with probability 5 % a row; a correct bound of this looseness does not.
    """
    pool_x, pool_y = data(200, seed=3, classes=2)

    class Small(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b, self.last = nn.Linear(4, 3), nn.Linear(3, 4), nn.Linear(4, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.last(x + self.b(torch.tanh(self.a(x))))

    torch.manual_seed(1)
    init = Small().double()
    model = fit(copy.deepcopy(init), pool_x, pool_y, 200)
    counts = np.random.default_rng(2).multinomial(10**11, np.full(200, 1 / 200))
    table = certify(model, (pool_x, 2 * pool_y - 1), initial=init, counts=counts)
    risk = float(((model(pool_x)[:, 0] > 0).long() != pool_y).double().mean())
    rows = [row for row in table.rows if row.bound == "margin.spectral_graph"]
    assert len(rows) == 2
    assert all(risk <= row.value < 0.5 for row in rows)
    assert table.best is not None
    assert table.best.bound == "margin.spectral_graph"


@pytest.mark.slow
def test_rescaling_layers_changes_no_invariant_certificate() -> None:
    """Layer 1 times 4 and layer 2 over 4 is the same function, exactly: the invariant bounds do not move."""
    x, y = data()
    model = fit(mlp(), x, y)
    other = copy.deepcopy(model)
    with torch.no_grad():
        other[0].weight.mul_(4)  # type: ignore[index,union-attr,operator]
        other[2].weight.div_(4)  # type: ignore[index,union-attr,operator]
    one, two = (certify(net, (x, y), input_radius=100) for net in (model, other))
    assert one["margin.norm_product"].value == two["margin.norm_product"].value
    assert one["margin.spectral"].value == two["margin.spectral"].value
    assert one["margin.neyshabur2018pacbayes_grid"].value == pytest.approx(two["margin.neyshabur2018pacbayes_grid"].value, rel=1e-9)
    assert one["vc.growth_function"].value == two["vc.growth_function"].value
