"""The pieces of the study of depth against independent values: the networks that shatter, the search, the certificate's margin."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch

from genbounds.bounds.margin import norm_product
from genbounds.bounds.vc import dimension_relu_network
from genbounds.verification.checks.outcomes import Outcome
from genbounds.verification.checks.verdicts import Verdict
from genbounds.verification.studies.depth.extraction import Constructed, Layer, build, construct, outputs, sparse_dimension, wrong_bits
from genbounds.verification.studies.depth.made_up import made_up
from genbounds.verification.studies.depth.searched import Searched, correlation, points, search, signs
from genbounds.verification.studies.depth.study import Depth
from genbounds.verification.studies.depth.table import Tabled, table
from genbounds.verification.studies.depth.trained import DELTA, QUANTILES, Trained, best_margin, train


@pytest.mark.parametrize(("bits", "together"), [(1, 1), (4, 1), (4, 2), (6, 3), (5, 5)])
def test_the_fixed_network_gives_every_bit_of_every_number(bits: int, together: int) -> None:
    numbers = np.arange(2**bits)
    layers = build(bits, together)
    assert wrong_bits(layers, numbers, bits) == 0
    # On the whole numbers the last value is exactly -1 or 1.
    assert set(outputs(layers, numbers, bits).ravel().tolist()) <= {-1, 1}


def test_all_labellings_of_six_points_are_attained_by_the_whole_network() -> None:
    n, bits = 2, 3
    layers = build(bits, 1)
    for labels in itertools.product((0, 1), repeat=n * bits):
        table = np.array(labels).reshape(n, bits)
        first = table @ 2 ** np.arange(bits - 1, -1, -1)  # the first unit's weights: A = sum_i A_i u_i at u = e_i
        assert np.array_equal(outputs(layers, np.eye(n, dtype=np.int64) @ first, bits) > 0, table == 1)


def test_one_wrong_weight_is_seen() -> None:
    layers = build(4, 2)
    broken = layers[2].weights.copy()
    broken.data[0] += 1
    assert wrong_bits([*layers[:2], Layer(broken, layers[2].biases), *layers[3:]], np.arange(16), 4) > 0


def test_parameters_and_layers_are_as_counted_by_hand() -> None:
    n, blocks, r = 5, 3, 2
    found = construct(Constructed(n, blocks * r, r))
    # A block: 2 (2^r - 1) units of two parameters twice, the rest (2^r + 1), gates 2^(r+1) - 2 - r + 2 r; the last block has no rest.
    block = 4 * (2**r - 1) + (2**r + 1) + (2 ** (r + 1) - 2 + r)
    assert found["parameters"] == (n + 1) + blocks * block - (2**r + 1) + (blocks * r + 1)
    assert found["layers"] == 3 * blocks + 2
    assert (found["lower"], found["wrong"]) == (n * blocks * r, 0)
    assert found["lower"] < found["upper"]


@pytest.mark.parametrize("widths", [(2, 3, 1), (10, 20, 20, 1), (784, 600, 600, 1)])
def test_the_upper_bound_by_layers_is_the_catalogues_where_layers_are_full(widths: tuple[int, ...]) -> None:
    parameters = [(a + 1) * b for a, b in itertools.pairwise(widths)]
    ours = sparse_dimension(parameters, widths[1:])
    assert ours == pytest.approx(float(dimension_relu_network(widths=widths, form="closed").value), rel=1e-12)


def test_bits_that_blocks_do_not_divide_are_refused() -> None:
    with pytest.raises(ValueError, match="together must divide bits"):
        build(5, 2)


def test_the_search_finds_the_closed_form_of_linear_rules() -> None:
    cell = Searched(1, n=4, inputs=3, steps=150)
    (found,) = search([cell])
    sample = points(cell).numpy()
    exact = np.mean([np.linalg.norm(np.array(eps) @ sample) for eps in itertools.product((-1, 1), repeat=4)]) / 4
    assert found["linear"] == pytest.approx(exact, rel=1e-12)
    assert exact * (1 - 1e-3) < found["found"] <= exact * (1 + 1e-12)
    assert found["bound_2015"] == pytest.approx(float(np.linalg.norm(sample)) / 4)


def test_the_correlation_is_that_of_the_network_of_norm_product_one() -> None:
    draw = torch.Generator().manual_seed(3)
    layers = [torch.randn(1, 5, 3, generator=draw, dtype=torch.float64), torch.randn(1, 1, 5, generator=draw, dtype=torch.float64)]
    sample, eps = torch.randn(4, 3, generator=draw, dtype=torch.float64), signs(4)[3]
    value = 0.0
    for x, sign in zip(sample, eps, strict=True):
        hidden = [max(0.0, float(row @ x)) for row in layers[0][0]]
        value += float(sign) * sum(float(a) * h for a, h in zip(layers[1][0, 0], hidden, strict=True))
    expected = abs(value) / float(layers[0].norm() * layers[1].norm())
    assert float(correlation(layers, sample.T[None], eps[None])) == pytest.approx(expected, rel=1e-12)


def test_the_best_margin_is_no_worse_than_any_other_that_is_tried() -> None:
    margins = np.linspace(-0.1, 4.0, 300)
    found = best_margin(margins, 8.0, 3, 30.0)
    for quantile in QUANTILES[1:]:
        margin = float(np.quantile(margins, quantile))
        inputs = {"margin_risk": float(np.mean(margins <= margin)), "margin": margin, "norm_product": 8, "depth": 3, "outputs": 1}
        assert margin <= 0 or found["bound"] <= norm_product(**inputs, data_norm=30, n=300, delta=DELTA).value * (1 + 1e-9)


def test_the_table_orders_the_kinds_at_depth() -> None:
    found = table(Tabled(16))
    assert found["parameters"] == 20 * 11 + 14 * 20 * 21 + 21
    assert found["threshold"] < found["piecewise linear"] < found["piecewise polynomial"] < found["sigmoid"]


def test_each_claim_that_could_fail_does_on_results_of_its_fault() -> None:
    cells, _, sound = made_up()
    study = Depth("thumbnail")

    def outcome(claim: str, **change: object) -> object:
        results = [{**one, **{key: value for key, value in change.items() if key in one}} for one in sound]
        return next(found.outcome for found in study.findings(cells, results) if found.claim == claim)

    assert outcome("norm product") is Outcome.REPRODUCED
    assert outcome("norm product", layer_norm=40.0) is Outcome.NOT_REPRODUCED  # B is ten times the factor by which the bound grows
    assert outcome("shattered by construction", wrong=1) is Verdict.REFUTED
    below = [{**one, "upper": one["lower"] / 2} if "lower" in one else one for one in sound]
    assert {finding.claim: finding.outcome for finding in study.findings(cells, below)}["shattered by construction"] is Verdict.REFUTED
    assert outcome("W L log W") is Outcome.REPRODUCED
    roots = [{**one, "lower": one["lower"] ** 0.5} if "lower" in one else one for one in sound]
    assert {finding.claim: finding.outcome for finding in study.findings(cells, roots)}["W L log W"] is Outcome.NOT_REPRODUCED
    steeper = [{**one, "risk": one["bound"] ** 2} if "risk" in one else one for one in sound]
    found = {finding.claim: finding.outcome for finding in study.findings(cells, steeper)}
    assert found["not the risk"] is Outcome.REVERSED


def test_a_network_is_the_same_alone_and_in_company() -> None:
    cells = [Trained(2, width=4, n=40, steps=5, seed=seed) for seed in (0, 7)]
    together = train(cells)
    assert train([cells[1]]) == [together[1]]
    assert train([replace(cells[1], seed=8)]) != [together[1]]
    assert together[0]["log_product"] == pytest.approx(2 * np.log(together[0]["layer_norm"]))
