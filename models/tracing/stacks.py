"""Dense networks both ways: a stack of dense networks as graphs, and a traced chain of dense layers as a stack of one."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from genbounds.models.tracing.architecture import IDENTITY, DenseStack, Elementwise, read_elementwise
from genbounds.models.tracing.graph import SAME_TOKENS, Graph, Node, Ref, Rounding, Tokens
from genbounds.models.tracing.weights import Weight


def graph_of(stack: DenseStack, k: int) -> Graph:
    """Network ``k`` of a stack, on inputs (n, d)."""
    nodes = [Node("input", "input", lambda x: x, size=stack.widths[0])]
    weights = []
    for position, (path, matrices, biases) in enumerate(zip(stack.paths, stack.weights, stack.biases, strict=True)):
        matrix, bias = matrices[k], None if biases is None else biases[k]
        before, width = len(nodes) - 1, len(matrix)
        weight = Weight(path, "linear", matrix, bias, 1, matrix.shape[1], width)
        weights.append(weight)
        units = weight.terms + 2.0
        nodes.append(
            Node(
                "linear",
                path,
                _affine(matrix, bias),
                (Ref(before),),
                sources=(before,),
                gains=(1.0,),
                at_zero=weight.bias_norm,
                tokens=Tokens(1.0, weight.bias_norm, through_weight=True),
                rounding=Rounding(inputs=units * weight.absolute_norm, constant=units * weight.bias_norm),
                weight=position,
                size=width,
                homogeneous=bias is None,
            )
        )
        if position < len(stack.activations):
            nodes.append(_activation(stack.activations[position], len(nodes) - 1, width))
            if stack.is_block[position]:
                nodes.append(_residual(stack.tau, before, len(nodes) - 1, width))
    return Graph(tuple(nodes), len(nodes) - 1, tuple(weights), stack.parameters)


def _affine(matrix: Tensor, bias: Tensor | None) -> Callable[..., Any]:
    return lambda x: F.linear(x, matrix, bias)


def _activation(sigma: Elementwise, before: int, width: int) -> Node:
    return Node(
        sigma.name,
        "activation",
        sigma.function,
        (Ref(before),),
        sources=(before,),
        gains=(sigma.lipschitz,),
        at_zero=abs(sigma.value_at_zero) * width**0.5 * (1 + 2.0**-50),
        cap=width**0.5 * (1 + 2.0**-50) if sigma.name in ("tanh", "sigmoid") else float("inf"),
        rounding=Rounding() if sigma.exact else Rounding(output=8.0, entry=8.0),
        size=width,
        homogeneous=sigma.homogeneous,
        options={"parameters": sigma.parameters, "activation": True},
    )


def _residual(tau: float, skip: int, branch: int, width: int) -> Node:
    return Node(
        "add",
        "residual",
        lambda h, a: h + tau * a,
        (Ref(skip), Ref(branch)),
        sources=(skip, branch),
        gains=(1.0, abs(tau)),
        tokens=SAME_TOKENS,
        rounding=Rounding(inputs=2.0 * max(1.0, abs(tau)), output=2.0),
        size=width,
        homogeneous=False,
        options={"factors": (1.0, tau)},
    )


def stack_of(graph: Graph) -> DenseStack | None:
    """The graph as a chain of dense layers with the activations that ``read_dense`` knows, or None if it is something else."""
    layers: list[Weight] = []
    activations: list[Elementwise] = []
    flattens = False
    data = [index for index, node in enumerate(graph.nodes) if node.has_data]
    for before, index in itertools.pairwise(data):
        node = graph.nodes[index]
        if node.sources != (before,) or node.options.get("learned"):
            return None
        if node.kind == "shape" and not layers and node.options.get("flattens"):
            flattens = True
        elif node.kind == "linear" and node.weight is not None and graph.weights[node.weight].copies == 1 and "build" in node.options:
            if graph.weights[node.weight].slack:
                return None
            activations += [IDENTITY] * (len(layers) - len(activations))
            layers.append(graph.weights[node.weight])
        elif node.kind in _MODULES and len(activations) == len(layers) - 1:
            module = _MODULES[node.kind](node.options["parameters"])
            if module is None:
                return None
            activations.append(read_elementwise(module, node.path))
        else:
            return None
    if not layers or len(activations) != len(layers) - 1 or graph.output != data[-1]:
        return None
    if graph.parameters != sum(weight.matrix.numel() + (0 if weight.bias is None else weight.bias.numel()) for weight in layers):
        return None  # computed or shared weights
    return DenseStack(
        paths=tuple(weight.path for weight in layers),
        weights=tuple(weight.matrix.detach()[None] for weight in layers),
        biases=tuple(None if weight.bias is None else weight.bias.detach()[None] for weight in layers),
        activations=tuple(activations),
        is_block=(False,) * len(layers),
        tau=1.0,
        flattens=flattens,
    )


_MODULES: dict[str, Callable[[tuple[float, ...]], nn.Module | None]] = {
    "relu": lambda parameters: nn.ReLU(),
    "leaky_relu": lambda parameters: nn.LeakyReLU(parameters[0]),
    "elu": lambda parameters: nn.ELU(parameters[0]) if parameters else None,
    "tanh": lambda parameters: nn.Tanh(),
    "sigmoid": lambda parameters: nn.Sigmoid(),
}
