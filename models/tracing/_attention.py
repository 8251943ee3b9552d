"""Readers of attention: Y = softmax(scale * Q K^T) V, whose slope is bounded only where its tokens are.

With rows of Q, K, V of norm at most q, k, v and R queries, in Frobenius norms: dY = P dV + dP V. Each of the R rows of P adds up to 1, so
it has norm at most 1, and ||P|| <= ||P||_F <= sqrt(R), however many keys there are. A row of dP V is the covariance, under that row's
probabilities, of the scores' change with the values: at most scale * k v ||dq|| for a change of its query, and
scale * q v (sum_j p_j ||dk_j||^2)^(1/2) for one of the keys, whose squares add up over the rows to at most R ||dK||^2, as a column of P
adds up to at most R. So the slopes in Q, K, V are scale k v, scale sqrt(R) q v and sqrt(R). Heads stand side by side: they share these
bounds. Where heads share their keys or values (or broadcasting repeats anything else), each slope grows by the root of the number of
times that an entry is repeated.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from genbounds.models.norms.rounding import EPS
from genbounds.models.tracing._building import refused, repeated
from genbounds.models.tracing._projections import self_attention
from genbounds.models.tracing._tokens import jump
from genbounds.models.tracing.graph import Ref, Rounding, Tokens
from genbounds.models.tracing.reader import Call, Handler, Reader

_UP = 1 + 2.0**-40
_GONE = 1000.0
"""A score that much below the largest of its row has a probability of exp(-1000), less than ``margins.UNDERFLOW``."""


@dataclass(frozen=True)
class Step:
    """What is done to the scores before the softmax: a function of slope ``factor`` in every entry, a product with it if it ``scales``.

    ``others`` are its further arguments: masks that are expanded over the batch, or computed from the tokens.
    """

    function: Callable[..., Tensor]
    factor: float = 1.0
    scales: bool = False
    others: tuple[Ref, ...] = ()


def _after(steps: list[Step], scores: Tensor, others: Sequence[Any]) -> list[Tensor]:
    """The scores after no, one, two, ... steps, whose further arguments are ``others``, in order."""
    values, used = [scores], 0
    for step in steps:
        count = len(step.others)
        values.append(step.function(values[-1], *others[used : used + count]))
        used += count
    return values


def attention_slopes(scale: float, queries: int, query: float, key: float, value: float) -> tuple[float, float, float]:
    """The Lipschitz constants in Q, K and V for so many queries, with rows of norm at most ``query``, ``key`` and ``value``.

    With one key every query gets its value, which is therefore repeated: sqrt(16) = 4 for 16 queries.

    >>> attention_slopes(0.5, 16, 1.0, 2.0, 3.0)
    (3.0, 6.0, 4.0)
    """
    root = math.sqrt(queries)
    return scale * key * value, scale * root * query * value, root


def scaled_dot_product_attention(reader: Reader, call: Call) -> Ref:
    """Attention as one operation."""
    query, key, value = call["query"], call["key"], call["value"]
    mask = call["attn_mask"]
    if not all(reader.data(part) for part in (query, key, value)):
        raise call.refuse("needs queries, keys and values that depend on the input: trained queries (a latent array) have no bound here")
    if reader.data(mask) or call["dropout_p"]:
        raise call.refuse("needs a mask that does not depend on the input, and no dropout")
    width = reader.probe(query).shape[-1]
    scale = 1 / math.sqrt(width) if call["scale"] is None else float(call["scale"])
    rows, columns = reader.probe(query).shape[-2], reader.probe(key).shape[-2]
    if call["is_causal"]:
        mask = torch.ones((rows, columns), dtype=torch.bool, device=reader.probe(query).device).tril()
    steps = [Step(lambda scores: scores * scale, scale, True)]
    if mask is not None:
        steps.append(_masking(reader, mask))
    heads = reader.probe(query).shape[1], reader.probe(key).shape[1]
    return _emit(reader, call, query, key, value, steps, False, heads[0] // heads[1] if call["enable_gqa"] else 1)


def _masking(reader: Reader, mask: Any) -> Step:
    """The scores where the mask is True, or with the mask added."""

    def masked(scores: Tensor, mask: Tensor = mask) -> Tensor:
        return scores.masked_fill(~mask, -math.inf) if mask.dtype == torch.bool else scores + mask

    return Step(masked, others=(mask,) if isinstance(mask, Ref) else ())


def _emit(reader: Reader, call: Call, query: Ref, key: Ref, value: Ref, steps: list[Step], key_is_transposed: bool, shared: int = 1) -> Ref:
    """The node of attention; each head of the keys and values serves so many heads of the queries as are ``shared``."""
    scale = abs(math.prod(step.factor for step in steps))
    others = tuple(ref for step in steps for ref in step.others)
    probes = [reader.probe(part) for part in (query, key, value)]
    if any(probe.ndim < 3 for probe in probes):
        raise call.refuse("needs queries, keys and values of shape (n, ..., tokens, width)")
    keys, width = probes[2].shape[-2], probes[0].shape[-1]

    def spread(heads: Tensor) -> Tensor:
        return heads if shared == 1 else heads.repeat_interleave(shared, 1)

    def scores_of(q: Tensor, k: Tensor) -> Tensor:
        return torch.matmul(q, spread(k if key_is_transposed else k.transpose(-1, -2)))

    def function(q: Tensor, k: Tensor, v: Tensor, *others: Tensor) -> Tensor:
        return torch.matmul(torch.softmax(_after(steps, scores_of(q, k), others)[-1], -1), spread(v))

    result = function(*probes, *reader.probe(others))
    queries, rows = result.shape[-2], result[..., 0].numel()
    blocks = rows // queries
    wanted = (rows, blocks * keys, blocks * keys)
    own = (probes[0][..., 0].numel(), probes[1].numel() // width, probes[2][..., 0].numel())
    repeats = tuple(math.sqrt(many / few) * (1 + 2.0**-50) if many != few else 1.0 for many, few in zip(wanted, own, strict=True))

    def local(inputs: list[Tensor], errors: list[float]) -> tuple[tuple[float, ...], float]:
        """The slopes for the largest tokens near the computed ones; exp turns an absolute error of a score into a relative one."""
        q, k, v, *masks = inputs
        sizes = [float(q.norm(dim=-1).max()), float(k.norm(dim=-2 if key_is_transposed else -1).max()), float(v.norm(dim=-1).max())]
        near = [size * (1 + 2.0**-20) + error for size, error in zip(sizes, errors, strict=True)]
        score = 2 * (width + 8) * EPS * scale * sizes[0] * sizes[1]
        if not all(step.scales for step in steps):
            score = _lost(steps, _after(steps, scores_of(q, k), masks), 2 * (width + 8) * EPS * sizes[0] * sizes[1])
        relative = 2.5 * score + (2 * keys + 32) * EPS
        if not score <= 0.1:
            return (math.inf,) * 3, math.inf
        slopes = attention_slopes(scale, queries, *near)
        count = rows * (q.numel() / probes[0].numel())
        return tuple(map(operator.mul, slopes, repeats)), math.sqrt(count) * sizes[2] * relative

    options = {"scale": scale, "queries": queries, "repeats": repeats, "key_is_transposed": key_is_transposed, "rows": rows // reader.count}
    alike = len({probe.shape[:-1] for probe in (*probes, result)}) == 1 and not key_is_transposed and not reader.token_nodes(others)
    found = self_attention(reader, query, key, value, scale, call.module) if alike else None
    ref = reader.emit(
        call,
        "attention",
        function,
        (query, key, value, *others),
        gains=math.inf,
        tokens=Tokens(1.0, combine="last"),
        rounding=Rounding(),
        homogeneous=False,
        local=local,
        options=options if found is None else {**options, "anchored": found[1]},
        anchor=None if found is None else found[0],
    )
    return jump(reader, call, ref) if reader.token_nodes(others) else ref


def _lost(steps: list[Step], values: list[Tensor], error: float) -> float:
    """How far the scores may be off after the steps, where that matters: each multiplies the error and rounds what it gives.

    ``values`` are the scores after each of the steps. Those that end far below the largest of their row do not count: their probability
    is 0 with any such error.
    """
    counts = values[-1] >= values[-1].amax(-1, keepdim=True) - _GONE
    for step, value in zip(steps, values[1:], strict=True):
        seen = value.expand(counts.shape).masked_fill(~counts, 0.0)
        error = error * abs(step.factor) + 2 * EPS * float(seen.abs().max())
    return error


def product(reader: Reader, call: Call, x: Ref, y: Ref) -> Ref:
    """A product of two tensors of the input: scores, or probabilities times values; anything else is refused where it is used."""
    first = reader.nodes[x.index]
    if first.kind == "softmax" and "scores" in first.options:
        query, key, steps = first.options["scores"]
        node = reader.nodes[key.index]
        if node.options.get("swaps_last") and len(node.sources) == 1:
            return _emit(reader, call, query, Ref(node.sources[0]), y, steps, False)
        return _emit(reader, call, query, key, y, steps, True)
    reason = "of two tensors that both depend on the input is bounded only as attention, softmax(Q K^T) V: its slope grows with the input"
    return refused(reader, call, (x, y), torch.matmul, reason, scores=(x, y, []))


def continued(
    reader: Reader,
    call: Call,
    x: Any,
    step: Callable[..., Tensor],
    factor: float = 1.0,
    *,
    scales: bool = False,
    others: tuple[Ref, ...] = (),
) -> Ref | None:
    """A step between the scores and the softmax (a scale, a mask), as ``Step`` has it; None if ``x`` are not scores."""
    if not isinstance(x, Ref) or "scores" not in reader.nodes[x.index].options or reader.nodes[x.index].kind != "refused":
        return None
    query, key, steps = reader.nodes[x.index].options["scores"]
    more = (query, key, [*steps, Step(step, factor, scales, others)])
    return refused(reader, call, (x, *others), step, "of attention scores must lead to a softmax", scores=more)


def softmax(reader: Reader, call: Call) -> Ref:
    """Probabilities along an axis: slope at most 1/2, norm at most 1. Their logarithms have the Jacobian I - 1 p^T, a projection along 1,
    of norm ||1|| ||p|| <= sqrt(width).
    """
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
        gains=0.5 if "log" not in call.name else math.sqrt(width) * (1 + 2.0**-50),
        cap=math.sqrt(probe.numel() // reader.count // width) if "log" not in call.name else math.inf,
        rounding=Rounding(output=2 * width + 32, inputs=4.0),
        homogeneous=False,
        options=options,
    )


def masked_fill(reader: Reader, call: Call) -> Ref:
    """Entries replaced by a constant at fixed positions; a mask of more entries than the input repeats these first."""
    x, mask, value = call["self"], call["mask"], call["value"]
    if not isinstance(x, Ref) or reader.data(mask) or isinstance(value, Ref):
        raise call.refuse("needs a mask and a value that do not depend on the input")
    others = (mask,) if isinstance(mask, Ref) else ()

    def step(v: Tensor, mask: Tensor = mask) -> Tensor:
        return v.masked_fill(mask, value)

    found = continued(reader, call, x, step, others=others)
    if found is not None:
        return found
    if not math.isfinite(float(value)):
        raise call.refuse(f"writes {value}: the output would not be finite")
    gains, keeps_size = repeated(reader, (x, mask), (1.0,))
    masked = reader.emit(call, "mask", step, (x, *others), gains=gains, tokens=1.0 if keeps_size else None, homogeneous=float(value) == 0)
    if not reader.token_nodes(mask):
        return masked
    # Which entries are written, and so the value at zero, may be others for other tokens: at most all of them.
    node, written = reader.nodes[masked.index], abs(float(value)) * _UP
    last = reader.probe(masked).shape[-1]
    reader.nodes[masked.index] = replace(
        node,
        at_zero=written * math.sqrt(node.size),
        tokens=replace(node.tokens, offset=written * math.sqrt(last)),
        entries=replace(node.entries, offset=written),
    )
    return jump(reader, call, masked)


HANDLERS: dict[str, Handler] = {
    "scaled_dot_product_attention": scaled_dot_product_attention,
    "softmax": softmax,
    "_softmax": softmax,
    "log_softmax": softmax,
    "masked_fill": masked_fill,
}
