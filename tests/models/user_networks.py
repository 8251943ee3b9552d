"""Networks as people write them: layers that stand twice, tied and parametrised weights, and code for float32."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations


def shared_layer() -> nn.Module:
    layer = nn.Linear(4, 4)
    return nn.Sequential(layer, nn.ReLU(), layer, nn.ReLU(), nn.Linear(4, 2))


def shared_block() -> nn.Module:
    block = nn.Sequential(nn.Linear(4, 4), nn.Tanh())
    return nn.Sequential(block, block, nn.Linear(4, 2))


def tied_weights() -> nn.Module:
    first, second = nn.Linear(4, 4), nn.Linear(4, 4)
    second.weight = first.weight
    return nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), nn.Linear(4, 2))


def parametrised() -> nn.Module:
    spectral = parametrizations.spectral_norm(nn.Linear(4, 4))
    return nn.Sequential(spectral, nn.ReLU(), parametrizations.weight_norm(nn.Linear(4, 4)), nn.ReLU(), nn.Linear(4, 2))


def spectrally_normalised() -> nn.Module:
    return nn.Sequential(parametrizations.spectral_norm(nn.Linear(4, 4)), nn.ReLU(), nn.Linear(4, 2))


def normalised() -> nn.Module:
    return nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Dropout(0.5), nn.Linear(4, 2))


class Written(nn.Module):
    """Two layers, a tensor that is not a parameter, and a forward that is given."""

    def __init__(self, forward: Callable[[Any, Tensor], Any], listed: int = 0) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(4, 4), nn.Linear(4, 2)
        self.scale = torch.tensor([1.0, 2.0, 0.5, 1.5])
        self.listed = [nn.Linear(4, 4) for _ in range(listed)]
        self.how = forward

    def forward(self, x: Tensor) -> Any:
        return self.how(self, x)


class Output(NamedTuple):
    logits: Tensor
    hidden: Tensor


def cached(net: Any, x: Tensor) -> Tensor:
    net.cache = torch.relu(net.first(x))
    found: Tensor = net.last(net.cache)
    return found


def with_a_cache() -> nn.Module:
    """It has run before, and keeps an output with its history."""
    model = Written(cached)
    model(torch.ones(1, 4))
    return model


class FirstState(nn.Module):
    """A first state of zeros in the default dtype, or of another number."""

    def __init__(self, value: float = 0.0) -> None:
        super().__init__()
        self.rnn, self.head, self.value = nn.RNN(1, 6, batch_first=True), nn.Linear(6, 2), value

    def forward(self, x: Tensor) -> Tensor:
        start = torch.zeros(1, len(x), 6) + self.value
        found: Tensor = self.head(self.rnn(x[:, :, None], start)[0][:, -1])
        return found


READABLE: dict[str, Callable[[], nn.Module]] = {
    "a layer that stands twice": shared_layer,
    "a block that stands twice": shared_block,
    "tied weights": tied_weights,
    "parametrised weights": parametrised,
    "a spectral norm": spectrally_normalised,
    "batch norm and dropout": normalised,
    "an output with its history": with_a_cache,
    "a cast of the logits": lambda: Written(lambda net, x: net.last(torch.relu(net.first(x))).float()),
    "a cast of the input": lambda: Written(lambda net, x: net.last(torch.relu(net.first(x.float())))),
    "a cast to a dtype": lambda: Written(lambda net, x: net.last(torch.relu(net.first(x.to(torch.float32))).type(torch.float32))),
    "a plain tensor": lambda: Written(lambda net, x: net.last(torch.relu(net.first(x)) * net.scale)),
    "a plain matrix": lambda: Written(lambda net, x: net.last(x @ torch.eye(4) + torch.full((4,), 0.5))),
    "a first state of zeros": FirstState,
    "a first state of ones": lambda: FirstState(1.0),
    "a Python list of layers": lambda: Written(lambda net, x: net.last(torch.relu(net.listed[0](x))), listed=1),
    "a dict": lambda: Written(lambda net, x: {"logits": net.last(net.first(x)), "hidden": net.first(x)}),
    "a dict of one": lambda: Written(lambda net, x: {"out": net.last(net.first(x))}),
    "a named tuple": lambda: Written(lambda net, x: Output(net.last(net.first(x)), net.first(x))),
    "a list": lambda: Written(lambda net, x: [net.last(net.first(x))]),
    "a tuple with a constant": lambda: Written(lambda net, x: (None, net.last(net.first(x)), 3)),
    "a branch on the dtype": lambda: Written(lambda net, x: net.last(x) if x.dtype == torch.float32 else 0.01 * net.last(x)),
}


class Counting(nn.Module):
    """It computes something else every time."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.calls = nn.Linear(4, 2), 0

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        found: Tensor = self.layer(x) * self.calls
        return found


def outside() -> nn.Module:
    """A layer that the module does not hold."""
    layer = nn.Linear(4, 4)

    class Borrowing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.last = nn.Linear(4, 2)

        def forward(self, x: Tensor) -> Tensor:
            found: Tensor = self.last(layer(x))
            return found

    return Borrowing()


def hooked() -> nn.Module:
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))
    model[0].register_forward_hook(lambda module, arguments, output: output)
    return model


REFUSED: dict[str, tuple[Callable[[], nn.Module], str]] = {
    "scripted": (lambda: torch.jit.script(nn.Sequential(nn.Linear(4, 2))), r"model \(RecursiveScriptModule\) must be an ordinary module"),
    "a scripted part": (
        lambda: nn.Sequential(nn.Linear(4, 4), torch.jit.script(nn.Linear(4, 2))),
        r"1 \(RecursiveScriptModule\) must be an ordinary module.*pass the nn.Module",
    ),
    "two outputs": (lambda: Written(lambda net, x: (net.last(x), net.first(x))), "one tensor of logits.*tuple with '0'.*output='0'"),
    "no tensor": (lambda: Written(lambda net, x: "logits"), "one tensor of logits.*str with no tensor"),
    "not the input": (lambda: Written(lambda net, x: {"logits": net.last.weight}), "one tensor of logits that depends on the input"),
    "a state": (Counting, "must compute in float32 what its layers compute|other outputs .* on something that tracing does not see"),
    "cancellation": (lambda: Written(lambda net, x: net.last(x + 1e9 - 1e9)), "must compute in float32 .* range and precision"),
    "overflow": (lambda: Written(lambda net, x: net.last((x * 1e30) * 1e30 * 1e-30 * 1e-30)), "must compute in float32"),
    "underflow": (lambda: Written(lambda net, x: net.last(x) * 1e-30 * 1e-30 * 1e30 * 1e30), "must compute in float32"),
    "a wrong size": (lambda: Written(lambda net, x: net.last(net.first(x[:, :3]))), r"in first \(Linear\).*stopped with RuntimeError"),
    "its own error": (lambda: Written(lambda net, x: net.missing(x)), r"in model \(Written\).*stopped with AttributeError"),
    "a layer outside": (outside, r"must hold its layers itself, got forward: layer \(Linear\)"),
    "a hook": (hooked, "0 has forward hooks"),
    "a branch on values": (lambda: Written(lambda net, x: net.last(x) if x.sum() > 0 else net.first(x)[:, :2]), "can't be traced"),
}
"""Networks that can't be read, and what the ``ValueError`` says."""


def prepared(model: nn.Module) -> nn.Module:
    """In training mode but for one part, with gradients: what a measurement might disturb."""
    if not isinstance(model, torch.jit.ScriptModule):
        model.train()
        next(iter(model.children())).eval()
    for parameter in model.parameters():
        parameter.grad = torch.full_like(parameter, 0.25)
    last = list(model.parameters())[-1]
    last.requires_grad_(False)
    return model
