"""Convolutions on a torus: block-diagonal in the frequencies, so that their norm is the largest of many small ones.

Zero padding. Let the torus have N positions an axis, N >= size + k_eff - 1 or any smaller N for which every window still
reads what it reads in truth and no two windows share a start: the operator is then a compression (some rows, some
columns) of the convolution on the torus, whose norm is at least as large. Both conditions are checked on the index
table itself.

Stride. If the stride s divides N, the taps split by phase: dilation * t = s q + r. On the N / s coarse frequencies psi
the operator is the block row over the phases r of sum_q W_{s q + r} exp(i q psi).

Few frequencies. |u* A(psi) v| is the modulus of a trigonometric polynomial of degree J / 2, J + 1 the number of taps in
a phase, so that (M. Riesz) its maximum over *all* psi is at most its maximum over n equally spaced ones, divided by
cos(pi J / (2 n)). Where that takes fewer frequencies than the torus, it is used with n such that the factor is at most
1.01 an axis; it bounds the operator on every torus.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import scipy.linalg.blas
import scipy.linalg.lapack
import torch
from threadpoolctl import threadpool_limits
from torch import Tensor

from genbounds.models.norms._axis import Axis, Indices
from genbounds.models.norms._lanczos import lanczos, start_vectors
from genbounds.models.norms.rounding import EPS, Array, inflate
from genbounds.models.runtime.threads import one_torch_thread

Booleans: TypeAlias = npt.NDArray[np.bool_]

_SAMPLING = 1.01
_CHUNK = 2**21
"""Complex numbers that the blocks of one chunk of frequencies may hold: 32 MiB."""
_FIRST_CHUNK = 4
_SMALL = 24
"""Blocks with a smaller side below this go through torch's batched routines, where LAPACK's call itself would dominate."""
_SLACK = 1e-3


@dataclass(frozen=True)
class Frequencies:
    """One axis on the torus: the taps of each phase of the stride, how many equally spaced frequencies, and the factor.

    The operator's norm is at most ``factor`` times the largest norm over the frequencies. ``exact`` says that factor
    and frequencies are those of the operator itself, with nothing given away.
    """

    phases: tuple[tuple[int, ...], ...]
    nodes: int
    factor: float
    exact: bool = False


def frequencies_of(axis: Axis) -> Frequencies:
    """The frequencies that bound one axis, by its padding mode.

    >>> frequencies_of(Axis(size=8, kernel=3, left=1, right=1))
    Frequencies(phases=((0, 1, 2),), nodes=9, factor=1.0, exact=False)
    """
    if axis.mode in ("replicate", "reflect") and (axis.left or axis.right):
        valid = Axis(axis.padded, axis.kernel, axis.stride, axis.dilation, limit=axis.limit)
        inner = frequencies_of(valid)
        return Frequencies(inner.phases, inner.nodes, _up(math.sqrt(axis.copies) * inner.factor))
    circular = axis.mode == "circular" and bool(axis.left or axis.right)
    stride = axis.stride
    if circular:
        torus = axis.size
        # A stride that does not divide the torus is bounded by the convolution with stride 1, of which it takes some rows.
        stride = stride if torus % stride == 0 else 1
        starts = np.arange(axis.outputs) * axis.stride % torus
        repeats = int(np.bincount(starts).max())
    else:
        torus, repeats = _smallest_torus(axis), 1
    taps = range(axis.kernel)
    phases = tuple(tuple(t for t in taps if axis.dilation * t % stride == r) for r in sorted({axis.dilation * t % stride for t in taps}))
    step = axis.dilation // math.gcd(axis.dilation, stride)
    coarse = torus // stride
    nodes, degree = coarse // math.gcd(step, coarse), max(len(phase) for phase in phases) - 1
    few = max(1, math.ceil(math.pi * degree / 2 / math.acos(1 / _SAMPLING)))
    sampling = 1.0 if few >= nodes or not degree else _up(1 / math.cos(math.pi * degree / (2 * few)))
    exact = circular and repeats == 1 and axis.outputs * stride == torus and stride == axis.stride and sampling == 1.0
    root = 1.0 if repeats == 1 else _up(math.sqrt(repeats))
    return Frequencies(phases, min(few, nodes), root if sampling == 1.0 else _up(root * sampling), exact)


def _up(value: float) -> float:
    return value * inflate(8)


def _smallest_torus(axis: Axis) -> int:
    """The smallest multiple of the stride on which the windows (those that read anything) are what they are.

    D3 of the formula sheet proves it for size + k_eff - 1; the index table proves it for each smaller one that is used.
    """
    reading = np.nonzero((axis.table >= 0).any(axis=1))[0]
    starts = axis.stride * reading - axis.left
    positions = starts[:, None] + axis.dilation * np.arange(axis.kernel)
    table = axis.table[reading]
    torus = -(-axis.size // axis.stride) * axis.stride
    while True:
        wrapped = positions % torus
        faithful = np.where(table >= 0, wrapped == table, wrapped >= axis.size).all()
        if faithful and len(np.unique(starts % torus)) == len(starts):
            return torus
        torus += axis.stride


def torus_bounds(weight: Tensor, axes: tuple[Axis, Axis], start: float) -> Array:
    """Upper bounds (groups,) on the norms of the groups of a convolution on the torus.

    ``weight`` is float64 (groups, out, in, k1, k2) with entries below 1 in size, ``start`` a guess of the norm, below
    which nothing is resolved: a lower bound on the largest group's norm makes it one factorisation a frequency.

    For each frequency, G = fl(A A*) is formed for the smaller side m of A (the larger is K) and mu I - G is factorised.
    A Cholesky factorisation that runs to its end on M proves M + E >= 0 with ||E|| <= gamma trace(M), here trace(M) <= m mu
    as G has a positive diagonal; the diagonal of G is then below mu, and the error of the product at most
    2 sqrt(2) (K + 2) u trace(A A*). Complex products are sums of 2 K real ones in each part; the factors below are
    more than twice what that takes. The symbols are sums over taps with a table of sines and cosines, so that their
    error is a multiple of the tap sums.
    """
    plans = (frequencies_of(axes[0]), frequencies_of(axes[1]))
    groups, rows, columns = weight.shape[:3]
    mu = np.full(groups, max(start, 1e-100) ** 2 * (1 + _SLACK))
    order = _half_plane(plans[0].nodes, plans[1].nodes)
    layers = _by_phase(weight, plans)
    width = columns * len(layers)
    most = max(1, _CHUNK // (groups * rows * width))
    first = 0
    # One thread: matrices this small only get slower by sharing them, and on a busy machine many times so.
    with one_torch_thread(), threadpool_limits(1, user_api="blas"):
        while first < len(order):
            size = min(most, _FIRST_CHUNK) if first == 0 else most
            _certify(_symbols(layers, order[first : first + size], plans), mu)
            first += size
    m, k = min(rows, width), max(rows, width)
    squares = mu * (1 + EPS * (2 * (m + 4) * m + 5 * (k + 2) * m + 8))
    taps = weight.shape[3] * weight.shape[4]
    frobenius = torch.linalg.vector_norm(weight.flatten(1), dim=1).numpy() * inflate(weight[0].numel())
    symbol_error = 2 * (taps + 20) * EPS * math.sqrt(taps) * frobenius
    bounds: Array = (np.sqrt(squares) * inflate(0) + symbol_error) * (plans[0].factor * plans[1].factor) * inflate(2)
    return bounds


def _half_plane(first: int, second: int) -> Indices:
    """The frequencies (F, 2) as integers, one of each conjugate pair, in a fixed mixed order: a real weight has the same
    norm at both.
    """
    pairs = np.stack(np.meshgrid(np.arange(first), np.arange(second), indexing="ij"), axis=-1).reshape(-1, 2)
    index = pairs[:, 0] * second + pairs[:, 1]
    mirrored = (-pairs[:, 0] % first) * second + (-pairs[:, 1] % second)
    half: Indices = pairs[index <= mirrored]
    return half[np.random.default_rng(0).permutation(len(half))]


def _by_phase(weight: Tensor, plans: tuple[Frequencies, Frequencies]) -> list[tuple[Indices, Tensor]]:
    """For each pair of phases the steps (T, 2) of its taps and their weights (T, groups, out, in)."""
    layers = []
    for one in plans[0].phases:
        for two in plans[1].phases:
            steps = np.array([(i, j) for i in range(len(one)) for j in range(len(two))])
            taps = torch.stack([weight[:, :, :, t, v] for t in one for v in two])
            layers.append((steps, taps))
    return layers


def _symbols(layers: list[tuple[Indices, Tensor]], nodes: Indices, plans: tuple[Frequencies, Frequencies]) -> Tensor:
    """The blocks (frequencies, groups, out, in * phases), complex128.

    The angle is a fraction of integers, reduced exactly, so that each sine and cosine is within 16 * 2^-52.
    """
    n1, n2 = plans[0].nodes, plans[1].nodes
    parts = []
    for steps, taps in layers:
        turns = (nodes[:, None, 0] * steps[:, 0] * n2 + nodes[:, None, 1] * steps[:, 1] * n1) % (n1 * n2)
        angles = torch.from_numpy(turns * (2 * math.pi / (n1 * n2)))
        flat = taps.flatten(1)
        parts.append(torch.complex(angles.cos() @ flat, angles.sin() @ flat).reshape(len(nodes), *taps.shape[1:]))
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim=3)


def _certify(blocks: Tensor, mu: Array) -> None:
    """Raise ``mu`` (groups,) in place until mu I - A A* of every block (frequencies, groups, out, in) is positive
    definite.
    """
    frequencies, groups = blocks.shape[:2]
    flat = blocks.flatten(0, 1)
    owner = np.tile(np.arange(groups), frequencies)
    pending, slack = np.arange(len(flat)), _SLACK
    while True:
        positive = _positive_definite(flat if len(pending) == len(flat) else flat[pending], mu[owner[pending]])
        pending = pending[~positive]
        if not len(pending):
            return
        estimates = _largest(flat[pending], 6)
        best = {int(owner[p]): p for p, _ in sorted(zip(pending.tolist(), estimates.tolist(), strict=True), key=lambda pair: pair[1])}
        tops = _largest(flat[list(best.values())], 40)
        for group, top in zip(best, tops.tolist(), strict=True):
            mu[group] = max(mu[group], top) * (1 + slack)
        slack *= 4


def _largest(blocks: Tensor, steps: int) -> Array:
    """Estimates (n,) of the largest eigenvalues of A A*."""
    a = blocks if blocks.shape[1] <= blocks.shape[2] else blocks.mH
    start = start_vectors(len(a), a.shape[1], a.dtype)
    values: Array = lanczos(lambda v: (a @ (a.mH @ v[:, :, None]))[:, :, 0], start, steps)[0].numpy()
    return values


def _positive_definite(blocks: Tensor, mu: Array) -> Booleans:
    """Whether the Cholesky factorisation of fl(mu I - A A*) runs to its end, for each block of (n, out, in)."""
    m = min(blocks.shape[1:])
    if m < _SMALL:
        a = blocks if blocks.shape[1] <= blocks.shape[2] else blocks.mH
        shifted = torch.from_numpy(mu)[:, None, None] * torch.eye(m, dtype=torch.float64) - a @ a.mH
        succeeded: Booleans = torch.linalg.cholesky_ex(shifted).info.numpy() == 0
        return succeeded
    return np.array([_factorises(block, shift) for block, shift in zip(blocks.resolve_conj().numpy(), mu, strict=True)])


def _factorises(block: npt.NDArray[Any], mu: float) -> bool:
    """The same for one block, by a Hermitian product and a factorisation of one triangle: half the work of the batched
    routines.
    """
    # The transposed view is what Fortran reads; it gives the complex conjugate of the Gram matrix, of the same spectrum.
    shifted = scipy.linalg.blas.zherk(-1.0, block.T, trans=2 if block.shape[0] <= block.shape[1] else 0)
    diagonal = np.arange(len(shifted))
    shifted[diagonal, diagonal] += mu
    return bool(scipy.linalg.lapack.zpotrf(shifted, lower=0, clean=0, overwrite_a=1)[1] == 0)
