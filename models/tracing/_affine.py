"""Readers of affine operations: weights, sums, constants, averages."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from genbounds.models.tracing._attention import continued, product
from genbounds.models.tracing._building import broadcast_shapes, diagonal, emit_buildable, rebuilt, refused, repeated
from genbounds.models.tracing._elementwise import ACTIVATIONS, emit_activation, softsign
from genbounds.models.tracing._forms import written_activation
from genbounds.models.tracing._products import blend
from genbounds.models.tracing._products import product as entrywise_product
from genbounds.models.tracing._tokens import NOT_HERE, is_whole, look_up
from genbounds.models.tracing._written_norms import written_normalisation
from genbounds.models.tracing.graph import Ref, Rounding, Tokens
from genbounds.models.tracing.reader import Call, Handler, Reader
from genbounds.models.tracing.weights import Weight


def linear(reader: Reader, call: Call) -> Ref:
    """x W^T + b along the last axis."""
    return _linear(reader, call, call["input"], call["weight"], call["bias"])


def _linear(reader: Reader, call: Call, x: Any, matrix: Any, bias: Any) -> Ref:
    if not isinstance(matrix, Tensor) or matrix.ndim != 2 or isinstance(bias, Ref) or not isinstance(x, Ref):
        raise call.refuse(
            "needs a constant matrix (out, in) as its weight and a constant bias: a weight that depends on the input has no norm"
        )
    size = reader.probe(x).numel() // reader.count
    copies = size // matrix.shape[1]
    weight = Weight(
        reader.name_of(matrix, call),
        "linear",
        matrix,
        bias,
        copies,
        size,
        copies * matrix.shape[0],
        bias_copies=copies if bias is not None else 1,
    )

    def build(matrix: Tensor, bias: Tensor | None) -> Callable[..., Any]:
        return lambda x: F.linear(x, matrix, bias)

    return emit_buildable(reader, call, weight, build, (x,), tokens=True, channel_axis=-1)


def addmm(reader: Reader, call: Call) -> Ref:
    """bias + x W."""
    bias, matrix = call["self"], call["mat2"]
    if call["beta"] != 1 or call["alpha"] != 1 or not isinstance(matrix, Tensor) or not (isinstance(bias, Tensor) and bias.ndim == 1):
        raise call.refuse("needs a constant matrix, a constant bias (out,) and no factors: write it as a Linear")
    return _linear(reader, call, call["mat1"], matrix.T, bias)


def matmul(reader: Reader, call: Call) -> Ref:
    """A product with a constant matrix on either side; of two tensors that depend on the input: refused unless attention uses it."""
    x, y = (call[name] for name in call.arguments)
    x, y = _one_matrix(reader, x), _one_matrix(reader, y)
    if isinstance(x, Ref) and isinstance(y, Tensor) and y.ndim == 3:
        return _blocks(reader, call, x, y)
    if isinstance(y, Ref) and isinstance(x, Tensor) and x.ndim == 3:
        turned = reader.emit(call, "shape", lambda v: v.mT, (y,))
        return reader.emit(call, "shape", lambda v: v.mT, (_blocks(reader, call, turned, x.mT),))
    if isinstance(x, Ref) and isinstance(y, Tensor) and y.ndim <= 2:
        matrix = y.T if y.ndim == 2 else y[None]
        squeeze = y.ndim == 1
        reader.names.setdefault(id(matrix), reader.names.get(id(y), call.path))
        reader.kept.append(matrix)
        ref = _linear(reader, call, x, matrix, None)
        return reader.emit(call, "shape", lambda v: v.squeeze(-1), (ref,)) if squeeze else ref
    if isinstance(y, Ref) and isinstance(x, Tensor) and x.ndim == 2:
        size = reader.probe(y).numel() // reader.count
        copies = size // x.shape[1]
        weight = Weight(reader.name_of(x, call), "linear", x, None, copies, size, copies * x.shape[0])
        return reader.emit_weight(call, weight, lambda v: torch.matmul(x, v), (y,), False)
    if reader.data(x) and reader.data(y):
        return product(reader, call, x, y)
    raise call.refuse("needs a constant matrix of two axes on one side")


def _one_matrix(reader: Reader, factor: Any) -> Any:
    """A constant stack of equal matrices (one, or one expanded over the batch) as that matrix; anything else as it is."""
    value = reader.probe(factor)
    if reader.data(factor) or not isinstance(value, Tensor) or value.ndim < 3 or not bool((value == value[(0,) * (value.ndim - 2)]).all()):
        return factor
    matrix = value[(0,) * (value.ndim - 2)]
    if reader.is_trained(value):
        matrix = reader.mark_trained(matrix)
    if id(value) in reader.names:
        reader.names.setdefault(id(matrix), reader.names[id(value)])
    reader.kept.append(matrix)
    return matrix


def _blocks(reader: Reader, call: Call, x: Ref, matrices: Tensor) -> Ref:
    """x[..., b, :, :] times its own matrix for every b: a convolution of width 1 in as many groups."""
    groups, into, outof = matrices.shape
    probe = reader.probe(x)
    if probe.ndim < 3 or probe.shape[-3] != groups:
        raise call.refuse("needs as many constant matrices as its input has blocks: write a Linear for each")
    kernel = matrices.mT.reshape(groups * outof, into, 1)
    reader.names.setdefault(id(kernel), reader.names.get(id(matrices), call.path))
    reader.kept.append(kernel)
    size = probe.numel() // reader.count
    copies = size // (groups * into)
    options = {
        **{"input_size": (1,), "stride": (1,), "padding": (0,), "dilation": (1,), "groups": groups},
        **{"padding_mode": "zeros", "transposed": False, "output_padding": (0,)},
    }
    weight = Weight(reader.name_of(kernel, call), "convolution", kernel, None, copies, size, copies * groups * outof, options=options)
    return reader.emit_weight(call, weight, lambda v: torch.matmul(v, matrices), (x,), False)


def embedding(reader: Reader, call: Call) -> Ref:
    """Rows of a table, as a matrix on one-hot vectors."""
    table, tokens = call["weight"], call["indices"]
    if isinstance(table, Tensor) and isinstance(tokens, Ref) and reader.token_nodes(tokens) and not is_whole(reader, tokens):
        return look_up(reader, call, table, tokens)
    if not (isinstance(table, Tensor) and isinstance(tokens, Ref) and is_whole(reader, tokens)) or reader.probes[0].is_floating_point():
        raise call.refuse("must read the network's own input, whole numbers: other look-ups have no Lipschitz constant")
    count = reader.probes[0].numel() // reader.count
    reader.one_hot = count
    weight = Weight(reader.name_of(table, call), "embedding", table, None, count, count * table.shape[0], count * table.shape[1])
    reader.weights.append(weight)
    ref = reader.emit(
        call,
        "embedding",
        lambda x, moved=None: F.embedding(x if moved is None else moved, table),
        (tokens,) if tokens == Ref(0) else (Ref(0), tokens),
        weight=len(reader.weights) - 1,
    )
    reader.nodes[ref.index] = replace(reader.nodes[ref.index], at_zero=0.0)
    return ref


def add(reader: Reader, call: Call) -> Ref:
    """A sum of two tensors, or with a constant: ``self + alpha other`` (sub: minus; rsub: the other way round)."""
    x, y = call["self"], call["other"]
    alpha = 1.0 if call.arguments.get("alpha") is None else float(call["alpha"])
    first, second = (alpha, 1.0) if call.name == "rsub" else (1.0, alpha)
    signs = {"add": (1.0, 1.0), "sub": (1.0, -1.0), "rsub": (-1.0, 1.0)}[call.name]
    a, b = first * signs[0], second * signs[1]
    constant = next((part for part in (x, y) if not reader.data(part)), None)
    if constant is not None and any(reader.nodes[index].kind == "size" for index in _refs(constant)):
        raise call.refuse("adds the size of the batch: the network would not be a function of one example")
    if constant is not None:
        (scores, slope, moved), others = (x, a, b) if constant is y else (y, b, a), _refs_of(constant)
        step = continued(reader, call, scores, lambda v, mask=constant: slope * v + moved * mask, slope, others=others)
        if step is not None:
            return step
        if reader.token_nodes(constant):
            raise call.refuse(NOT_HERE)
    if constant is y and isinstance(y, Tensor) and a == 1 and (folded := _fold_bias(reader, call, x, b * y)) is not None:
        return folded
    if constant is None and a == 1 and abs(b) == 1 and (blended := blend(reader, call, x, y, b)) is not None:
        return blended
    factors = tuple(abs(sign) for sign, part in ((a, x), (b, y)) if reader.data(part))
    gains, keeps_size = repeated(reader, (x, y), factors)
    options: dict[str, Any] = {"factors": (a, b)}
    if constant is not None:
        plain = _number_or_none(constant)
        options = {"bias": reader.is_trained(reader.probe(constant)), "shift": plain and (a, (b if constant is y else a) * plain)}
    return reader.emit(
        call,
        "add" if constant is None else "shift",
        operator.add if a == b == 1 else lambda u, v: a * u + b * v,
        (x, y),
        gains=gains,
        tokens=max(factors) if keeps_size else None,
        entries=max(factors),
        rounding=Rounding(inputs=2 * max(gains), constant=4 * _size_of(reader, constant, (x, y)) * max(abs(a), abs(b)), output=2),
        homogeneous=constant is None,
        options=options,
    )


def _fold_bias(reader: Reader, call: Call, x: Any, bias: Tensor) -> Ref | None:
    """x W^T followed by + b is one layer with a bias."""
    node = reader.nodes[x.index]
    if node.kind != "linear" or "build" not in node.options or not call.only_user_of(x) or node.weight is None:
        return None
    weight = reader.weights[node.weight]
    if weight.bias is not None or bias.numel() != weight.matrix.shape[0] or bias.shape[-1:] != weight.matrix.shape[:1]:
        return None
    if bias.ndim > reader.probe(x).ndim:
        return None
    return rebuilt(reader, call, x, weight.matrix, bias.reshape(-1), 0.0)


def multiply(reader: Reader, call: Call) -> Ref:
    """A product with a constant (or a quotient); a trained constant is a diagonal weight; x * sigmoid(x) is SiLU."""
    x, y = call["self"], call["other"]
    if not reader.data(y):
        data, constant, divides = x, y, call.name == "div"
    elif not reader.data(x) and call.name == "mul":
        data, constant, divides = y, x, False
    else:
        return _product(reader, call, x, y)
    if any(reader.nodes[index].kind == "size" for index in _refs(constant)) or call.arguments.get("rounding_mode"):
        raise call.refuse("depends on the size of the batch, or rounds: the network would not be a function of one example")
    value = reader.probe(constant)
    factor = 1 / torch.as_tensor(value, dtype=torch.float64) if divides else torch.as_tensor(value, dtype=torch.float64)
    largest = float(factor.abs().max()) * (1 + 2.0**-50)
    if not math.isfinite(largest):
        raise call.refuse("divides by zero")
    if factor.numel() == 1 and (step := continued(reader, call, data, lambda v: v * factor, largest, scales=True)) is not None:
        return step
    learned = reader.is_trained(value)
    if learned and not isinstance(constant, Ref):
        return diagonal(reader, call, data, factor, None, slack=2.0 if divides else 0.0, name=reader.name_of(value, call))
    gains, keeps_size = repeated(reader, (data, constant), (largest,))
    return reader.emit(
        call,
        "scale",
        lambda u, v: u / v if divides else u * v,
        (data, constant),
        gains=gains,
        tokens=largest if keeps_size else None,
        entries=largest,
        rounding=Rounding(output=2),
        options={"learned": True} if learned else _as_number(constant, divides),
    )


def _product(reader: Reader, call: Call, x: Any, y: Any) -> Ref:
    if call.name == "mul":
        for gate, value in ((x, y), (y, x)):
            node = reader.nodes[gate.index]
            if node.kind == "sigmoid" and node.sources == (value.index,):
                return emit_activation(reader, call, ACTIVATIONS["silu"](call), F.silu, value)
    if call.name == "div" and _is_one_plus_size(reader, y, x):
        return softsign(reader, call, x)
    found = written_normalisation(reader, call, x, y) or (written_activation(reader, call, x, y) if call.name == "mul" else None)
    if found is not None:
        return found
    if call.name == "mul":
        return entrywise_product(reader, call, x, y)
    reason = "by a tensor that depends on the input is not Lipschitz where that comes near 0: use a normalisation, or softsign"
    return refused(reader, call, (x, y), lambda u, v: call.target(u, v), reason)


def _is_one_plus_size(reader: Reader, y: Ref, x: Ref) -> bool:
    """Whether y is 1 + |x|."""
    node = reader.nodes[y.index]
    if node.kind != "shift" or node.options.get("shift") != (1.0, 1.0):
        return False
    return reader.nodes[node.sources[0]].kind == "abs" and reader.nodes[node.sources[0]].sources == (x.index,)


def concatenate(reader: Reader, call: Call) -> Ref:
    """cat and stack: the squares of the norms add."""
    parts, axis = tuple(call["tensors"]), call["dim"]
    function = torch.cat if call.name == "cat" else torch.stack
    joined = function([reader.probe(part) for part in parts], axis)
    last = axis in (-1, joined.ndim - 1)
    return reader.emit(
        call,
        "cat",
        lambda *tensors: function(tensors, axis),
        parts,
        combine="root",
        tokens=Tokens(1.0, combine="root" if last else "max") if call.name == "cat" or not last else None,
        homogeneous=not any(_moves(reader, part) for part in parts),
        options={"bias": True} if any(reader.is_trained(reader.probe(part)) for part in parts) else {},
    )


def _moves(reader: Reader, part: Any) -> bool:
    """Whether it is a constant other than 0."""
    return not reader.data(part) and bool(reader.probe(part).any())


def average(reader: Reader, call: Call) -> Ref:
    """mean or sum over axes."""
    x, axes = call["self"], call.arguments.get("dim")
    value = reader.probe(x)
    chosen = [axes] if isinstance(axes, int) else list(axes or range(value.ndim))
    chosen = [axis % value.ndim for axis in chosen]
    count = math.prod(value.shape[axis] for axis in chosen)
    keep = bool(call.arguments.get("keepdim"))
    gain = math.sqrt(count) if call.name == "sum" else 1 / math.sqrt(count)
    reduce = torch.sum if call.name == "sum" else torch.mean
    kept_last = value.ndim - 1 not in chosen
    return reader.emit(
        call,
        call.name,
        lambda v: reduce(v, dim=chosen, keepdim=keep),
        (x,),
        gains=gain * (1 + 2.0**-50),
        tokens=(float(count) if call.name == "sum" else 1.0) if kept_last else None,
        rounding=Rounding(inputs=(count + 2) * gain),
        options={"axes": tuple(chosen), "keep": keep, "count": count},
    )


def negate(reader: Reader, call: Call) -> Ref:
    """-x."""
    return reader.emit(call, "scale", torch.neg, (call["self"],), tokens=1.0, entries=1.0, options={"factors": (-1.0,)})


def _as_number(constant: Any, divides: bool) -> dict[str, Any]:
    """The factor or the divisor, where it is one number."""
    number = _number_or_none(constant)
    return {} if not number else {"divisor": number} if divides else {"factors": (number,)}


def _number_or_none(constant: Any) -> float | None:
    return float(constant) if isinstance(constant, (int, float)) else None


def _refs_of(argument: Any) -> tuple[Ref, ...]:
    return (argument,) if isinstance(argument, Ref) else ()


def _refs(argument: Any) -> list[int]:
    return [argument.index] if isinstance(argument, Ref) else []


def _size_of(reader: Reader, constant: Any, parts: tuple[Any, ...]) -> float:
    """The norm of one example's constant, repeated as a sum of ``parts`` repeats it, for its rounding."""
    if constant is None:
        return 0.0
    value = torch.as_tensor(reader.probe(constant), dtype=torch.float64)
    size = broadcast_shapes(*(torch.as_tensor(reader.probe(part)).shape for part in parts)).numel()
    return float(value.norm()) * math.sqrt(size / (value.numel() * reader.count)) + 1e-300


HANDLERS: dict[str, Handler] = {
    "linear": linear,
    "addmm": addmm,
    "mm": matmul,
    "matmul": matmul,
    "bmm": matmul,
    "embedding": embedding,
    "add": add,
    "sub": add,
    "rsub": add,
    "mul": multiply,
    "div": multiply,
    "cat": concatenate,
    "stack": concatenate,
    "mean": average,
    "sum": average,
    "neg": negate,
}
