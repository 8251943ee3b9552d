"""A device that is not the CPU, pretended on the CPU: real values, and the rules of a GPU.

Its tensors call their device ``meta`` and each holds an ordinary tensor, on which it computes. An operation that meets a tensor of the CPU
with more than one number together with one of theirs is refused, as a GPU refuses it, and so is a conversion to numpy. Whatever reads a
value (a branch on it, ``.item()``) is counted: on a GPU each waits for the device.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map

DEVICE = "meta"
_MOVES = {torch.ops.aten._to_copy.default, torch.ops.aten.copy_.default}


class MixedDevices(RuntimeError):
    """An operation on tensors of two devices."""


class Elsewhere(torch.Tensor):
    """A tensor of the pretended device."""

    inner: Tensor

    @staticmethod
    def __new__(cls, inner: Tensor) -> Elsewhere:
        """Around a tensor of the CPU."""
        made: Elsewhere = torch.Tensor._make_wrapper_subclass(  # type: ignore[attr-defined]
            cls, inner.size(), strides=inner.stride(), storage_offset=inner.storage_offset(), dtype=inner.dtype, device=DEVICE
        )
        made.inner = inner
        return made

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Compute on the CPU, by the rules of another device."""
        kwargs = dict(kwargs or {})
        tensors: list[Tensor] = []
        tree_map(lambda x: tensors.append(x) if isinstance(x, Tensor) else None, (args, kwargs))
        near = [tensor for tensor in tensors if not isinstance(tensor, Elsewhere)]
        if len(near) < len(tensors) and func not in _MOVES and any(tensor.ndim for tensor in near):
            raise MixedDevices(f"{func} of tensors of two devices: {[tuple(one.shape) for one in near]} lie on the CPU")
        if func is torch.ops.aten._local_scalar_dense.default:
            Pretended.reads += 1
        there = torch.device(kwargs["device"]).type == DEVICE if kwargs.get("device") is not None else True
        if "device" in kwargs:
            kwargs["device"] = torch.device("cpu")
        if func is torch.ops.aten.copy_.default:
            there = isinstance(args[0], Elsewhere)
        found = func(*tree_map(_inner, args), **tree_map(_inner, kwargs))
        if "out" in kwargs:
            return kwargs["out"]
        if func._schema.is_mutable and isinstance(args[0], Tensor):
            return args[0]
        return tree_map(lambda x: Elsewhere(x) if isinstance(x, Tensor) and there else x, found)


class Pretended(TorchFunctionMode):
    """Within it, the device is there: factories and moves that name it make its tensors."""

    reads = 0

    def __torch_function__(self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Factories and moves, which would make empty tensors otherwise."""
        kwargs = dict(kwargs or {})
        if func is torch.Tensor.cpu:
            return _inner(args[0]).cpu()
        if func is torch.Tensor.tolist:
            Pretended.reads += isinstance(args[0], Elsewhere)
            return _inner(args[0]).tolist()
        if func is torch.Tensor.to:
            target = _target(args[1:], kwargs)
            if target is None:
                return func(*args, **kwargs)
            found = func(*map(_near, args), **{name: _near(value) for name, value in kwargs.items()})
            if target != DEVICE:
                return found
            return args[0] if isinstance(args[0], Elsewhere) and found is args[0].inner else Elsewhere(found)
        if kwargs.get("device") is not None and torch.device(kwargs["device"]).type == DEVICE:
            kwargs["device"] = "cpu"
            return Elsewhere(func(*tree_map(_inner, args), **kwargs))
        return func(*args, **kwargs)


class _Factories(TorchDispatchMode):
    """Tensors that operations make on the way, such as the range in ``one_hot``."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """As the device's own tensors compute."""
        kwargs = kwargs or {}
        device = kwargs.get("device")
        if any(issubclass(kind, Elsewhere) for kind in types) or (device is not None and torch.device(device).type == DEVICE):
            return Elsewhere.__torch_dispatch__(func, types, args, kwargs)
        return func(*args, **kwargs)


@contextmanager
def pretended_device() -> Iterator[str]:
    """Within it the device of this name is there."""
    Pretended.reads = 0
    with _Factories(), Pretended():
        yield DEVICE


def _inner(value: Any) -> Any:
    return value.inner if isinstance(value, Elsewhere) else value


def _near(value: Any) -> Any:
    return torch.device("cpu") if isinstance(value, str | torch.device) else _inner(value)


def _target(args: Any, kwargs: Any) -> str | None:
    """Where ``Tensor.to`` moves to; None where it changes the dtype alone."""
    named = [torch.device(value).type for value in (*args, kwargs.get("device")) if isinstance(value, str | torch.device)]
    likes = [value.device.type for value in (*args, kwargs.get("other")) if isinstance(value, Tensor)]
    return (named or likes or [None])[0]
