"""Steps of dense networks on the CPU, one network after another, in compiled loops around the products of BLAS.

A step of a small network is a few microseconds of products between passes over a few thousand numbers. Batched over many
networks, each pass streams a whole tile through the caches, and each call costs as much as a network; here one network does
all steps of a block while everything it needs stays in the innermost caches. The loops are compiled by numba, once for each
dtype, and kept on the disk; the products are those of scipy's BLAS.

Activations lie example by example, (B, width), and the weights transposed, (in, out): then h W and h^T g, which make the
results and the weights' gradients, have the layout that BLAS is fast at, and only the product g W^T, which is for the layers
before, needs a transposed copy. A network's numbers never depend on the networks beside it, nor on how they are tiled.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genbounds.models.ensemble.backpropagation import DenseKind
from genbounds.models.ensemble.recipe import Adam, Recipe
from genbounds.models.networks.activations import slope_below_zero
from genbounds.models.runtime.compiling import call, compiled

Array = NDArray[Any]


class Layout(NamedTuple):
    """Where everything lies: a network's numbers in its row of parameters, and its activations in the buffers.

    ``weights``, ``biases``: of each layer, in the row (no layer has biases where ``biases`` is empty). ``units``: of the inputs and of
    each layer's outputs, B numbers per unit. ``results``: of what its activation gave, the same place but for a residual block, which adds
    it to its input.
    """

    widths: Array
    weights: Array
    biases: Array
    units: Array
    results: Array


class Buffers(NamedTuple):
    """Room for one network and one batch."""

    units: Array
    deltas: Array
    branch: Array
    turned: Array
    gradient: Array


class Rule(NamedTuple):
    """What a step does. ``momentum``, or the ``beta``s and ``epsilon`` of Adam; ``radius``: infinite where nothing is projected."""

    logistic: bool
    slope: float
    tau: float
    decay: float
    radius: float
    momentum: float
    adam: bool
    beta1: float
    beta2: float
    epsilon: float


@compiled
def _forward(row: Array, layout: Layout, units: Array, size: int, slope: Any, tau: Any) -> None:
    """The layers' results for a batch whose examples lie at the start of the units."""
    zero, last = row.dtype.type(0), len(layout.weights) - 1
    for layer in range(last + 1):
        ins, outs = layout.widths[layer], layout.widths[layer + 1]
        before = units[layout.units[layer] : layout.units[layer] + size * ins]
        result = units[layout.results[layer] : layout.results[layer] + size * outs].reshape(size, outs)
        weights = row[layout.weights[layer] : layout.weights[layer] + ins * outs].reshape(ins, outs)
        np.dot(before.reshape(size, ins), weights, result)
        if len(layout.biases):
            biases = row[layout.biases[layer] : layout.biases[layer] + outs]
            for example in range(size):
                for unit in range(outs):
                    result[example, unit] += biases[unit]
        if layer < last:
            flat = units[layout.results[layer] : layout.results[layer] + size * outs]
            if slope == zero:
                for j in range(size * outs):
                    flat[j] = zero if flat[j] < zero else flat[j]
            else:
                for j in range(size * outs):
                    flat[j] = slope * flat[j] if flat[j] < zero else flat[j]
            if layout.units[layer + 1] != layout.results[layer]:
                total = units[layout.units[layer + 1] : layout.units[layer + 1] + size * outs]
                for j in range(size * outs):
                    total[j] = before[j] + tau * flat[j]


@compiled
def _loss_gradient(logits: Array, deltas: Array, classes: Array, rows: Array, logistic: bool) -> None:
    """The gradient of the batch's mean loss in its logits (B, C)."""
    size, outputs = logits.shape
    one = logits.dtype.type(1)
    share = one / logits.dtype.type(size)
    for example in range(size):
        label = classes[rows[example]]
        if logistic:
            deltas[example, 0] = (one / (one + np.exp(-logits[example, 0])) - logits.dtype.type(label)) * share
            continue
        largest = logits[example, 0]
        for j in range(1, outputs):
            largest = max(largest, logits[example, j])
        total = logits.dtype.type(0)
        for j in range(outputs):
            deltas[example, j] = np.exp(logits[example, j] - largest)
            total += deltas[example, j]
        scale = share / total
        for j in range(outputs):
            deltas[example, j] *= scale
        deltas[example, label] -= share


@compiled
def _transpose(matrix: Array, turned: Array) -> None:
    """Copy (m, n) into (n, m), eight rows at a time, so that what is written lies together."""
    rows, columns = matrix.shape
    whole = rows - rows % 8
    for start in range(0, whole, 8):
        for column in range(columns):
            for row in range(8):
                turned[column, start + row] = matrix[start + row, column]
    for column in range(columns):
        for row in range(whole, rows):
            turned[column, row] = matrix[row, column]


@compiled
def _backward(row: Array, layout: Layout, buffers: Buffers, size: int, slope: Any, tau: Any) -> None:
    """The gradient in all parameters, given that in the logits."""
    zero, last = row.dtype.type(0), len(layout.weights) - 1
    for layer in range(last, -1, -1):
        ins, outs = layout.widths[layer], layout.widths[layer + 1]
        delta = buffers.deltas[layout.units[layer + 1] : layout.units[layer + 1] + size * outs]
        block = layout.units[layer + 1] != layout.results[layer]
        branch = delta
        if block:
            branch = buffers.branch[: size * outs]
            for j in range(size * outs):
                branch[j] = tau * delta[j]
        if layer < last:
            result = buffers.units[layout.results[layer] : layout.results[layer] + size * outs]
            if slope == zero:
                for j in range(size * outs):
                    branch[j] = zero if result[j] <= zero else branch[j]
            else:
                for j in range(size * outs):
                    branch[j] = branch[j] if result[j] > zero else slope * branch[j]
        signal = branch.reshape(size, outs)
        before = buffers.units[layout.units[layer] : layout.units[layer] + size * ins].reshape(size, ins)
        np.dot(before.T, signal, buffers.gradient[layout.weights[layer] : layout.weights[layer] + ins * outs].reshape(ins, outs))
        if len(layout.biases):
            biases = buffers.gradient[layout.biases[layer] : layout.biases[layer] + outs]
            biases[:] = zero
            for example in range(size):
                for unit in range(outs):
                    biases[unit] += signal[example, unit]
        if layer > 0:
            turned = buffers.turned[: ins * outs].reshape(outs, ins)
            _transpose(row[layout.weights[layer] : layout.weights[layer] + ins * outs].reshape(ins, outs), turned)
            earlier = buffers.deltas[layout.units[layer] : layout.units[layer] + size * ins]
            np.dot(signal, turned, earlier.reshape(size, ins))
            if block:
                for j in range(size * ins):
                    earlier[j] += delta[j]


@compiled
def _update(row: Array, first: Array, second: Array, gradient: Array, rule: Rule, factor: Any, step: int) -> None:
    """PyTorch's step of size ``factor``, the run's step number ``step`` (the first is 1), with velocities or moments if there are any."""
    number = row.dtype.type
    one, decay = number(1), number(rule.decay)
    if rule.adam:
        beta1, beta2, epsilon = number(rule.beta1), number(rule.beta2), number(rule.epsilon)
        rest1, rest2 = number(1.0 - rule.beta1), number(1.0 - rule.beta2)
        unbiased = factor / number(1.0 - rule.beta1**step)
        root = one / number(math.sqrt(1.0 - rule.beta2**step))
        for j in range(len(row)):
            slope = gradient[j] + decay * row[j]
            first[j] = beta1 * first[j] + rest1 * slope
            second[j] = beta2 * second[j] + rest2 * slope * slope
            row[j] -= unbiased * first[j] / (np.sqrt(second[j]) * root + epsilon)
    elif rule.momentum:
        momentum = number(rule.momentum)
        for j in range(len(row)):
            first[j] = momentum * first[j] + (gradient[j] + decay * row[j])
            row[j] -= factor * first[j]
    else:
        for j in range(len(row)):
            row[j] -= factor * (gradient[j] + decay * row[j])
    if rule.radius < np.inf:
        squares = 0.0
        for j in range(len(row)):
            squares += np.float64(row[j]) * np.float64(row[j])
        scale = rule.radius / math.sqrt(squares)
        if scale < 1.0:
            row *= number(scale)


@compiled
def _train(
    parameters: Array,
    firsts: Array,
    seconds: Array,
    layout: Layout,
    buffers: Buffers,
    rule: Rule,
    pool: Array,
    classes: Array,
    rows: Array,
    factors: Array,
    steps_before: int,
) -> None:
    """The steps of batches ``rows`` (S, K, B) into the pool, of the sizes ``factors`` (S, K), for K networks."""
    steps, networks, size = rows.shape
    number = parameters.dtype.type
    slope, tau = number(rule.slope), number(rule.tau)
    ins, outs = layout.widths[0], layout.widths[-1]
    inputs = buffers.units[: size * ins].reshape(size, ins)
    logits = buffers.units[layout.units[-1] : layout.units[-1] + size * outs].reshape(size, outs)
    deltas = buffers.deltas[layout.units[-1] : layout.units[-1] + size * outs].reshape(size, outs)
    for k in range(networks):
        row = parameters[k]
        for step in range(steps):
            batch = rows[step, k]
            for example in range(size):
                source = pool[batch[example]]
                for j in range(ins):
                    inputs[example, j] = source[j]
            _forward(row, layout, buffers.units, size, slope, tau)
            _loss_gradient(logits, deltas, classes, batch, rule.logistic)
            _backward(row, layout, buffers, size, slope, tau)
            _update(row, firsts[k], seconds[k], buffers.gradient, rule, number(factors[step, k]), steps_before + step + 1)


class CompiledSteps:
    """The steps of a tile of dense networks, which hold their numbers themselves until ``store`` puts them back.

    Args:
        kind, parameters, velocities, squares: of the tile, as in ``TileState``; on the CPU, with a piecewise linear activation.
        recipe: how to train.
        inputs, classes: the pool.
    """

    def __init__(
        self,
        kind: DenseKind,
        parameters: Sequence[Tensor],
        velocities: Sequence[Tensor],
        squares: Sequence[Tensor],
        recipe: Recipe,
        inputs: Tensor,
        classes: Tensor,
    ) -> None:
        _check(kind, parameters, inputs.dtype)
        self.recipe, self.pool, self.classes = recipe, inputs.numpy(), classes.numpy()
        self.layout, self.buffers = _layout(kind, recipe.batch_size, len(parameters) > len(kind.blocks), self.pool.dtype)
        self.rule = _rule(kind, recipe, recipe.radius_inside(inputs.dtype, sum(parameter[0].numel() for parameter in parameters)))
        empty = inputs.new_empty((len(parameters[0]), 0))
        self.parameters, self.firsts, self.seconds = (
            _Rows(tensors, len(kind.blocks), empty) for tensors in (parameters, velocities, squares)
        )

    def run(self, done: int, draws: Tensor) -> None:
        """The run's steps from number ``done`` on, with batches of these rows of the pool, int64 (S, K, B)."""
        factors = np.empty(draws.shape[:2])
        for step, row in enumerate(factors):
            row[:] = self.recipe.factor(done + step)
        call(
            _train,
            self.parameters.numbers.numpy(),
            self.firsts.numbers.numpy(),
            self.seconds.numbers.numpy(),
            self.layout,
            self.buffers,
            self.rule,
            self.pool,
            self.classes,
            draws.numpy(),
            factors,
            self.recipe.first_step + done,
        )

    def store(self) -> None:
        """Put the parameters, and the averages that go with them, where they came from."""
        for rows in (self.parameters, self.firsts, self.seconds):
            rows.store()


class _Rows:
    """Stacked tensors of K networks as one row of numbers for each network, the weights of its layers transposed."""

    def __init__(self, tensors: Sequence[Tensor], layers: int, empty: Tensor) -> None:
        turned = [tensor.mT if position < layers else tensor for position, tensor in enumerate(tensors)]
        self.numbers = torch.cat([empty, *(tensor.flatten(1) for tensor in turned)], dim=1)
        starts = _starts([tensor[0].numel() for tensor in turned])
        self.parts = [(tensor, self.numbers[:, a:b].view(tensor.shape)) for tensor, (a, b) in zip(turned, pairwise(starts), strict=True)]

    def store(self) -> None:
        """Copy the numbers back to where they came from."""
        for tensor, part in self.parts:
            tensor.copy_(part)


def _layout(kind: DenseKind, size: int, biased: bool, dtype: Any) -> tuple[Layout, Buffers]:
    """Weights first, then biases; in the buffers the units layer by layer, and the results of residual blocks behind them."""
    pairs = list(pairwise(kind.widths))
    parameters = _starts([ins * outs for ins, outs in pairs] + [outs for _, outs in pairs if biased])
    units = _starts([size * width for width in kind.widths])
    results, end = units[1:-1].copy(), int(units[-1])
    for layer, block in enumerate(kind.blocks):
        if block:
            results[layer] = end
            end += size * kind.widths[layer + 1]
    layout = Layout(np.array(kind.widths), parameters[: len(pairs)], parameters[len(pairs) : -1], units[:-1], results)
    sizes = (end, int(units[-1]), size * max(kind.widths), max(a * b for a, b in pairs), int(parameters[-1]))
    return layout, Buffers(*(np.empty(numbers, dtype) for numbers in sizes))


def _starts(sizes: Sequence[int]) -> Array:
    """Where things of these sizes start if they lie one after another, and where the last one ends."""
    return np.array([0, *accumulate(sizes)])


def _check(kind: DenseKind, parameters: Sequence[Tensor], dtype: torch.dtype) -> None:
    """Refuse parameters of other shapes: the loops look at no bounds."""
    networks, pairs = len(parameters[0]), list(pairwise(kind.widths))
    weights: list[tuple[int, ...]] = [(networks, outs, ins) for ins, outs in pairs]
    shapes = [tuple(parameter.shape) for parameter in parameters]
    fitting = shapes in (weights, weights + [(networks, outs) for _, outs in pairs])
    if not fitting or any(parameter.dtype != dtype for parameter in parameters):
        raise ValueError(
            f"parameters must be {dtype} tensors of shapes {weights}, and those of all biases or none, got shapes {shapes}: do not "
            "replace an ensemble's parameters, change them in place"
        )


def _rule(kind: DenseKind, recipe: Recipe, radius: float) -> Rule:
    adam = recipe.adam or Adam()
    slope = slope_below_zero(kind.activation)
    if slope is None:
        raise ValueError(f"activation must be piecewise linear, got {kind.activation.name}: its exponentials are faster in torch")
    return Rule(
        logistic=recipe.loss.name == "logistic",
        slope=slope,
        tau=kind.tau,
        decay=float(recipe.weight_decay),
        radius=radius,
        momentum=float(recipe.momentum),
        adam=recipe.adam is not None,
        beta1=float(adam.beta1),
        beta2=float(adam.beta2),
        epsilon=float(adam.epsilon),
    )
