"""Networks that remember their sample: norms and outputs against the matrices themselves, and faults in the bounds that they serve."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from genbounds.bounds import get
from genbounds.bounds.bounds_on import RISK
from genbounds.bounds.theorem import Bound
from genbounds.verification import check
from genbounds.verification.checks.judging import judge
from genbounds.verification.checks.matching import match
from genbounds.verification.scenarios.linear_memoriser import (
    DeepMemoriser,
    KernelAndCoins,
    KernelMemoriser,
    LinearMemoriser,
    LogitsMemoriser,
    all_different,
    root_up,
)

MOST = Fraction(9999, 10000)
SERVED = [
    ("norm_product", LinearMemoriser, 0.49),
    ("norm_product_fixed_class", LinearMemoriser, 0.49),
    ("mohri2018binary", LinearMemoriser, 0.49),
    ("bartlett1998fat_shattering", LinearMemoriser, 0.03),
    ("spectral", LinearMemoriser, 0.16),
    ("spectral_fixed_class", LinearMemoriser, 0.24),
    ("spectral_graph", LinearMemoriser, 0.13),
    ("spectral_closed", LinearMemoriser, 0.24),
    ("spectral_closed_fixed_class", LinearMemoriser, 0.24),
    ("bartlett2017spectral", LinearMemoriser, 6e-5),
    ("norm_product", LogitsMemoriser, 0.17),
    ("norm_product_fixed_class", DeepMemoriser, 0.24),
    ("kernel_predictor", KernelMemoriser, 0.49),
    ("uniform_deviation", KernelMemoriser, 0.49),
]


@pytest.mark.parametrize("kind", [LinearMemoriser, LogitsMemoriser, DeepMemoriser])
def test_norms_and_outputs_are_those_of_the_matrices(kind: type[LinearMemoriser]) -> None:
    """The network of the first n of 20 basis vectors, built and measured by numpy."""
    world, points = kind.world(1), 20
    n, norm = world.common["n"], world.common["norm_product"]
    score = norm / math.sqrt(n * kind.outputs) * (2 if kind.outputs > 1 else 1)  # the margin on the sample, from the norm
    rows = np.zeros((kind.outputs, points))
    rows[0, :n] = norm / math.sqrt(n * kind.outputs)
    rows[1:, :n] = -rows[0, :n]
    layers = [rows, *([np.ones((1, 1))] * (kind.layers - 1))]
    assert [np.linalg.norm(layer, 2) for layer in layers] == pytest.approx(world.common["spectral_norms"], rel=1e-12)
    assert [np.linalg.norm(layer, axis=1).sum() for layer in layers] == pytest.approx(world.common["distances_2_1"], rel=1e-12)
    assert math.prod(np.linalg.norm(layer) for layer in layers) == pytest.approx(norm, rel=1e-12)
    assert [layer.shape[1] for layer in layers] + [kind.outputs] == [points, *world.common["widths"][1:]]
    for point in range(points):
        output: Any = np.eye(points)[point]
        for depth, layer in enumerate(layers):
            output = layer @ (np.maximum(output, 0) if depth else output)
        margin = output[0] - output[1] if kind.outputs > 1 else output[0]
        assert margin == pytest.approx(score if point < n else 0, abs=1e-12)
    assert score > world.common["margin"]  # no example of the sample counts in the margin risk
    assert world.common["data_norm"] == pytest.approx(np.linalg.norm(np.eye(points)[:n]))


def test_the_law_is_that_of_all_samples() -> None:
    for points, n in ((4, 2), (5, 3), (3, 3)):
        different = sum(len(set(sample)) == n for sample in itertools.product(range(points), repeat=n))
        assert all_different(points, n) == Fraction(different, points**n)
    # Doubles for many draws: the logarithm summed term by term.
    points, n = 10**15 * 1000, 1000
    assert math.log(float(all_different(points, n))) == pytest.approx(math.fsum(math.log1p(-i / points) for i in range(n)), rel=1e-9)
    assert all(0 <= Fraction(root_up(n)) ** 2 - n <= Fraction(n, 2**50) for n in (1, 2, 3, 7, 4**10 - 1))


def test_beyond_the_sample_every_input_is_an_error() -> None:
    world = LinearMemoriser.world(1)
    n, points = world.common["n"], world.common["widths"][0]
    assert world.truths[RISK] == [Fraction(points - n, points), 0]


@pytest.mark.parametrize(("name", "kind", "least"), SERVED)
def test_what_the_scenario_serves(name: str, kind: type[LinearMemoriser], least: float) -> None:
    result = check(name, scenarios=kind(), rungs="exact")
    assert not result.refuted
    assert result.resolution >= least


@pytest.mark.parametrize("name", ["spectral", "spectral_fixed_class", "spectral_closed", "spectral_closed_fixed_class", "spectral_graph"])
def test_the_caps_of_complexities_and_of_cover_radii_are_taken_off(name: str) -> None:
    """What remembers its sample has the complexity 1/2 of every class: a resolution of nearly 1, but it is the cap that has it."""
    finding = check(name, scenarios=LinearMemoriser(), rungs="every sample").best
    assert finding is not None
    assert (finding[1].with_cap or 0) > 0.98
    assert 0.1 < (finding[1].resolution or 0) < 0.3


def test_complexities_of_one_output_do_not_feed_two() -> None:
    assert not check("mohri2018binary", scenarios=LogitsMemoriser()).judged


def _norms_forgotten(
    math: Any, *, margin_risk: Any, data_norm: Any, norm_product: Any, margin: Any, n: Any, delta: Any, **_: Any
) -> Mapping[str, Any]:
    """The complexity of one unit for each example, without the root of their number."""
    return {"margin risk": margin_risk, "complexity": 2 * norm_product * data_norm / (margin * n * math.sqrt(n))}


def _complexity_dropped(math: Any, *, margin_risk: Any, n: Any, delta: Any, **_: Any) -> Mapping[str, Any]:
    return {"margin risk": margin_risk, "confidence": 2 * math.sqrt(math.log_quotient(1, delta) / (2 * n))}


@pytest.mark.parametrize("kind", [LinearMemoriser, LogitsMemoriser, DeepMemoriser])
@pytest.mark.parametrize("name", ["norm_product", "norm_product_fixed_class", "spectral", "spectral_closed", "spectral_graph"])
def test_a_complexity_that_is_dropped_is_missed(name: str, kind: type[LinearMemoriser]) -> None:
    bound = get(name)
    assert isinstance(bound, Bound)
    found, world = match(bound, kind()), kind.world(5)
    assert found.judged
    assert not judge(found, world, MOST).refuted
    assert judge(found, world, MOST, formula=_complexity_dropped).refuted
    if name.startswith("norm_product"):
        assert judge(found, world, MOST, formula=_norms_forgotten).refuted


def test_a_kernel_bound_with_half_its_complexity_lost_twice_is_refuted() -> None:
    def lost(
        math: Any, *, empirical_risk: Any, lipschitz: Any, data_norm: Any, n: Any, delta: Any, level: Any, **_: Any
    ) -> Mapping[str, Any]:
        return {"empirical risk": empirical_risk, "complexity": 0.9 * lipschitz * math.power(2, level) * data_norm / n}

    bound = get("kernel_predictor")
    assert isinstance(bound, Bound)
    found, world = match(bound, KernelMemoriser()), KernelMemoriser.kernel_world(10, Fraction(1))
    assert not judge(found, world, MOST).refuted
    assert judge(found, world, MOST, formula=lost).refuted


def test_the_kernel_function_is_that_of_the_gram_matrix() -> None:
    """Interpolating the value top on n inputs has the squared norm y^T K^-1 y, and the bound is below 1 for a low ramp."""
    for power, top in ((1, Fraction(1)), (2, Fraction(1, 4))):
        world = KernelMemoriser.kernel_world(power, top)
        n = world.common["n"]
        gram, values = np.eye(n), np.full(n, float(top))
        assert world.common["norm"] == pytest.approx(math.sqrt(values @ np.linalg.solve(gram, values)), rel=1e-12)
        assert world.common["data_norm"] == pytest.approx(math.sqrt(np.trace(gram)), rel=1e-12)
    bound = get("kernel_predictor")
    assert isinstance(bound, Bound)
    low = KernelMemoriser.kernel_world(10, Fraction(1, 4))
    judgement = judge(match(bound, KernelMemoriser()), low, MOST)
    assert judgement.resolution > 0.49
    assert bound(**{name: low.exact_input(name, 0) for name in bound.inputs if name != "delta"}, delta=MOST).value < 1


@pytest.mark.parametrize("kind", [LinearMemoriser, LogitsMemoriser, DeepMemoriser])
def test_the_homogeneous_form_is_judged_too(kind: type[LinearMemoriser]) -> None:
    bound = get("spectral")
    assert isinstance(bound, Bound)
    result = check(bound, scenarios=kind(), rungs="exact", form=True)
    assert result.judged
    assert not result.refuted
    assert result.resolution > 0.04  # two classes, whose margin is sqrt 2-Lipschitz, have the least: .0497
    assert judge(match(bound, kind(), True), kind.world(5), MOST, formula=_complexity_dropped).refuted


def test_where_the_loss_ignores_the_prediction_only_the_confidence_counts() -> None:
    """Without it, or without ln(1/delta), the bound is refuted; the law is that of the coins."""
    bound = get("kernel_predictor")
    assert isinstance(bound, Bound)
    found, world = match(bound, KernelAndCoins()), KernelAndCoins.world(50, Fraction(1, 2))
    assert found.judged
    assert world.probabilities[3] == Fraction(math.comb(50, 3), 2**50)

    def without(math: Any, *, empirical_risk: Any, n: Any, delta: Any, **_: Any) -> Mapping[str, Any]:
        return {"risk": empirical_risk, "confidence": 2 * math.sqrt(math.log(2) / (2 * n))}

    seldom = Fraction(1, 10**6)
    assert judge(found, world, seldom, formula=lambda math, empirical_risk, **_: {"risk": empirical_risk}).refuted
    assert judge(found, world, seldom, formula=without).refuted
    assert not judge(found, world, seldom).refuted
