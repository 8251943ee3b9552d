"""KL(Q||P) for a posterior with a low-rank covariance; a plain function, as its factors form a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, arb_mat

from genbounds.bounds.exact import exact_or_vector
from genbounds.bounds.quantity import Quantity
from genbounds.bounds.special.precision import precision
from genbounds.bounds.special.rounding import arb_to_float_up
from genbounds.bounds.worlds.balls import lift_scalar

_BITS = 192


def gaussian_kl_low_rank(*, mean_q: Any, variance_q: Any, factors: Sequence[Sequence[Any]], mean_p: Any, std_p: Any) -> Quantity:
    r"""KL(Q||P) for Q = N(mean_q, D + U U^T), D diagonal, and an isotropic prior P = N(mean_p, std_p^2 I), in nats, rounded up.

    It is half of [sum_i (x_i - ln(1 + x_i)) + (||U||_F^2 + ||mean_q - mean_p||^2)/std_p^2 - ln det(I + U^T D^-1 U)], where x_i =
    D_i/std_p^2 - 1. This follows from the determinant lemma, det(D + U U^T) = det D det(I + U^T D^-1 U), which leaves a determinant of the
    size of the rank. The formula is evaluated in balls.

    Args:
        mean_q, mean_p: one number per weight.
        variance_q: the diagonal D, one positive variance per weight.
        factors: the columns of U, a sequence of ``rank`` vectors with one entry per weight.
        std_p: one positive standard deviation.

    Raises:
        ValueError: shapes that do not fit, or variances that are not positive.

    >>> kl = gaussian_kl_low_rank(mean_q=[0, 0], variance_q=[0.25, 0.25], factors=[[0.5, 0]], mean_p=[0, 0], std_p=1)
    >>> kl.kind, round(float(kl), 15)
    ('upper', 0.414720770839918)
    """
    means_q, variances, means_p = (
        _vector(entry, name) for entry, name in ((mean_q, "mean_q"), (variance_q, "variance_q"), (mean_p, "mean_p"))
    )
    columns = [_vector(column, "factors") for column in factors]
    scale = Fraction(_vector([std_p], "std_p")[0])
    weights = len(means_q)
    if any(len(entries) != weights for entries in (variances, means_p, *columns)):
        raise ValueError(
            "mean_q, variance_q, mean_p and each of factors must have one entry per weight, "
            f"got {weights}, {len(variances)}, {len(means_p)} and {sorted({len(column) for column in columns})}: "
            "pass U as a sequence of its columns"
        )
    if scale <= 0 or min(variances) <= 0:
        raise ValueError(
            f"variance_q and std_p must be positive, got {float(min(variances))} and {float(scale)}: pass variances of the diagonal"
        )
    with precision(_BITS):
        return Quantity(
            arb_to_float_up(_divergence(means_q, variances, columns, means_p, scale)), "upper", "pac_bayes.gaussian_kl_low_rank", gives="kl"
        )


def _divergence(means_q: Any, variances: Any, columns: Any, means_p: Any, scale: Fraction) -> arb:
    """The formula, in balls."""
    square = lift_scalar(scale) ** 2
    diagonal = [lift_scalar(variance) for variance in variances]
    factors = [[lift_scalar(entry) for entry in column] for column in columns]
    total = sum((d / square - 1 - (d / square).log() for d in diagonal), arb(0))
    total += sum((lift_scalar(Fraction(a) - Fraction(b)) ** 2 for a, b in zip(means_q, means_p, strict=True)), arb(0)) / square
    total += sum((entry**2 for column in factors for entry in column), arb(0)) / square
    if factors:
        gram = arb_mat(len(factors), len(factors))
        for i, left in enumerate(factors):
            for j, right in enumerate(factors):
                entry = sum((a * b / d for a, b, d in zip(left, right, diagonal, strict=True)), arb(int(i == j)))
                gram[i, j] = entry
        total -= gram.det().log()
    return total / 2


def _vector(entries: Any, name: str) -> tuple[Any, ...]:
    """A non-empty vector of exact numbers."""
    values = exact_or_vector(tuple(np.asarray(entries, dtype=object).tolist()), name)
    assert isinstance(values, tuple)
    if not values:
        raise ValueError(f"{name} must hold one number per weight, got none: pass the weights")
    return values
