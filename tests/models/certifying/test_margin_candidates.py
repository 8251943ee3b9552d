"""The margins that bounds are tried at, layers rescaled to equal norms, and norms beyond the doubles."""

from __future__ import annotations

import dataclasses
import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from tests.models.certified_networks import DELTA, data, fit, mlp
from torch import nn

from genbounds.bounds import Quantity
from genbounds.models import certify, certify_summary
from genbounds.models.certifying.margin_candidates import equalised
from genbounds.models.certifying.margin_search import candidate_margins
from genbounds.models.measuring.summary import summarize


def test_equalising_keeps_products_exactly() -> None:
    norms = (3.7, 0.011, 125.5)
    spectral, frobenius = Quantity(norms, "upper", "made up"), Quantity((5.0, 0.02, 300.25), "upper", "made up")
    s, f = equalised(spectral, frobenius)
    exact = [Fraction(value) for value in norms]
    assert math.prod(s.value) == math.prod(exact)  # type: ignore[arg-type]
    assert [b / a for a, b in zip(exact, s.value, strict=True)] == [b / Fraction(a) for a, b in zip(frobenius.value, f.value, strict=True)]  # type: ignore[arg-type]
    assert max(map(float, s.value)) / min(map(float, s.value)) == pytest.approx(1, rel=1e-9)  # type: ignore[arg-type]
    assert s.kind == f.kind == "upper"


def test_candidate_margins_miss_the_examples_that_define_them() -> None:
    """Just below each positive quantile of the sample's margins, where the example that has this margin is not counted."""
    summary = summarize(fit(mlp(), *data()), *data())
    ordered, candidates = np.sort(summary.margins), candidate_margins(summary)
    quantiles = {float(ordered[math.ceil(Fraction(step, 60) * 200) - 1]) for step in range(1, 61)}
    positive = [quantile for quantile in quantiles if quantile > 0]
    assert len(positive) > 40
    for quantile in positive:
        below = float(np.nextafter(quantile, 0))
        assert below in candidates
        assert summary.margin_risk(below) == Fraction(int((ordered < quantile).sum()), 200) < summary.margin_risk(quantile)
    assert all(0 < margin < ordered[-1] for margin in candidates)


@pytest.mark.slow
def test_norms_beyond_the_doubles() -> None:
    """A product of 1e400 is a Fraction: the bound is read in larger numbers or not at all, and its share is paid in any case."""
    summary = summarize(mlp(), *data())
    huge = Quantity((1e200, 1e200), "upper", "made up")
    table = certify_summary(dataclasses.replace(summary, frobenius_norms=huge, spectral_norms=huge), held_out=(3, 100))
    assert all(row.value > 1 for row in table.rows if row.bound.startswith("margin"))
    reasons = dict(table.not_applicable)
    assert "norm_product must be at most 1.8e308" in reasons["margin.norm_product"]
    shadowed = {"margin.spectral_closed", "holdout.chernoff_kl", "holdout.hoeffding", "holdout.empirical_bernstein"}
    able = {row.bound for row in table.rows} - shadowed
    assert able == {
        "holdout.clopper_pearson",
        "vc.growth_function",
        "vc.relative_deviation_growth",
        "margin.spectral",
        "margin.spectral_graph",
        "margin.bartlett2017spectral",
    }
    assert table.best is not None
    assert table.best.note == "held out; at the whole of delta"
    assert table.best.inputs["delta"] == DELTA


@pytest.mark.slow
def test_a_graph_beyond_the_doubles_still_costs_its_share() -> None:
    """Norms of 1e105 three times: the constants of the graph's bound overflow because of what the sample trained, and its shares are paid,
    at each reference, as they are where nothing overflows.
    """

    def network(*scales: float) -> nn.Module:
        torch.manual_seed(0)
        layers = [nn.Linear(width, after, bias=False) for width, after in ((4, 8), (8, 8), (8, 8), (8, 3))]
        with torch.no_grad():
            for layer, scale in zip(layers, scales, strict=True):
                layer.double().weight.mul_(scale)
        return nn.Sequential(layers[0], nn.ReLU(), layers[1], nn.ReLU(), layers[2], nn.ReLU(), layers[3])

    x, y = data()
    for initial, references in ((None, 1), (network(1, 1, 1, 1), 2)):
        notes = []
        for scales in ((1.0, 1.0, 1.0, 1.0), (1e-200, 1e105, 1e105, 1e105)):
            model = network(*scales)
            table = certify(model, (x, y), held_out=(x + 1, y), initial=initial)
            shown = sum(row.bound == "margin.spectral_graph" for row in table.rows)
            assert shown == (references if scales[0] == 1 else 0)
            assert table.best is not None
            notes.append(table.best.note)
        assert notes[0] == notes[1]
        assert "above 1.8e308" in dict(table.not_applicable)["margin.spectral_graph"]
        assert summarize(model, x, y).covers_overflow
