"""Activations, with the constants that bounds consume: Lipschitz constant, value at zero, homogeneity.

Each is written once as an operation in place (on what a layer has just computed), and its derivative as a function of
the *result*, so that a backward pass keeps one buffer per layer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

InPlace = Callable[[Tensor], Tensor]
BackwardInPlace = Callable[[Tensor, Tensor], Tensor]

LEAKY_SLOPE = 0.01


@dataclass(frozen=True)
class Activation:
    """One activation function sigma, applied to each coordinate.

    Args:
        name: the key of ``ACTIVATIONS``.
        lipschitz: sup |sigma'|, exact.
        value_at_zero: sigma(0), exact.
        homogeneous: whether sigma(a x) = a sigma(x) for all a >= 0 (ReLU, LeakyReLU, the identity).
        smoothness: sup |sigma''| where it is finite, rounded up; None where sigma' jumps.
        lower, upper: the infimum and supremum of sigma.
        module: makes the ``torch.nn`` module that computes it.
        forward_: overwrites its argument z with sigma(z).
        backward_: multiplies its first argument by sigma'(z), given the second, sigma(z).

    Example:
        >>> ACTIVATIONS["sigmoid"].lipschitz, ACTIVATIONS["sigmoid"].value_at_zero
        (0.25, 0.5)
    """

    name: str
    lipschitz: float
    value_at_zero: float
    homogeneous: bool
    smoothness: float | None
    lower: float
    upper: float
    module: Callable[[], nn.Module]
    forward_: InPlace
    backward_: BackwardInPlace

    def __call__(self, z: Tensor) -> Tensor:
        """The activation of a tensor, out of place."""
        return self.forward_(z.clone())

    def __reduce__(self) -> tuple[Callable[[str], Activation], tuple[str]]:
        return activation, (self.name,)


def activation(name: str | Activation) -> Activation:
    """Look an activation up by name.

    Raises:
        ValueError: for a name that is not in ``ACTIVATIONS``.
    """
    if isinstance(name, Activation):
        return name
    if name not in ACTIVATIONS:
        raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, got {name!r}")
    return ACTIVATIONS[name]


_aten = torch.ops.aten


def _relu_backward_(gradient: Tensor, result: Tensor) -> Tensor:
    return _aten.threshold_backward.grad_input(gradient, result, 0, grad_input=gradient)  # type: ignore[no-any-return]


def _leaky_relu_backward_(gradient: Tensor, result: Tensor) -> Tensor:
    out = _aten.leaky_relu_backward.grad_input(gradient, result, LEAKY_SLOPE, True, grad_input=gradient)
    return out  # type: ignore[no-any-return]


def _elu_backward_(gradient: Tensor, result: Tensor) -> Tensor:
    # For z < 0, elu'(z) = e^z = elu(z) + 1; for z >= 0 it is 1.
    return gradient.mul_(result.clamp(max=0.0).add_(1.0))


def _sigmoid_backward_(gradient: Tensor, result: Tensor) -> Tensor:
    return _aten.sigmoid_backward.grad_input(gradient, result, grad_input=gradient)  # type: ignore[no-any-return]


def _tanh_backward_(gradient: Tensor, result: Tensor) -> Tensor:
    return _aten.tanh_backward.grad_input(gradient, result, grad_input=gradient)  # type: ignore[no-any-return]


_infinity = float("inf")

ACTIVATIONS: dict[str, Activation] = {
    a.name: a
    for a in (
        # sup |sigmoid''| = sqrt(3)/18 = .09622504...; sup |tanh''| = 4 sqrt(3)/9 = .76980035...; ELU's derivative has a
        # kink of second derivative 1 on the left of zero and 0 on the right, so it is 1-Lipschitz.
        Activation("sigmoid", 0.25, 0.5, False, 0.0962250449, 0.0, 1.0, nn.Sigmoid, torch.sigmoid_, _sigmoid_backward_),
        Activation("tanh", 1.0, 0.0, False, 0.7698003590, -1.0, 1.0, nn.Tanh, torch.tanh_, _tanh_backward_),
        Activation("relu", 1.0, 0.0, True, None, 0.0, _infinity, nn.ReLU, torch.relu_, _relu_backward_),
        Activation(
            "leaky_relu",
            1.0,
            0.0,
            True,
            None,
            -_infinity,
            _infinity,
            lambda: nn.LeakyReLU(LEAKY_SLOPE),
            lambda z: nn.functional.leaky_relu_(z, LEAKY_SLOPE),
            _leaky_relu_backward_,
        ),
        Activation("elu", 1.0, 0.0, False, 1.0, -1.0, _infinity, nn.ELU, nn.functional.elu_, _elu_backward_),
    )
}
"""Every activation, by name: sigmoid, tanh, relu, leaky_relu (slope 0.01), elu (scale 1)."""


def slope_below_zero(activation: Activation) -> float | None:
    """Of the activations here that are z above zero and a multiple of z below it: the multiple. None for any other.

    Example:
        >>> slope_below_zero(ACTIVATIONS["leaky_relu"]), slope_below_zero(ACTIVATIONS["tanh"])
        (0.01, None)
    """
    slopes = {"relu": 0.0, "leaky_relu": LEAKY_SLOPE}
    return slopes.get(activation.name) if activation == ACTIVATIONS.get(activation.name) else None
