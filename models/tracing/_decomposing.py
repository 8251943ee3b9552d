"""Operations that no reader knows, by torch's own decompositions into ones that it may know: aliases, gated cells, einsum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch._ops import OpOverload
from torch.export import ExportedProgram, default_decompositions

from genbounds.models.tracing._program import name_of
from genbounds.models.tracing.operations import HANDLERS

_PASSES = 4
"""A decomposition may give aliases again (``hstack``: ``atleast_1d`` and ``cat``); none seen needs more than two passes."""


def in_known_operations(program: ExportedProgram) -> ExportedProgram:
    """The program without operations in place, and with every operation that no reader knows decomposed as far as torch can.

    Operations that a reader knows stay whole: a decomposed ``layer_norm`` or attention says less than the name.
    """
    tried: set[OpOverload] = set()
    for turn in range(_PASSES):
        unknown = _unknown(program) - tried
        tried |= unknown
        table = _table(unknown)
        if turn and not table:
            break
        program = program.run_decompositions(table)
    return program


def _unknown(program: ExportedProgram) -> set[OpOverload]:
    targets = {node.target for node in program.graph.nodes if isinstance(node.target, OpOverload)}
    return {target for target in targets if not _is_known(name_of(target))}


def _is_known(name: str) -> bool:
    return name in HANDLERS or name.removesuffix("_") in HANDLERS or name.startswith("sym_")


def _table(operations: set[OpOverload]) -> dict[Any, Callable[..., Any]]:
    """Torch's decompositions of these operations, as far as there are any."""
    if not operations:
        return {}
    every = {**default_decompositions(), **_OWN}
    return {operation: every[operation] for operation in operations if operation in every}


def _lerp(start: Tensor, end: Tensor, weight: Any) -> Tensor:
    """Torch takes another one of two equal formulas where the weight is above 1/2, to round less."""
    found: Tensor = start + weight * (end - start)
    return found


_OWN: dict[OpOverload, Callable[..., Any]] = {torch.ops.aten.lerp.Scalar: _lerp, torch.ops.aten.lerp.Tensor: _lerp}
"""In place of torch's, where these ask for values."""
