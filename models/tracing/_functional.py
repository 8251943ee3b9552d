"""An exported program without operations in place, rewritten where it stands: torch's own pass traces the whole network twice again.

An operation in place writes to the storage of its first argument. Where nothing reads that storage afterwards but through the written
tensor itself, the operation is the one that is not in place, and whatever came to the old value later takes the new one. Everything else
(a view that sees the change, a parameter or an input that is written to, an operation that no reader knows) is left to torch's pass.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

import torch
from torch import Tensor
from torch._ops import OpOverload
from torch.export import ExportedProgram
from torch.fx import Node as FxNode
from torch.utils._pytree import tree_leaves

from genbounds.models.tracing._program import first_unknown, is_composite, name_of

_FRESH = frozenset(
    (
        "adaptive_avg_pool1d",
        "adaptive_avg_pool2d",
        "batch_norm",
        "conv1d",
        "conv2d",
        "conv_transpose1d",
        "conv_transpose2d",
        "group_norm",
        "instance_norm",
        "layer_norm",
        "linear",
        "matmul",
        "max_pool1d",
        "max_pool2d",
        "scaled_dot_product_attention",
    )
)
"""Composite operations whose results never share an argument's storage. Of other composite ones a result may, without saying so."""

_TRAINING = {"batch_norm": "training", "dropout": "train", "feature_dropout": "train", "alpha_dropout": "train"}


def make_functional(program: ExportedProgram, known: Collection[str]) -> bool:
    """Rewrite ``program`` so that no operation is in place, if only operations of ``known`` names use its input; False if it can't be done,
    and then nothing is changed.

    >>> network = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.ReLU(inplace=True)).eval()
    >>> program = torch.export.export(network, (torch.zeros(2, 2),))
    >>> make_functional(program, ["linear", "relu"]), [node.name for node in program.graph.nodes if "relu" in str(node.target)]
    (True, ['relu_'])
    """
    nodes = list(program.graph.nodes)
    if not all(_is_plain(node) for node in nodes) or first_unknown(program, known) is not None:
        return False
    found = _Storages(nodes)
    if not all(found.only_its_tensor_sees(node) for node in nodes if _is_write(node)):
        return False
    newest: dict[FxNode, FxNode] = {}
    for node in nodes:
        for argument in node.all_input_nodes:
            if (written := newest.get(found.tensor[argument])) is not None:
                node.replace_input_with(argument, written)
        if _is_write(node):
            node.target = _out_of_place(node.target)
            newest[found.tensor[node]] = node
    return True


def _is_plain(node: FxNode) -> bool:
    """Whether torch's pass would leave the operation as it is, but for writing in place: no nested graph, nothing of training."""
    if node.op in ("placeholder", "output"):
        return True
    if node.op != "call_function" or isinstance(node.target, torch._ops.HigherOrderOperator):
        return False
    if not isinstance(node.target, OpOverload):
        return True  # arithmetic of sizes, or one tensor of several
    name = name_of(node.target).removesuffix("_")
    if name in _TRAINING and (_argument(node, _TRAINING[name]) or (name == "batch_norm" and _argument(node, "running_mean") is None)):
        return False
    return not node.target._schema.is_mutable or (_is_write(node) and _out_of_place(node.target) is not None)


def _argument(node: FxNode, name: str) -> Any:
    assert isinstance(node.target, OpOverload)
    position = [argument.name for argument in node.target._schema.arguments].index(name)
    return node.args[position] if position < len(node.args) else node.kwargs.get(name)


def _is_write(node: FxNode) -> bool:
    """Whether it writes to its first argument, and to nothing else, and returns it."""
    if not isinstance(node.target, OpOverload) or not node.target._schema.is_mutable or not isinstance(node.args[0], FxNode):
        return False
    writes = [argument.alias_info is not None and argument.alias_info.is_write for argument in node.target._schema.arguments]
    name = node.target._schema.name
    return writes[0] and not any(writes[1:]) and name.endswith("_") and len(node.target._schema.returns) == 1


def _out_of_place(target: Any) -> OpOverload | None:
    packet = getattr(torch.ops.aten, name_of(target).removesuffix("_"), None)
    found = getattr(packet, target._overloadname, None)
    return found if isinstance(found, OpOverload) and not found._schema.is_mutable else None


class _Storages:
    """Which nodes may share a storage, and which are one tensor at different times.

    Storages are those of the traced values, and what the operations say of theirs: each knows of sharing that the other may not.
    """

    def __init__(self, nodes: list[FxNode]) -> None:
        self.place = {node: place for place, node in enumerate(nodes)}
        self.tensor: dict[FxNode, FxNode] = {}
        self.last: dict[FxNode, FxNode] = {}
        self._parent = {node: node for node in nodes}
        owner: dict[int, FxNode] = {}
        for node in nodes:
            first = node.args[0] if _is_write(node) else None
            self.tensor[node] = self.tensor[first] if isinstance(first, FxNode) else node
            self.last[self.tensor[node]] = node
            for leaf in _tensors(node):
                self._join(node, owner.setdefault(leaf.untyped_storage()._cdata, node))
            if node.op == "call_function" and _may_share(node.target) and _tensors(node):
                for used in node.all_input_nodes:
                    if _tensors(used):
                        self._join(node, used)
        self.members: dict[FxNode, list[FxNode]] = defaultdict(list)
        for node in nodes:
            self.members[self._root(node)].append(node)

    def _root(self, node: FxNode) -> FxNode:
        while self._parent[node] is not node:
            self._parent[node] = self._parent[self._parent[node]]
            node = self._parent[node]
        return node

    def _join(self, one: FxNode, other: FxNode) -> None:
        self._parent[self._root(one)] = self._root(other)

    def only_its_tensor_sees(self, write: FxNode) -> bool:
        """Whether everything that reads the written storage later reads it through the written tensor, or views made after the change.

        An output of the network must be the tensor as it was written last: outputs are known by their nodes.
        """
        now, own = self.place[write], self.tensor[write]
        for node in self.members[self._root(write)]:
            later = [user for user in node.users if self.place[user] > now]
            if self.tensor[node] is own:
                seen = node is not self.last[own] and any(user.op == "output" for user in later)
            else:
                seen = node.op == "placeholder" or (self.place[node] < now and bool(later))
            if seen or own.op == "placeholder":
                return False
        return True


def _tensors(node: FxNode) -> list[Tensor]:
    return [leaf for leaf in tree_leaves(node.meta.get("val")) if isinstance(leaf, Tensor)]


def _may_share(target: Any) -> bool:
    """Whether a result may share a storage with an argument."""
    if not isinstance(target, OpOverload):
        return True
    if any(entry.alias_info is not None for entry in (*target._schema.arguments, *target._schema.returns)):
        return True
    return is_composite(target) and name_of(target) not in _FRESH
