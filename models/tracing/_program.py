"""The nodes of an exported program by name and place, and the first operation among them that nobody can read."""

from __future__ import annotations

import operator
from collections.abc import Collection
from typing import Any

import torch
from torch._ops import OpOverload
from torch.export import ExportedProgram, default_decompositions
from torch.fx import Node as FxNode


def name_of(target: Any) -> str:
    """The name of an aten operation without its overload; that of any other function.

    >>> name_of(torch.ops.aten.add_.Tensor), name_of(operator.getitem)
    ('add_', 'getitem')
    """
    return str(target).split(".")[1] if str(target).startswith("aten.") else str(getattr(target, "__name__", target))


def path_of(node: FxNode) -> str:
    """The path of the module that the operation stands in."""
    stack = list((node.meta.get("nn_module_stack") or {}).values())
    return str(stack[-1][0]).split("@")[0] if stack else ""


def label_of(node: FxNode, name: str) -> str:
    """That path with the module's class, for error messages; ``name`` is the network's."""
    stack = list((node.meta.get("nn_module_stack") or {}).values())
    if not stack:
        return path_of(node) or name
    kind = stack[-1][1]
    return f"{path_of(node) or name} ({kind.__name__ if isinstance(kind, type) else str(kind).rsplit('.', 1)[-1]})"


def is_composite(target: OpOverload) -> bool:
    """Whether torch defines the operation by others."""
    return bool(torch._C._dispatch_has_kernel_for_dispatch_key(target.name(), "CompositeImplicitAutograd"))  # type: ignore[no-untyped-call]


def first_unknown(program: ExportedProgram, known: Collection[str]) -> FxNode | None:
    """The first operation on the network's input, or on what was made of it, whose name is not among ``known``; those that work in place
    have the names of those that do not, and whole numbers (sizes) are nothing that was made of the input. What is made of whole-number
    inputs before they are embedded (masks, places) is computed by whatever operation.
    """
    nodes: list[FxNode] = list(program.graph.nodes)
    given = set(program.graph_signature.user_inputs)
    tokens = {node.name for node in nodes if node.name in given and not node.meta["val"].is_floating_point()}
    data = given - tokens
    for node in nodes:
        if node.op != "call_function" or isinstance(node.meta.get("val"), (torch.SymInt, int)):
            continue
        if any(used.name in data for used in node.all_input_nodes):
            data.add(node.name)
            if node.target is operator.getitem or name_of(node.target) == ASSERTION:
                continue
            if name_of(node.target).removesuffix("_") not in known:
                return node
        elif any(used.name in tokens for used in node.all_input_nodes):
            (data if name_of(node.target) == "embedding" else tokens).add(node.name)
    return None


def unreadable(program: ExportedProgram, known: Collection[str]) -> FxNode | None:
    """The first unknown operation, if torch does not define it by others: then there is no need to do anything with the rest."""
    unknown = first_unknown(program, known)
    if unknown is None or not isinstance(unknown.target, OpOverload):
        return None
    by_others = unknown.target._schema.is_mutable or is_composite(unknown.target) or unknown.target in default_decompositions()
    return None if by_others or torch.Tag.nondeterministic_seeded in unknown.target.tags else unknown


def refuse_unreadable(program: ExportedProgram, known: Collection[str], name: str) -> None:
    """``ValueError`` for an ``unreadable`` operation; ``name`` is the network's."""
    unknown = unreadable(program, known)
    if unknown is not None:
        raise ValueError(f"{label_of(unknown, name)} can't be bounded: {name_of(unknown.target)} {UNKNOWN}")


ASSERTION = "_assert_tensor_metadata"
"""About the dtypes of the module as it was exported; what is read is in float64."""
UNKNOWN = "has no bound here: replace it, or summarize the part of the network without it"
