"""Building blocks: parameters by their formulas, collapse by hand, slopes by differences, and what the findings must see."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from genbounds.models.networks.attention import SelfAttention
from genbounds.models.networks.initialisation import initialise_module
from genbounds.models.randomness.streams import Stream
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.studies.building_blocks.networks import SCALES, BlockCell, affine_error, attention_slopes, block_results, slopes
from genbounds.verification.studies.building_blocks.study import BuildingBlocks
from genbounds.verification.studies.building_blocks.tasks import IDENTITY, KINDS, TASKS, build, formulas


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_follow_the_formulas_and_no_unit_is_left_with_the_identity(kind: str) -> None:
    assert sum(parameter.numel() for parameter in build(kind, "relu").parameters()) == formulas()[kind]
    assert not [part for part in build(kind, IDENTITY).modules() if isinstance(part, nn.ReLU)]
    assert [part for part in build(kind, "relu").modules() if isinstance(part, nn.ReLU)]


def test_other_kinds_and_activations_are_refused() -> None:
    with pytest.raises(ValueError, match="kind must be one of"):
        build("pooling", "relu")
    with pytest.raises(ValueError, match="activation must be relu"):
        build("dense", "tanh")


def test_a_deep_network_of_identities_is_the_product_of_its_matrices() -> None:
    network = build("dense", IDENTITY)
    initialise_module(network, Stream("test", "collapse"), 0)
    matrix, offset = torch.eye(30).double(), torch.zeros(30).double()
    for layer in [part for part in network.modules() if isinstance(part, nn.Linear)]:
        matrix, offset = layer.weight.double() @ matrix, layer.weight.double() @ offset + layer.bias.double()
    points = torch.randn(5, 30, generator=torch.Generator().manual_seed(0)).double()
    assert torch.allclose(network.double()(points), points @ matrix.mT + offset, rtol=1e-10, atol=1e-12)
    assert affine_error(network.float(), points.float()) < 1e-12
    initialise_module(bent := build("dense", "relu"), Stream("test", "collapse"), 0)
    assert affine_error(bent, points.float()) > 1e-2


def test_slopes_of_a_linear_layer_are_its_norm_at_every_scale() -> None:
    layer = nn.Linear(4, 3)
    wanted = np.linalg.svd(layer.weight.detach().double().numpy(), compute_uv=False)[0]
    assert slopes(layer, torch.randn(6, 4)) == pytest.approx([wanted] * len(SCALES), rel=1e-9)


def test_the_attention_derivative_by_its_formula() -> None:
    layer = SelfAttention(6, torch.float32, "cpu")
    initialise_module(layer, Stream("test", "attention"), 1)
    query, key, value, out = (part.weight.detach().double().numpy() for part in (layer.query, layer.key, layer.value, layer.out))
    unit = np.ones(6) / math.sqrt(6)
    found = attention_slopes(layer)
    for scale, norm in zip(SCALES, found, strict=True):
        tokens = np.stack([np.zeros(6), *[scale * (-1) ** place * unit for place in range(7)]])  # biases are 0: token 1 is 0
        covariance = np.cov(tokens.T, bias=True)
        by_hand = out @ value @ (covariance @ key.T @ query / math.sqrt(6) + np.eye(6) / 8)  # the last: token 1 is a value too
        assert norm == pytest.approx(np.linalg.svd(by_hand, compute_uv=False)[0], rel=1e-6)
    assert found[-1] / found[-2] == pytest.approx((SCALES[-1] / SCALES[-2]) ** 2, rel=1e-4)  # up to the constant part


@pytest.mark.slow
def test_a_certified_network_has_its_slopes_below_the_bound_and_reasons_for_what_is_missing() -> None:
    (result,) = block_results([BlockCell("dense", "relu", TASKS["dense"].population, 60, 100, 30, certified=True)])
    assert max(result["slopes"]) <= result["upper"]
    assert 0 < result["lower"] <= result["upper"]
    assert not any(one["failed"] for one in result["certificates"])
    assert {one["bound"].split(".")[0] for one in result["certificates"]} == {"holdout", "vc", "margin"}
    assert all(reason for _, reason in result["not_applicable"])


def test_planted_faults_of_other_kinds_are_seen() -> None:
    study = BuildingBlocks("thumbnail")
    trap = study.trap()

    def outcome(results: list[object], claim: str) -> str:
        return str({found.claim: found.outcome for found in study.findings(trap.cells, results)}[claim])  # type: ignore[arg-type]

    sound = list(trap.sound)
    assert outcome(sound, "activations pay") == "reproduced"
    assert outcome([{**result, "parameters": 1} for result in sound], "parameters") == str(Verdict.REFUTED)
    linear = [{**result, "layer_slopes": list(SCALES)} for result in sound]
    assert outcome(linear, "attention has none on all inputs") == "not reproduced"
    bracket = {"lower": 0.5, "upper": 2.0, "ball": "", "certificates": []}
    steep = {**bracket, "slopes": [1.0, 1.0, 1.0, 1.0, 3.0]}
    assert outcome([{**result, **bracket} for result in sound], "Lipschitz constants") == str(Verdict.NOT_REFUTED)
    assert outcome([{**result, **steep} for result in sound], "Lipschitz constants") == str(Verdict.REFUTED)
    above = {**bracket, "lower": 2.1}
    assert outcome([{**result, **above} for result in sound], "Lipschitz constants") == str(Verdict.REFUTED)


def test_certificates_that_fail_for_three_networks_are_refuted_and_for_one_they_are_not_judged() -> None:
    study = BuildingBlocks("thumbnail")
    trap = study.trap()
    failing = {
        "lower": 0.5,
        "upper": 2.0,
        "ball": "",
        "certificates": [{"bound": "vc.sauer", "form": "", "value": 0.1, "vacuous": False, "violated": False, "failed": True}],
    }
    cells = [*trap.cells, *(type(cell)(**{**vars(cell), "seed": 2}) for cell in trap.cells if cell.seed == 0)]
    results = [*trap.sound, *(result for cell, result in zip(trap.cells, trap.sound, strict=True) if cell.seed == 0)]
    found = {one.claim: one.outcome for one in study.findings(cells, [{**result, **failing} for result in results])}
    assert found["certificates"] is Verdict.REFUTED
    few = [{**result, **failing} if cell.seed == 0 else result for cell, result in zip(cells, results, strict=True)]
    assert {one.claim: one.outcome for one in study.findings(cells, few)}["certificates"] is Verdict.NOT_APPLICABLE
