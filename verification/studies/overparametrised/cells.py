"""The settings: descent of ReLU networks, of a smooth one whose constants are known, kernel regression, networks against kernels."""

from __future__ import annotations

from dataclasses import dataclass

POINTS, DIMENSION = 20, 10
"""Examples on the unit sphere of so many dimensions, with labels -1 and +1 at random."""


@dataclass(frozen=True)
class DescentCell:
    """A ReLU network without biases, trained on all examples by gradient descent on the squared error.

    Its weights are those of the parametrisation of the tangent kernel. The step is the reciprocal of the largest eigenvalue of that
    kernel at the start.

    Args:
        width, depth: of the hidden layers, and their number.
        steps: of gradient descent.
        seed: another seed is other examples and another start.
    """

    width: int
    depth: int
    steps: int
    seed: int = 0


@dataclass(frozen=True)
class SmoothCell:
    """x -> sum_j a_j tanh(<w_j, x>)/sqrt(width) with signs a_j that stay, trained likewise: its second derivatives are bounded.

    Args:
        width: hidden units.
        steps: of gradient descent.
        seed: another seed is other examples and another start.
    """

    width: int
    steps: int
    seed: int = 0


@dataclass(frozen=True)
class KernelCell:
    """Kernel regression without penalty on samples from the unit sphere, with the kernel of infinite width.

    Args:
        sizes: numbers of examples.
        draws: samples of each size.
        seed: another seed is other samples.
    """

    sizes: tuple[int, ...]
    draws: int
    seed: int = 0


@dataclass(frozen=True)
class AccuracyCell:
    """Networks on the digits compared with kernel regression and with random features, each on samples of its own.

    Args:
        n: draws of a sample.
        width: of the hidden layer.
        epochs: of the networks.
        samples: how many.
        seed: another seed is other samples and starts.
    """

    n: int
    width: int
    epochs: int
    samples: int
    seed: int = 0
    population: str = "digits"
