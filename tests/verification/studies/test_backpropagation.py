"""The recursions and bounds of the study of backpropagation, against values obtained in other ways."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from genbounds.models.networks.dense import DenseNetwork
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.studies.backpropagation.findings import ROUNDING
from genbounds.verification.studies.backpropagation.gradients import Checked, compare, drawn, errors_of, jacobians
from genbounds.verification.studies.backpropagation.norms import Normed, backward_bounds, chain_of, measure
from genbounds.verification.studies.backpropagation.powers import Powers, apply
from genbounds.verification.studies.backpropagation.recursion import Chain, derivative
from genbounds.verification.studies.backpropagation.study import Backpropagation


@pytest.mark.parametrize("residual", [False, True])
def test_the_forward_pass_is_that_of_the_packages_network(residual: bool) -> None:
    chain, inputs = drawn([Checked("tanh", residual, (3, 5, 5, 2))])
    network = DenseNetwork([3, 5, 5, 2], "tanh", residual=residual, dtype=torch.float64)
    with torch.no_grad():
        for layer, (weights, biases) in enumerate(zip(chain.weights, chain.biases, strict=True)):
            network.linear(layer).weight.copy_(weights[0])
            network.linear(layer).bias.copy_(biases[0])
    assert torch.allclose(chain.forward(inputs)[0][-1], network(inputs), rtol=0, atol=1e-14)


def test_two_sigmoid_units_by_hand() -> None:
    one = torch.ones(1, 1, 1, dtype=torch.float64)
    chain = Chain([2 * one, 3 * one], [one[:, 0], 0 * one[:, 0]], "sigmoid", residual=False)
    values, before = chain.forward(torch.full((1, 1), 0.5, dtype=torch.float64))
    found = jacobians(chain, values, before)
    s = 1 / (1 + math.exp(-2.0))  # 2 * 0.5 + 1
    slope = s * (1 - s)
    assert found.deltas[0].item() == pytest.approx(3 * slope * 2, rel=1e-14)
    assert (found.weights[0].item(), found.biases[0].item()) == pytest.approx((3 * slope * 0.5, 3 * slope), rel=1e-14)
    assert (found.weights[1].item(), found.biases[1].item()) == pytest.approx((s, 1.0), rel=1e-14)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_a_forgotten_skip_and_a_wrong_slope_are_seen(activation: str) -> None:
    (sound,) = compare([Checked(activation, residual=True)])
    assert max(sound["deltas"], sound["weights"], sound["biases"]) < ROUNDING
    chain, inputs = drawn([Checked(activation, residual=True)])
    passed = chain.forward(inputs)
    (forgotten,) = errors_of(chain, inputs, jacobians(replace(chain, residual=False), *passed))
    assert forgotten["deltas"] > 0.01
    scaled = jacobians(chain, *passed)
    (wrong,) = errors_of(chain, inputs, replace(scaled, biases=[1.1 * one for one in scaled.biases]))
    assert wrong["biases"] == pytest.approx(0.1, rel=1e-6)
    assert wrong["quotients"] is None or wrong["quotients"] > 1e-3


def test_quotients_over_a_kink_are_left_out() -> None:
    chain = Chain([torch.ones(1, 1, 1).double(), torch.ones(1, 1, 1).double()], [torch.zeros(1, 1).double()] * 2, "relu", residual=False)
    inputs = torch.full((1, 1), 1e-6, dtype=torch.float64)  # a step of 1e-5 in the bias crosses 0
    (found,) = errors_of(chain, inputs, jacobians(chain, *chain.forward(inputs)))
    assert found["quotients"] is None


def test_unknown_activations_are_refused() -> None:
    with pytest.raises(ValueError, match="activation must be sigmoid, tanh or relu, got 'elu'"):
        derivative("elu", torch.zeros(1))


def test_unit_chains_have_norm_one_and_the_bounds_hold_and_are_attained() -> None:
    cells = [Normed("sigmoid", False, "unit", depth=6, width=5, seed=seed) for seed in range(3)]
    chain, norms, _ = chain_of(cells)
    assert norms == pytest.approx(1.0, abs=1e-12)
    assert [float(torch.linalg.matrix_norm(one[1], 2)) for one in chain.weights] == pytest.approx([1.0] * 6)
    for one in measure(cells):
        assert all(delta <= 0.25 ** (6 - j) * (1 + 1e-9) for j, delta in enumerate(one["deltas"]))
    # z = 0 and W = I: every slope is 1/4, so that a dense chain attains the bound and a residual one of W = -I the lower one.
    eye, zero = torch.eye(2, dtype=torch.float64)[None], torch.zeros(1, 2, dtype=torch.float64)
    flat = Chain([eye] * 3, [zero, zero - 0.5, zero - 0.5], "sigmoid", residual=False, last_is_linear=False)
    deltas = flat.backward(*flat.forward(zero), torch.eye(2, dtype=torch.float64)[None, :, :1]).deltas
    assert float(deltas[0].norm()) == pytest.approx(backward_bounds(np.full((3, 1), 0.25), False)[0][0, 0])
    odd = Chain([-eye], [zero], "sigmoid", residual=True, last_is_linear=False)
    (first, _) = odd.backward(*odd.forward(zero), torch.eye(2, dtype=torch.float64)[None, :, :1]).deltas
    assert float(first.norm()) == pytest.approx(backward_bounds(np.full((1, 1), 0.25), True)[1][0, 0])


def test_the_forward_bound_without_its_last_term_fails_for_the_sigmoid_alone() -> None:
    for activation, fails in (("sigmoid", True), ("tanh", False)):
        (one,) = measure([Normed(activation, False, "unit", depth=5, width=8)])
        assert all(value <= bound for value, bound in zip(one["values"][1:], one["forward"], strict=True))
        assert any(value > bound for value, bound in zip(one["values"][1:], one["without"], strict=True)) is fails


def test_powers_agree_with_the_product_itself() -> None:
    (general,) = apply([Powers(0.9, symmetric=False, width=4, depth=12)])
    (symmetric,) = apply([Powers(1.1, symmetric=True, width=4, depth=12)])
    assert general["overlap"] is None
    assert general["logs"][12] <= 12 * math.log(general["norm"]) + 1e-12
    assert symmetric["norm"] == pytest.approx(1.1)
    assert symmetric["overlap"] + 12 * math.log(1.1) - 1e-9 <= symmetric["logs"][12] <= 12 * math.log(1.1) + 1e-9


@pytest.mark.slow
def test_theorems_are_refuted_by_results_that_break_them() -> None:
    study = Backpropagation("thumbnail")
    trap = study.trap()

    def verdict(claim: str, key: str, change: float) -> object:
        def changed(value: object) -> object:
            return [change * one for one in value] if isinstance(value, list) else value

        results = [{**one, key: changed(one[key])} if key in one else one for one in trap.sound]
        return next(found.outcome for found in study.findings(trap.cells, results) if found.claim == claim)

    assert verdict("bounds on delta", "deltas", 1.0) is Verdict.NOT_REFUTED
    assert verdict("bounds on delta", "deltas", 1e4) is Verdict.REFUTED
    assert verdict("0.25^depth", "deltas", 1e4) is Verdict.REFUTED
    assert verdict("forward bound", "values", 1e4) is Verdict.REFUTED
    assert verdict("symmetric powers", "logs", -1.0) is Verdict.REFUTED
