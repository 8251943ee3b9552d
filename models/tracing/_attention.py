"""Readers of attention: Y = softmax(scale * Q K^T) V, whose slope is bounded only where its tokens are.

With rows of Q, K, V of norm at most q, k, v and m keys, in Frobenius norms: dY = P dV + dP V, ||P|| <= sqrt(m) (rows add
up to 1), and a row of dP V is the covariance, under that row's probabilities, of the scores' change with the values: at
most scale * k v ||dq|| for a change of its query, and scale * q v (sum_j p_j ||dk_j||^2)^(1/2) for one of the keys, whose
squares add up over the rows to at most m ||dK||^2. So the slopes in Q, K, V are scale k v, scale sqrt(m) q v and sqrt(m).
Heads stand side by side: they share these bounds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from genbounds.models.norms._rounding import EPS
from genbounds.models.tracing._building import refused
from genbounds.models.tracing._projections import self_attention
from genbounds.models.tracing.graph import Ref, Rounding, Tokens
from genbounds.models.tracing.reader import Call, Handler, Reader

Step = Callable[[Tensor], Tensor]


def attention_slopes(scale: float, keys: int, query: float, key: float, value: float) -> tuple[float, float, float]:
    """The Lipschitz constants in Q, K and V for rows of norm at most ``query``, ``key`` and ``value``.

    >>> attention_slopes(0.5, 4, 1.0, 2.0, 3.0)
    (3.0, 3.0, 2.0)
    """
    root = math.sqrt(keys)
    return scale * key * value, scale * root * query * value, root


def scaled_dot_product_attention(reader: Reader, call: Call) -> Ref:
    """Attention as one operation."""
    query, key, value = call["query"], call["key"], call["value"]
    mask = call["attn_mask"]
    if reader.data(mask) or call["dropout_p"] or call["enable_gqa"]:
        raise call.refuse("needs a mask that does not depend on the input, no dropout and as many key heads as query heads")
    width = reader.probe(query).shape[-1]
    scale = 1 / math.sqrt(width) if call["scale"] is None else float(call["scale"])
    rows, columns = reader.probe(query).shape[-2], reader.probe(key).shape[-2]
    if call["is_causal"]:
        mask = torch.ones((rows, columns), dtype=torch.bool, device=reader.probe(query).device).tril()
    if isinstance(mask, Ref):
        raise call.refuse("needs a mask that does not depend on the size of the batch")
    steps: list[Step] = []
    if mask is not None:
        steps = [lambda scores: scores.masked_fill(~mask, -math.inf)] if mask.dtype == torch.bool else [lambda scores: scores + mask]
    return _emit(reader, call, query, key, value, scale, lambda scores: _all(steps, scores * scale), False)


def _all(steps: list[Step], scores: Tensor) -> Tensor:
    for step in steps:
        scores = step(scores)
    return scores


def _emit(reader: Reader, call: Call, query: Ref, key: Ref, value: Ref, scale: float, scored: Step, key_is_transposed: bool) -> Ref:
    keys, width = reader.probe(value).shape[-2], reader.probe(query).shape[-1]
    rows = reader.probe(query).numel() // width // reader.count

    def function(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        scores = torch.matmul(q, k if key_is_transposed else k.transpose(-1, -2))
        return torch.matmul(torch.softmax(scored(scores), -1), v)

    def local(inputs: list[Tensor], errors: list[float]) -> tuple[tuple[float, ...], float]:
        """The slopes for the largest tokens near the computed ones; exp turns an absolute error of a score into a relative one."""
        q, k, v = inputs
        sizes = [float(q.norm(dim=-1).max()), float(k.norm(dim=-2 if key_is_transposed else -1).max()), float(v.norm(dim=-1).max())]
        near = [size * (1 + 2.0**-20) + error for size, error in zip(sizes, errors, strict=True)]
        score = 2 * (width + 8) * EPS * abs(scale) * sizes[0] * sizes[1]
        relative = 2.5 * score + (2 * keys + 32) * EPS
        if score > 0.1:
            return (math.inf,) * 3, math.inf
        return attention_slopes(abs(scale), keys, *near), math.sqrt(q.numel() / width) * sizes[2] * relative

    options = {"scale": abs(scale), "keys": keys, "key_is_transposed": key_is_transposed, "rows": rows}
    found = None if key_is_transposed else self_attention(reader, query, key, value, abs(scale), call.module)
    return reader.emit(
        call,
        "attention",
        function,
        (query, key, value),
        gains=math.inf,
        tokens=Tokens(1.0, combine="last"),
        rounding=Rounding(),
        homogeneous=False,
        local=local,
        options=options if found is None else {**options, "anchored": found[1]},
        anchor=None if found is None else found[0],
    )


def product(reader: Reader, call: Call, x: Ref, y: Ref) -> Ref:
    """A product of two tensors of the input: scores, or probabilities times values; anything else is refused where it is used."""
    first = reader.nodes[x.index]
    if first.kind == "softmax" and "scores" in first.options:
        query, key, scale, steps = first.options["scores"]
        node = reader.nodes[key.index]
        if node.options.get("swaps_last") and len(node.sources) == 1:
            return _emit(reader, call, query, Ref(node.sources[0]), y, scale, lambda scores: _all(steps, scores), False)
        return _emit(reader, call, query, key, y, scale, lambda scores: _all(steps, scores), True)
    reason = "of two tensors that both depend on the input is bounded only as attention, softmax(Q K^T) V: its slope grows with the input"
    return refused(reader, call, (x, y), torch.matmul, reason, scores=(x, y, 1.0, []))


def continued(reader: Reader, call: Call, x: Any, step: Step, factor: float) -> Ref | None:
    """A step between the scores and the softmax (a scale, a mask); None if ``x`` are no scores."""
    if not isinstance(x, Ref) or "scores" not in reader.nodes[x.index].options or reader.nodes[x.index].kind != "refused":
        return None
    query, key, scale, steps = reader.nodes[x.index].options["scores"]
    return refused(
        reader, call, (x,), step, "of attention scores must lead to a softmax", scores=(query, key, scale * factor, [*steps, step])
    )


def softmax(reader: Reader, call: Call) -> Ref:
    """Probabilities along an axis: slope at most 1/2, norm at most 1."""
    x, axis = call["self"], call["dim"]
    probe = reader.probe(x)
    node = reader.nodes[x.index]
    width = probe.shape[axis]
    options: dict[str, Any] = {}
    if node.kind == "refused" and "scores" in node.options and axis % probe.ndim == probe.ndim - 1:
        options = {"scores": node.options["scores"], "refused": str(call.refuse("of Q K^T is bounded only as a part of softmax(Q K^T) V"))}
    return reader.emit(
        call,
        "softmax" if call.name == "softmax" or call.name == "_softmax" else "log_softmax",
        lambda v: call.target(v, axis, *([False] if call.name.startswith("_") else [])),
        (x,),
        gains=0.5 if call.name.endswith("softmax") and "log" not in call.name else math.sqrt(2.0) * (1 + 2.0**-50) if width == 2 else 2.0,
        cap=math.sqrt(probe.numel() // reader.count // width) if "log" not in call.name else math.inf,
        rounding=Rounding(output=2 * width + 32, inputs=4.0),
        homogeneous=False,
        options=options,
    )


def masked_fill(reader: Reader, call: Call) -> Ref:
    """Entries replaced by a constant at fixed positions."""
    x, mask, value = call["self"], call["mask"], call["value"]
    if not isinstance(mask, Tensor) or isinstance(value, Ref):
        raise call.refuse("needs a mask and a value that do not depend on the input")
    step: Step = lambda v: v.masked_fill(mask, value)  # noqa: E731
    found = continued(reader, call, x, step, 1.0)
    if found is not None:
        return found
    if not math.isfinite(float(value)):
        raise call.refuse(f"writes {value}: the output would not be finite")
    return reader.emit(call, "mask", step, (x,), tokens=1.0, homogeneous=float(value) == 0)


HANDLERS: dict[str, Handler] = {
    "scaled_dot_product_attention": scaled_dot_product_attention,
    "softmax": softmax,
    "_softmax": softmax,
    "log_softmax": softmax,
    "masked_fill": masked_fill,
}
