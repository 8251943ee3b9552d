"""The scale of a residual branch: limits against exact laws, windows against brute force, ensembles against networks alone."""

import dataclasses

import numpy as np
import pytest
import torch
from scipy import integrate, stats

from genbounds.verification.checks.outcomes import Outcome
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.populations.protocol import generator
from genbounds.verification.studies.depth_scaling.cell import PLAIN, SCALINGS, OutputCell, TrainingCell, WindowCell, tau
from genbounds.verification.studies.depth_scaling.initialisation import draw, output_norms, over_windows, windows
from genbounds.verification.studies.depth_scaling.judging import made_up
from genbounds.verification.studies.depth_scaling.limits import linear_limits, relu_limits
from genbounds.verification.studies.depth_scaling.study import DepthScaling
from genbounds.verification.studies.depth_scaling.training import SETTINGS, ScaledNetworks, train


@pytest.mark.parametrize(("scale", "width", "layers"), [(1.0, 4, 1), (0.3, 8, 5), (0.05, 128, 3)])
@pytest.mark.parametrize("cost", [1.0, 5.0, 12.0])
def test_linear_limits_enclose_the_exact_quantiles_and_are_not_idle(scale, width, layers, cost):
    unit = 2 * scale**2 / width
    law = stats.ncx2(width * layers, layers / unit)
    exact = np.array([law.ppf(np.exp(-cost)), law.isf(np.exp(-cost))]) * unit / layers
    low, high = linear_limits(scale, width, layers, cost)
    assert low <= exact[0]
    assert exact[1] <= high
    deviation = law.std() * unit / layers
    assert high - low <= (2 * np.sqrt(2 * cost) + 4 * cost / np.sqrt(width * layers)) * 1.5 * deviation


@pytest.mark.parametrize("kept", [0.0, 0.3, 1.0, 4.0])
def test_an_entry_of_relu_has_the_moments_that_the_limits_use(kept):
    def moment(power):
        return integrate.quad(lambda g: max(0.0, kept + g) ** power * stats.norm.pdf(g), -12, 12, points=[-kept])[0]

    mean, variance = moment(2), moment(4) - moment(2) ** 2
    assert kept**2 + 0.5 - 1e-9 <= mean <= kept**2 + 1
    assert variance <= 4 * (kept**2 + 1)


def test_relu_limits_close_in_on_both_theorems():
    low, high = relu_limits(0.5, 128, 10**7, 20.0)
    assert (1.24, 1.5) < (low, high) < (1.25, 1.51)


def test_norms_by_layer_are_those_of_the_whole_network():
    cell = OutputCell(depth=4, seed=3, width=6, batch=5)
    found, random = output_norms(cell), generator("depth scaling: output", 4, 3)
    start = np.abs(random.standard_normal(6))
    batch = np.abs(random.standard_normal((6, 5)))
    batch *= np.sqrt(6) / np.linalg.norm(batch, axis=0)
    layers = [draw(random, 6) for _ in range(4)]
    for name in SCALINGS:
        kept, scale = (0.0, 1.0) if name == PLAIN else (1.0, tau(name, 4))
        linear, relu, normalised, factors = start, start, batch, []
        for weights in layers:
            before = linear
            linear = linear + scale * weights @ linear
            factors.append(linear @ linear / (before @ before))
            relu = np.maximum(0, kept * relu + scale * weights @ relu)
            branch = weights @ normalised
            branch = (branch - branch.mean(axis=1, keepdims=True)) / np.sqrt(branch.var(axis=1, keepdims=True) + 1e-5)
            normalised = np.maximum(0, kept * normalised + scale * branch)
        assert found["relu"][name]["ln_norm"] == pytest.approx(np.log(np.linalg.norm(relu) / np.linalg.norm(start)))
        assert found["normalised"][name]["ln_norm"] == pytest.approx(np.log(np.linalg.norm(normalised) / np.linalg.norm(batch)))
        if name != PLAIN:
            assert found["linear"][name]["ln_norm"] == pytest.approx(np.log(np.linalg.norm(linear) / np.linalg.norm(start)))
            assert found["linear"][name]["mean_factor"] == pytest.approx(np.mean(factors))


def test_windows_are_those_of_brute_force():
    branches = [np.random.default_rng(place).standard_normal((5, 5)) for place in range(6)]
    norms, excess = [], []
    for first in range(6):
        product, bound = np.eye(5), 1.0
        for branch in branches[first:]:
            product = (np.eye(5) + 0.4 * branch) @ product
            bound *= 1 + 0.4 * np.linalg.svd(branch, compute_uv=False)[0]
            norms.append(np.linalg.svd(product, compute_uv=False)[0])
            excess.append(np.log(norms[-1] / bound))
    found = over_windows(branches, 0.4)
    assert found["largest"] == pytest.approx(max(norms), rel=1e-12)
    assert found["excess"] == pytest.approx(max(excess), abs=1e-12)


def test_normalised_windows_see_the_branch_that_the_network_has():
    cell = WindowCell(depth=1, seed=0, normalised=True, width=6, batch=4)
    random = generator("depth scaling: windows", 1, 0, 1)
    batch = np.abs(random.standard_normal((6, 4)))
    batch *= np.sqrt(6) / np.linalg.norm(batch, axis=0)
    weights = draw(random, 6)
    branch = weights / np.sqrt((weights @ batch).var(axis=1) + 1e-5)[:, None]
    assert windows(cell)["root"]["largest"] == pytest.approx(np.linalg.norm(np.eye(6) + branch, 2))


@pytest.mark.parametrize("normalised", [False, True])
def test_networks_of_an_ensemble_step_as_they_do_alone(normalised):
    random = np.random.default_rng(0)
    weights = [torch.tensor(random.standard_normal(shape)) for shape in [(3, 4, 6), (3, 6, 6), (3, 6, 6), (3, 6, 2)]]
    weights[1][1] = torch.inf  # a diverged network among the others
    scales, kept, rates = (torch.tensor(values, dtype=torch.float64) for values in ([0.5, 1, 1], [1, 1, 0], [0.1, 0.1, 0.2]))
    rows, labels = torch.tensor(random.standard_normal((3, 8, 4))), torch.tensor(random.integers(2, size=(3, 8)))
    together = ScaledNetworks(weights, scales, kept, normalised)
    together.step(rows, labels, rates)
    for k in (0, 2):
        layers = [weight[k].clone().requires_grad_() for weight in weights]
        state = torch.relu(rows[k] @ layers[0])
        for layer in layers[1:-1]:
            branch = state @ layer
            if normalised:
                branch = torch.nn.functional.batch_norm(branch, None, None, training=True, eps=1e-5)
            state = torch.relu(kept[k] * state + scales[k] * branch)
        torch.nn.functional.cross_entropy(state @ layers[-1], labels[k]).backward()
        for layer, stepped in zip(layers, together.weights, strict=True):
            torch.testing.assert_close(stepped[k].detach(), (layer - rates[k] * layer.grad).detach())


def test_the_test_examples_leave_no_trace_in_the_statistics():
    random = np.random.default_rng(0)
    weights = [torch.tensor(random.standard_normal(shape)) for shape in [(1, 4, 6), (1, 6, 6), (1, 6, 2)]]
    network = ScaledNetworks(weights, torch.ones(1), torch.ones(1), True)
    rows = torch.tensor(random.standard_normal((1, 9, 4)))
    torch.testing.assert_close(network.logits(rows, 5)[:, :5], network.logits(rows[:, :5], 5))
    torch.testing.assert_close(network.logits(rows, 5)[:, 6], network.logits(rows[:, [0, 1, 2, 3, 4, 6]], 5)[:, 5])


def test_training_keeps_the_best_step_size_and_counts_divergence_as_chance():
    found = train(
        [TrainingCell(6, 0, False, width=8, steps=4, n=32, batch=16), TrainingCell(6, 1, False, width=8, steps=4, n=32, batch=16)]
    )
    assert len(found) == 2
    assert len(SETTINGS) == 12
    for result in found:
        assert set(result) == set(SCALINGS)
        assert all(0 < values["loss"] <= np.log(10) + 1e-6 and 0 <= values["test_error"] <= 1 for values in result.values())
    assert found[0]["root"]["losses"] != found[1]["root"]["losses"]


def _outcomes(change):
    study = DepthScaling("thumbnail")
    cells = study.trap().cells
    results = [change(cell, made_up(cell, 2.0)) for cell in cells]
    return {finding.claim: finding.outcome for finding in study.findings(cells, results)}


def test_every_claim_can_fail():
    def products(cell, result):
        if not isinstance(cell, WindowCell):
            return result
        return {name: {**values, "excess": 1e-3, "largest": cell.depth + 0.01 * cell.seed} for name, values in result.items()}

    assert _outcomes(products)["product"] is Verdict.REFUTED
    assert _outcomes(products)["windows"] is Outcome.REVERSED

    def outputs(cell, result):
        if not isinstance(cell, OutputCell):
            return result
        swapped = {**result["relu"], "root": result["relu"]["one"], "fourth": {"mean_factor": 1.0, "ln_norm": -1 + 0.01 * cell.seed}}
        return {**result, "relu": swapped}

    assert _outcomes(outputs)["relu"] is Verdict.REFUTED
    assert _outcomes(outputs)["stable"] is Outcome.REVERSED
    assert _outcomes(outputs)["explodes"] is Outcome.REVERSED

    def training(cell, result):
        if not isinstance(cell, TrainingCell):
            return result
        worse = {"loss": (2.0 if cell.normalised else 1.5) + 0.01 * cell.seed**2, "test_error": 0.9 + 0.01 * cell.seed}
        return {name: {**values, **(worse if name == ("one" if cell.normalised else "root") else {})} for name, values in result.items()}

    assert _outcomes(training)["training"] is Outcome.REVERSED
    assert _outcomes(training)["normalised"] is Outcome.REVERSED

    def both(cell, result):
        return {**result, "root": {**result["root"], "test_error": 0.8 + 0.01 * cell.seed}} if isinstance(cell, TrainingCell) else result

    assert _outcomes(both)["both"] is Outcome.REVERSED


def test_cells_of_one_tile_differ_in_their_seed_alone():
    study = DepthScaling("quick")
    groups = {}
    for cell in study.cells():
        if isinstance(cell, TrainingCell):
            groups.setdefault(study.group(cell), set()).add(dataclasses.replace(cell, seed=0))
    assert groups
    assert all(len(kinds) == 1 for kinds in groups.values())
