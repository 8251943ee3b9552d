"""A network as a function of its parameters in float64, whatever dtype its code is written for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_map

from genbounds.models.tracing.outputs import logits_in

_CASTS = frozenset({"float", "half", "bfloat16"})


class InDouble(TorchFunctionMode):
    """Floating-point tensors and dtypes are float64 in every call of torch: a cast to another is the identity of real arithmetic.

    >>> with InDouble():
    ...     (torch.ones(2, dtype=torch.float64).float() / 3 + torch.zeros(2)).dtype
    torch.float64
    """

    def __torch_function__(
        self, func: Callable[..., Any], types: Sequence[type], args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """The call with everything lifted."""
        if getattr(func, "__name__", "") in _CASTS and len(args) == 1 and isinstance(args[0], Tensor):
            return args[0].double()
        return tree_map(_lift, func(*tree_map(_lift, args), **tree_map(_lift, kwargs or {})))


def _lift(value: Any) -> Any:
    if isinstance(value, torch.dtype) and value.is_floating_point:
        return torch.float64
    # A parameter stays itself: what sets or registers one needs the very object.
    if isinstance(value, Tensor) and value.is_floating_point() and value.dtype != torch.float64:
        return value.double()
    return value


class Float64Network(nn.Module):
    """A private copy of a network in float64, whose trainable parameters are this module's own.

    ``functional_call`` and everything built on it replace them here, each once; the forward puts them into every place where the network
    has them: a layer that stands twice, or two layers that share a weight. ``functional_call`` on the network itself would not give a layer
    that stands twice its parameter back. ``paths`` gives each name's path in the user's network. The outputs are the logits (n, K).
    """

    def __init__(self, network: nn.Module, trainable: Sequence[str]) -> None:
        super().__init__()
        dtype = next((parameter.dtype for parameter in network.parameters() if parameter.is_floating_point()), torch.float32)
        for module in network.modules():
            if isinstance(module, nn.RMSNorm) and module.eps is None:  # it means the epsilon of its input's dtype, which changes here
                module.eps = torch.finfo(dtype).eps
            for key, value in list(vars(module).items()):
                if isinstance(value, Tensor) and value.is_floating_point():
                    setattr(module, key, value.double())
        network.double()
        places: dict[int, list[tuple[nn.Module, str]]] = {}
        for module in network.modules():
            for key, parameter in module._parameters.items():
                if parameter is not None:
                    places.setdefault(id(parameter), []).append((module, key))
        self.paths: dict[str, str] = {}
        found = dict(network.named_parameters())
        for number, path in enumerate(trainable):
            self.paths[f"parameter_{number}"] = path
            self.register_parameter(f"parameter_{number}", nn.Parameter(found[path].detach()))
        self.__dict__["_network"] = network  # not registered: its parameters are those above
        self.__dict__["_places"] = [places[id(found[path])] for path in trainable]

    def forward(self, x: Tensor) -> Tensor:
        """The logits."""
        replaced: list[tuple[nn.Module, str, Any]] = []
        try:
            for name, places in zip(self.paths, self.__dict__["_places"], strict=True):
                for module, key in places:
                    replaced.append((module, key, module._parameters[key]))
                    _put(module, key, getattr(self, name))
            with InDouble():
                return logits_in(self.__dict__["_network"](x), "model")
        finally:
            for module, key, parameter in reversed(replaced):
                _put(module, key, parameter)


def _put(module: nn.Module, key: str, tensor: Any) -> None:
    module._parameters[key] = tensor
    if isinstance(module, nn.RNNBase):  # it also keeps a list of its weights
        module._flat_weights[module._flat_weights_names.index(key)] = tensor
