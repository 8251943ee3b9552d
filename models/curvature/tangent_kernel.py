"""The empirical tangent kernel of a network: J(x) J(x')' with J the Jacobian of the outputs in the parameters, through torch.func."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.func import jacrev, jvp, vjp, vmap

from genbounds.bounds.quantity import Quantity
from genbounds.models.curvature._network import Twin, chunks, traced, twin_of, user_state_kept


@dataclass(frozen=True, eq=False)
class TangentKernel:
    """A kernel matrix over n examples. ``matrix`` is (n, n), averaged over the K outputs, or (n, n, K, K) in full.

    Made by ``tangent_kernel``.

    Everything that is read off it is of kind ``estimate``: float64 without a bound on its rounding.
    """

    matrix: npt.NDArray[np.float64]
    how: str
    kind: str = "estimate"

    @property
    def eigenvalues(self) -> Quantity:
        """All eigenvalues, the largest first, as ``estimate``s."""
        n = len(self.matrix)
        square = self.matrix if self.matrix.ndim == 2 else self.matrix.transpose(0, 2, 1, 3).reshape(n * self.matrix.shape[2], -1)
        values = np.linalg.eigvalsh((square + square.T) / 2)[::-1]
        return Quantity(tuple(values.tolist()), "estimate", f"eigenvalues of the {self.how}")

    @property
    def trace(self) -> Quantity:
        """The trace, an ``estimate``."""
        diagonal = np.diagonal(self.matrix, axis1=0, axis2=1)
        total = diagonal.sum() if self.matrix.ndim == 2 else np.trace(diagonal.sum(axis=-1))
        return Quantity(float(total), "estimate", f"trace of the {self.how}")


def tangent_kernel(model: nn.Module, inputs: Any, *, full: bool = False, batch_size: int = 64) -> TangentKernel:
    """The empirical tangent kernel on a sample, by contracting the Jacobians of single examples.

    Args:
        model: any network with outputs (n, K); a float64 copy in eval mode is measured.
        inputs: (n, ...).
        full: all K x K blocks, shape (n, n, K, K), instead of their average diagonal, (n, n).
        batch_size: examples whose Jacobians (K times the number of parameters each) lie in memory at once, twice.

    >>> layer = nn.Linear(2, 1, bias=False)
    >>> tangent_kernel(layer, [[3.0, 4.0], [0.0, 1.0]]).matrix.tolist()  # the inputs' inner products
    [[25.0, 4.0], [4.0, 1.0]]
    """
    twin = twin_of(model)
    data = twin.place(inputs)
    twin.compare(data)
    parts, rows = chunks(data, batch_size), []
    with user_state_kept(twin.device):
        for left in parts:
            first = _jacobian(twin, left)
            blocks = [_contract(first, first if right is left else _jacobian(twin, right), full) for right in parts]
            rows.append(torch.cat(blocks, dim=1))
    matrix = torch.cat(rows).cpu().numpy()
    matrix.setflags(write=False)
    return TangentKernel(matrix, f"empirical tangent kernel on {len(data)} examples, float64")


def tangent_kernel_product(model: nn.Module, inputs: Any, vector: Any, *, batch_size: int = 512) -> Tensor:
    """The full tangent kernel times a vector, both (n, K), without forming the matrix: J (J' v), with one backward and one forward pass.

    The result is an estimate, like everything here: float64 without a bound on its rounding. ``ValueError`` if the vector does not have the
    shape of the outputs.

    >>> layer = nn.Linear(2, 1, bias=False)
    >>> tangent_kernel_product(layer, [[3.0, 4.0], [0.0, 1.0]], [[1.0], [1.0]]).tolist()
    [[29.0], [5.0]]
    """
    twin = twin_of(model)
    data = twin.place(inputs)
    twin.compare(data)
    given = vector if isinstance(vector, Tensor) else torch.as_tensor(np.asarray(vector))
    given = given.detach().to(twin.device, torch.float64)
    if given.ndim != 2 or len(given) != len(data):
        raise ValueError(f"vector must have the shape of the outputs, ({len(data)}, K), got {tuple(given.shape)}: one row per example")
    with user_state_kept(twin.device):
        pulled = {name: torch.zeros_like(parameter) for name, parameter in twin.parameters.items()}
        for x, v in zip(chunks(data, batch_size), chunks(given, batch_size), strict=True):
            for name, part in traced("products with the tangent kernel", _pull, twin, x, v).items():
                pulled[name] += part
        products = [traced("products with the tangent kernel", _push, twin, x, pulled) for x in chunks(data, batch_size)]
    return torch.cat(products).detach()


def _pull(twin: Twin, x: Tensor, v: Tensor) -> dict[str, Tensor]:
    outputs, pull = vjp(_outputs_on(twin, x), twin.parameters)  # type: ignore[misc]  # without auxiliary outputs it is a pair
    if outputs.shape != v.shape:
        raise ValueError(f"vector must have the shape of the outputs, {tuple(outputs.shape)} here, got {tuple(v.shape)}: one per output")
    result: dict[str, Tensor] = pull(v)[0]
    return result


def _outputs_on(twin: Twin, x: Tensor) -> Callable[[dict[str, Tensor]], Tensor]:
    """The outputs on one batch as a function of the parameters."""
    return lambda parameters: twin.outputs(parameters, x)


def _push(twin: Twin, x: Tensor, tangent: dict[str, Tensor]) -> Tensor:
    result: Tensor = jvp(_outputs_on(twin, x), (twin.parameters,), (tangent,))[1]
    return result


def _jacobian(twin: Twin, x: Tensor) -> Tensor:
    """(n, K, P): every example's Jacobian, the parameters side by side."""
    parts = traced("Jacobians of single examples", vmap(jacrev(twin.example), in_dims=(None, 0)), twin.parameters, x)
    return torch.cat([part.flatten(2) for part in parts.values()], dim=2).detach()


def _contract(left: Tensor, right: Tensor, full: bool) -> Tensor:
    """Inner products over the parameters."""
    if full:
        return torch.einsum("nap,mbp->nmab", left, right)
    return torch.einsum("nap,map->nm", left, right) / left.shape[1]
