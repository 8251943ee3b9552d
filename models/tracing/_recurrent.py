"""Readers of recurrent layers: an Elman network is unrolled into its steps; gated ones are decomposed by torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from genbounds.models.norms.rounding import EPS
from genbounds.models.tracing._building import emit_buildable
from genbounds.models.tracing._elementwise import Activation, emit_activation
from genbounds.models.tracing.graph import Ref, Rounding, Tokens
from genbounds.models.tracing.reader import Call, Handler, Pieces, Reader
from genbounds.models.tracing.weights import Weight


def elman(reader: Reader, call: Call) -> Pieces:
    """h_t = sigma(W x_t + b + U h_{t-1} + c), step by step, layer by layer, in one or both directions."""
    x, start, parameters = call["input"], call["hx"], list(call["params"])
    if reader.data(start) or reader.data(tuple(parameters)):
        raise call.refuse("needs a first state and weights that do not depend on the input")
    if call["train"] and call["dropout"]:
        raise call.refuse("drops units in eval mode: set dropout to 0")
    directions, per_layer = (2 if call["bidirectional"] else 1), (4 if call["has_biases"] else 2)
    time_axis = 1 if call["batch_first"] else 0
    sequence, states = x, []
    for layer in range(int(call["num_layers"])):
        outputs = []
        for direction in range(directions):
            row = layer * directions + direction
            chosen = parameters[row * per_layer : (row + 1) * per_layer]
            steps = _direction(reader, call, sequence, start, row, chosen, time_axis, reverse=direction == 1)
            states.append(steps[-1])
            ordered = tuple(steps[::-1] if direction == 1 else steps)
            outputs.append(_stacked(reader, call, ordered, time_axis))
        sequence = outputs[0] if directions == 1 else _joined(reader, call, tuple(outputs))
    final = _stacked(reader, call, tuple(states), 0)
    return Pieces({0: sequence, 1: final})


def _direction(
    reader: Reader, call: Call, x: Ref, start: Any, row: int, parameters: list[Tensor], time_axis: int, reverse: bool
) -> list[Ref]:
    """The states of one layer in one direction, in the order in which they are computed."""
    into, across, *biases = parameters
    # Both biases are added at every step: one bias of the input's weight, with the rounding of their sum.
    bias = biases[0] + biases[1] if biases else None
    projected = _weight(reader, call, x, into, bias, 1.0 if biases else 0.0)
    length = reader.probe(x).shape[time_axis]
    first = start if not isinstance(start, Ref) else reader.fixed(lambda h: h[row], (start,), {}, call.module)
    state = first if isinstance(first, Ref) else reader.fixed(lambda: first[row], (), {}, call.module)
    at_rest = not bool(reader.probe(state).any())
    name, states = call.name, []
    tanh = name == "rnn_tanh"
    sigma = Activation("tanh", 1.0, 1.0) if tanh else Activation("relu", 1.0, homogeneous=True, ulps=0.0)
    function: Callable[[Tensor], Tensor] = torch.tanh if tanh else torch.relu
    for position in range(length):
        time = length - 1 - position if reverse else position
        here = reader.emit(call, "restrict", lambda v, time=time: v.select(time_axis, time), (projected,), tokens=1.0)
        if position or not at_rest:
            if position:
                moved = _weight(reader, call, state, across, None, 0.0)
            else:
                moved = reader.fixed(lambda h: F.linear(h, across), (state,), {}, call.module)
            here = reader.emit(
                call,
                "add" if position else "shift",
                lambda u, v: u + v,
                (here, moved),
                tokens=Tokens(1.0),
                rounding=Rounding(output=2),
                homogeneous=bool(position),
                options={} if position else {"bias": True},
            )
        state = emit_activation(reader, call, sigma, function, here)
        states.append(state)
    return states


def _weight(reader: Reader, call: Call, x: Ref, matrix: Tensor, bias: Tensor | None, slack: float) -> Ref:
    size = reader.probe(x).numel() // reader.count
    copies = size // matrix.shape[1]
    weight = Weight(reader.name_of(matrix, call), "linear", matrix, bias, copies, size, copies * matrix.shape[0], copies)
    if bias is not None and slack:
        weight = replace(weight, bias_lost=slack * EPS * float(bias.abs().max()))

    def build(matrix: Tensor, bias: Tensor | None) -> Callable[..., Any]:
        return lambda v: F.linear(v, matrix, bias)

    ref = emit_buildable(reader, call, weight, build, (x,), tokens=True, channel_axis=-1)
    if bias is not None and slack:
        node = reader.nodes[ref.index]
        extra = 4 * weight.bias_norm
        reader.nodes[ref.index] = replace(
            node, at_zero=node.at_zero * (1 + 2.0**-50), rounding=replace(node.rounding, constant=node.rounding.constant + extra)
        )
    return ref


def _stacked(reader: Reader, call: Call, parts: tuple[Ref, ...], axis: int) -> Ref:
    return reader.emit(call, "cat", lambda *tensors: torch.stack(tensors, axis), parts, combine="root", tokens=Tokens(1.0, combine="max"))


def _joined(reader: Reader, call: Call, parts: tuple[Ref, ...]) -> Ref:
    return reader.emit(call, "cat", lambda *tensors: torch.cat(tensors, -1), parts, combine="root", tokens=Tokens(1.0, combine="root"))


HANDLERS: dict[str, Handler] = {"rnn_tanh": elman, "rnn_relu": elman}
