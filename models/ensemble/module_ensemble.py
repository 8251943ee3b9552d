"""K networks of any kind: a ``torch.nn.Module`` with stacked parameters, by ``torch.func``."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.func import functional_call, vjp, vmap

from genbounds.models.ensemble.backpropagation import Program
from genbounds.models.ensemble.recipe import Recipe
from genbounds.models.ensemble.stacked import StackedNetworkEnsemble, checked_indices
from genbounds.models.ensemble.tiles import cut
from genbounds.models.networks.initialisation import initial_parameter
from genbounds.models.randomness.streams import Stream


class ModulePass:
    """The passes of K modules at once: ``vmap`` makes one batched product of K, and one grouped convolution."""

    def __init__(self, module: nn.Module, names: Sequence[str], shape: tuple[int, ...], parameters: Sequence[Tensor]) -> None:
        self.module, self.names, self.shape, self.parameters = module, names, shape, parameters
        self._pull_back: Callable[[Tensor], tuple[tuple[Tensor, ...]]] | None = None

    def forward(self, inputs: Tensor) -> Tensor:
        """Logits (K, B, C) of inputs (K, B, d), or (1, B, d) for all."""
        networks = len(self.parameters[0])
        batches = inputs.expand(networks, -1, -1).reshape(networks, inputs.shape[1], *self.shape)

        def one(parameters: tuple[Tensor, ...], batch: Tensor) -> Tensor:
            logits: Tensor = functional_call(self.module, dict(zip(self.names, parameters, strict=True)), (batch,))
            return logits

        with torch.enable_grad():
            logits, *pulled = vjp(lambda parameters: vmap(one)(parameters, batches), tuple(self.parameters))
        self._pull_back = pulled[0]
        result: Tensor = logits.detach().clone()
        return result

    def backward(self, gradient: Tensor, targets: Sequence[Tensor], beta: float) -> None:
        """Given d/dlogits of the last forward pass, set every target to beta * target + its gradient."""
        assert self._pull_back is not None
        (gradients,) = self._pull_back(gradient.contiguous())
        self._pull_back = None
        for target, update in zip(targets, gradients, strict=True):
            torch.add(update, target, alpha=beta, out=target)


@dataclass(frozen=True, eq=False)
class ModuleKind:
    """A module with the names of its parameters, the shape of an example, and the most numbers one takes in a layer."""

    module: nn.Module
    names: tuple[str, ...]
    shape: tuple[int, ...]
    largest: int

    def program(self, parameters: Sequence[Tensor], batch_size: int) -> Program:
        """A ``ModulePass``."""
        return ModulePass(self.module, self.names, self.shape, parameters)

    def widest(self) -> int:
        """The most numbers of an example in a layer."""
        return self.largest


class ModuleEnsemble(StackedNetworkEnsemble):
    """K networks of one architecture that is any ``nn.Module``: convolutional, recurrent, with attention or normalisation.

    It trains and measures as ``Ensemble`` does, by ``torch.func`` instead of hand-written passes. Dense networks train several
    times faster as an ``Ensemble``.

    Args:
        module: the architecture; it is copied, and its weights are used only as stated below.
        input_shape: of one example, such as (1, 8, 8); the pool's inputs are (N, 1, 8, 8) or (N, 64).
        outputs: how many logits.
        networks, stream, dtype, device: as for ``Ensemble``.

    Initial weights: see ``genbounds.models.networks.initialisation.initial_parameter``. Vectors (biases, the gains of a normalisation)
    start as they are in ``module``.

    Raises:
        ValueError: a module that keeps statistics or draws random numbers while it trains (batch normalisation, dropout): a
            network's training would depend on more than its sample and its streams. Or parameters that are not floats.

    Example:
        >>> module = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8, 2))
        >>> ensemble = ModuleEnsemble(module, (1, 4, 4), 2, networks=5, stream=Stream("demo", "convolution"))
        >>> [tuple(parameter.shape) for parameter in ensemble.parameters]
        [(5, 2, 1, 3, 3), (5, 2), (5, 2, 8), (5, 2)]
    """

    def __init__(
        self,
        module: nn.Module,
        input_shape: Sequence[int],
        outputs: int,
        *,
        networks: int | Sequence[int] | Tensor,
        stream: Stream,
        dtype: torch.dtype = torch.float32,
        device: str | torch.device = "cpu",
    ) -> None:
        self._module = copy.deepcopy(module).to(device="cpu", dtype=dtype).train()
        _check(self._module)
        shape, named = tuple(input_shape), dict(self._module.named_parameters())
        self._numbers = _activations(self._module, shape, dtype, outputs)
        template = copy.deepcopy(self._module).to(device)
        kind = ModuleKind(template, tuple(named), shape, max(self._numbers))
        super().__init__(kind, checked_indices(networks), stream, math.prod(shape), outputs, dtype, device)
        self.parameters = [initial_parameter(name, value, self.stream, self.networks).to(dtype).detach() for name, value in named.items()]

    def extract(self, k: int) -> nn.Module:
        """A copy of row k as a module of its own, on the CPU."""
        return self._filled([parameter[self._row(k)] for parameter in self.parameters])

    def initial(self, k: int) -> nn.Module:
        """Row k as it was before any training, on the CPU: drawn again from its stream."""
        index, stream = self.networks[self._row(k)], self.stream.on("cpu")
        return self._filled([initial_parameter(name, value, stream, [index])[0] for name, value in self._module.named_parameters()])

    def _row(self, k: int) -> int:
        if not -len(self) <= k < len(self):
            raise ValueError(f"k must be a row of the ensemble, 0, ..., {len(self) - 1}, got {k}")
        return k

    def _filled(self, values: Sequence[Tensor]) -> nn.Module:
        network = copy.deepcopy(self._module)
        with torch.no_grad():
            for parameter, value in zip(network.parameters(), values, strict=True):
                parameter.copy_(value)
        return network

    def _plan(self, recipe: Recipe, threads: int) -> list[slice]:
        state = sum(parameter[0].numel() for parameter in self.parameters)
        averages = bool(recipe.momentum) + 2 * (recipe.adam is not None)
        numbers = state * (2 + averages) + 3 * max(1, recipe.batch_size) * sum(self._numbers)
        return cut(len(self), numbers * self.parameters[0].element_size(), self.device, threads)


def _check(module: nn.Module) -> None:
    for name, part in module.named_modules():
        if getattr(part, "track_running_stats", False) or (getattr(part, "p", 0) and isinstance(part, nn.modules.dropout._DropoutNd)):
            raise ValueError(
                f"module must train by its parameters alone, but {name or 'it'} ({type(part).__name__}) keeps statistics or draws random "
                "numbers: use group or layer normalisation, and no dropout"
            )
    if not list(module.parameters()) or not all(parameter.is_floating_point() for parameter in module.parameters()):
        raise ValueError("module must have parameters, all of them floating-point numbers")


def _activations(module: nn.Module, shape: tuple[int, ...], dtype: torch.dtype, outputs: int) -> list[int]:
    """How many numbers one example takes in the inputs and in each innermost module, by running one through a copy."""
    sizes, probe = [math.prod(shape)], copy.deepcopy(module)

    def count(part: nn.Module, inputs: object, result: object) -> None:
        if isinstance(result, Tensor):
            sizes.append(result.numel())

    for part in probe.modules():
        if not list(part.children()):
            part.register_forward_hook(count)
    with torch.no_grad():
        logits = probe(torch.zeros((1, *shape), dtype=dtype))
    if logits.shape != (1, outputs):
        raise ValueError(
            f"module must give logits of shape (B, {outputs}) for inputs (B, {', '.join(map(str, shape))}), got {tuple(logits.shape)}"
        )
    return sizes
