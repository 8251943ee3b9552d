"""A module's computation as a functional graph of aten operations, by torch.export, on a copy that nothing of the user's shares."""

from __future__ import annotations

import contextlib
import copy
import io
import logging
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram, export

from genbounds.models.tracing.hooks import refuse_hooks

FIXED_BATCH = 8
"""Examples at once, where the forward fixes their number (by ``len(x)``, say)."""


@dataclass(frozen=True)
class Exported:
    """A traced module: the program, the copy that was traced, the examples it was traced on, and whether their number is fixed."""

    program: ExportedProgram
    twin: nn.Module
    probe: Tensor
    is_fixed: bool

    def outputs(self, batch: Tensor) -> Any:
        """What the module itself computes."""
        with _quiet(), _random_state_kept(batch.device), torch.no_grad():
            return self.twin(batch.clone())


def exported(model: nn.Module, example: Tensor, name: str = "model") -> Exported:
    """The graph of ``model`` in eval mode and float64, with the number of examples left open if its forward allows it.

    ``example`` is one batch (n, ...). The model is copied first, so that its mode, device, dtype, gradients and buffers stay as they
    are; random generators are put back. Raises ``ValueError`` with the path of the module in whose forward tracing stopped.
    """
    refuse_hooks(model, name)
    try:
        twin = copy.deepcopy(model)
    except Exception as error:
        raise ValueError(f"{name} must be copyable by copy.deepcopy, got {_first_line(error)}: drop what it caches") from error
    twin.eval().requires_grad_(False)
    if not any(True for _ in twin.parameters()):
        raise ValueError(f"{name} must hold at least one parameter, got {type(model).__name__}: there is nothing to bound")
    for path, tensor in (*twin.named_parameters(), *twin.named_buffers()):
        _refuse_tensor(path, tensor)
    for module in twin.modules():
        if isinstance(module, nn.RMSNorm) and module.eps is None:  # it means the epsilon of its input's dtype, which changes here
            module.eps = torch.finfo(next(twin.parameters()).dtype).eps
    twin.double()
    device = next(twin.parameters()).device
    probe, is_fixed = _examples(example, 2).to(device), False
    with _quiet(), _random_state_kept(device):
        try:
            program = _export(twin, probe, {0: Dim("batch")}, name)
        except _FixedBatch:
            probe, is_fixed = _examples(example, FIXED_BATCH).to(device), True
            program = _export(twin, probe, None, name)
    if program.graph_signature.buffers_to_mutate:
        changed = ", ".join(program.graph_signature.buffers_to_mutate.values())
        raise ValueError(f"{name} must not change its buffers in eval mode, got a forward that writes {changed}: pass a pure function")
    return Exported(program, twin, probe, is_fixed)


class _FixedBatch(Exception):
    """The forward made the number of examples a constant."""


def _export(twin: nn.Module, probe: Tensor, shapes: Any, name: str) -> ExportedProgram:
    entered: list[str] = []
    handles = _follow(twin, entered, name)
    try:
        program: ExportedProgram = export(twin, (probe,), dynamic_shapes=(shapes,), strict=False)
        for handle in handles:
            handle.remove()
        program = program.run_decompositions({})
        return program
    except Exception as error:
        if shapes is not None and "specialized" in str(error):
            raise _FixedBatch from error
        where = entered[-1] if entered else name
        raise ValueError(
            f"{name} can't be traced: in {where}, torch.export stopped with {type(error).__name__}: {_first_line(error)}. The forward "
            "must take one tensor (n, ...), compute the same steps for every input (no `if` on values) and return one tensor"
        ) from error
    finally:
        for handle in handles:
            handle.remove()


def _refuse_tensor(path: str, tensor: Tensor) -> None:
    if tensor.is_meta or tensor.is_complex():
        raise ValueError(f"{path} must be a real tensor with storage, got {tensor.dtype} on {tensor.device}: load the weights")
    if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
        raise ValueError(
            f"{path} must hold finite numbers, got NaN or infinities: training has diverged, go back to an earlier checkpoint or lower "
            "the learning rate"
        )


def _examples(example: Tensor, count: int) -> Tensor:
    """A float64 copy of ``count`` examples (never one: torch.export takes a batch of one for a constant), repeated if there are fewer."""
    repeated = example.detach()[torch.arange(count) % len(example)]
    return repeated.double() if repeated.is_floating_point() else repeated


def _follow(twin: nn.Module, entered: list[str], name: str) -> list[Any]:
    """Keep the path of the innermost module that is running, for error messages."""
    handles = []
    for path, module in twin.named_modules():
        label = f"{path or name} ({type(module).__name__})"
        handles.append(module.register_forward_pre_hook(lambda _module, _args, label=label: entered.append(label)))
        handles.append(module.register_forward_hook(lambda _module, _args, _output: entered.pop() and None))
    return handles


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Silence torch.export's warnings and logs: what matters of them is in the errors raised here."""
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)


@contextlib.contextmanager
def _random_state_kept(device: torch.device) -> Iterator[None]:
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        yield


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
