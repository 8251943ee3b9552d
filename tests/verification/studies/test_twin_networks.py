"""The study of twins: each piece against another way to it, and faults that its findings must see."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch

from genbounds.models.curvature import initial_curvature
from genbounds.models.ensemble import Ensemble
from genbounds.models.randomness.streams import Stream
from genbounds.verification.checks.outcomes import Outcome
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.populations import population
from genbounds.verification.studies.twin_networks import linear, networks, starts, theorems
from genbounds.verification.studies.twin_networks.cells import WIDTHS, LinearTwins, NetworkTwins, Starts
from genbounds.verification.studies.twin_networks.study import TwinNetworks


@pytest.mark.parametrize("loss", ["logistic", "sigmoid"])
def test_linear_descent_takes_the_steps_of_autograd(loss):
    signed = torch.randn((6, 3), dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    rows, steps = torch.tensor([[0, 3, 5, 1]]), torch.tensor([0.5, 0.25, 1.0, 2.0], dtype=torch.float64)
    found = linear.descend(loss, signed, rows, steps, [2, 4], 0.4)
    weights = torch.zeros(3, dtype=torch.float64)
    for position, step in enumerate(steps.tolist()):
        at = weights.clone().requires_grad_()
        margin = signed[rows[0, position]] @ at
        (torch.nn.functional.softplus(-margin) if loss == "logistic" else torch.sigmoid(-margin)).backward()
        weights = weights - step * at.grad
        weights = weights * min(1.0, 0.4 / float(weights.norm()))
        if position == 1:
            assert torch.allclose(found[0][0], weights, rtol=1e-10)
    assert torch.allclose(found[1][0], weights, rtol=1e-10)
    assert float(found[1][0].norm()) <= 0.4


@pytest.mark.parametrize(("loss", "step"), [("logistic", Fraction(1, 16)), ("sigmoid", Fraction(1, 8))])
def test_the_limit_is_the_recursion_of_the_theorem_written_out(loss, step):
    cell = LinearTwins("separable", loss, 6, step, 1)
    lipschitz, smoothness = map(float, linear.constants(cell))
    met, distance = [0.0, 0.0, 1.0, 0.0, 0.0, 1.0], 0.0
    for alpha, hit in zip(linear.step_sizes(cell).tolist(), met, strict=True):
        grown = distance if hit or loss == "logistic" else (1 + alpha * smoothness) * distance
        distance = grown + 2 * alpha * lipschitz * hit
    found = linear.distance_limits(cell, linear.step_sizes(cell).numpy(), np.array([met]))
    assert found == pytest.approx([distance], rel=1e-12)


def test_no_gap_of_the_sigmoid_loss_is_wider_than_the_range_of_its_values():
    cell = LinearTwins("separable", "sigmoid", 30, Fraction(1, 8), 20)
    result = linear.measure(cell)
    assert max(map(abs, result["gaps"])) <= linear.half_range(cell) < 0.1
    assert result["quotient"] <= 1
    assert result["before"] <= 1e-12


def test_the_third_derivative_of_the_sigmoid_is_at_most_an_eighth():
    """What the curvature of the start rests on, and that the second derivative vanishes at a margin of 0."""
    s = torch.sigmoid(torch.linspace(-20, 20, 4001, dtype=torch.float64))
    third = s * (1 - s) * (1 - 6 * s * (1 - s))
    assert float(third.abs().max()) == pytest.approx(1 / 8, abs=1e-15)
    half = torch.tensor(0.0, dtype=torch.float64, requires_grad=True)
    (first,) = torch.autograd.grad(torch.sigmoid(-half), half, create_graph=True)
    (second,) = torch.autograd.grad(first, half, create_graph=True)
    (largest,) = torch.autograd.grad(second, half)
    assert second.item() == 0.0
    assert abs(float(largest)) == pytest.approx(1 / 8)


def test_twins_are_one_network_until_the_replaced_example_is_met():
    """The first hits are those of the training itself: a checkpoint between two of them parts the twins that were hit from the others."""
    cell = NetworkTwins(60, Fraction(1, 20), 50, 6)
    result = networks.measure(cell)
    assert result["hits"] == [6, 16, 26, 36, 46, 56]
    assert result["before"] == 0.0
    assert [value > 0 for value in result["last"]] == [True] * 5 + [False]
    assert result["late"][0] == 0.0 < result["early"][0]


def test_distances_are_those_of_the_extracted_networks():
    ensemble = Ensemble(WIDTHS, networks=[0, 1, 2], stream=Stream("distances", "training"), dtype=torch.float64)
    raw, normalised, layers = networks.distances(ensemble)
    vectors = [torch.nn.utils.parameters_to_vector(ensemble.extract(row).parameters()).detach().numpy() for row in range(3)]
    assert raw[1] == pytest.approx(np.linalg.norm(vectors[2] - vectors[0]))
    assert normalised[1] == pytest.approx(raw[1] / np.sqrt(np.sum(vectors[2] ** 2) + np.sum(vectors[0] ** 2)))
    first = [ensemble.extract(row).linear(0).weight.detach().numpy() for row in (0, 2)]  # the biases are 0
    assert layers[0, 1] == pytest.approx(np.linalg.norm(first[1] - first[0]) / np.sqrt(np.sum(first[0] ** 2) + np.sum(first[1] ** 2)))


@pytest.mark.slow
def test_the_power_method_finds_the_curvature_of_the_measuring_layer():
    pool = population("digits")
    ensemble = starts.starting(Starts(1, 20, Fraction(1, 20), 1, 3), Stream("curvature", "training"))
    inputs, labels = torch.tensor(pool.inputs[:3]), torch.tensor(pool.labels[:3])
    found = starts.spectral_norms(ensemble, inputs, labels)
    for row in (0, 3, 6):
        expected = float(initial_curvature(ensemble.extract(row), inputs, labels))
        assert float(found[row].mean()) <= expected * (1 + 1e-6)
        assert float(found[row].mean()) == pytest.approx(expected, rel=0.05)


@pytest.mark.slow
def test_each_finding_can_fail():
    """Made-up results in which everything holds; then one fault after the other, each seen by its own finding."""
    study, (cells, sound) = TwinNetworks("thumbnail"), theorems.made_up()
    outcomes = {found.claim: found.outcome for found in study.findings(cells, sound)}
    assert outcomes.pop("network") is Verdict.ASSUMPTION_VIOLATED
    assert set(outcomes.values()) == {Verdict.NOT_REFUTED, Outcome.REPRODUCED}
    faults = {
        "recursion": {"before": 1.0},
        "expected gap": {"gaps": [0.09] * 2000},
        "start and gap": {"gaps": [0.09] * 2000},
        "first hit": {"before": 1e-9},
        "late hit": {"last": [1.0, 2.0, 3.0, 4.0]},
        "sublinear": {"raw": [1.0, 4.0, 16.0, 64.0]},
        "more examples": {"raw": [1.0, 1.0, 1.0, 1.0]},
        "larger steps": {"raw": [1.0, 1.0, 1.0, 1.0]},
        "train faster": {"gap": [4.0, 3.0, 2.0, 1.0]},
        "curvature": {"gap": [[3.0, 2.0, 1.0]] * 3},
        "early risk": {"gap": [[3.0, 2.0, 1.0]] * 3},
    }
    for claim, fault in faults.items():
        kind = NetworkTwins if claim in ("first hit", "late hit", "sublinear", "more examples", "larger steps", "train faster") else None
        kind = kind or (Starts if claim in ("curvature", "early risk") else LinearTwins)
        faulty = [{**result, **fault} if isinstance(cell, kind) else result for cell, result in zip(cells, sound, strict=True)]
        assert [found.failed for found in study.findings(cells, faulty) if found.claim == claim] == [True], claim


@pytest.mark.slow
def test_the_planted_fault_is_seen_and_the_sound_case_is_not():
    canary = TwinNetworks("thumbnail").canary()
    assert (canary.missed, canary.alarmed) == ((), ())
