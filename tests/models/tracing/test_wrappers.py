"""Wrappers are opened, with a word about it; a wrapper that computes something else, or the user's own model, is left as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from tests.models.snapshots import snapshot
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from genbounds.models import certify, summarize
from genbounds.models.tracing.own_copy import copy_of
from genbounds.models.tracing.wrappers import notes_on, opened


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3))


class Lightning(nn.Module):
    """What a LightningModule is, as far as it can be seen: two hooks of training and a trainer with data that nothing can copy."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net
        self._trainer = {"data": (number for number in range(3)), "module": self}
        self._fabric = None

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.net(x)
        return found

    def training_step(self, batch: Any, index: int) -> None:
        """Never called here."""

    def configure_optimizers(self) -> None:
        """Never called here."""


class Doubled(nn.DataParallel[nn.Module]):
    """A wrapper that computes something else."""

    def forward(self, *inputs: Any, **options: Any) -> Any:
        return 2 * self.module(*inputs, **options)


def averaged(net: nn.Module) -> nn.Module:
    """The average of the network and of one with other weights."""
    found, other = AveragedModel(net), network()
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.mul_(3)
    found.update_parameters(net)
    found.update_parameters(other)
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("wrap", "note"),
    [
        (nn.DataParallel, "model is a DataParallel: the network inside it is measured"),
        (averaged, "model is an AveragedModel: the network inside it, which has the averaged weights, is measured"),
        (torch.compile, "model was compiled by torch.compile: the network that it was made from is measured"),
        (lambda net: nn.Sequential(torch.compile(net)), "0 was compiled by torch.compile: the network that it was made from is measured"),
        (lambda net: nn.Sequential(nn.DataParallel(net)), "0 is a DataParallel: the network inside it is measured"),
        (Lightning, "model is a Lightning module: its forward is measured, its trainer is left out"),
    ],
)
def test_a_wrapper_is_opened_and_left_as_it_is(wrap: Callable[[nn.Module], nn.Module], note: str) -> None:
    model, x, y = wrap(network()), torch.randn(6, 4), torch.arange(6) % 3
    inner = next(module for module in model.modules() if type(module) is nn.Sequential and len(module) == 3)
    before, training = snapshot(inner), [module.training for module in model.modules()]
    found = summarize(model, x, y)
    assert found == summarize(inner, x, y)
    assert found.notes == (note,)
    assert type(found).from_dict(found.to_dict()).notes == found.notes
    assert snapshot(inner) == before
    assert [module.training for module in model.modules()] == training
    assert ("note", note) in certify(model, (x, y)).facts


def test_wrappers_in_wrappers_and_none() -> None:
    inner = network()
    model = Lightning(torch.compile(nn.DataParallel(AveragedModel(inner))))
    assert len(notes_on(model)) == 4
    twin = copy_of(model)
    assert type(twin.net) is nn.Sequential
    assert twin._trainer is None
    assert model._trainer["module"] is model
    assert opened(inner) is inner
    assert notes_on(inner) == ()
    shared = nn.DataParallel(inner)
    copied = copy_of(nn.ModuleList([shared, shared, inner]))
    assert copied[0] is copied[1] is copied[2]


@pytest.mark.slow
def test_what_computes_something_else_is_no_wrapper() -> None:
    x, y = torch.randn(6, 4), torch.arange(6) % 3
    model = Doubled(network())
    assert notes_on(model) == ()
    assert 2 * summarize(model.module, x, y).margin_quantile(1) == pytest.approx(summarize(model, x, y).margin_quantile(1), rel=1e-9)
    changed = nn.DataParallel(network())
    changed.forward = lambda v: 3 * changed.module(v)  # type: ignore[method-assign]
    assert notes_on(changed) == ()
    assert summarize(changed, x, y).margin_quantile(1) == pytest.approx(3 * summarize(changed.module, x, y).margin_quantile(1), rel=1e-9)


def test_hooks_on_a_wrapper_are_refused() -> None:
    model = nn.DataParallel(network())
    model.register_forward_hook(lambda module, arguments, output: -output)
    with pytest.raises(ValueError, match="model has forward hooks"):
        summarize(model, torch.randn(6, 4), torch.arange(6) % 3)
