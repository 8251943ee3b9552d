"""Networks of width 5 on the line: compiled descent against autograd and Adam, kinks against a fine grid, slices against closed forms."""

import numpy as np
import pytest
import torch

from genbounds.verification.checks.outcomes import Outcome
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.studies.residual.cell import DepthCell, InterpolationCell, sample, truth, widths
from genbounds.verification.studies.residual.judging import made_up
from genbounds.verification.studies.residual.networks import Networks, drawn, trained
from genbounds.verification.studies.residual.pieces import kinks, most_pieces
from genbounds.verification.studies.residual.running import interpolate
from genbounds.verification.studies.residual.slices import direction, losses_around
from genbounds.verification.studies.residual.study import Residual

KEPT = np.array([0.0, 1.0])


def _networks(activation, depth=4, scale=1.5):
    randoms = [np.random.default_rng(seed) for seed in (0, 1)]
    return drawn(widths(depth), randoms, activation, KEPT, np.array([scale, scale]))


@pytest.mark.slow  # the first call compiles
@pytest.mark.parametrize("activation", ["leaky", "tanh"])
def test_compiled_descent_is_torch_adam_on_autograd(activation):
    networks = _networks(activation)
    inputs = torch.linspace(-3, 3, 7, dtype=torch.float64).expand(2, -1).contiguous()
    targets = torch.stack([inputs[0].sin(), inputs[0].cos()])
    moved, loss = trained(networks, inputs, targets, torch.tensor([0.01, 0.003], dtype=torch.float64), 30)
    for k, rate in ((0, 0.01), (1, 0.003)):
        own = networks.rows([k])
        leaves = [part.clone().requires_grad_() for part in (*own.weights, *own.biases)]
        count = len(own.weights)
        adam = torch.optim.Adam(leaves, lr=rate)
        for step in range(30):
            adam.param_groups[0]["lr"] = rate * min(1.0, 2 * (1 - step / 30))
            adam.zero_grad()
            out = Networks(leaves[:count], leaves[count:], activation, own.kept).outputs(inputs[k])
            (out[0] - targets[k]).square().mean().backward()
            adam.step()
        for mine, theirs in zip((*moved.weights, *moved.biases), leaves, strict=True):
            torch.testing.assert_close(mine[k], theirs[0].detach(), rtol=1e-7, atol=1e-9)
        final = Networks(leaves[:count], leaves[count:], activation, own.kept).outputs(inputs[k])
        assert float(loss[k]) == pytest.approx(float((final[0] - targets[k]).square().mean().detach()), rel=1e-6)


@pytest.mark.parametrize("row", [0, 1])
def test_the_function_is_the_one_through_its_kinks_and_no_kink_is_missed(row):
    own = _networks("leaky", depth=6, scale=2.0).rows([row])
    places, values, changes = kinks(own, -3.0, 3.0)
    fine = np.linspace(-3, 3, 20001)
    exact = own.outputs(torch.tensor(fine))[0].numpy()
    np.testing.assert_allclose(np.interp(fine, places, values), exact, atol=1e-10 * np.abs(exact).max())
    bent = np.abs(np.diff(exact, 2)) > 1e-9 * np.abs(np.diff(exact)).max()
    runs = int((np.diff(bent.astype(int)) == 1).sum() + bent[0])  # a kink bends one or two neighbouring differences
    assert 1 <= runs <= changes.sum() <= most_pieces(widths(6)) - 1


def test_kinks_of_a_sawtooth_are_known():
    # max(0, x) - 2 max(0, x - 1) + 2 max(0, x - 2) from LeakyReLU: s(x) = (leaky(x) + 0.01 leaky(-x)) / (1 - 0.01^2)
    unit = 1 / (1 - 0.01**2)
    inner = torch.tensor([[[1.0, -1.0, 1.0, -1.0, 1.0]]], dtype=torch.float64)
    offset = torch.tensor([[[0.0, 0.0, -1.0, 1.0, -2.0]]], dtype=torch.float64)
    outer = torch.tensor([[[1.0], [0.01], [-2.0], [-0.02], [2.0]]], dtype=torch.float64) * unit
    tail = torch.tensor([[[1.0]]], dtype=torch.float64)
    zero = torch.zeros(1, 1, 1, dtype=torch.float64)
    own = Networks([inner, outer, tail], [offset, zero + 100.0, zero - 100.0], "leaky", zero)
    places, values, changes = kinks(own, -3.0, 3.0)
    np.testing.assert_allclose(places[changes], [0.0, 1.0, 2.0], atol=1e-12)
    np.testing.assert_allclose(np.interp([-1.0, 1.0], places, values)[1], 1.0 + 2 * unit * 0.01 * (1 - 2), atol=1e-9)


def test_a_direction_has_the_filters_norms_and_the_slice_is_the_loss():
    own = _networks("tanh").rows([1])
    one = direction(own, np.random.default_rng(0))
    count = len(own.weights)
    for weight, bias, w, b in zip(own.weights, own.biases, one[:count], one[count:], strict=True):
        torch.testing.assert_close(torch.cat([w, b]).norm(dim=0), torch.cat([weight[0], bias[0]]).norm(dim=0))
    inputs, targets = torch.linspace(-3, 3, 5, dtype=torch.float64), torch.ones(5, dtype=torch.float64)
    found = losses_around(own, [one, one], np.array([[0.0, 0.0], [0.25, 0.25]]), inputs, targets)
    moved = [part + 0.5 * step for part, step in zip((*own.weights, *own.biases), one, strict=True)]
    there = Networks(moved[:count], moved[count:], "tanh", own.kept).outputs(inputs)
    assert found[0] == pytest.approx(float((own.outputs(inputs) - 1).square().mean()))
    assert found[1] == pytest.approx(float((there - 1).square().mean()))


def test_norms_and_counts_are_those_of_all_parameters():
    own = _networks("tanh", depth=30)
    assert own.parameters == 888
    flat = torch.cat([part[0].flatten() for part in (*own.weights, *own.biases)])
    assert len(flat) == 888
    assert float(own.norms()[0]) == pytest.approx(float(flat.norm()))


@pytest.mark.slow
def test_what_is_called_interpolating_fits_the_examples():
    cell = InterpolationCell(3, 600, depth=4, n=3, scales=(1.0,))
    (result,) = interpolate([cell])
    inputs, targets = sample(cell, 0.2)
    assert result["targets"] == targets.tolist()
    assert np.abs(targets - truth(inputs)).max() > 0
    assert result["leaky"] + result["tanh"]
    assert all(one["loss"] <= 0.004 for name in ("leaky", "tanh") for one in result[name])


def test_every_claim_can_fail():
    study = Residual("thumbnail")
    cells = study.trap().cells

    def outcomes(change):
        results = [change(made_up(cell, True)) for cell in cells]
        return {finding.claim: finding.outcome for finding in study.findings(cells, results)}

    assert set(outcomes(lambda result: result).values()) == {Outcome.REPRODUCED, Verdict.NOT_REFUTED}
    swapped = [made_up(cell, False) for cell in cells]
    failed = {finding.claim: finding.outcome for finding in study.findings(cells, swapped)}
    assert {failed[name] for name in ("plain", "residual", "shortcut", "convex")} == {Outcome.REVERSED}
    assert outcomes(lambda result: {**result, "parameters": 77})["counts"] is Verdict.REFUTED

    def many(result):
        pieces = {"count": 10**50, "away": 0.0, "kinks": [[0, 1], [0, 1]]}
        return {**result, "plain leaky": {**result["plain leaky"], "pieces": pieces}} if "plain leaky" in result else result

    assert outcomes(many)["pieces"] is Verdict.REFUTED

    def away(result):
        pieces = {"count": 9, "away": 1e-6, "kinks": [[0, 1], [0, 1]]}
        return {**result, "plain leaky": {**result["plain leaky"], "pieces": pieces}} if "plain leaky" in result else result

    assert outcomes(away)["pieces"] is Verdict.REFUTED

    def smooth(result):
        if "residual leaky" not in result:
            return result
        orders = {name: result[f"residual {name}"]["order"] for name in ("leaky", "tanh")}
        return {
            **result,
            "residual leaky": {**result["residual leaky"], "order": orders["tanh"]},
            "residual tanh": {**result["residual tanh"], "order": orders["leaky"]},
        }

    assert outcomes(smooth)["kinked"] is Outcome.REVERSED

    def inverse(result):
        if "inputs" not in result:
            return result
        return {**result, "leaky": [{**one, "test": 1 / one["norm"]} for one in result["leaky"]]}

    assert outcomes(inverse)["norms"] is Outcome.REVERSED
    assert outcomes(lambda result: {**result, "leaky": []} if "inputs" in result else result)["norms"] is Outcome.NOT_REPRODUCED


def test_samples_are_of_one_seed_and_lie_in_the_interval():
    first, again, other = (sample(DepthCell(3, seed, 1), 0.0) for seed in (0, 0, 1))
    assert np.array_equal(first[0], again[0])
    assert not np.array_equal(first[0], other[0])
    assert np.abs(first[0]).max() <= 3
    np.testing.assert_array_equal(first[1], truth(first[0]))
