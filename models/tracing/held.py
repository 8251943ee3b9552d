"""All modules and tensors that a module can reach: registered or not, in lists, dicts and other objects, and by the code of its forward."""

from __future__ import annotations

import dis
import functools
import logging
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

_NO_CONTENT = (str, bytes, int, float, complex, bool, type(None), torch.dtype, torch.device, torch.Size, types.ModuleType, logging.Logger)


@dataclass(frozen=True)
class Held:
    """A module or tensor with the path by which it was found first; ``by_code``: through a function or a class, which no copy replaces."""

    path: str
    value: nn.Module | Tensor
    by_code: bool


def held(model: nn.Module) -> Iterator[Held]:
    """Everything, each object once, ``model`` itself (path "") first.

    >>> model = nn.Sequential(nn.Linear(2, 1, bias=False))
    >>> model.extra = [torch.zeros(3)]
    >>> [found.path for found in held(model)]
    ['', '0', '0.weight', 'extra[0]']
    """
    seen: set[int] = set()
    kept: list[Any] = []  # an object that only this walk holds must stay alive, or another one takes its id
    waiting: list[tuple[str, Any, bool]] = [("", model, False)]
    while waiting:
        path, value, by_code = waiting.pop()
        if isinstance(value, _NO_CONTENT) or id(value) in seen:
            continue
        seen.add(id(value))
        kept.append(value)
        if isinstance(value, nn.Module | Tensor):
            yield Held(path, value, by_code)
        waiting += reversed([(name, part, by_code or code) for name, part, code in _parts(path, value)])


def parameters_of(model: nn.Module) -> dict[str, nn.Parameter]:
    """Every parameter by its path, those of layers that are not registered (in a Python list, say) included, each once."""
    return {found.path: found.value for found in held(model) if isinstance(found.value, nn.Parameter)}


def _parts(path: str, value: Any) -> list[tuple[str, Any, bool]]:
    """(path, part, whether code leads to it) of everything directly inside."""
    dot = f"{path}." if path else ""
    if isinstance(value, Tensor):
        return []
    if isinstance(value, nn.Module):
        compiled = wrapped_by_compile(value)
        if compiled is not None:  # the rest is the compiler's
            return [(f"{dot}_orig_mod", compiled, False)]
        registered = [(f"{dot}{key}", part, False) for part_of in _REGISTRIES for key, part in vars(value).get(part_of, {}).items()]
        others = [(f"{dot}{key}", part, False) for key, part in vars(value).items() if not key.startswith("_") or key not in _OWN]
        trainers = set(map(id, trainer_of(value).values()))
        others = [entry for entry in others if id(entry[1]) not in trainers]
        return [*registered, *others, *_of_class(dot, type(value))]
    if isinstance(value, Mapping):
        return [(f"{path}[{key!r}]", part, False) for key, part in list(value.items())]
    if isinstance(value, (list, tuple, set, frozenset)):
        return [(f"{path}[{index}]", part, False) for index, part in enumerate(value)]
    if isinstance(value, functools.partial):
        return _parts(path, [value.func, value.args, value.keywords])
    if isinstance(value, types.MethodType):
        return [(f"{path}.__self__", value.__self__, False), (path, value.__func__, True)]
    if isinstance(value, types.FunctionType):
        return [(f"{path}: {name}", part, True) for name, part in _named_in(value)]
    if isinstance(value, type) or not hasattr(value, "__dict__"):
        return []
    return [(f"{dot}{key}", part, False) for key, part in vars(value).items()]


_REGISTRIES = ("_parameters", "_buffers", "_modules")
_OWN = frozenset(vars(nn.Module()))
"""What every module has: registries, which are read above, and hooks, which are refused elsewhere."""


def wrapped_by_compile(module: nn.Module) -> nn.Module | None:
    """The module that ``torch.compile`` was given, if this is what it returned."""
    found = vars(module).get("_modules", {}).get("_orig_mod") if type(module).__name__ == "OptimizedModule" else None
    return found if _is_torchs(type(module)) and isinstance(found, nn.Module) else None


def trainer_of(module: nn.Module) -> dict[str, Any]:
    """What a Lightning module (any that has its two hooks of training) keeps of its trainer, which holds data and devices."""
    if not (hasattr(type(module), "training_step") and hasattr(type(module), "configure_optimizers")):
        return {}
    return {key: part for key, part in vars(module).items() if key in ("_trainer", "_fabric") and part is not None}


def _of_class(dot: str, kind: type) -> list[tuple[str, Any, bool]]:
    """What stands in the class and its code, up to the classes of torch."""
    own = [base for base in kind.__mro__ if not _is_torchs(base) and base is not object]
    return [
        (f"{dot}{key}", part, True)
        for base in own
        for key, part in vars(base).items()
        if isinstance(part, nn.Module | Tensor | types.FunctionType | list | dict | tuple) and not key.startswith("__")
    ]


def _named_in(function: types.FunctionType) -> list[tuple[str, Any]]:
    """What a function closes over, its defaults, and the globals that its code names."""
    if _is_torchs(function):
        return []
    found: list[tuple[str, Any]] = [("default", part) for part in (function.__defaults__ or ())]
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            found.append((name, cell.cell_contents))
        except ValueError:
            continue  # not filled yet
    names: set[str] = set()
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        names.update(step.argval for step in dis.get_instructions(code) if step.opname == "LOAD_GLOBAL")
        codes += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    world = function.__globals__
    kinds = (nn.Module, Tensor, types.FunctionType, list, dict, tuple)
    return found + [(name, world[name]) for name in sorted(names) if isinstance(world.get(name), kinds)]


def _is_torchs(thing: Any) -> bool:
    return str(getattr(thing, "__module__", "") or "").split(".")[0] == "torch"
