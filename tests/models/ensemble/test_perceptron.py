"""The perceptron against a loop in plain Python, against its theorems run by run, and the certified margin."""

import math
from fractions import Fraction

import pytest
import torch
from scipy.optimize import minimize

from genbounds.models.ensemble import IndexSamples, cycle, hard_margin, one_pass, pool_errors
from genbounds.models.randomness.streams import Stream


def separable_pool(rows: int = 60, width: int = 5) -> tuple[torch.Tensor, torch.Tensor]:
    """Gaussian rows labelled by the first axis, with a gap of a half."""
    inputs = Stream("perceptron", "pool").normal(range(rows), 0, width)
    labels = torch.where(inputs[:, 0] > 0, 1, -1)
    inputs[:, 0] += 0.5 * labels
    return inputs, labels


def plain_perceptron(inputs, labels, order, passes):
    """One network, one example at a time, in Python floats."""
    weights, mistakes, mistaken, squares, iterate_errors = [0.0] * inputs.shape[1], 0, set(), 0.0, 0
    rows, signs = inputs.tolist(), labels.tolist()

    def score(w, row):
        return signs[row] * sum(a * b for a, b in zip(w, rows[row], strict=True))

    for done in range(1, passes + 1):
        before = mistakes
        for position, row in enumerate(order):
            if passes == 1:
                iterate_errors += sum(score(weights, r) <= 0 for r in range(len(rows)))
            if score(weights, row) <= 0:
                weights = [w + signs[row] * x for w, x in zip(weights, rows[row], strict=True)]
                mistakes += 1
                mistaken.add(position)
                squares += sum(x * x for x in rows[row])
        if mistakes == before:
            return weights, mistakes, mistaken, squares, iterate_errors, done, True
    return weights, mistakes, mistaken, squares, iterate_errors, passes, False


@pytest.fixture
def samples() -> IndexSamples:
    return IndexSamples.draw(Stream("perceptron", "sample"), range(12), 60, 40)


@pytest.mark.parametrize("passes", [1, 2, 500])
def test_every_perceptron_is_the_plain_one(passes, samples):
    inputs, labels = separable_pool()
    run = cycle(inputs, labels, samples, max_passes=passes)
    if passes == 1:
        run = one_pass(inputs, labels, samples, iterate_risk=True)
    for k in range(12):
        weights, mistakes, mistaken, squares, iterate_errors, done, converged = plain_perceptron(
            inputs, labels, samples.indices[k].tolist(), passes
        )
        assert run.weights[k].tolist() == pytest.approx(weights, rel=1e-12, abs=1e-12)
        assert (int(run.mistakes[k]), int(run.passes[k])) == (mistakes, done)
        assert bool(run.converged[k]) == converged
        assert set(run.mistaken[k].nonzero().flatten().tolist()) == mistaken
        assert int(run.distinct_mistaken[k]) == len(mistaken)
        assert float(run.squared_norms[k]) == pytest.approx(squares, rel=1e-12)
        assert float(run.weight_norms[k]) == pytest.approx(math.hypot(*weights), rel=1e-12)
        if passes == 1:
            assert int(run.iterate_errors[k]) == iterate_errors
            assert float(run.random_iterate_risk(60)[k]) == iterate_errors / (40 * 60)


def test_novikoff_run_by_run(samples):
    """T gamma <= <w_T, u> <= ||w_T|| <= sqrt(sum ||x_t||^2) for the certified separator u, and T <= (R/gamma)^2."""
    inputs, labels = separable_pool()
    separator = hard_margin(inputs, labels)
    unit = separator.direction / separator.direction.norm()
    radius = float(inputs.norm(dim=1).max())
    for run in (one_pass(inputs, labels, samples), cycle(inputs, labels, samples)):
        progress, slack = run.weights @ unit, 1 + 1e-12
        assert bool((run.mistakes * separator.margin <= progress * slack).all())
        assert bool((progress <= run.weight_norms * slack).all())
        assert bool((run.weight_norms <= run.squared_norms.sqrt() * slack).all())
        assert int(run.mistakes.max()) <= (radius / separator.margin) ** 2
    assert bool(cycle(inputs, labels, samples).converged.all())


def test_orthonormal_examples_attain_novikoff():
    run = cycle(torch.eye(30), torch.ones(30, dtype=torch.int64), IndexSamples(torch.arange(30)))
    margin = hard_margin(torch.eye(30), torch.ones(30, dtype=torch.int64)).margin
    assert int(run.mistakes) == 30
    assert int(run.passes) == 2
    assert 30 <= 1 / margin**2 < 30 * (1 + 1e-9)


def test_a_random_iterate_errs_as_often_as_the_pass_on_average():
    """E R(w_tau) = E[M]/n exactly (the pass tests each iterate on a fresh draw): 4000 runs, 6 sigma (2e-9)."""
    inputs, labels = separable_pool()
    samples = IndexSamples.draw(Stream("perceptron", "identity"), range(4000), 60, 15)
    run = one_pass(inputs, labels, samples, iterate_risk=True)
    differences = run.random_iterate_risk(60) - run.mistakes / 15
    assert abs(float(differences.mean())) < 6 * float(differences.std()) / math.sqrt(4000)


def test_pool_errors_count_ties():
    inputs, labels = separable_pool()
    weights = torch.stack([torch.zeros(5), torch.eye(5)[0], -torch.eye(5)[0]]).double()
    assert pool_errors(weights, inputs, labels).tolist() == [60, 0, 60]


def test_hard_margin_is_feasible_exactly_and_nearly_the_best():
    inputs, labels = separable_pool()
    found = hard_margin(inputs, labels)
    exact = [Fraction(w) for w in found.direction.tolist()]
    norm_square = sum(w * w for w in exact)
    for row, label in zip(inputs.tolist(), labels.tolist(), strict=True):
        product = label * sum(Fraction(x) * w for x, w in zip(row, exact, strict=True))
        assert product > 0
        assert product**2 >= Fraction(found.margin) ** 2 * norm_square
    signed = (inputs * labels[:, None]).numpy()
    best = minimize(
        lambda w: w @ w / 2,
        signed.mean(axis=0) * 10,
        jac=lambda w: w,
        constraints=[{"type": "ineq", "fun": lambda w: signed @ w - 1, "jac": lambda w: signed}],
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    assert found.margin == pytest.approx(1 / math.sqrt(2 * best.fun), rel=1e-6)


def test_hard_margin_rounds_down():
    """One example (1, 1): the margin is sqrt 2, whose nearest double lies above it."""
    margin = hard_margin(torch.tensor([[1.0, 1.0]]), torch.tensor([1])).margin
    assert Fraction(margin) ** 2 <= 2
    assert margin == pytest.approx(math.sqrt(2), rel=1e-12)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_hard_margin_scales_with_the_inputs(scale):
    inputs, labels = separable_pool()
    assert hard_margin(scale * inputs, labels).margin == pytest.approx(scale * hard_margin(inputs, labels).margin)


def test_inseparable_data_are_refused():
    for inputs, labels in (
        (torch.tensor([[1.0, 0.0], [1.0, 0.0]]), torch.tensor([1, -1])),
        (torch.tensor([[0.0, 0.0], [1.0, 0.0]]), torch.tensor([1, 1])),
        (torch.tensor([[1.0, 1.0], [-1.0, -1.0]]), torch.tensor([1, 1])),
    ):
        with pytest.raises(ValueError, match="separable"):
            hard_margin(inputs, labels)


def test_bad_data_are_named(samples):
    inputs, labels = separable_pool()
    for bad_inputs, bad_labels, message in (
        (inputs[0], labels, "inputs must be"),
        (inputs, labels[:4], "labels must have shape"),
        (inputs, (labels + 1) // 2, "labels must be -1 and 1"),
        (inputs * float("inf"), labels, "finite"),
    ):
        with pytest.raises(ValueError, match=message):
            one_pass(bad_inputs, bad_labels, samples)
    with pytest.raises(ValueError, match="max_passes"):
        cycle(inputs, labels, samples, max_passes=0)
    with pytest.raises(ValueError, match="iterate_errors"):
        one_pass(inputs, labels, samples).random_iterate_risk(60)
