"""Normalisations that a forward writes out are read as torch's own; what only looks like one is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from genbounds.models.tracing import read_graph

Form = Callable[["Normalised", Tensor], Tensor]


class Normalised(nn.Module):
    """A layer, a normalisation with a gain, a layer."""

    def __init__(self, form: Form) -> None:
        super().__init__()
        self.first, self.last, self.gain, self.form = nn.Linear(6, 4), nn.Linear(4, 2), nn.Parameter(torch.rand(4) + 0.5), form

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.last(self.form(self, self.first(x)))
        return found


def rms(network: Normalised, h: Tensor) -> Tensor:
    variance = h.to(torch.float32).pow(2).mean(-1, keepdim=True)
    return network.gain * (h * torch.rsqrt(variance + 1e-3))


def layer(network: Normalised, h: Tensor) -> Tensor:
    centre = h - h.mean(-1, keepdim=True)
    return network.gain * (centre / (centre * centre).mean(-1, keepdim=True).add(1e-3).sqrt())


def gain_first(network: Normalised, h: Tensor) -> Tensor:
    return network.gain * h * torch.rsqrt(h.pow(2).mean(-1, keepdim=True) + 1e-3)


def variance(network: Normalised, h: Tensor) -> Tensor:
    return network.gain * (h - h.mean(-1, keepdim=True)) / torch.sqrt(h.var(-1, keepdim=True, unbiased=False) + 1e-3)


WRITTEN: dict[str, tuple[Form, Form]] = {
    "root mean square": (rms, lambda net, h: nn.functional.rms_norm(h, (4,), net.gain, 1e-3)),
    "layer": (layer, lambda net, h: nn.functional.layer_norm(h, (4,), net.gain, None, 1e-3)),
    "root mean square after the gain": (gain_first, lambda net, h: nn.functional.rms_norm(h, (4,), net.gain, 1e-3)),
    "layer after the gain": (variance, lambda net, h: nn.functional.layer_norm(h, (4,), net.gain, None, 1e-3)),
}
OTHERS: dict[str, Form] = {
    "another tensor's length": lambda net, h: h * torch.rsqrt((2 * h).pow(2).mean(-1, keepdim=True) + 1e-3),
    "no eps": lambda net, h: h * torch.rsqrt(h.pow(2).mean(-1, keepdim=True)),
    "the other axis": lambda net, h: h * torch.rsqrt(h.unflatten(-1, (2, 2)).pow(2).mean(1, keepdim=True) + 1e-3).flatten(1).repeat(1, 2),
    "the length of what the gain has made": lambda net, h: (net.gain * h) * torch.rsqrt((3 * h).pow(2).mean(-1, keepdim=True) + 1e-3),
    "times the length": lambda net, h: h * (h.pow(2).mean(-1, keepdim=True) + 1e-3).sqrt(),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WRITTEN)
def test_a_written_normalisation_is_torchs(name: str) -> None:
    torch.manual_seed(0)
    own, torchs = (Normalised(form) for form in WRITTEN[name])
    torchs.load_state_dict(own.state_dict())
    x = torch.randn(5, 6)
    found, wanted = read_graph(own, x), read_graph(torchs, x)
    kinds = ("linear", "normalise", "diagonal")
    chosen = [[(node.kind, node.gains, node.cap) for node in graph.nodes if node.kind in kinds] for graph in (found, wanted)]
    assert chosen[0] == chosen[1]
    assert len(chosen[0]) == 4
    torch.testing.assert_close(found.outputs(x.double()), wanted.outputs(x.double()))


@pytest.mark.parametrize("name", OTHERS)
def test_what_only_looks_like_one_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"model \(Normalised\) can't be bounded: r?sqrt has no finite Lipschitz constant"):
        read_graph(Normalised(OTHERS[name]), torch.randn(5, 6))
