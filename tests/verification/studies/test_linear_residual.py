"""Linear residual networks: the formula of the gradient against finite differences, the inequality by hand, and the trap's kind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.studies.linear_residual.networks import formula, loss, products
from genbounds.verification.studies.linear_residual.study import LinearResidual


def test_products_and_loss_by_hand() -> None:
    generator = np.random.default_rng(3)
    blocks = generator.normal(size=(1, 3, 2, 2))
    eye = np.eye(2)
    by_hand = (eye + blocks[0, 2]) @ (eye + blocks[0, 1]) @ (eye + blocks[0, 0])
    assert np.allclose(products(torch.from_numpy(blocks))[0], by_hand, rtol=1e-14)
    inputs, target = generator.normal(size=(7, 2)), generator.normal(size=(2, 2))
    mean = np.mean([np.sum((by_hand @ x - target @ x) ** 2) for x in inputs])
    moments = torch.from_numpy(inputs.T @ inputs / 7)
    assert float(loss(torch.from_numpy(blocks), torch.from_numpy(target), moments)[0]) == pytest.approx(mean, rel=1e-12)


def test_the_formula_of_the_gradient_against_central_differences() -> None:
    generator = torch.Generator().manual_seed(5)
    blocks, target = torch.randn(1, 4, 3, 3, generator=generator).double(), torch.randn(3, 3, generator=generator).double()
    root = torch.randn(3, 3, generator=generator).double()
    moments, step = root @ root.mT, 1e-6
    found = formula(blocks, target, moments)
    for place in np.ndindex(1, 4, 3, 3):
        ahead, behind = blocks.clone(), blocks.clone()
        ahead[place] += step
        behind[place] -= step
        slope = (loss(ahead, target, moments) - loss(behind, target, moments)) / (2 * step)
        assert float(slope[0]) == pytest.approx(float(found[place]), rel=1e-4, abs=1e-5)


def test_a_gradient_that_is_too_small_refutes_and_a_plateau_of_the_residual_form_is_no_success() -> None:
    study = LinearResidual("thumbnail")
    trap = study.trap()
    assert {f.claim: f.outcome for f in study.findings(trap.cells, trap.faulty)}["no other stationary point"] is Verdict.REFUTED
    stuck = [{**result, "residual_end": 0.9} for result in trap.sound]
    cells = [replace(cell, seed=place) for place, cell in enumerate(trap.cells)]
    assert {f.claim: str(f.outcome) for f in study.findings(cells, stuck)}["training"] == "reversed"
    wrong = [{**result, "gradient_error": 1e-3} for result in trap.sound]
    assert {f.claim: f.outcome for f in study.findings(cells, wrong)}["gradient"] is Verdict.REFUTED
