"""Readers of normalisations: batch normalisation is an affine map (folded where a weight stands before it), the others a division by a
length, whose slope is at most 1/sqrt(eps), and a trained gain.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from genbounds.models.norms import (
    FOLDING_ERROR,
    batch_norm_affine,
    fold_batch_norm,
    normalisation_lipschitz,
    normalisation_output_norm,
)
from genbounds.models.norms.rounding import EPS
from genbounds.models.tracing._building import diagonal, rebuilt
from genbounds.models.tracing.graph import Ref, Tokens
from genbounds.models.tracing.reader import Call, Handler, Pieces, Reader


def whole_batch_norm(reader: Reader, call: Call) -> Any:
    """Batch normalisation before torch says which of its kinds it is."""
    return of_the_batch(reader, call) if call["training"] or call["running_mean"] is None else batch_norm(reader, call).parts[0]


def batch_norm(reader: Reader, call: Call) -> Pieces:
    """(x - mean) / sqrt(var + eps) * gain + shift with fixed statistics."""
    x, mean, variance, eps = call["input"], call["running_mean"], call["running_var"], float(call["eps"])
    if any(isinstance(call[name], Ref) for name in ("weight", "bias", "running_mean", "running_var")):
        raise call.refuse("needs constant statistics and gains")
    gain, shift = call["weight"], call["bias"]
    scale, offset = (part.to(mean.device) for part in batch_norm_affine(mean, variance, gain, shift, eps=eps, name=call.module))
    hidden = (mean * scale).abs() + (0.0 if shift is None else shift.abs())
    node = reader.nodes[x.index]
    axis = node.options.get("channel_axis")
    foldable = axis == 1 or (axis == -1 and reader.probe(x).ndim == 2)
    if "build" in node.options and foldable and call.only_user_of(x) and node.weight is not None:
        before = reader.weights[node.weight]
        transposed, groups = before.options.get("transposed", False), before.options.get("groups", 1)
        folded = fold_batch_norm(before.matrix, before.bias, scale, offset, transposed=transposed, groups=groups)
        matrix, bias = (part.to(before.matrix.device) for part in folded)
        ref = rebuilt(reader, call, x, matrix, bias, FOLDING_ERROR / EPS)
        _widen(reader, ref, hidden + (0.0 if before.bias is None else (before.bias * scale).abs()))
        return Pieces({0: ref})
    ndim = reader.probe(x).ndim
    shape = (1, -1, *(1,) * (ndim - 2))
    ref = diagonal(reader, call, x, scale.reshape(shape), offset.reshape(shape), slack=FOLDING_ERROR / EPS, name=call.path or "model")
    _widen(reader, ref, hidden)
    return Pieces({0: ref})


def _widen(reader: Reader, ref: Ref, hidden: Tensor) -> None:
    """Room for the rounding of a folded bias, whose terms may cancel: 8 units in the last place of the sum of their sizes."""
    node = reader.nodes[ref.index]
    assert node.weight is not None
    before = reader.weights[node.weight]
    weight = replace(before, bias_lost=before.bias_lost + 8 * EPS * float(hidden.max()) * (1 + 2.0**-20))
    reader.weights[node.weight] = weight
    lost = weight.bias_norm - before.bias_norm
    rounding = replace(node.rounding, constant=node.rounding.constant + 2 * lost / EPS)
    reader.nodes[ref.index] = replace(node, at_zero=node.at_zero + 2 * lost, rounding=rounding)


@dataclass(frozen=True)
class Length:
    """What a group of entries is divided by, from the mean s of their squares: sqrt(k s + eps) if eps is ``inside``, sqrt(k s) + eps if it
    is ``outside``, max(sqrt(k s), eps) if it is the ``floor``.

    Each is a length l(r) of the group's norm r that does not fall, with l(r) / r not rising. So u / l(||u||) has slopes 1 / l across u and
    (l - r l') / l^2 between 0 and 1 / l along u: its Lipschitz constant where ||u|| >= r is at most 1 / l(r), and 1 / l(0) everywhere; and
    ||u|| / l(||u||) <= sqrt(d / k) for groups of d entries.

    >>> Length("outside", 0.5, 4.0)(torch.tensor(1.0, dtype=torch.float64)).item()
    2.5
    """

    way: str
    eps: float
    factor: float = 1.0

    def __call__(self, squares: Tensor) -> Tensor:
        """The lengths of groups with these mean squares."""
        if self.way == "inside":
            return torch.sqrt(self.factor * squares + self.eps)
        root = torch.sqrt(self.factor * squares)
        return root + self.eps if self.way == "outside" else root.clamp_min(self.eps)

    @property
    def steepest(self) -> float:
        """1 / l(0), rounded up."""
        return float(normalisation_lipschitz("layer", eps=self.eps)) if self.way == "inside" else (1 + 2.0**-50) / self.eps


def normalise(
    reader: Reader,
    call: Call,
    x: Any,
    grouped: Callable[[Tensor], Tensor],
    length: Length,
    *,
    centred: bool,
    last: bool,
    restored: Callable[[Tensor, Tensor], Tensor] = torch.Tensor.view_as,
) -> Ref:
    """Divide every group of entries (the last axis of ``grouped(x)``) by its length, after its mean is taken off; ``restored(groups, x)``
    puts the groups back where they were in x.
    """
    if not length.eps > 0:
        raise call.refuse(f"needs eps > 0, got {length.eps}: without it the slope is infinite where all entries agree")
    probe = reader.probe(x)
    width = grouped(probe).shape[-1]

    def spread(v: Tensor) -> tuple[Tensor, Tensor]:
        groups = grouped(v)
        centre = groups - groups.mean(-1, keepdim=True) if centred else groups
        return centre, centre.square().mean(-1, keepdim=True)

    def function(v: Tensor) -> Tensor:
        centre, variance = spread(v)
        return restored(centre / length(variance), v)

    def local(inputs: list[Tensor], errors: list[float]) -> tuple[tuple[float, ...], float]:
        """Slopes and rounding at the computed groups: far from equal entries both are much smaller than 1/sqrt(eps)."""
        groups = grouped(inputs[0])
        centre, variance = spread(inputs[0])
        lost = (width + 4) * EPS * groups.norm(dim=-1)
        rms = variance[..., 0].sqrt()
        near = (rms - (errors[0] + lost) / math.sqrt(width)).clamp_min(0) * (1 - 2.0**-20)
        slope = 1 / length(near.square())
        output = (centre / length(variance)).norm()
        rounding = float((slope * lost).norm()) + (width + 16) * EPS * float(output)
        return (float(slope.max()) * (1 + 2.0**-40),), rounding * (1 + 2.0**-40)

    shrink = (1 + 2.0**-50) / math.sqrt(length.factor) if length.factor != 1 else 1.0
    return reader.emit(
        call,
        "normalise",
        function,
        (x,),
        gains=length.steepest,
        cap=float(normalisation_output_norm(elements=probe.numel() // reader.count, name=call.module)) * shrink,
        tokens=Tokens(cap=float(normalisation_output_norm(elements=width, name=call.module)) * shrink) if last else None,
        homogeneous=False,
        local=local,
        options={"centred": centred} if last else {},
    )


def _gained(reader: Reader, call: Call, x: Ref, gain: Any, shift: Any, shape: tuple[int, ...]) -> Ref:
    """The trained gain and shift as a diagonal weight."""
    if gain is None and shift is None:
        return x
    if isinstance(gain, Ref) or isinstance(shift, Ref):
        raise call.refuse("needs a constant gain and shift")
    some = gain if gain is not None else shift
    factor = (torch.ones_like(some) if gain is None else gain).reshape(shape)
    ref = diagonal(reader, call, x, factor, None if shift is None else shift.reshape(shape), slack=0.0, name=call.path or "model")
    if len(shape) == 1:
        reader.nodes[ref.index].options["gain"] = True  # one entry for each along the last axis
    return ref


def layer_norm(reader: Reader, call: Call) -> Ref:
    """Each vector of the last axes normalised."""
    axes = tuple(call["normalized_shape"])
    probe = reader.probe(call["input"])

    def grouped(v: Tensor) -> Tensor:
        return v.reshape(*v.shape[: v.ndim - len(axes)], -1)

    ref = normalise(reader, call, call["input"], grouped, Length("inside", float(call["eps"])), centred=True, last=len(axes) == 1)
    assert probe.ndim >= len(axes)
    return _gained(reader, call, ref, call["weight"], call["bias"], axes)


def rms_norm(reader: Reader, call: Call) -> Ref:
    """Each vector of the last axes divided by its root mean square."""
    axes = tuple(call["normalized_shape"])
    eps = reader.eps if call["eps"] is None else float(call["eps"])

    def grouped(v: Tensor) -> Tensor:
        return v.reshape(*v.shape[: v.ndim - len(axes)], -1)

    ref = normalise(reader, call, call["input"], grouped, Length("inside", eps), centred=False, last=len(axes) == 1)
    return _gained(reader, call, ref, call["weight"], None, axes)


def group_norm(reader: Reader, call: Call) -> Ref:
    """Each group of channels of an example normalised."""
    groups = int(call["num_groups"])
    ref = normalise(
        reader, call, call["input"], lambda v: v.reshape(len(v), groups, -1), Length("inside", float(call["eps"])), centred=True, last=False
    )
    shape = (1, -1, *(1,) * (reader.probe(call["input"]).ndim - 2))
    return _gained(reader, call, ref, call["weight"], call["bias"], shape)


def instance_norm(reader: Reader, call: Call) -> Ref:
    """Each channel of an example normalised; with running statistics it is a batch normalisation."""
    if not call["use_input_stats"]:
        found = batch_norm(reader, replace_arguments(call))
        ref = found.parts[0]
        assert isinstance(ref, Ref)
        return ref
    ref = normalise(
        reader,
        call,
        call["input"],
        lambda v: v.reshape(len(v), v.shape[1], -1),
        Length("inside", float(call["eps"])),
        centred=True,
        last=False,
    )
    shape = (1, -1, *(1,) * (reader.probe(call["input"]).ndim - 2))
    return _gained(reader, call, ref, call["weight"], call["bias"], shape)


def replace_arguments(call: Call) -> Call:
    """The call as batch normalisation names its arguments."""
    names = ("input", "weight", "bias", "running_mean", "running_var", "eps")
    return replace(call, arguments={name: call[name] for name in names})


def of_the_batch(reader: Reader, call: Call) -> Ref:
    """Normalisation by the statistics of the batch."""
    raise call.refuse("uses the statistics of the batch in eval mode, so that examples depend on one another: set track_running_stats=True")


HANDLERS: dict[str, Handler] = {
    "_native_batch_norm_legit_no_training": batch_norm,
    "_native_batch_norm_legit": of_the_batch,
    "batch_norm": whole_batch_norm,
    "layer_norm": layer_norm,
    "rms_norm": rms_norm,
    "group_norm": group_norm,
    "instance_norm": instance_norm,
}
