"""The user's network in its own dtype: a copy that shares nothing with the user's module, run in place of it.

A certificate is about the network of real arithmetic with the parameters as they are stored. What the user runs is the same network in the
dtype of its parameters, so the two are compared, loosely, on examples of the sample.
"""

from __future__ import annotations

import contextlib
import copy
import io
import logging
import math
import random
import types
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from genbounds.models.tracing.graph import Graph
from genbounds.models.tracing.held import held, parameters_of
from genbounds.models.tracing.hooks import refuse_hooks
from genbounds.models.tracing.outputs import Output, logits_in
from genbounds.models.tracing.wrappers import left_out, notes_on, opened

EXAMPLES = 32
"""How many examples of a batch are compared, evenly spaced."""
_FACTOR = 32.0
_LARGEST = 0.25
"""Differences may be ``_FACTOR`` times those that rounding every operation makes, and never more than this part of the largest logit."""


def copy_of(model: nn.Module, name: str = "model") -> nn.Module:
    """A copy in eval mode that shares no module and no tensor with ``model``, in the same dtypes and on the same device.

    A wrapper of torch's (``DataParallel``, ``AveragedModel``, what ``torch.compile`` returns) is opened: the copy is one of what is inside.
    ``model`` is not run and not changed. ``ValueError`` with the path of what has forward hooks, cannot be copied, is shared with the copy
    or is a scripted module.

    >>> layer = nn.Linear(2, 1)
    >>> twin = copy_of(nn.Sequential(layer, nn.ReLU(), layer))
    >>> twin[0] is twin[2], twin[0] is layer, twin.training, layer.training
    (True, False, False, True)
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"{name} must be a torch.nn.Module, got {type(model).__name__}: pass the network itself")
    for path, module in model.named_modules():
        if isinstance(module, torch.jit.ScriptModule):
            raise ValueError(
                f"{path or name} ({type(module).__name__}) must be an ordinary module, got a scripted or traced one, whose code can't be "
                "read: pass the nn.Module that it was made from, with its weights (load_state_dict)"
            )
    refuse_hooks(model, name)
    model = opened(model)
    found = list(held(model))
    # A tensor with a history (an output that the forward caches) can't be copied by deepcopy: its values can.
    cached = [one.value for one in found if isinstance(one.value, Tensor) and not one.value.is_leaf]
    memo: dict[int, Any] = {id(tensor): tensor.detach().clone() for tensor in cached}
    try:
        with random_state_kept():
            left_out(model, memo, copy.deepcopy)
            twin = copy.deepcopy(model, memo)
    except Exception as error:
        raise ValueError(
            f"{name} must be copyable by copy.deepcopy, got {type(error).__name__}: {first_line(error)}: drop what it caches"
        ) from error
    for module in twin.modules():
        for key, value in list(vars(module).items()):
            if isinstance(value, types.FunctionType | types.MethodType):
                module.__dict__[key] = _rebound(value, memo, {})
    _refuse_shared([(one.path, one.value, one.by_code) for one in held(twin)], [one.value for one in found], name)
    for module in twin.modules():
        module._backward_hooks.clear()
        module._backward_pre_hooks.clear()
    return twin.eval()


def _rebound(value: Any, memo: dict[int, Any], done: dict[int, Any]) -> Any:
    """A copy of a function with copies of what it closes over: deepcopy leaves a forward put on an instance bound to the original."""
    if id(value) in done:
        return done[id(value)]
    if isinstance(value, types.MethodType):
        return types.MethodType(_rebound(value.__func__, memo, done), copy.deepcopy(value.__self__, memo))
    if not isinstance(value, types.FunctionType):
        return copy.deepcopy(value, memo)
    if not value.__closure__:
        return value
    cells = tuple(types.CellType() for _ in value.__closure__)
    twin = types.FunctionType(value.__code__, value.__globals__, value.__name__, value.__defaults__, cells)
    twin.__kwdefaults__, twin.__dict__ = value.__kwdefaults__, dict(value.__dict__)
    done[id(value)] = twin
    for cell, original in zip(cells, value.__closure__, strict=True):
        with contextlib.suppress(ValueError):  # a cell that is not filled yet stays so
            cell.cell_contents = _rebound(original.cell_contents, memo, done)
    return twin


def _refuse_shared(copied: list[tuple[str, Any, bool]], originals: list[Any], name: str) -> None:
    """Nothing that has a state may be in both: running the copy would run, or change, the user's own."""
    modules = {id(value) for value in originals if isinstance(value, nn.Module)}
    storages = {_storage(value) for value in originals if isinstance(value, Tensor)} - {0}
    for path, value, by_code in copied:
        if isinstance(value, nn.Module) and id(value) in modules and any(True for _ in (*value.parameters(), *value.buffers())):
            raise ValueError(
                f"{name} must hold its layers itself, got {path} ({type(value).__name__}), which a copy shares: code names it, or "
                "a __deepcopy__ keeps it; make it an attribute of the module that uses it"
            )
        if isinstance(value, Tensor) and not by_code and _storage(value) in storages:
            raise ValueError(f"{name} must be copyable by copy.deepcopy, got {path}, which the copy shares: remove its own __deepcopy__")


def _storage(tensor: Tensor) -> int:
    try:
        return tensor.untyped_storage().data_ptr()
    except (RuntimeError, NotImplementedError):
        return 0  # no storage: on the device "meta", or of a kind that has none


@dataclass(frozen=True)
class OwnNetwork:
    """A private copy of the user's network, in its own dtype, and how to run it.

    ``output`` chooses among several tensors that it returns; ``notes`` say what was opened or left out on the way.
    """

    module: nn.Module
    name: str
    dtype: torch.dtype
    device: torch.device
    output: Output = None
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, model: nn.Module, name: str = "model", output: Output = None) -> OwnNetwork:
        """Copy ``model``; ``ValueError`` too if it has no parameter, or one that is complex, without storage or not finite."""
        twin = copy_of(model, name)
        parameters = parameters_of(twin)
        if not parameters:
            raise ValueError(f"{name} must hold at least one parameter, got {type(model).__name__}: there is nothing to bound")
        for path, tensor in (*parameters.items(), *twin.named_buffers()):
            _refuse_tensor(path, tensor)
        for tensor in parameters.values():
            tensor.requires_grad_(False)
        first = next((tensor for tensor in parameters.values() if tensor.is_floating_point()), next(iter(parameters.values())))
        dtype = first.dtype if first.is_floating_point() else torch.get_default_dtype()
        chosen = () if output is None else (f"of what {name} returns, {output!r} is taken for the logits",)
        return cls(twin, name, dtype, first.device, output, (*notes_on(model, name), *chosen))

    def place(self, batch: Tensor) -> Tensor:
        """A copy of the inputs as the network takes them: floating-point ones in its dtype, whole numbers as they are, on its device."""
        return batch.detach().to(self.device, self.dtype if batch.is_floating_point() else batch.dtype, copy=True)

    def run(self, batch: Tensor) -> Any:
        """What the forward returns; ``ValueError`` with the path of the module in which it stopped."""
        placed, entered = self.place(batch), list[str]()
        handles = follow(self.module, entered, self.name)
        try:
            with quiet(), random_state_kept(self.device), torch.no_grad():
                return self.module(placed)
        except torch.OutOfMemoryError:
            raise
        except Exception as error:
            where = entered[-1] if entered else self.name
            raise ValueError(
                f"{self.name} can't be traced: in {where}, its own forward stopped with {type(error).__name__}: {first_line(error)}. It "
                f"must take one tensor (n, ...), here {tuple(placed.shape)} in {placed.dtype}, in the dtype of its parameters"
            ) from error
        finally:
            for handle in handles:
                handle.remove()

    def outputs(self, batch: Tensor) -> Tensor:
        """The logits (n, K), from whatever the forward returns them in; one for each example, (n,), are a column."""
        found = logits_in(self.run(batch), self.name, self.output)
        return found[:, None] if found.ndim == 1 else found

    def compare(self, graph: Graph, batch: Tensor, what: str = "") -> None:
        """``ValueError`` unless the network computes on these examples, about, what the graph gives; ``what`` replaces the explanation."""
        for part in torch.split(batch if what else evenly(batch), graph.batch or len(batch)):
            placed = self.place(part)
            full = graph.filled(placed)
            lifted = _shaped(graph, full.double() if full.is_floating_point() else full)
            with torch.no_grad():
                # The network gets the examples alone, the graph as many as its forward was traced for: a factor len(x) shows.
                wanted, found = self.outputs(placed).double(), graph.outputs(lifted)[: len(part)]
                size = float(found.abs().max())
                allowed = max(math.sqrt(_epsilon(self.dtype, self.device)), 1e-6) * size
                if math.isfinite(size) and not _gap(wanted, found) <= allowed:  # an overflow in float64 is refused where margins are taken
                    allowed = max(allowed, min(_LARGEST * size, _FACTOR * self._noise(graph, lifted, found)))
                    self._agree(wanted, found, allowed, what)

    def compare_function(self, function: Callable[[Tensor], Tensor], batch: Tensor, what: str = "") -> None:
        """The same for a function of float64 inputs, whose rounding is allowed for by the cube root of the machine epsilon."""
        chosen = self.place(evenly(batch))
        with torch.no_grad():
            wanted, found = self.outputs(chosen).double(), function(chosen.double() if chosen.is_floating_point() else chosen)
            size = float(found.abs().max())
            if math.isfinite(size):
                self._agree(wanted, found, max(_epsilon(self.dtype, self.device) ** (1 / 3), 1e-6) * size, what)

    def _noise(self, graph: Graph, batch: Tensor, found: Tensor) -> float:
        """By how much the logits change if every operation's result is rounded to the network's dtype; 0 where that overflows."""
        rounded = graph.outputs(batch, lambda value: value.to(self.dtype).double() if value.is_floating_point() else value)
        noise = float((rounded[: len(found)] - found).abs().max())
        return noise if math.isfinite(noise) else 0.0

    def _agree(self, wanted: Tensor, found: Tensor, allowed: float, what: str) -> None:
        """``ValueError`` unless the network's outputs and those that were found differ by at most ``allowed``."""
        if _gap(wanted, found) <= allowed:
            return
        if what:
            raise ValueError(what)
        dtype = str(self.dtype).removeprefix("torch.")
        if wanted.shape != found.shape:
            seen = f"outputs of shape {tuple(wanted.shape)} for {tuple(found.shape)}"
        else:
            row, column = divmod(int((wanted - found).abs().nan_to_num(math.inf).argmax()), found.shape[1])
            seen = f"{float(wanted[row, column]):.6g} in {dtype} for {float(found[row, column]):.6g}, where rounding allows {allowed:.2g}"
        raise ValueError(
            f"{self.name} must compute in {dtype} what its layers compute in real arithmetic, which is what is measured, got other "
            f"outputs ({seen}): undo what was changed about the layers' code, let the forward look at no dtype and no state, and keep its "
            f"numbers in {dtype}'s range and precision (or train the network in float64)"
        )


def evenly(batch: Tensor) -> Tensor:
    """At most ``EXAMPLES`` examples of a batch, evenly spaced."""
    return batch if len(batch) <= EXAMPLES else batch[torch.arange(EXAMPLES, device=batch.device) * len(batch) // EXAMPLES]


def _gap(wanted: Tensor, found: Tensor) -> float:
    """The largest difference of an entry; infinite for other shapes, NaN if one is."""
    return math.inf if wanted.shape != found.shape else float((wanted - found).abs().max())


def _shaped(graph: Graph, batch: Tensor) -> Tensor:
    """As the graph takes examples: flat ones for a chain of dense layers."""
    return batch if graph.example_shape else batch.flatten(1)


def _epsilon(dtype: torch.dtype, device: torch.device) -> float:
    """The machine epsilon; on an accelerator float32 may be multiplied in TF32, which keeps 10 bits."""
    return 2.0**-10 if dtype == torch.float32 and device.type != "cpu" else float(torch.finfo(dtype).eps)


def _refuse_tensor(path: str, tensor: Tensor) -> None:
    if tensor.is_meta or tensor.is_complex():
        raise ValueError(f"{path} must be a real tensor with storage, got {tensor.dtype} on {tensor.device}: load the weights")
    if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
        raise ValueError(
            f"{path} must hold finite numbers, got NaN or infinities: training has diverged, go back to an earlier checkpoint or lower "
            "the learning rate"
        )


def follow(twin: nn.Module, entered: list[str], name: str) -> list[Any]:
    """Keep the path of the innermost module that is running, for error messages; returns the handles of the hooks."""
    handles = []
    for path, module in twin.named_modules():
        label = f"{path or name} ({type(module).__name__})"
        handles.append(module.register_forward_pre_hook(lambda _module, _args, label=label: entered.append(label)))
        handles.append(module.register_forward_hook(lambda _module, _args, _output: entered.pop() and None))
    return handles


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Silence warnings and logs of torch and of the forward: what matters of them is in the errors raised here."""
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)


@contextlib.contextmanager
def random_state_kept(device: torch.device | None = None) -> Iterator[None]:
    """Torch's, NumPy's and Python's global generators afterwards as they were."""
    numpys, pythons = np.random.get_state(), random.getstate()  # noqa: NPY002
    try:
        with torch.random.fork_rng(devices=[device] if device is not None and device.type == "cuda" else []):
            yield
    finally:
        np.random.set_state(numpys)  # noqa: NPY002
        random.setstate(pythons)


def first_line(error: BaseException) -> str:
    """What an error says, in one line of at most 200 characters."""
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
