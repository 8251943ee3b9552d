"""Compiled steps: which networks take them, that company changes no bit, and what diverges is seen to diverge.

That they are PyTorch's steps is tested in ``test_ensemble.py`` and ``test_training_kinds.py``, network by network.
"""

from __future__ import annotations

import pickle
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from genbounds.models.ensemble import Adam, Ensemble, IndexSamples
from genbounds.models.ensemble.backpropagation import DensePass
from genbounds.models.networks.activations import ACTIVATIONS
from genbounds.models.randomness.streams import Stream
from genbounds.models.runtime import compiling

POOL, WIDTH = 50, 6
STREAM = Stream("tests", "compiled")
INPUTS = STREAM.sub("inputs").normal(range(POOL), 0, WIDTH)
LABELS = STREAM.sub("labels").integers(range(POOL), 0, 1, 3)[:, 0]
SETTINGS = {"steps": 40, "batch_size": 7, "learning_rate": 0.1}


def trained(networks, *, samples: torch.Tensor, activation="relu", dtype=torch.float32, inputs=INPUTS, **settings) -> Ensemble:
    ensemble = Ensemble([WIDTH, 9, 9, 3], activation, networks=networks, stream=STREAM, residual=True, tau=0.3, dtype=dtype)
    ensemble.train(inputs, LABELS, IndexSamples(samples), **{**SETTINGS, **settings})
    return ensemble


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("setting", [{}, {"momentum": 0.9, "order": "permutation"}, {"adam": Adam(), "weight_decay": 0.1}], ids=str)
def test_company_tiles_and_threads_change_no_bit(setting, dtype):
    everyone = list(range(12))
    samples = IndexSamples.draw(STREAM.sub("sample"), everyone, POOL, 20).indices
    together = trained(everyone, samples=samples, dtype=dtype, **setting)
    for networks, row, more in (
        ([7], 0, {}),
        ([3, 7, 7], 2, {}),
        (everyone, 7, {"tiles": [slice(0, 5), slice(5, 12)], "threads": 2}),
    ):
        other = trained(networks, samples=samples[networks], dtype=dtype, **setting, **more)
        assert all(torch.equal(a[row], b[7]) for a, b in zip(other.parameters, together.parameters, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("activation", "torch_does_it"),
    [("relu", False), ("leaky_relu", False), ("tanh", True), (replace(ACTIVATIONS["relu"], forward_=torch.abs_), True)],
    ids=["relu", "leaky_relu", "tanh", "another function called relu"],
)
def test_piecewise_linear_networks_are_compiled_and_no_others(activation, torch_does_it, monkeypatch):
    passes = []
    forward = DensePass.forward
    monkeypatch.setattr(DensePass, "forward", lambda self, inputs: passes.append(1) or forward(self, inputs))
    samples = IndexSamples.draw(STREAM.sub("sample"), [0], POOL, 20).indices
    trained([0], samples=samples, activation=activation)
    assert len(passes) == (SETTINGS["steps"] if torch_does_it else 0)
    trained([0], samples=samples, activation=activation, order="full", batch_size=None, steps=1)
    assert len(passes) > (SETTINGS["steps"] if torch_does_it else 0)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
def test_what_diverges_is_not_a_number_and_errs(activation):
    samples = IndexSamples.draw(STREAM.sub("sample"), range(2), POOL, 20).indices
    rates = torch.tensor([1e30, 0.1])
    ensemble = trained(range(2), samples=samples, activation=activation, learning_rate=rates)
    assert all(parameter[0].isnan().all() for parameter in ensemble.weights)
    assert all(parameter[1].isfinite().all() for parameter in ensemble.parameters)
    assert int(ensemble.errors(INPUTS, LABELS)[0]) == POOL


@pytest.mark.parametrize(
    "change", [lambda p: p[:-1], lambda p: [p[0].mT, *p[1:]], lambda p: [*p[:-1], p[-1][:, :-1]], lambda p: [p[0].half(), *p[1:]]]
)
def test_parameters_of_other_shapes_are_refused(change):
    """The loops look at no bounds."""
    ensemble = Ensemble([WIDTH, 9, 3], networks=2, stream=STREAM)
    ensemble.parameters = change(ensemble.parameters)
    with pytest.raises(ValueError, match="do not replace an ensemble's parameters"):
        ensemble.train(INPUTS, LABELS, IndexSamples(torch.arange(20)), **SETTINGS)


@pytest.mark.slow
def test_projected_networks_lie_in_the_ball_in_float64_too():
    """Long rows of parameters, whose sums of squares round: norms are looked at with eleven bits more."""
    ensemble = Ensemble([WIDTH, 60000, 3], networks=8, stream=STREAM, dtype=torch.float64)
    ensemble.train(INPUTS, LABELS, IndexSamples(torch.arange(20)), steps=1, batch_size=4, learning_rate=0.5, projection_radius=1.0)
    for k in range(8):
        numbers = torch.cat([parameter[k].flatten() for parameter in ensemble.parameters]).numpy().astype(np.longdouble)
        assert 1 - 1e-9 < np.sum(numbers * numbers) <= 1


@pytest.mark.slow
def test_a_block_of_steps_takes_a_fraction_of_a_second():
    """Whoever waits for progress, or interrupts, waits for the steps of one block: 1e10 operations at the most, or one step."""
    ensemble, reports = Ensemble([WIDTH, 400, 400, 3], networks=2, stream=STREAM), []
    samples = IndexSamples(torch.arange(POOL))
    ensemble.train(INPUTS, LABELS, samples, steps=200, batch_size=50, learning_rate=0.01, progress=lambda done, total: reports.append(done))
    per_step = 2 * 6 * 50 * sum(parameter[0].numel() for parameter in ensemble.parameters)
    most = max(b - a for a, b in pairwise([0, *reports])) // 2
    assert most == 10**10 // per_step == 101


@pytest.mark.parametrize("error", [OSError("no space"), EOFError("Ran out of input"), pickle.UnpicklingError("damaged")], ids=repr)
def test_a_full_disk_or_a_damaged_cache_stops_nothing(error, monkeypatch):
    class Broken:
        def load_overload(self, *arguments):
            raise error

    def fill(row):
        row[:] = 3.0

    row = torch.zeros(4)
    function = compiling.compiled(fill)
    monkeypatch.setattr(compiling, "_functions", [function])
    function._cache = Broken()
    compiling.call(function, row.numpy())
    assert row.tolist() == [3.0] * 4


def test_without_a_place_to_keep_it_a_function_is_compiled_all_the_same(monkeypatch):
    asked = []
    njit = compiling.numba.njit

    def nowhere(**settings):
        asked.append(settings.get("cache", False))
        if asked[-1]:
            raise RuntimeError("cannot cache function: no locator available")
        return njit(**settings)

    monkeypatch.setattr(compiling.numba, "njit", nowhere)

    def fill(row):
        row[:] = 3.0

    row = torch.zeros(4)
    compiling.compiled(fill)(row.numpy())
    assert row.tolist() == [3.0] * 4
    assert asked == [True, False]
