"""Adam on the mean squared error of narrow networks of one input and one output, compiled: batched tensors would be all overhead here.

Parameters are one array (layers, widest + 1, widest), padded with zeros: rows are a layer's inputs, the last row is its bias.
"""

from __future__ import annotations

import math

from genbounds.models.runtime.compiling import compiled
from genbounds.verification.populations.protocol import Array


@compiled
def _forward(parameters: Array, widths: Array, tanh: bool, kept: float, slope: float, states: Array, slopes: Array) -> None:
    """States of all layers, and the activation's slopes; ``states[0]`` is the input."""
    layers, widest, n = slopes.shape
    for layer in range(layers):
        hidden = layer < layers - 1
        shortcut = kept if hidden and widths[layer] == widths[layer + 1] else 0.0
        for out in range(widths[layer + 1]):
            for i in range(n):
                states[layer + 1, out, i] = parameters[layer, widest, out]
            for entry in range(widths[layer]):
                weight = parameters[layer, entry, out]
                for i in range(n):
                    states[layer + 1, out, i] += weight * states[layer, entry, i]
            if hidden:
                for i in range(n):
                    value = states[layer + 1, out, i]
                    if tanh:
                        value = math.tanh(value)
                        slopes[layer, out, i] = 1.0 - value * value
                    else:
                        slopes[layer, out, i] = 1.0 if value > 0.0 else slope
                        value *= slopes[layer, out, i]
                    states[layer + 1, out, i] = value + shortcut * states[layer, out, i]


@compiled
def _backward(parameters: Array, widths: Array, kept: float, states: Array, slopes: Array, deltas: Array, gradient: Array) -> None:
    """The gradient of the loss, by the recursion of backpropagation; ``deltas[-1]`` is the loss's derivative by the output."""
    layers, widest, n = slopes.shape
    for layer in range(layers - 1, -1, -1):
        hidden = layer < layers - 1
        shortcut = kept if hidden and widths[layer] == widths[layer + 1] else 0.0
        for entry in range(widths[layer]):
            for i in range(n):
                deltas[layer, entry, i] = shortcut * deltas[layer + 1, entry, i]
        for out in range(widths[layer + 1]):
            total = 0.0
            for i in range(n):
                if hidden:
                    deltas[layer + 1, out, i] *= slopes[layer, out, i]
                total += deltas[layer + 1, out, i]
            gradient[layer, widest, out] = total
            for entry in range(widths[layer]):
                weight, total = parameters[layer, entry, out], 0.0
                for i in range(n):
                    total += deltas[layer + 1, out, i] * states[layer, entry, i]
                    deltas[layer, entry, i] += weight * deltas[layer + 1, out, i]
                gradient[layer, entry, out] = total


@compiled
def _adam(values: Array, gradient: Array, means: Array, squares: Array, factor: float, root: float) -> None:
    """One step of Adam for vectors, with the corrections of both moments in ``factor`` and ``root``."""
    for i in range(len(values)):
        means[i] += 0.1 * (gradient[i] - means[i])
        squares[i] = 0.999 * squares[i] + 0.001 * gradient[i] * gradient[i]
        values[i] -= factor * means[i] / (math.sqrt(squares[i]) * root + 1e-8)


@compiled
def descend(
    parameters: Array,
    widths: Array,
    tanh: bool,
    kept: float,
    slope: float,
    targets: Array,
    rate: float,
    losses: Array,
    states: Array,
    slopes: Array,
    deltas: Array,
    moments: Array,
) -> None:
    """Train one network in place by Adam on all examples; the step size falls linearly over the second half.

    Args:
        parameters: as above. ``widths``: (layers + 1,).
        tanh: the activation, else LeakyReLU with this slope. ``kept``: times a layer's input, added where the widths agree.
        targets: (n,); the inputs are ``states[0, 0]``.
        losses: (steps + 1,), gets the loss before each step and at the end.
        states, deltas: (layers + 1, widest, n). ``slopes``: (layers, widest, n). All but the inputs is overwritten.
        moments: (3, ...) with the shape of the parameters, zeros: the gradient and Adam's two moments.
    """
    layers, _, n = slopes.shape
    steps = len(losses) - 1
    for step in range(1, steps + 2):
        _forward(parameters, widths, tanh, kept, slope, states, slopes)
        total = 0.0
        for i in range(n):
            error = states[layers, 0, i] - targets[i]
            deltas[layers, 0, i] = 2.0 * error / n
            total += error * error
        losses[step - 1] = total / n
        if step <= steps:
            _backward(parameters, widths, kept, states, slopes, deltas, moments[0])
            factor = rate * min(1.0, 2.0 * (1.0 - (step - 1) / steps)) / (1.0 - 0.9**step)
            root = 1.0 / math.sqrt(1.0 - 0.999**step)
            _adam(parameters.ravel(), moments[0].ravel(), moments[1].ravel(), moments[2].ravel(), factor, root)
