"""Wrappers that compute what the module inside them computes: they are opened, and said to be."""

from __future__ import annotations

from typing import Any

from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch.optim.swa_utils import AveragedModel

from genbounds.models.tracing.held import held, trainer_of, wrapped_by_compile

_WRAPPERS: dict[type[nn.Module], str] = {
    nn.DataParallel: "a DataParallel",
    DistributedDataParallel: "a DistributedDataParallel",
    AveragedModel: "an AveragedModel",
}


def inside(module: nn.Module) -> nn.Module | None:
    """The module in a wrapper of torch's, or None if it is none, or one whose forward was changed.

    >>> layer = nn.Linear(2, 1)
    >>> inside(nn.DataParallel(layer)) is layer, inside(layer)
    (True, None)
    """
    compiled = wrapped_by_compile(module)
    if compiled is not None:
        return compiled
    if type(module) not in _WRAPPERS or "forward" in vars(module):
        return None
    found = module.module
    return found if isinstance(found, nn.Module) else None


def opened(model: nn.Module) -> nn.Module:
    """The network inside any number of wrappers.

    >>> layer = nn.Linear(2, 1)
    >>> opened(nn.DataParallel(AveragedModel(nn.DataParallel(layer)))).out_features
    1
    """
    found = inside(model)
    return model if found is None else opened(found)


def notes_on(model: nn.Module, name: str = "model") -> tuple[str, ...]:
    """One sentence for every wrapper that is opened, and for a trainer that is left out.

    >>> notes_on(nn.Sequential(nn.DataParallel(nn.Linear(2, 1))))
    ('0 is a DataParallel: the network inside it is measured',)
    """
    notes = []
    for found in held(model):
        module, path = found.value, found.path or name
        if not isinstance(module, nn.Module):
            continue
        if wrapped_by_compile(module) is not None:
            notes.append(f"{path} was compiled by torch.compile: the network that it was made from is measured")
        elif inside(module) is not None:
            more = ", which has the averaged weights," if type(module) is AveragedModel else ""
            notes.append(f"{path} is {_WRAPPERS[type(module)]}: the network inside it{more} is measured")
        elif trainer_of(module):
            notes.append(f"{path} is a Lightning module: its forward is measured, its trainer is left out")
    return tuple(notes)


def left_out(model: nn.Module, memo: dict[int, Any], copied: Any) -> None:
    """Tell ``copy.deepcopy`` (``copied``) through its ``memo`` to put what is inside a wrapper in its place, and nothing for a trainer."""
    modules = [found.value for found in held(model) if isinstance(found.value, nn.Module)]
    for module in modules:
        for trainer in trainer_of(module).values():
            memo[id(trainer)] = None
    for module in reversed(modules):  # from the inside out
        found = inside(module)
        if found is not None and id(module) not in memo:
            memo[id(module)] = copied(found, memo)
