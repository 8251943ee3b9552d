"""What every measurement here needs: a float64 copy of the network, the loss, the batches, and the user's random state kept."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.attention import SDPBackend, sdpa_kernel

from genbounds.models.curvature._float64 import Float64Network
from genbounds.models.measuring.labelled_sample import batches as labelled_batches
from genbounds.models.measuring.labelled_sample import checked_labels
from genbounds.models.tracing.held import parameters_of
from genbounds.models.tracing.own_copy import OwnNetwork, copy_of, first_line, random_state_kept

Parameters = dict[str, Tensor]


@dataclass(frozen=True)
class Twin:
    """A copy of the user's network in eval mode and float64, with its trainable parameters by name, and one in its own dtype."""

    module: Float64Network
    parameters: Parameters
    own: OwnNetwork

    @property
    def size(self) -> int:
        """The number of trainable parameters P."""
        return sum(parameter.numel() for parameter in self.parameters.values())

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return next(iter(self.parameters.values())).device

    def outputs(self, parameters: Parameters, inputs: Tensor) -> Tensor:
        """The outputs (n, K) as a function of the parameters."""
        result: Tensor = functional_call(self.module, parameters, (inputs,))
        return result

    def example(self, parameters: Parameters, one: Tensor) -> Tensor:
        """The outputs (K,) for a single example."""
        return self.outputs(parameters, one[None])[0]

    def place(self, inputs: Any) -> Tensor:
        """Inputs on the network's device: float64, or whole numbers as they are."""
        tensor = inputs.detach() if isinstance(inputs, Tensor) else torch.as_tensor(np.asarray(inputs))
        if tensor.ndim < 2 or not len(tensor):
            raise ValueError(f"inputs must have shape (n, ...) with n at least 1, got {tuple(tensor.shape)}: one row per example")
        tensor = tensor.to(self.device)
        if not tensor.is_floating_point():
            return tensor
        if not bool(torch.isfinite(tensor).all()):
            raise ValueError("inputs must be finite, got NaN or infinities: drop or impute such examples")
        return tensor.double()

    def compare(self, inputs: Tensor) -> int:
        """The number of outputs K; ``ValueError`` unless the network computes in its own dtype, about, what its float64 copy does."""
        outputs = self.own.outputs(inputs[:1])
        if outputs.ndim != 2:
            raise ValueError(
                f"model must return outputs of shape (n, K), got {tuple(outputs.shape)} for one example: flatten the other axes"
            )
        self.own.compare_function(lambda x: traced("float64", self.module, x), inputs)
        return int(outputs.shape[1])


class LogisticLoss(nn.Module):
    """ln(1 + exp(-y f)) averaged over a batch, f (n, 1) and y = -1 or +1: torch's SoftMarginLoss has no forward derivative."""

    reduction = "mean"

    def forward(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """The average."""
        return nn.functional.softplus(-labels * outputs).mean()


@dataclass(frozen=True)
class Problem:
    """A network, a loss that averages over a batch, and the sample in batches."""

    twin: Twin
    loss: nn.Module
    batches: list[tuple[Tensor, Tensor]]

    @property
    def n(self) -> int:
        """Examples."""
        return sum(len(x) for x, _ in self.batches)

    def loss_of_example(self, parameters: Parameters, one: Tensor, label: Tensor) -> Tensor:
        """The loss of a single example as a function of the parameters."""
        result: Tensor = self.loss(self.twin.outputs(parameters, one[None]), label[None])
        return result


def twin_of(model: nn.Module, name: str = "model") -> Twin:
    """The copy; ``ValueError`` if the module has hooks, cannot be copied or holds no finite trainable parameters."""
    own = OwnNetwork.of(model, name)
    registered = dict(model.named_parameters())
    for path, parameter in parameters_of(model).items():
        if not any(parameter is other for other in registered.values()):
            raise ValueError(
                f"{name}: {path} must be a parameter that {name}.parameters() gives, got one of a layer that is not registered: "
                "keep layers in nn.ModuleList or nn.ModuleDict; curvature is that of the loss in the parameters"
            )
    trainable = [path for path, parameter in registered.items() if parameter.requires_grad and parameter.is_floating_point()]
    if not trainable:
        raise ValueError(f"{name} must have at least one trainable parameter, got none: curvature is that of the loss in the parameters")
    module = Float64Network(copy_of(own.module, name), trainable).eval()
    return Twin(module, {key: parameter.detach() for key, parameter in module.named_parameters()}, own)


def problem_of(model: nn.Module, inputs: Any, labels: Any, loss: nn.Module | None, batch_size: int) -> Problem:
    """The twin with its loss (cross-entropy, or the logistic loss for one output) and its data, cut into batches."""
    twin, chosen = twin_of(model), loss
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, got {batch_size}: it is the number of examples worked on at once")
    if loss is not None and getattr(loss, "reduction", None) != "mean":
        raise ValueError(f"loss must be a torch loss module with reduction='mean', got {loss!r}: for example nn.MSELoss()")
    data: list[tuple[Tensor, Tensor]] = []
    for x, y in labelled_batches(inputs, labels):
        placed = twin.place(x)
        outputs = twin.compare(placed)
        chosen = chosen or (LogisticLoss() if outputs == 1 else nn.CrossEntropyLoss())
        targets = _targets(y, placed, outputs, loss)
        data += zip(torch.split(placed, batch_size), torch.split(targets, batch_size), strict=True)
    assert chosen is not None
    return Problem(twin, chosen, data)


def _targets(labels: Any, inputs: Tensor, outputs: int, loss: nn.Module | None) -> Tensor:
    """Labels as the loss takes them: classes; -1 and +1 in a column for one output; as they are, in float64, for the user's own loss."""
    if loss is not None and not isinstance(loss, nn.CrossEntropyLoss | nn.NLLLoss):
        tensor = labels.detach() if isinstance(labels, Tensor) else torch.as_tensor(np.asarray(labels))
        if tensor.ndim == 1 and outputs == 1:
            tensor = tensor[:, None]
        if len(tensor) != len(inputs):
            raise ValueError(f"labels must have one entry per example, {len(inputs)}, got shape {tuple(tensor.shape)}")
        tensor = tensor.to(inputs.device)
        return tensor.double() if tensor.is_floating_point() else tensor
    whole = checked_labels(labels, inputs.flatten(1), outputs)
    return whole[:, None].double() if outputs == 1 else whole


@contextlib.contextmanager
def user_state_kept(device: torch.device, seed: int = 0) -> Iterator[None]:
    """Random numbers from ``seed``, global generators afterwards as they were; attention by its plain formula."""
    with random_state_kept(device), sdpa_kernel(SDPBackend.MATH):
        torch.manual_seed(seed)
        yield


def curvlinops() -> Any:
    """The library of curvature operators; ``ImportError`` that names the extra if it is not installed."""
    try:
        import curvlinops as library
    except ModuleNotFoundError as error:
        raise ImportError("Hessians need curvlinops, which is not installed: pip install 'genbounds[curvature]'") from error
    return library


def chunks(inputs: Tensor, size: int) -> tuple[Tensor, ...]:
    """The inputs, ``size`` examples at a time."""
    if size < 1:
        raise ValueError(f"batch_size must be at least 1, got {size}: it is the number of examples worked on at once")
    return torch.split(inputs, size)


def traced(what: str, compute: Callable[..., Any], *arguments: Any) -> Any:
    """Run a computation through torch.func; ``ValueError`` that says what failed where the network is one that torch.func can't read."""
    try:
        return compute(*arguments)
    except (ValueError, torch.OutOfMemoryError):
        raise
    except Exception as error:
        line = first_line(error)
        raise ValueError(
            f"model must be differentiable by torch.func for {what}, got {line}: no in-place steps, no `if` on values"
        ) from error
