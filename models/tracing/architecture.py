"""Reading a dense network: the linear layers and activations of a module, as stacked float64 parameters.

What is read here is all that ``summarize`` measures: a chain of affine layers with elementwise activations, perhaps
with residual branches. A module that is anything else is refused by its path, so that no layer is ever overlooked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from genbounds.models.networks import DenseNetwork
from genbounds.models.tracing.hooks import refuse_hooks


class NotDense(ValueError):
    """The module is not a chain of linear layers and activations; it may still be traced."""


@dataclass(frozen=True)
class Elementwise:
    """An activation as the bounds see it.

    ``lipschitz`` is sup |sigma'|; ``fixes_one`` says whether sigma(1) = 1, which is what carries a bias through a
    layer as one more unit; ``exact`` whether float64 evaluates it without rounding (ReLU does, tanh does not).
    """

    name: str
    lipschitz: float
    value_at_zero: float
    homogeneous: bool
    fixes_one: bool
    exact: bool
    function: Callable[[Tensor], Tensor]
    parameters: tuple[float, ...] = ()


IDENTITY = Elementwise("identity", 1.0, 0.0, True, True, True, lambda z: z)


@dataclass(frozen=True)
class DenseStack:
    """K dense networks of one architecture: weights (K, out, in) and biases (K, out) or None, float64, layer after
    layer.

    ``activations[l]`` follows layer l (the last layer has none); ``is_block[l]`` says that layer l with its
    activation is the branch of a residual block h + tau sigma(W h + b). ``paths`` name the layers in error messages.
    """

    paths: tuple[str, ...]
    weights: tuple[Tensor, ...]
    biases: tuple[Tensor | None, ...]
    activations: tuple[Elementwise, ...]
    is_block: tuple[bool, ...]
    tau: float
    flattens: bool = False

    def __post_init__(self) -> None:
        """Check that the layers fit together and hold finite numbers."""
        for path, weight, bias in zip(self.paths, self.weights, self.biases, strict=True):
            for kind, tensor in (("weight", weight), ("bias", bias)):
                if tensor is not None and not bool(torch.isfinite(tensor).all()):
                    raise ValueError(
                        f"{path}.{kind} must hold finite numbers, got NaN or infinities: training has diverged, go "
                        "back "
                        "to an earlier checkpoint or lower the learning rate"
                    )
        for position in range(1, len(self.weights)):
            given, wanted = self.weights[position - 1].shape[1], self.weights[position].shape[2]
            if given != wanted:
                raise ValueError(
                    f"{self.paths[position]} must take as many inputs as {self.paths[position - 1]} gives outputs, "
                    f"{given}, got {wanted}: the layers are not a chain"
                )

    @property
    def networks(self) -> int:
        """How many networks are stacked."""
        return len(self.weights[0])

    @property
    def widths(self) -> tuple[int, ...]:
        """Input width, hidden widths, output width."""
        return (self.weights[0].shape[2], *(weight.shape[1] for weight in self.weights))

    @property
    def has_bias(self) -> bool:
        """Whether any layer has a bias."""
        return any(bias is not None for bias in self.biases)

    @property
    def parameters(self) -> int:
        """Parameters of one network."""
        tensors = [*self.weights, *(bias for bias in self.biases if bias is not None)]
        return sum(tensor[0].numel() for tensor in tensors)


def read_dense(model: nn.Module, name: str = "model") -> DenseStack:
    """Read a ``DenseNetwork``, or a ``Sequential`` (perhaps nested) of Linear, activations and Flatten, as a stack of
    one.

    A module that stands in the chain more than once is read every time: a shared Linear is as many layers, of equal weights. The
    parameters are copied; the module is left as it is. ``ValueError`` names the path of the first submodule that is something else.

    >>> stack = read_dense(nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)))
    >>> stack.widths, stack.parameters, stack.paths
    ((3, 4, 2), 26, ('0', '2'))
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"{name} must be a torch.nn.Module, got {type(model).__name__}: pass the network itself")
    refuse_hooks(model, name)
    steps = _steps(model, "", name)
    linears = [(path, module) for path, module in steps if isinstance(module, nn.Linear)]
    if not linears:
        raise NotDense(f"{name} must hold at least one nn.Linear, got {type(model).__name__}: there is nothing to bound")
    flattens, activations = False, [IDENTITY for _ in linears]
    seen = -1
    for path, module in steps:
        if isinstance(module, nn.Linear):
            seen += 1
        elif isinstance(module, nn.Flatten):
            if seen >= 0 or (module.start_dim, module.end_dim) != (1, -1):
                raise NotDense(f"{path} (Flatten) must come first and flatten all but the batch: move it in front of the first Linear")
            flattens = True
        elif not isinstance(module, nn.Identity):
            if seen < 0 or seen == len(linears) - 1:
                raise NotDense(
                    f"{path} ({type(module).__name__}) must stand between two Linear layers: margins are those of "
                    "the logits, "
                    "so summarize the network without what comes before the first or after the last Linear"
                )
            if activations[seen] is not IDENTITY:
                raise NotDense(f"{path} ({type(module).__name__}) must follow a Linear, got a second activation: merge the two")
            activations[seen] = read_elementwise(module, path)
    dense = model if isinstance(model, DenseNetwork) else None
    is_block = tuple(dense.is_block) if dense is not None else (False,) * len(linears)
    return DenseStack(
        paths=tuple(path for path, _ in linears),
        weights=tuple(_copy(module.weight, path) for path, module in linears),
        biases=tuple(None if module.bias is None else _copy(module.bias, path) for path, module in linears),
        activations=tuple(activations[:-1]),
        is_block=is_block,
        tau=dense.tau if dense is not None else 1.0,
        flattens=flattens,
    )


def stack_dense(
    weights: Sequence[Tensor],
    biases: Sequence[Tensor | None],
    activation: nn.Module,
    is_block: Sequence[bool] | None = None,
    tau: float = 1.0,
) -> DenseStack:
    """A stack from parameters that are stacked already: weights (K, out, in), biases (K, out) or None, one activation
    module.

    >>> stack_dense([torch.ones(5, 2, 3), torch.ones(5, 1, 2)], [None, None], nn.ReLU()).networks
    5
    """
    paths = tuple(f"layers.{position}" for position in range(len(weights)))
    networks = len(weights[0]) if weights else 0
    for path, weight, bias in zip(paths, weights, biases, strict=True):
        if weight.ndim != 3 or len(weight) != networks or not weight.numel():
            raise ValueError(
                f"{path}.weight must have shape (K, out, in), got {tuple(weight.shape)}: stack the K networks along the first axis"
            )
        if bias is not None and bias.shape != weight.shape[:2]:
            raise ValueError(f"{path}.bias must have shape {tuple(weight.shape[:2])}, got {tuple(bias.shape)}: one bias per output unit")
    if not networks:
        raise ValueError("weights must hold at least one layer of at least one network, got none")
    sigma = read_elementwise(activation, "activation")
    return DenseStack(
        paths=paths,
        weights=tuple(weight.detach().to(torch.float64) for weight in weights),
        biases=tuple(None if bias is None else bias.detach().to(torch.float64) for bias in biases),
        activations=(sigma,) * (len(weights) - 1),
        is_block=tuple(is_block) if is_block is not None else (False,) * len(weights),
        tau=float(tau),
    )


_PATCHES = ("forward", "_call_impl")
"""What an instance calls; its class has them, so that one among the instance's own attributes was put there by other code."""


def _steps(module: nn.Module | None, path: str, name: str) -> list[tuple[str, nn.Module]]:
    """The leaves of the chain in the order in which they are applied, each with its path, as often as it is applied."""
    if module is None:
        raise NotDense(f"{path} must be a module, got None: a Sequential can't apply it")
    if any(patch in vars(module) for patch in _PATCHES):
        raise NotDense(f"{path or name} ({type(module).__name__}) has a forward of its own in place of its class's: it is traced")
    if isinstance(module, DenseNetwork):
        if type(module).forward is not DenseNetwork.forward:
            raise NotDense(
                f"{path or name} ({type(module).__name__}) overrides DenseNetwork.forward: only the chain of its layers can be read"
            )
        if path:
            raise NotDense(f"{path} (DenseNetwork) must be the model itself, not a part of one: summarize it alone")
        result = []
        for position, linear in enumerate(module.layers):
            result += _steps(linear, f"layers.{position}", name)
            if position < len(module.activations):
                result += _steps(module.activations[position], f"activations.{position}", name)
        return result
    if type(module) is nn.Sequential:
        # not named_children(), which passes over a child that stands here a second time
        return [step for key, child in module._modules.items() for step in _steps(child, f"{path}.{key}" if path else key, name)]
    if type(module) is nn.Linear or type(module) in (nn.Flatten, nn.Identity) or type(module) in _ELEMENTWISE:
        return [(path or name, module)]
    raise NotDense(
        f"{path or name} ({type(module).__name__}) is not a layer of a dense network: summarize reads DenseNetwork and "
        "nn.Sequential of "
        f"Linear, Flatten and the activations {', '.join(kind.__name__ for kind in _ELEMENTWISE)}"
    )


def _copy(parameter: Tensor, path: str) -> Tensor:
    """A detached float64 copy with one network in front."""
    if parameter.is_meta or not parameter.is_floating_point():
        raise ValueError(
            f"{path} must have real floating-point parameters with storage, got {parameter.dtype} on {parameter.device}: load them"
        )
    return parameter.detach().to(torch.float64, copy=True)[None]


def _leaky(module: nn.LeakyReLU) -> Elementwise:
    slope = float(module.negative_slope)
    return Elementwise("leaky_relu", max(1.0, abs(slope)), 0.0, True, True, False, lambda z: nn.functional.leaky_relu(z, slope), (slope,))


def _elu(module: nn.ELU) -> Elementwise:
    alpha = float(module.alpha)
    return Elementwise("elu", max(1.0, abs(alpha)), 0.0, False, True, False, lambda z: nn.functional.elu(z, alpha), (alpha,))


_ELEMENTWISE: dict[type[nn.Module], Callable[..., Elementwise]] = {
    nn.ReLU: lambda module: Elementwise("relu", 1.0, 0.0, True, True, True, torch.relu),
    nn.LeakyReLU: _leaky,
    nn.ELU: _elu,
    nn.Tanh: lambda module: Elementwise("tanh", 1.0, 0.0, False, False, False, torch.tanh),
    nn.Sigmoid: lambda module: Elementwise("sigmoid", 0.25, 0.5, False, False, False, torch.sigmoid),
}


def read_elementwise(module: nn.Module, path: str) -> Elementwise:
    """The record of an activation module."""
    if type(module) not in _ELEMENTWISE:
        raise ValueError(f"{path} ({type(module).__name__}) must be one of {', '.join(kind.__name__ for kind in _ELEMENTWISE)}")
    return _ELEMENTWISE[type(module)](module)
