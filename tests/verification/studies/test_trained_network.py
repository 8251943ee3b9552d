"""Trained networks: the exact risk, and draws that depend on the cell alone."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch

from genbounds.models.ensemble import CountSamples, Ensemble
from genbounds.models.measuring.summary import summarize
from genbounds.models.networks import DenseNetwork
from genbounds.models.randomness.streams import Stream
from genbounds.verification.populations import population
from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.runs.cells import digest
from genbounds.verification.studies.trained_network import NetworkCell, exact_margin, key, mistakes, train

CELL = NetworkCell("breast_cancer", (30, 4, 1), 300, (), steps=60, held_out=500)


def naive_margin(weights: list[np.ndarray], biases: list[np.ndarray], x: np.ndarray, label: int) -> float:
    for w, b in zip(weights[:-1], biases[:-1], strict=True):
        x = np.maximum(w @ x + b, 0)
    out = weights[-1] @ x + biases[-1]
    if len(out) == 1:
        return float(out[0] if label == 1 else -out[0])
    return float(out[label] - max(v for i, v in enumerate(out) if i != label))


@pytest.mark.parametrize(("name", "widths"), [("breast_cancer", (30, 8, 1)), ("digits", (64, 6, 10)), ("digits_0_vs_rest", (64, 1))])
def test_exact_margins_agree_with_a_loop_in_floats(name: str, widths: tuple[int, ...]) -> None:
    pool = population(name)
    network = DenseNetwork(widths).initialise(Stream("test", "weights"), 0)
    layers = [network.linear(i) for i in range(len(widths) - 1)]
    with torch.no_grad():
        for layer in layers:
            layer.bias.copy_(torch.linspace(-0.5, 0.5, len(layer.bias)))
    weights = [layer.weight.detach().double().numpy() for layer in layers]
    biases = [layer.bias.detach().double().numpy() for layer in layers]
    for row in range(0, pool.size, 150):
        label = int(pool.labels[row])
        expected = naive_margin(weights, biases, pool.inputs[row], label)
        assert float(exact_margin(network, pool.inputs[row], label)) == pytest.approx(expected, abs=1e-10)


def test_margins_just_beside_zero_are_decided_in_fractions() -> None:
    # f(x) = x_1 - x_2; at x = (1, 1 - 2^-53) it is 2^-53, which no float64 sum with an allowance can tell from 0.
    network = DenseNetwork([2, 1], bias=False, dtype=torch.float64)
    with torch.no_grad():
        network.linear(0).weight.copy_(torch.tensor([[1.0, -1.0]]))
    inputs = np.array([[1.0, 1 - 2.0**-53], [1.0, 1.0], [1.0, 1 - 2.0**-53], [3.0, 1.0]])
    pool = FinitePool("near ties", inputs, np.array([1, 1, -1, 1]), "none")
    summary = summarize(network, inputs, pool.labels.copy())
    assert summary.errors_undecided >= 1
    assert mistakes(network, pool, summary).tolist() == [False, True, True, False]


def test_the_risk_is_the_count_over_the_pool() -> None:
    (trained,) = train([CELL])
    pool = population(CELL.population)
    inputs, labels = torch.tensor(pool.inputs), torch.tensor(pool.labels)
    counts = torch.tensor(pool.sample_counts(key(CELL), CELL.n))
    ensemble = Ensemble(CELL.widths, networks=[0], stream=Stream(f"network {digest(CELL)}", "training"))
    ensemble.train(inputs, labels, CountSamples(counts), steps=CELL.steps, batch_size=CELL.batch_size, learning_rate=CELL.learning_rate)
    network = ensemble.extract(0).double()
    with torch.no_grad():
        wrong = network(inputs)[:, 0] * (2 * labels - 1) <= 0
    assert 0 < int(wrong.sum()) < pool.size // 5
    assert trained.risk == Fraction(int(wrong.sum()), pool.size)
    assert trained.summary.empirical_risk == Fraction(int(counts[wrong].sum()), CELL.n)
    assert trained.held_out_errors == int(pool.sample_counts(key(CELL), CELL.held_out, purpose="held out")[wrong.numpy()].sum())


@pytest.mark.slow
def test_a_network_is_the_same_alone_and_among_others() -> None:
    cells = [replace(CELL, seed=seed) for seed in range(3)]
    alone, among = train(cells[1:2])[0], train(cells)[1]
    assert np.array_equal(alone.summary.counts, among.summary.counts)
    assert np.allclose(alone.summary.margins, among.summary.margins, rtol=1e-4, atol=1e-4)
    assert alone.held_out_errors == among.held_out_errors


def test_every_cell_has_draws_of_its_own() -> None:
    pool = population(CELL.population)
    others = [replace(CELL, seed=1), replace(CELL, widths=(30, 5, 1)), replace(CELL, bounds=("vc.sauer",)), replace(CELL, radius=3.0)]
    keys = {key(cell) for cell in [CELL, *others]}
    assert len(keys) == 5
    samples = [pool.sample_counts(k, 300) for k in sorted(keys)] + [pool.sample_counts(key(CELL), 300, purpose="held out")]
    assert len({sample.tobytes() for sample in samples}) == 6


def test_samples_far_beyond_31_bits_train() -> None:
    (trained,) = train([replace(CELL, n=10**14, batch_size=0, steps=200, momentum=0.9)])
    assert int(trained.summary.counts.sum()) == 10**14
    assert trained.risk < Fraction(1, 20)
    assert abs(trained.summary.empirical_risk - trained.risk) < Fraction(1, 10**5)  # 12 standard deviations of sqrt(.05/1e14) are 3e-7


def test_the_projection_holds() -> None:
    (trained,) = train([replace(CELL, bias=False, radius=1.5)])
    squares = sum(Fraction(norm) ** 2 for norm in trained.summary.frobenius_norms.value)
    assert float(squares) <= 1.5**2 * (1 + 1e-12)
