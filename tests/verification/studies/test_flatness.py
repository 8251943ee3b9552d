"""The study of flatness: its formulas against autograd, its bounds against draws, and faults that its findings must see."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from genbounds.bounds.pac_bayes import seeger2002
from genbounds.models.curvature import gradient_norms, hessian_top_eigenvalue
from genbounds.models.randomness.streams import Stream
from genbounds.verification.checks.outcomes import Outcome
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.studies.flatness import gibbs, measures, planted, theorems, training
from genbounds.verification.studies.flatness.cells import GridCell, PairsCell, ScalesCell
from genbounds.verification.studies.flatness.measures import Layers
from genbounds.verification.studies.flatness.study import Flatness


def example(networks: int = 2, n: int = 7) -> tuple[Layers, torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(3)
    first, second = (torch.randn(shape, dtype=torch.float64, generator=random) for shape in ((networks, 5, 4), (networks, 3, 5)))
    inputs = torch.randn((networks, n, 4), dtype=torch.float64, generator=random)
    return Layers(first, second), inputs, torch.randint(0, 3, (networks, n), generator=random)


def module(layers: Layers, row: int) -> nn.Module:
    network = nn.Sequential(nn.Linear(4, 5, bias=False), nn.ReLU(), nn.Linear(5, 3, bias=False)).double()
    network[0].weight.data, network[2].weight.data = layers.first[row].clone(), layers.second[row].clone()  # type: ignore[union-attr]
    return network


def hessian(layers: Layers, inputs: torch.Tensor, labels: torch.Tensor, row: int) -> torch.Tensor:
    """The whole matrix, by autograd, the first layer's weights first."""
    sizes = [20, 15]

    def loss(vector: torch.Tensor) -> torch.Tensor:
        first, second = torch.split(vector, sizes)
        return measures.mean_losses(first.reshape(1, 5, 4), second.reshape(1, 3, 5), inputs[row : row + 1], labels[row : row + 1])[0]

    found: torch.Tensor = torch.func.hessian(loss)(torch.cat([layers.first[row].flatten(), layers.second[row].flatten()]))
    return found


@pytest.mark.slow
def test_traces_and_eigenvalues_are_those_of_the_hessian_by_autograd() -> None:
    layers, inputs, labels = example()
    found = measures.moments(layers, inputs, labels)
    block, top = measures.second_block(layers, inputs), measures.top_eigenvalues(layers, inputs, labels)
    for row in range(2):
        matrix = hessian(layers, inputs, labels, row)
        assert float(found.first_trace[row]) == pytest.approx(float(matrix[:20, :20].trace()), rel=1e-10)
        assert float(found.second_trace[row]) == pytest.approx(float(matrix[20:, 20:].trace()), rel=1e-10)
        assert float(block[row]) == pytest.approx(float(torch.linalg.eigvalsh(matrix[20:, 20:])[-1]), rel=1e-10)
        largest = float(torch.linalg.eigvalsh(matrix)[-1])
        assert float(top[row]) <= largest * (1 + 1e-12)
        assert float(top[row]) == pytest.approx(largest, rel=0.01)


@pytest.mark.slow
def test_gradients_and_sharpness_are_those_of_the_measuring_layer() -> None:
    layers, inputs, labels = example()
    found = measures.moments(layers, inputs, labels).gradients
    assert found[1].tolist() == pytest.approx(gradient_norms(module(layers, 1), inputs[1], labels[1]).value, rel=1e-10)
    top = float(hessian_top_eigenvalue(module(layers, 1), inputs[1], labels[1]))
    assert float(measures.top_eigenvalues(layers, inputs, labels)[1]) == pytest.approx(top, rel=0.01)


def test_the_fisher_norm_is_that_of_the_matrix_of_gradients() -> None:
    layers, inputs, labels = example(1)
    network = module(layers, 0)
    vector = torch.cat([p.detach().flatten() for p in network.parameters()])
    matrix = torch.zeros((35, 35), dtype=torch.float64)
    for x, y in zip(inputs[0], labels[0], strict=True):
        gradients = torch.autograd.grad(nn.functional.cross_entropy(network(x[None]), y[None]), list(network.parameters()))
        gradient = torch.cat([g.flatten() for g in gradients])
        matrix += torch.outer(gradient, gradient) / len(labels[0])
    expected = float((vector @ matrix @ vector).sqrt())
    assert float(measures.moments(layers, inputs, labels).fisher[0]) == pytest.approx(expected, rel=1e-10)
    assert float(training.fisher_by_gradients(layers, inputs, labels)[0]) == pytest.approx(expected, rel=1e-10)


def test_two_solutions_become_equally_flat_and_stay_the_same_functions() -> None:
    one, inputs, labels = example()
    other = Layers(3 * one.first.flip(0), one.second.flip(0))
    levelled = training.equally_flat([one, other], inputs, labels)
    traces = [(m.first_trace + m.second_trace) for m in (measures.moments(layers, inputs, labels) for layers in levelled)]
    assert torch.allclose(traces[0], traces[1], rtol=1e-9)
    for before, after in zip((one, other), levelled, strict=True):
        assert torch.allclose(before.outputs(inputs), after.outputs(inputs), rtol=1e-12)


def test_values_drawn_for_an_example_have_the_errors_of_drawn_weights() -> None:
    """Two ways to the Gibbs risk at one example; with 20000 draws each they differ by more than 0.025 with probability below 1e-6."""
    layers, inputs, labels = example(1, 1)
    count, scale = 20_000, 0.7
    by_values = gibbs.wrong(layers, inputs.expand(1, count, 4), labels.expand(1, count), scale, Stream("gibbs", "test"), 0)[0] / count
    random = torch.Generator().manual_seed(5)
    first, second = (
        one + scale * torch.randn((count, *one.shape[1:]), dtype=torch.float64, generator=random) for one in (layers.first, layers.second)
    )
    by_weights = float((Layers(first, second).outputs(inputs).argmax(-1) != labels).double().mean())
    assert 0.1 < by_weights < 0.95
    assert abs(by_values - by_weights) < 0.025


def test_the_bound_is_the_catalogues_at_the_divergence_of_two_gaussians() -> None:
    layers, inputs, labels = example(2, 40)
    start = Layers(layers.first + 0.1, layers.second)
    pool, classes = inputs.reshape(-1, 4), labels.reshape(-1)
    found = gibbs.kl_bounds(layers, start, inputs, labels, pool, classes, 400, Stream("bounds", "test"))
    for place, scale in enumerate(gibbs.SCALES):
        kl = 20 * 0.1**2 / (2 * scale**2)
        expected = seeger2002.value(empirical_risk=found["upper"][place][1], kl=kl, n=40, delta=gibbs.DELTA)
        assert found["bound"][place][1] == pytest.approx(float(expected), rel=1e-9)
        assert found["lower"][place][1] < found["bound"][place][1]


@pytest.mark.parametrize("extent", ["thumbnail", "quick", "full"])
def test_all_bounds_together_fail_with_less_than_the_studys_share(extent: str) -> None:
    study = Flatness(extent)  # type: ignore[arg-type]
    grid: list[tuple[GridCell, dict[str, Any]]] = [(cell, {}) for cell in study.cells() if isinstance(cell, GridCell)]
    assert 0 < theorems.failing_probability(grid) <= study.alpha


@pytest.mark.slow
def test_each_finding_can_fail() -> None:
    study, (cells, sound) = Flatness("thumbnail"), planted.made_up()
    outcomes = {found.claim: found.outcome for found in study.findings(cells, sound)}
    assert set(outcomes.values()) == {Verdict.NOT_REFUTED, Outcome.REPRODUCED}
    falling = [[-value for value in result["gap"]] for result in sound[:2]]
    faults: dict[str, dict[str, Any]] = {
        "kl bound": {"lower": [[0.9] * 3] * 3},
        "rescaling": {"block": [0.25, 1.0, 2.0]},
        "normalised flatness": {"fisher": [1.0, 1.0, 1.001]},
        "Fisher-Rao norm": {"fisher_by_gradients": [2.0] * 3},
        "individually flat": {"gap": [[0.3, 0.31, 0.33], [0.2, 0.22, 0.21]]},
    }
    for claim, fault in faults.items():
        kind = {"kl bound": GridCell, "individually flat": PairsCell}.get(claim, ScalesCell)
        faulty = [{**result, **fault} if isinstance(cell, kind) else result for cell, result in zip(cells, sound, strict=True)]
        assert [found.failed for found in study.findings(cells, faulty) if found.claim == claim] == [True], claim
    faulty = [{**result, "gap": gap} for result, gap in zip(sound, falling, strict=False)] + sound[2:]
    failed = {found.claim for found in study.findings(cells, faulty) if found.outcome is Outcome.REVERSED}
    assert failed == {claim.name for claim in study.claims if claim.name.endswith("and gap")}


def test_the_planted_fault_is_seen_and_the_sound_case_is_not() -> None:
    canary = Flatness("thumbnail").canary()
    assert (canary.missed, canary.alarmed) == ((), ())


def test_a_measure_that_is_the_gap_has_tau_one() -> None:
    cells, sound = planted.made_up()
    curves = Flatness("thumbnail").curves(cells, sound)
    assert all(one["tau"] == pytest.approx(1.0) for one in curves["taus"].values())
    assert np.array(curves["bounds"]["bound"]).shape == (3, 6)
