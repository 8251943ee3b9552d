"""Forward hooks: the user's own code, which can change what a module computes and has effects that a measurement must not set off."""

from __future__ import annotations

import torch.nn.modules.module as everywhere
from torch import nn

from genbounds.models.tracing.held import held


def refuse_hooks(model: nn.Module, name: str) -> None:
    """``ValueError`` naming the path if any module in ``model`` has forward hooks, or if torch holds hooks for all modules.

    >>> model = nn.Sequential(nn.Linear(2, 1))
    >>> refuse_hooks(model, "model")
    >>> handle = model[0].register_forward_hook(lambda module, arguments, output: -output)
    >>> refuse_hooks(model, "model")
    Traceback (most recent call last):
    ValueError: 0 has forward hooks, which may change its output: remove them (weight_norm: remove_weight_norm) first
    """
    if everywhere._global_forward_hooks or everywhere._global_forward_pre_hooks:
        raise ValueError(
            "torch must hold no forward hooks for all modules (register_module_forward_hook), which may change what they compute: "
            "remove them first"
        )
    for found in held(model):  # layers in a Python list included
        path, module = found.path, found.value
        if isinstance(module, nn.Module) and (module._forward_hooks or module._forward_pre_hooks):
            raise ValueError(
                f"{path or name} has forward hooks, which may change its output: remove them (weight_norm: remove_weight_norm) first"
            )
