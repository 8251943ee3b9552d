"""Everything about a module that a measurement must leave as it is."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

_HOOKS = (
    "_forward_hooks",
    "_forward_pre_hooks",
    "_backward_hooks",
    "_backward_pre_hooks",
    "_state_dict_hooks",
    "_load_state_dict_pre_hooks",
)


def snapshot(model: nn.Module) -> dict[str, Any]:
    """Modules, parameters, buffers and attributes by identity, with dtype, device, ``requires_grad``, gradient, value, version and flags.

    A module that stands twice is looked at under both names. Two snapshots of a network are equal if nothing has changed.
    """
    found: dict[str, Any] = {}
    for path, module in model.named_modules(remove_duplicate=False):
        found[path] = (id(module), type(module), module.training, [list(getattr(module, hooks).items()) for hooks in _HOOKS])
        for registry in ("_parameters", "_buffers", "_modules"):
            found[f"{path}.{registry}"] = [(name, id(value)) for name, value in vars(module)[registry].items()]
            for name, value in vars(module)[registry].items():
                if isinstance(value, Tensor):
                    found[f"{path}.{name}"] = _tensor(value)
        for name, value in vars(module).items():
            if name not in ("_parameters", "_buffers", "_modules"):
                found[f"{path}:{name}"] = _inside(value)
    return found


def _inside(value: Any) -> Any:
    if isinstance(value, Tensor):
        return _tensor(value)
    if isinstance(value, nn.Module):
        return snapshot(value)
    if isinstance(value, list):
        return [id(value), *map(_inside, value)]
    if isinstance(value, dict):
        return {key: _inside(entry) for key, entry in value.items()}
    return (id(value), repr(value))


def _tensor(value: Tensor) -> tuple[Any, ...]:
    gradient = None if not value.is_leaf or value.grad is None else (id(value.grad), value.grad.tolist())
    numbers = value.detach().cpu().tolist()
    return id(value), type(value), value.dtype, value.device, value.requires_grad, value._version, repr(numbers), gradient


def global_state() -> list[Any]:
    """The global generators and settings."""
    numpys = np.random.get_state()  # noqa: NPY002
    return [
        torch.get_rng_state().tolist(),
        (str(numpys[0]), np.asarray(numpys[1]).tolist(), numpys[2:]),
        random.getstate(),
        torch.get_default_dtype(),
        torch.is_grad_enabled(),
    ]
