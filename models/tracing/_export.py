"""A module's computation as a functional graph of aten operations, by torch.export, on a copy that shares nothing with the user's.

It is traced in the dtype of its parameters, since code may be written for that one; the reader of the graph lifts it to float64.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram, export

from genbounds.models.tracing._decomposing import in_known_operations
from genbounds.models.tracing._functional import make_functional
from genbounds.models.tracing._program import refuse_unreadable, unreadable
from genbounds.models.tracing.operations import HANDLERS
from genbounds.models.tracing.outputs import logits_in
from genbounds.models.tracing.own_copy import OwnNetwork, first_line, follow, quiet, random_state_kept

FIXED_BATCH = 8
"""Examples at once, where the forward fixes their number (by ``len(x)``, say)."""


@dataclass(frozen=True)
class Exported:
    """A traced module: the program, whose one output is the logits, the copy that was traced, the examples it was traced on, and whether
    their number is fixed.
    """

    program: ExportedProgram
    own: OwnNetwork
    probe: Tensor
    is_fixed: bool


def exported(own: OwnNetwork, example: Tensor) -> Exported:
    """The graph of a network in its own dtype, with the number of examples left open if its forward allows it.

    ``example`` is one batch (n, ...). Random generators are put back. Raises ``ValueError`` with the path of the module in whose forward
    tracing stopped.
    """
    name = own.name
    probe, is_fixed = own.place(_examples(example, 2)), False
    own.outputs(probe)  # where it does not run, the reason is its own
    with quiet(), random_state_kept(own.device), _returning_logits(own):
        try:
            program = _export(own.module, probe, {0: Dim("batch")}, name)
        except _FixedBatch:
            probe, is_fixed = own.place(_examples(example, FIXED_BATCH)), True
            program = _export(own.module, probe, None, name)
    refuse_unreadable(program, HANDLERS, name)
    if program.graph_signature.buffers_to_mutate:
        changed = ", ".join(program.graph_signature.buffers_to_mutate.values())
        raise ValueError(f"{name} must not change its buffers in eval mode, got a forward that writes {changed}: pass a pure function")
    return Exported(program, own, probe, is_fixed)


@contextlib.contextmanager
def _returning_logits(own: OwnNetwork) -> Iterator[None]:
    """Let the copy take one tensor and return the logits alone: what else a forward returns need be nothing that torch.export knows."""
    twin, before = own.module, vars(own.module).get("forward")
    forward = twin.forward
    twin.forward = lambda x: logits_in(forward(x), own.name, own.output)
    try:
        yield
    finally:
        del twin.forward
        if before is not None:
            twin.forward = before


class _FixedBatch(Exception):
    """The forward made the number of examples a constant."""


def _export(twin: nn.Module, probe: Tensor, shapes: Any, name: str) -> ExportedProgram:
    entered: list[str] = []
    handles = follow(twin, entered, name)
    try:
        program: ExportedProgram = export(twin, (probe,), dynamic_shapes=(shapes,), strict=False)
        for handle in handles:
            handle.remove()
        if unreadable(program, HANDLERS) is None and not make_functional(program, HANDLERS):
            program = in_known_operations(program)
        return program
    except Exception as error:
        if shapes is not None and "specialized" in str(error):
            raise _FixedBatch from error
        where = entered[-1] if entered else name
        raise ValueError(
            f"{name} can't be traced: in {where}, torch.export stopped with {type(error).__name__}: {first_line(error)}. The forward "
            "must take one tensor (n, ...), compute the same steps for every input (no `if` on values) and return one tensor"
        ) from error
    finally:
        for handle in handles:
            handle.remove()


def _examples(example: Tensor, count: int) -> Tensor:
    """``count`` examples (never one: torch.export takes a batch of one for a constant), repeated if there are fewer."""
    return example.detach()[torch.arange(count) % len(example)]
