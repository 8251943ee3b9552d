"""Self-attention: Lipschitz on the inputs whose tokens lie in a ball, and only there."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from genbounds.bounds.quantity import DirectionError, Quantity
from genbounds.bounds.special.rounding import decimal_down
from genbounds.models.norms.entrywise import frobenius_norm
from genbounds.models.norms.rounding import EPS, Array, as_stack, inflate
from genbounds.models.norms.spectral import spectral_norm


def attention_lipschitz(
    query: Any,
    key: Any,
    value: Any,
    output: Any = None,
    *,
    heads: int,
    tokens: int,
    radius: Any,
    query_bias: Any = None,
    scale: float | None = None,
    name: str = "attention",
) -> Quantity:
    """An upper bound on the Lipschitz constant of self-attention on tokens of norm <= radius, in the Frobenius norm of (tokens, features).

    Args:
        query, key, value: the projections (heads * d, features) as torch stores them, head after head; ``output`` the output projection
            (features, heads * d), or None.
        heads, tokens: how many; a causal or any other fixed mask only takes tokens away.
        radius: a bound on the l2 norm of every token, a number or a Quantity of kind ``upper`` or ``exact``.
        query_bias: (heads * d,) or None. The biases of keys cancel in the softmax, those of values and outputs are constants.
        scale: the factor of the scores; None is 1 / sqrt(d).

    Derivation. Let m be the number of tokens and r the radius. One head computes Y = P X V, where P = softmax(X A X^T + 1 c^T X^T),
    A = scale W_Q^T W_K and c = scale W_K^T b_Q. Then dY = P dX V + dP X V. Here ||P|| <= sqrt(m), since its rows are probabilities, and the
    change of a row of P acts through the covariance of the tokens under that row, whose norm is at most r^2. With the inequality of Cauchy
    and Schwarz the constant of the head is at most ||V|| (sqrt(m) + r^2 ||A|| + sqrt(m) r (r ||A|| + ||c||)). Several heads give the root
    of the sum of their squares, times the norm of the output projection.

    Raises ``DirectionError`` for a radius that is an estimate, ``ValueError`` naming ``name`` for what does not fit.

    >>> round(float(attention_lipschitz([[0.0]], [[0.0]], [[3.0]], heads=1, tokens=4, radius=1)), 9)
    6.0
    """
    r = _radius(radius, name)
    if tokens < 1:
        raise ValueError(f"{name}: tokens must be at least 1, got {tokens}")
    queries, keys, values = (_heads(matrix, heads, what, name) for matrix, what in ((query, "query"), (key, "key"), (value, "value")))
    size = queries[0].shape[0]
    factor = 1 / math.sqrt(size) * inflate(2) if scale is None else abs(float(scale))
    biases = (
        np.zeros((heads, size))
        if query_bias is None
        else _heads(np.reshape(_array(query_bias), (-1, 1)), heads, "query_bias", name)[..., 0]
    )
    root = math.sqrt(tokens) * inflate(0)
    total = 0.0
    for q, k, v, bias in zip(queries, keys, values, biases, strict=True):
        scores = factor * _product_norm(q.T, k, name)
        pull = factor * _product_norm(bias[None], k, name)
        spread = root + r * r * scores + root * r * (r * scores + pull)
        total += (float(spectral_norm(v, name=name)[0]) * spread) ** 2
    outer = 1.0 if output is None else float(spectral_norm(output, name=name)[0])
    result = outer * math.sqrt(total) * inflate(heads + 16)
    return Quantity(
        result,
        "upper",
        f"self-attention on tokens of norm <= {decimal_down(r, 6)}: ||V|| (sqrt(m) + r^2 ||A|| (1 + sqrt(m)) + bias), rounded up",
    )


def attention_token_norm(
    value: Any,
    output: Any = None,
    *,
    heads: int,
    radius: Any,
    value_bias: Any = None,
    output_bias: Any = None,
    name: str = "attention",
) -> Quantity:
    """A bound on the l2 norm of every output token.

    Each head averages values of norm at most ||V|| r + ||b_V||. The heads together give the root of the sum of squares, times the norm of
    the output projection, plus the norm of its bias. Arguments as in ``attention_lipschitz``.

    >>> round(float(attention_token_norm([[3.0]], heads=1, radius=2, value_bias=[1.0])), 9)
    7.0
    """
    r = _radius(radius, name)
    values = _heads(value, heads, "value", name)
    biases = np.zeros((heads, values.shape[1])) if value_bias is None else np.reshape(_array(value_bias), (heads, -1))
    total = sum((float(spectral_norm(v, name=name)[0]) * r + _length(b)) ** 2 for v, b in zip(values, biases, strict=True))
    outer = 1.0 if output is None else float(spectral_norm(output, name=name)[0])
    result = outer * math.sqrt(total) + (0.0 if output_bias is None else _length(_array(output_bias)))
    return Quantity(result * inflate(heads + 16), "upper", f"average of values of tokens of norm <= {decimal_down(r, 6)}, rounded up")


def _radius(radius: Any, name: str) -> float:
    """The radius as a float, rounded up; ``DirectionError`` unless it bounds the tokens from above."""
    if isinstance(radius, Quantity):
        if radius.kind not in ("upper", "exact"):
            raise DirectionError(
                f"{name}: radius must bound every token from above, got a quantity of kind {radius.kind} ({radius.how}): "
                "put a normalisation in front, or declare the radius of the inputs"
            )
        radius = float(radius) * inflate(0)
    value = float(radius)
    if not 0 <= value < math.inf:
        raise ValueError(f"{name}: radius must be a finite number of at least 0, got {value}: attention is not Lipschitz on all inputs")
    return value


def _heads(matrix: Any, heads: int, what: str, name: str) -> Array:
    """(heads, d, features) from (heads * d, features)."""
    stack, _ = as_stack(matrix, f"{name}.{what}")
    rows = stack.shape[1]
    if heads < 1 or rows % heads:
        raise ValueError(f"{name}: heads must divide the {rows} rows of the {what} projection, got {heads}")
    split: Array = stack.reshape(heads, rows // heads, -1)
    return split


def _product_norm(left: Array, right: Array, name: str) -> float:
    """An upper bound on ||left right||: the norm of the float product and the error of its inner products."""
    error: float = (left.shape[1] + 2) * EPS * float(frobenius_norm(left, name=name)) * float(frobenius_norm(right, name=name))
    return (float(spectral_norm(left @ right, name=name)[0]) + error) * inflate(0)


def _length(vector: Array) -> float:
    return float(frobenius_norm(vector.reshape(1, -1)))


def _array(values: Any) -> Array:
    if hasattr(values, "detach"):
        values = values.detach().cpu().double().numpy()
    return np.asarray(values, dtype=np.float64)
