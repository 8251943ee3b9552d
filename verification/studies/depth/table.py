"""Bounds on the VC dimension of one architecture with threshold, piecewise linear, piecewise polynomial and sigmoid units."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import log2
from typing import Any

from genbounds.bounds.vc import (
    dimension_piecewise_polynomial_network,
    dimension_relu_network,
    dimension_sigmoid_network,
    dimension_threshold_network,
)

KINDS = ("threshold", "piecewise linear", "piecewise polynomial")
"""The rows of the table; each has a rate: see ``rate``."""


@dataclass(frozen=True)
class Tabled:
    """Dense networks with biases: ``inputs``, ``layers - 1`` hidden layers of ``width`` units, one output.

    Piecewise polynomial activations have two pieces of degree 2.
    """

    layers: int
    width: int = 20
    inputs: int = 10


def rate(kind: str, parameters: int, layers: int) -> float:
    """The growth that the notes' table gives, without its constant: W log W, W L log W, W L log W + W L^2."""
    logarithm = log2(parameters)
    rates = {
        "threshold": parameters * logarithm,
        "piecewise linear": parameters * layers * logarithm,
        "piecewise polynomial": parameters * layers * logarithm + parameters * layers**2,
    }
    return rates[kind]


def table(cell: Tabled) -> dict[str, Any]:
    """The catalogue's bounds on the VC dimension."""
    widths = (cell.inputs, *[cell.width] * (cell.layers - 1), 1)
    parameters, units = sum((a + 1) * b for a, b in pairwise(widths)), sum(widths[1:])
    shared = {"parameters": parameters, "units": units}
    return {
        "parameters": parameters,
        "threshold": float(dimension_threshold_network(**shared)),
        "piecewise linear": float(dimension_relu_network(widths=widths)),
        "piecewise polynomial": float(dimension_piecewise_polynomial_network(**shared, layers=cell.layers, pieces=2, degree=2)),
        "sigmoid": float(dimension_sigmoid_network(**shared)),
    }
