r"""Upper bounds on the divergence of long diagonal Gaussians in floats, with an error bound proved in advance: no ball for each weight.

With r = s/S, t = (s − S)/S and x = t (2 + t) = r² − 1, half the sum over weights of φ(x) + (d/S)², φ(x) = x − ln(1 + x), d = μ − ν. Let u =
2⁻⁵³ be the unit roundoff; every operation used here (+, −, ·, /, frexp) is rounded to nearest by IEEE 754, so it errs by at most u of its
result as long as nothing under- or overflows, which the conditions below exclude. No library logarithm is called.

- t: s − S and the quotient, each within u. x: two more operations, and |t/(2 + t)| ≤ 1, so x errs by at most 5 u of itself for x ≥ −1/2.
- −1/2 < x < 1: φ = a (x − 2 a² (1/3 + a²/5 + …)) with a = x/(2 + x), |a| ≤ 1/3. The terms have one sign for x < 0, and for x > 0 the second
  is at most 1/10 of the first. Twenty terms leave less than 3⁻⁴⁰. Two roundings a term, each damped by a², and the condition number
  x φ'(x)/φ(x) ≤ 2.6 of the error in x: at most 40 u.
- x ≥ 1: φ ≥ 0.3 x, so x and 2 ln r, each within 12 u, leave 100 u. x ≤ −1/2: φ ≥ 0.19 and φ ≥ 0.4 |ln r|, 200 u.
- ln r = e ln 2 + 2 artanh((m − 1)/(m + 1)), r = 2^e m, m in [√½, √2]: the two add up to at least a third of the larger. Within 30 u.
- A term is at most 2⁹ u off, in proportion. Non-negative terms added in any order err by at most (k − 1) u for k terms: blocks of 1024, and
  the blocks' sums added exactly. Together less than 1600 u, and the result is moved up by 2⁻⁴⁰ = 8192 u of itself.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Relative amount by which the sums are moved up.
PAD = 2.0**-40
#: Entries from which on the sum in floats stands for that in balls.
LONG = 4096
_BLOCK = 1024
_CHUNK = 64 * _BLOCK
_LOW, _HIGH = 1e-140, 1e140  # of standard deviations: quotients stay far inside the doubles
_LN2 = 0.6931471805599453
_ROOT_HALF = 0.7071067811865476


def doubles(value: Any) -> Array | None:
    """A long vector of doubles as an array; None for anything whose entries are not doubles, or few."""
    if isinstance(value, np.ndarray):
        fits = value.ndim == 1 and value.dtype in (np.float32, np.float64)
        return value.astype(np.float64, copy=False) if fits and value.size >= LONG else None
    if isinstance(value, (list, tuple)) and len(value) >= LONG and set(map(type, value)) == {float}:
        return np.array(value)
    return None


def gaussian_sums(mean_q: Array, std_q: Array, mean_p: Array, std_p: Array | float) -> tuple[float, float] | None:
    """Upper bounds on Σ φ(x) + (d/S)² and on Σ (s² + d²)/S²; None where the doubles are left, or nearly.

    >>> ones = np.ones(5000)
    >>> gaussian_sums(0 * ones, ones, 0 * ones, ones)[0], abs(gaussian_sums(ones, ones, 0 * ones, 2 * ones)[0] / 5000 - 0.8862943611) < 1e-9
    (0.0, True)
    """
    scales = np.broadcast_to(np.asarray(std_p, np.float64), std_q.shape)
    for entry in (std_q, np.asarray(std_p)):
        if not (float(np.min(entry)) > _LOW and float(np.max(entry)) < _HIGH):
            return None
    sums: list[float] = []
    squares: list[float] = []
    with np.errstate(all="ignore"):
        for start in range(0, std_q.size, _CHUNK):
            cut = slice(start, start + _CHUNK)
            spread, ratio = _spread(std_q[cut], scales[cut])
            shift = np.abs(mean_q[cut] - mean_p[cut]) / scales[cut]
            shift = np.where(shift > 0, np.maximum(shift, 1e-150), np.where(mean_q[cut] != mean_p[cut], 1e-150, 0.0)) ** 2
            sums += _blocks(spread + shift)
            squares += _blocks(ratio * ratio + shift)
    total, size = math.fsum(sums), math.fsum(squares)
    if not (total < 1e300 and size < 1e300):
        return None
    return total * (1 + PAD), size * (1 + PAD)


def divergence(sums: tuple[float, float], scale: float, variance: arb, size: int) -> arb:
    """Half of what the first sum becomes where the prior's variance is not ``scale`` squared but the ball ``variance``, close to it.

    With variance = scale² (1 + η) the double of the divergence changes by −η A/(1 + η) + k ln(1 + η), A the second sum and k the number of
    weights: by at most 2 |η| (A + k) for |η| ≤ 1/2.
    """
    total, square = map(arb, sums)
    eta = abs(variance / (arb(scale) * arb(scale)) - 1)
    return (total + 2 * eta * (square + size)) / 2 if eta < 0.5 else arb("inf")


def _blocks(terms: Array) -> list[float]:
    whole = terms.size // _BLOCK * _BLOCK
    sums: list[float] = np.sum(terms[:whole].reshape(-1, _BLOCK), axis=1).tolist()
    return [*sums, float(np.sum(terms[whole:]))]


def _spread(std_q: Array, std_p: Array) -> tuple[Array, Array]:
    """φ(r² − 1) and r, entry by entry."""
    t = (std_q - std_p) / std_p
    x = t * (2.0 + t)
    a = x / (2.0 + x)
    z = a * a
    series = np.full_like(z, 1 / 41)
    for odd in range(39, 1, -2):
        series *= z
        series += 1 / odd
    spread = a * (x - 2.0 * z * series)
    ratio = std_q / std_p
    far = np.flatnonzero((x <= -0.5) | (x >= 1.0))
    if far.size:
        spread[far] = x[far] - 2.0 * _log(ratio[far])
    return spread, ratio


def _log(r: Array) -> Array:
    mantissa, exponent = np.frexp(r)
    low = mantissa < _ROOT_HALF
    m, e = np.where(low, 2.0 * mantissa, mantissa), exponent - low
    a = (m - 1.0) / (m + 1.0)
    z = a * a
    series = np.full_like(z, 1 / 27)
    for odd in range(25, 0, -2):
        series = series * z + 1 / odd
    logarithm: Array = e * _LN2 + 2.0 * a * series
    return logarithm
