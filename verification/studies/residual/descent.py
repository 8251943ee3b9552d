"""Adam on the mean squared error of narrow networks of one input and one output, compiled: batched tensors would be all overhead here."""

from __future__ import annotations

import math

import numpy as np

from genbounds.models.runtime.compiling import compiled
from genbounds.verification.populations.protocol import Array


@compiled
def _forward(weights: Array, biases: Array, widths: Array, tanh: bool, kept: float, slope: float, states: Array, slopes: Array) -> None:
    """States of all layers, and the activation's slopes."""
    layers, n = len(weights), states.shape[2]
    for layer in range(layers):
        shortcut = kept if widths[layer] == widths[layer + 1] and layer < layers - 1 else 0.0
        for out in range(widths[layer + 1]):
            value = states[layer + 1, out]
            value[:] = biases[layer, out]
            for entry in range(widths[layer]):
                value += weights[layer, entry, out] * states[layer, entry]
            if layer < layers - 1:
                for i in range(n):
                    if tanh:
                        value[i] = math.tanh(value[i])
                        slopes[layer, out, i] = 1 - value[i] * value[i]
                    else:
                        slopes[layer, out, i] = 1.0 if value[i] > 0 else slope
                        value[i] *= slopes[layer, out, i]
                if shortcut:
                    value += shortcut * states[layer, out]


@compiled
def _backward(
    weights: Array, widths: Array, kept: float, states: Array, slopes: Array, error: Array, d_weights: Array, d_biases: Array
) -> None:
    """The gradient of the loss, by the recursion of backpropagation."""
    layers, widest, n = len(weights), weights.shape[1], states.shape[2]
    after, before = np.zeros((widest, n)), np.zeros((widest, n))
    after[0] = error
    for layer in range(layers - 1, -1, -1):
        hidden = layer < layers - 1
        shortcut = kept if widths[layer] == widths[layer + 1] and hidden else 0.0
        for entry in range(widths[layer]):
            before[entry] = shortcut * after[entry]
        for out in range(widths[layer + 1]):
            delta = after[out]
            if hidden:
                delta *= slopes[layer, out]
            d_biases[layer, out] = delta.sum()
            for entry in range(widths[layer]):
                d_weights[layer, entry, out] = (delta * states[layer, entry]).sum()
                before[entry] += weights[layer, entry, out] * delta
        after, before = before, after


@compiled
def descend(
    weights: Array,
    biases: Array,
    widths: Array,
    tanh: bool,
    kept: float,
    slope: float,
    inputs: Array,
    targets: Array,
    rate: float,
    steps: int,
    losses: Array,
) -> None:
    """Train one network in place by Adam on all examples; the step size falls linearly over the second half.

    Args:
        weights: (layers, widest, widest), rows are a layer's inputs, padded. ``biases``: (layers, widest). ``widths``: (layers + 1,).
        tanh: the activation, else LeakyReLU with this slope. ``kept``: times a layer's input, added where the widths agree.
        inputs, targets: (n,).
        losses: (steps + 1,), gets the loss before each step and at the end.
    """
    layers, widest, n = len(weights), weights.shape[1], len(inputs)
    states, slopes = np.zeros((layers + 1, widest, n)), np.zeros((layers, widest, n))
    d_weights, d_biases = np.zeros_like(weights), np.zeros_like(biases)
    m_weights, m_biases, s_weights, s_biases = np.zeros_like(weights), np.zeros_like(biases), np.zeros_like(weights), np.zeros_like(biases)
    states[0, 0] = inputs
    for step in range(1, steps + 2):
        _forward(weights, biases, widths, tanh, kept, slope, states, slopes)
        error = states[layers, 0] - targets
        losses[step - 1] = (error * error).mean()
        if step > steps:
            break
        _backward(weights, widths, kept, states, slopes, 2 * error / n, d_weights, d_biases)
        factor = rate * min(1.0, 2 * (1 - (step - 1) / steps)) / (1 - 0.9**step)
        root = 1 / math.sqrt(1 - 0.999**step)
        for layer in range(layers):
            for out in range(widths[layer + 1]):
                for entry in range(widths[layer]):
                    gradient = d_weights[layer, entry, out]
                    m_weights[layer, entry, out] += 0.1 * (gradient - m_weights[layer, entry, out])
                    s_weights[layer, entry, out] = 0.999 * s_weights[layer, entry, out] + 0.001 * gradient * gradient
                    weights[layer, entry, out] -= (
                        factor * m_weights[layer, entry, out] / (math.sqrt(s_weights[layer, entry, out]) * root + 1e-8)
                    )
                gradient = d_biases[layer, out]
                m_biases[layer, out] += 0.1 * (gradient - m_biases[layer, out])
                s_biases[layer, out] = 0.999 * s_biases[layer, out] + 0.001 * gradient * gradient
                biases[layer, out] -= factor * m_biases[layer, out] / (math.sqrt(s_biases[layer, out]) * root + 1e-8)
