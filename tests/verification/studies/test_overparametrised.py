"""The study of overparametrised training: its formulas against autograd and refits, and faults that its findings must see."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from genbounds.models.randomness.streams import Stream
from genbounds.verification.checks.optimisation import arc_cosine_kernel
from genbounds.verification.checks.outcomes import Outcome
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.studies.overparametrised import descent, kernels, planted
from genbounds.verification.studies.overparametrised.cells import (
    DIMENSION,
    POINTS,
    AccuracyCell,
    DescentCell,
    KernelCell,
    SmoothCell,
)
from genbounds.verification.studies.overparametrised.study import Overparametrised


def smooth(width: int) -> tuple[torch.Tensor, torch.Tensor]:
    stream = Stream("smooth", "test")
    weights = stream.normal([0], 0, width * DIMENSION).double().reshape(width, DIMENSION)
    return weights, 2.0 * stream.sub("signs").integers([0], 0, width, 2)[0].double() - 1


def test_the_smooth_kernel_and_the_bound_on_its_hessians_are_those_of_autograd() -> None:
    inputs, _ = descent.examples(0)
    weights, signs = smooth(6)
    jacobian = torch.func.jacrev(lambda w: descent.smooth_outputs(w, signs, inputs))(weights).flatten(1)
    expected = jacobian @ jacobian.T
    assert torch.allclose(descent.smooth_kernel(weights, inputs, inputs @ inputs.T), expected, rtol=1e-10)
    one = inputs[:1]
    hessian = torch.func.hessian(lambda w: descent.smooth_outputs(w.reshape(6, DIMENSION), signs, one)[0])(weights.flatten())
    assert float(torch.linalg.matrix_norm(hessian, 2)) <= descent.CURVATURE / math.sqrt(6) * float(one.square().sum())


def test_the_largest_second_derivative_of_tanh() -> None:
    t = torch.tanh(torch.linspace(-4, 4, 80_001, dtype=torch.float64))
    assert float((2 * t * (1 - t**2)).abs().max()) == pytest.approx(descent.CURVATURE, rel=1e-8)
    assert float((2 * t * (1 - t**2)).abs().max()) <= descent.CURVATURE


def test_the_error_term_is_what_a_step_of_autograd_leaves() -> None:
    inputs, labels = descent.examples(3)
    found = descent.measure_smooth(SmoothCell(5, 2, 3))
    stream = Stream("overparametrised 3", "smooth")
    weights = stream.normal([0], 0, 5 * DIMENSION).double().reshape(5, DIMENSION)
    signs = 2.0 * stream.sub("signs").integers([0], 0, 5, 2)[0].double() - 1
    free = weights.clone().requires_grad_()
    residual = descent.smooth_outputs(free, signs, inputs) - labels
    (gradient,) = torch.autograd.grad(0.5 * residual.square().sum(), free)
    kernel = descent.smooth_kernel(weights, inputs, inputs @ inputs.T)
    step = 1 / float(torch.linalg.eigvalsh(kernel)[-1])
    after = descent.smooth_outputs(weights - step * gradient, signs, inputs) - labels
    before = residual.detach()
    assert found["errors"][0] == pytest.approx(float((after - before + step * kernel @ before).norm()), rel=1e-8)
    norm = math.sqrt(sum((descent.CURVATURE / math.sqrt(5) * float(x @ x)) ** 2 for x in inputs))
    assert found["bounds"][0] == pytest.approx(step**2 / 2 * norm * float(gradient.square().sum()), rel=1e-8)
    assert all(error <= bound for error, bound in zip(found["errors"], found["bounds"], strict=True))


def test_the_mean_kernel_of_many_networks_is_the_infinite_one() -> None:
    """The mean over 400 networks of width 50: 20000 hidden units, so that the relative distance is about 1/100 of that of two units."""
    inputs, _ = descent.examples(0)
    kernel = torch.zeros((POINTS, POINTS), dtype=torch.float64)
    generator = torch.Generator().manual_seed(0)
    for _ in range(400):
        first = torch.randn((50, DIMENSION), dtype=torch.float64, generator=generator)
        second = torch.randn(50, dtype=torch.float64, generator=generator)
        values = inputs @ first.T * math.sqrt(2 / DIMENSION)
        hidden, slopes = torch.relu(values), (values > 0).double() * second
        kernel += (hidden @ hidden.T + slopes @ slopes.T * (inputs @ inputs.T) * 2 / DIMENSION) / 50 / 400
    assert descent.distance_to_infinite(kernel.numpy(), inputs) < 0.03


def test_a_network_has_unit_weights_and_the_outputs_of_its_layers() -> None:
    model = descent.network(64, 2, 0)
    weights = [parameter.detach() for parameter in model.parameters()]
    assert [tuple(w.shape) for w in weights] == [(64, 10), (64, 64), (1, 64)]
    assert float(weights[1].std()) == pytest.approx(1.0, abs=0.05)
    x = descent.examples(0)[0]
    hidden = torch.relu(torch.relu(x @ weights[0].T * math.sqrt(2 / 10)) @ weights[1].T * math.sqrt(2 / 64))
    assert torch.allclose(model(x), hidden @ weights[2].T / 8, rtol=1e-12)


def test_the_refits_solve_the_problem_without_one_example() -> None:
    random = np.random.default_rng(1)
    inputs = random.standard_normal((6, DIMENSION))
    gram, labels = arc_cosine_kernel(inputs, 1, 1.0, 1.0), random.standard_normal(6)
    error, norm = kernels.refit(gram, labels, 5)
    weights = np.linalg.lstsq(gram[:5, :5], labels[:5], rcond=None)[0]
    assert error == pytest.approx(labels[5] - gram[5, :5] @ weights, rel=1e-9)
    assert norm == pytest.approx(weights @ gram[:5, :5] @ weights, rel=1e-9)


def test_leave_one_out_errors_and_their_bound_on_real_samples() -> None:
    found = kernels.measure(KernelCell((4, 12), 3))
    assert found["identity"] < 1e-9
    assert 0.5 < found["inequality"] <= 1 + 1e-9
    assert len(found["differences"]) == 3


def test_kernel_regression_interpolates_its_sample_almost() -> None:
    random = np.random.default_rng(2)
    inputs, labels = random.standard_normal((30, 5)), random.integers(0, 10, 30)
    sample = np.arange(20)
    found = kernels.regression(arc_cosine_kernel(inputs, 1, 1.0, 1.0), sample, labels)
    assert found.shape == (30,)
    assert (found[:20] == labels[:20]).all()


def test_each_finding_can_fail() -> None:
    study, (cells, sound) = Overparametrised("thumbnail"), planted.made_up()
    outcomes = {found.claim: found.outcome for found in study.findings(cells, sound)}
    assert set(outcomes) == {claim.name for claim in study.claims}
    assert set(outcomes.values()) == {Verdict.NOT_REFUTED, Outcome.REPRODUCED}
    faults: dict[str, tuple[type, Any]] = {
        "error term": (SmoothCell, {"errors": [0.5, 0.6]}),
        "linear convergence": (DescentCell, {"real": [1.0, 1.0, 0.01]}),
        "dynamics": (DescentCell, lambda cell: {"deviation": 0.1 * cell.width}),
        "kernel drift": (DescentCell, lambda cell: {"drift": 0.1 * cell.width}),
        "infinite width": (DescentCell, {"infinite": 0.1}),
        "wider is easier": (DescentCell, lambda cell: {"real": [1.0, 0.1, 0.01 * cell.width]}),
        "deeper is harder": (DescentCell, lambda cell: {"real": [1.0, 0.1, 0.1 / cell.depth]}),
        "leave-one-out identity": (KernelCell, {"identity": 1e-3}),
        "leave-one-out bound": (KernelCell, {"inequality": 1.01}),
        "network and kernel": (AccuracyCell, {"kernel": [0.97, 0.98, 0.97]}),
        "last layer only": (AccuracyCell, {"features": [0.97, 0.98, 0.97]}),
    }
    for claim, (kind, fault) in faults.items():
        planted_in = fault if callable(fault) else lambda _, fault=fault: fault
        faulty = [{**result, **planted_in(cell)} if isinstance(cell, kind) else result for cell, result in zip(cells, sound, strict=True)]
        assert [found.failed for found in study.findings(cells, faulty) if found.claim == claim] == [True], claim


def test_the_planted_fault_is_seen_and_the_sound_case_is_not() -> None:
    canary = Overparametrised("thumbnail").canary()
    assert (canary.missed, canary.alarmed) == ((), ())
