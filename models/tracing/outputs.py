"""The tensor of logits in what a forward returns: a tensor, or a tuple, list, mapping or dataclass that holds one."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor

Output = str | int | None
"""Which of several tensors holds the logits: its name, its position, or None where there is no choice."""


def logits_in(output: Any, name: str, chosen: Output = None) -> Tensor:
    """The tensor itself, the one that is ``chosen``, the one named ``logits``, or the only one there is.

    ``chosen`` is the name of a tensor as the error of a wrong one lists them, or its position in that list.

    >>> import torch
    >>> logits_in({"logits": torch.ones(2, 3), "features": torch.ones(2, 9)}, "model").shape
    torch.Size([2, 3])
    >>> logits_in((torch.ones(2, 9), torch.ones(2, 3)), "model", 1).shape
    torch.Size([2, 3])
    >>> logits_in({"a": torch.ones(2, 9), "b": torch.ones(2, 3)}, "f")
    Traceback (most recent call last):
    ValueError: f must return one tensor of logits, got dict with 'a' (2, 9), 'b' (2, 3): choose one, such as output='a', or return it alone
    """
    if chosen is not None and (isinstance(chosen, bool) or not isinstance(chosen, (str, int))):
        raise ValueError(f"output must be the name or the position of a tensor that {name} returns, got {type(chosen).__name__}: give one")
    if isinstance(output, Tensor):
        if chosen is not None:
            raise ValueError(f"output must be left out, got {chosen!r}: {name} returns one tensor")
        return output
    found = dict(_tensors(output, ""))
    if chosen is None:
        chosen = "logits" if "logits" in found else next(iter(found)) if len(found) == 1 else None
    if chosen is None or not (str(chosen) in found or (isinstance(chosen, int) and -len(found) <= chosen < len(found))):
        raise ValueError(_several(output, found, name, chosen))
    return found[str(chosen)] if str(chosen) in found else list(found.values())[int(chosen)]


def _several(output: Any, found: dict[str, Tensor], name: str, chosen: Output) -> str:
    """What there is in place of the tensor that is looked for."""
    there = ", ".join(f"{path!r} {tuple(tensor.shape)}" for path, tensor in found.items()) or "no tensor"
    if not found:
        return f"{name} must return one tensor of logits, got {type(output).__name__} with {there}: wrap it to return the logits"
    if chosen is not None:
        return f"output must name a tensor that {name} returns, got {chosen!r} for {there}: choose one of these"
    return (
        f"{name} must return one tensor of logits, got {type(output).__name__} with {there}: "
        f"choose one, such as output={next(iter(found))!r}, or return it alone"
    )


def _tensors(output: Any, path: str) -> Iterator[tuple[str, Tensor]]:
    """Every tensor with its name; those inside something else as ``hidden.0``."""
    if isinstance(output, Tensor):
        yield path, output
        return
    parts: Iterator[tuple[Any, Any]] = iter(())
    if isinstance(output, Mapping):
        parts = iter(output.items())
    elif isinstance(output, tuple) and hasattr(output, "_fields"):
        parts = zip(output._fields, output, strict=True)
    elif isinstance(output, (tuple, list)):
        parts = iter(enumerate(output))
    elif dataclasses.is_dataclass(output) and not isinstance(output, type):
        parts = ((field.name, getattr(output, field.name, None)) for field in dataclasses.fields(output))
    elif isinstance(getattr(output, "logits", None), Tensor):
        parts = iter([("logits", output.logits)])
    for key, part in parts:
        yield from _tensors(part, f"{path}.{key}" if path else str(key))
