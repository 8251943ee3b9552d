"""Readers of activations: each with its Lipschitz constant rounded up, its range, and its error in float64.

Constants of smooth activations (largest slope, rounded up): GELU 1.12891 at x = sqrt 2; its tanh form 1.12900; SiLU
1.09984; Mish 1.08850; SELU scale * alpha = 1.75810. A test finds each slope again on a fine grid.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from genbounds.models.tracing._building import refused
from genbounds.models.tracing._products import product
from genbounds.models.tracing.graph import Ref, Rounding, Tokens
from genbounds.models.tracing.reader import Call, Handler, Reader

_SINGLE = 1 + 2.0**-22
"""Some of torch's float64 activations hold a constant in float32 (1/6, 1/alpha): their slopes may be larger by this."""


@dataclass(frozen=True)
class Activation:
    """``lipschitz`` is sup |sigma'|, ``largest`` sup |sigma|, ``ulps`` the units in the last place of max(1, |sigma|) that
    float64 may lose.

    ``function`` stands in for torch's where that is not the function meant: softplus without the jump of 2e-9 at its threshold.
    """

    name: str
    lipschitz: float
    largest: float = math.inf
    homogeneous: bool = False
    ulps: float = 8.0
    options: tuple[float, ...] = ()
    function: Callable[[Tensor], Tensor] | None = None


def emit_activation(reader: Reader, call: Call, sigma: Activation, function: Callable[[Tensor], Tensor], x: Ref) -> Ref:
    """Add an activation's node."""
    probe = reader.probe(x)
    size, last = probe.numel() // reader.count, probe.shape[-1] if probe.ndim else 1
    return reader.emit(
        call,
        sigma.name,
        sigma.function or function,
        (x,),
        gains=sigma.lipschitz,
        cap=sigma.largest * math.sqrt(size),
        tokens=Tokens(sigma.lipschitz, cap=sigma.largest * math.sqrt(last)),
        entries=Tokens(sigma.lipschitz, cap=sigma.largest),
        rounding=Rounding(output=sigma.ulps, entry=sigma.ulps),
        homogeneous=sigma.homogeneous,
        options={"parameters": sigma.options, "activation": True},
    )


def activation(reader: Reader, call: Call) -> Ref:
    """Any activation of the table."""
    sigma = ACTIVATIONS[call.name](call)
    first, *others = call.arguments
    if not isinstance(call[first], Ref) or any(reader.data(call[name]) for name in others):
        raise call.refuse("must have constant parameters: a slope or threshold that depends on the input has no bound")
    keywords = {name: call[name] for name in others if _is_keyword(call, name)}
    positional = [call[name] for name in others if not _is_keyword(call, name)]
    return emit_activation(reader, call, sigma, lambda v: call.target(v, *positional, **keywords), call[first])


def _is_keyword(call: Call, name: str) -> bool:
    return any(argument.name == name and argument.kwarg_only for argument in call.target._schema.arguments)


def _clamp(call: Call) -> Activation:
    low = call.arguments.get("min", call.arguments.get("min_val"))
    high = call.arguments.get("max", call.arguments.get("max_val"))
    if any(isinstance(limit, Tensor) and limit.numel() > 1 for limit in (low, high)):
        raise call.refuse("needs one number as each limit, got a tensor: clamp the parts that have one limit each")
    low, high = (-math.inf if low is None else float(low)), (math.inf if high is None else float(high))
    return Activation("hardtanh", 1.0, max(abs(low), abs(high)), low == 0 and high == math.inf, 0.0, options=(low, high))


def _leaky(call: Call) -> Activation:
    slope = float(call["negative_slope"])
    return Activation("leaky_relu", max(1.0, abs(slope)), homogeneous=True, ulps=1.0, options=(slope,))


def _elu(call: Call) -> Activation:
    alpha, scale, input_scale = float(call["alpha"]), float(call["scale"]), float(call["input_scale"])
    if input_scale < 0:
        raise call.refuse(f"needs an input scale of at least 0, got {input_scale}: it grows exponentially otherwise")
    return Activation(
        "elu", max(abs(scale), abs(alpha * scale * input_scale)) * (1 + 2.0**-50), options=(alpha,) if scale == input_scale == 1 else ()
    )


def _gelu(call: Call) -> Activation:
    return Activation("gelu", 1.12891 if call["approximate"] == "none" else 1.12900, ulps=16.0)


def _softplus(call: Call) -> Activation:
    beta, threshold = float(call["beta"]), float(call["threshold"])
    if beta <= 0 or threshold < 20:
        raise call.refuse(f"needs beta > 0 and torch's threshold of 20 or more, got {beta} and {threshold}: it jumps at its threshold")
    return Activation("softplus", 1.0, ulps=16.0, options=(beta,), function=lambda v: torch.logaddexp(beta * v, torch.zeros_like(v)) / beta)


def _celu(call: Call) -> Activation:
    alpha = float(call["alpha"])
    if alpha <= 0:
        raise call.refuse(f"needs alpha > 0, got {alpha}: it is unbounded below otherwise")
    return Activation("celu", _SINGLE, function=lambda v: v.clamp_min(0) + alpha * torch.expm1(v.clamp_max(0) / alpha))


def _hardsigmoid(v: Tensor) -> Tensor:
    return (v + 3).clamp(0, 6) / 6


def _softshrink(call: Call) -> Activation:
    if float(call["lambd"]) < 0:
        raise call.refuse(f"needs a threshold of at least 0, got {call['lambd']}: it jumps otherwise")
    return Activation("softshrink", 1.0, ulps=1.0)


def _rrelu(call: Call) -> Activation:
    if call["training"]:
        raise call.refuse("draws its slopes in eval mode (it is called with training=True): pass training=self.training")
    slope = (float(call["lower"]) + float(call["upper"])) / 2
    return Activation("leaky_relu", max(1.0, abs(slope)), homogeneous=True, ulps=2.0, options=(slope,))


ACTIVATIONS: dict[str, Callable[[Call], Activation]] = {
    "relu": lambda call: Activation("relu", 1.0, homogeneous=True, ulps=0.0),
    "leaky_relu": _leaky,
    "rrelu": _rrelu,
    "elu": _elu,
    "celu": _celu,
    "selu": lambda call: Activation("selu", 1.75810),
    "gelu": _gelu,
    "silu": lambda call: Activation("silu", 1.09984),
    "mish": lambda call: Activation("mish", 1.08850, ulps=32.0),
    "softplus": _softplus,
    "log_sigmoid": lambda call: Activation("log_sigmoid", 1.0),
    "tanh": lambda call: Activation("tanh", 1.0, 1.0),
    "sigmoid": lambda call: Activation("sigmoid", 0.25, 1.0),
    "hardtanh": _clamp,
    "clamp": _clamp,
    "clamp_min": _clamp,
    "clamp_max": _clamp,
    "hardsigmoid": lambda call: Activation("hardsigmoid", 1 / 6 * _SINGLE, 1.0, function=_hardsigmoid),
    "hardswish": lambda call: Activation("hardswish", 1.5 * _SINGLE, function=lambda v: v * _hardsigmoid(v)),
    "abs": lambda call: Activation("abs", 1.0, homogeneous=True, ulps=0.0),
    "sin": lambda call: Activation("sin", 1.0, 1.0),
    "cos": lambda call: Activation("cos", 1.0, 1.0),
    "atan": lambda call: Activation("atan", 1.0, math.pi / 2 * (1 + 2.0**-50)),
    "asinh": lambda call: Activation("asinh", 1.0),
    "erfc": lambda call: Activation("erfc", 2 / math.sqrt(math.pi) * (1 + 2.0**-50), 2.0),
    "softshrink": _softshrink,
    "erf": lambda call: Activation("erf", 2 / math.sqrt(math.pi) * (1 + 2.0**-50), 1.0),
}


def softsign(reader: Reader, call: Call, x: Ref) -> Ref:
    """x / (1 + |x|)."""
    return emit_activation(reader, call, Activation("softsign", 1.0, 1.0), lambda v: v / (1 + v.abs()), x)


def power(reader: Reader, call: Call) -> Any:
    """Whole powers are products, x^3 = x (x x)."""
    x, exponent = call["self"], 2 if call.name == "square" else call["exponent"]
    if not isinstance(x, Ref) or not isinstance(exponent, (int, float)) or exponent not in range(1, 9):
        return not_lipschitz(reader, call)
    result = x
    for _ in range(int(exponent) - 1):
        result = product(reader, call, x, result)
    return result


def not_lipschitz(reader: Reader, call: Call) -> Ref:
    """Functions whose slope is unbounded, or that jump."""
    arguments: Any = call.arguments
    names = list(arguments)
    data = [arguments[name] for name in names if reader.data(arguments[name])]
    fixed = {name: arguments[name] for name in names if not reader.data(arguments[name])}
    reason = f"has no finite Lipschitz constant: {_WHY[call.name]}"
    if len(data) != 1 or names.index(next(name for name in names if reader.data(arguments[name]))) != 0:
        raise call.refuse(reason)
    positional = [fixed[name] for name in names[1:] if not _is_keyword(call, name)]
    keywords = {name: fixed[name] for name in names[1:] if _is_keyword(call, name)}
    return refused(reader, call, (data[0],), lambda v: call.target(v, *positional, **keywords), reason, operation=(call.name, fixed))


_WHY = {
    "exp": "it grows faster than any line",
    "pow": "its slope is unbounded; whole powers up to 8 are read as products",
    "sqrt": "its slope is infinite at 0; x / sqrt(mean of x^2 + eps) is read as a normalisation",
    "rsqrt": "its slope is infinite at 0",
    "log": "its slope is infinite at 0",
    "reciprocal": "its slope is infinite at 0",
    "threshold": "it jumps unless its value is its threshold; use ReLU, or clamp",
    "sign": "it jumps",
    "round": "it jumps",
    "floor": "it jumps",
    "gt": "it jumps",
    "lt": "it jumps",
    "ge": "it jumps",
    "le": "it jumps",
    "where": "it jumps, for all that is known; use ReLU, LeakyReLU or clamp",
    "var": "its slope is unbounded; (x - mean) / sqrt(var + eps) over the same axes is read as a normalisation",
    "std": "its slope is infinite where the entries agree",
    "linalg_vector_norm": "it is meant for dividing, and the quotient's slope is infinite at 0: use LayerNorm",
}

HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(ACTIVATIONS, activation),
    **dict.fromkeys(_WHY, not_lipschitz),
    "pow": power,
    "square": power,
}
