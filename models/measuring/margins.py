"""Margins of dense networks in float64, rounded down by a forward error allowance.

Running error analysis, layer by layer, in the l2 norm of one example's activations: if the computed input h is within e
of the true one, then z = fl(W h + b) is within ||W|| e + gamma (||W||_F ||h|| + ||b||) of the true W h + b, where
gamma = (in + 3) 2^-52 is twice what sums of that length lose in any order; an activation multiplies an error by its
Lipschitz constant and adds 8 units in the last place of max(1, |sigma|) where it is a library function. The margin
v_y - max v_j moves by at most sqrt(2) times the error of the logits. So the margin minus its allowance is at most the
margin of the network in real arithmetic, with the weights and inputs as they are stored.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from genbounds.models.tracing.architecture import DenseStack

_EPS = 2.0**-52
UNDERFLOW = 2.0**-400
"""More than an entry loses where products, or the squares in a norm, underflow."""
_ELEMENTS = 1 << 21  # activations of a layer at a time: 16 MiB, whatever the number of networks and examples


def margins_with_allowance(stack: DenseStack, spectral_norms: Tensor, inputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """The computed margins and how far each may be from the truth, both float64 of shape (K, n).

    ``spectral_norms`` (K, layers) are upper bounds; ``inputs`` float64 (n, d), or (K, n, d) for one set a network;
    ``labels`` int64 (n,) or (K, n): classes, or -1 and +1 if there is one output.
    """
    networks, n = stack.networks, inputs.shape[-2]
    margins = torch.empty((networks, n), dtype=torch.float64, device=inputs.device)
    allowance = torch.empty_like(margins)
    rows = max(1, min(n, _ELEMENTS // max(stack.widths)))
    height = max(1, _ELEMENTS // (rows * max(stack.widths)))
    for top in range(0, networks, height):
        chosen = slice(top, top + height)
        for left in range(0, n, rows):
            window = slice(left, left + rows)
            x = inputs[window] if inputs.ndim == 2 else inputs[chosen, window]
            y = labels[window] if labels.ndim == 1 else labels[chosen, window]
            logits, error = _forward(stack, chosen, spectral_norms[chosen], x)
            margins[chosen, window], allowance[chosen, window] = margins_of(logits, error, y)
    return margins, allowance


def _forward(stack: DenseStack, chosen: slice, spectral_norms: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """Logits (k, n, outputs) and a bound (k, n) on the l2 norm of their error."""
    count = len(spectral_norms)
    h = x if x.ndim == 3 else x.expand(count, *x.shape)
    error = torch.zeros(h.shape[:2], dtype=torch.float64, device=h.device)
    for position, (weights, biases) in enumerate(zip(stack.weights, stack.biases, strict=True)):
        w, b = weights[chosen], None if biases is None else biases[chosen]
        size = h.norm(dim=2)
        gamma = (w.shape[2] + 3) * _EPS
        terms = w.flatten(1).norm(dim=1)[:, None] * size
        z = torch.bmm(h, w.mT) if b is None else torch.baddbmm(b[:, None, :], h, w.mT)
        if b is not None:
            terms = terms + b.norm(dim=1)[:, None]
        z_error = spectral_norms[:, position, None] * error + gamma * terms + UNDERFLOW * math.sqrt(w.shape[1])
        if position == len(stack.weights) - 1:
            return z, z_error * (1 + 2.0**-30)  # the bound's own rounding
        sigma = stack.activations[position]
        a = sigma.function(z)
        a_size = a.norm(dim=2)
        library = 0.0 if sigma.exact else 8 * _EPS
        a_error = sigma.lipschitz * z_error + library * (a_size + math.sqrt(w.shape[1]))
        if stack.is_block[position]:
            h = h + stack.tau * a
            error = error + abs(stack.tau) * (a_error + 2 * _EPS * a_size) + 2 * _EPS * h.norm(dim=2)
        else:
            h, error = a, a_error
    raise AssertionError("a stack has at least one layer")


def margins_of(logits: Tensor, error: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """v_y - max of the others, or y f for one output, with the allowance."""
    margins = plain_margins(logits, labels.expand(logits.shape[:2]))
    slack = error if logits.shape[2] == 1 else math.sqrt(2) * (1 + 4 * _EPS) * error
    if not bool(torch.isfinite(margins).all()) or not bool(torch.isfinite(slack).all()):
        raise ValueError("the logits must be finite, got an overflow on some inputs: scale the inputs or the weights down")
    return margins, slack + 2 * _EPS * margins.abs()


def plain_margins(logits: Tensor, labels: Tensor) -> Tensor:
    """For logits (..., K) and labels (...): v_y - max of the others, or y f for one output, in the logits' dtype. NaN stays NaN.

    >>> plain_margins(torch.tensor([[1.0, 0.0, 3.0], [1.0, 1.0, 0.0]]), torch.tensor([2, 0])).tolist()
    [2.0, 0.0]
    """
    if logits.shape[-1] == 1:
        return logits[..., 0] * labels
    others = logits.scatter(-1, labels[..., None], -math.inf).amax(dim=-1)
    return logits.gather(-1, labels[..., None])[..., 0] - others
