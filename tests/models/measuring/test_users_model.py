"""Nothing is ever run on the user's modules, and what is measured is the network that they compute in their own dtype."""

from __future__ import annotations

import copy
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from tests.models.snapshots import global_state, snapshot
from tests.models.tracing.architectures import CASES, case
from tests.models.user_networks import READABLE, REFUSED, prepared
from torch import Tensor, nn

from genbounds.models import certify, summarize, summarize_ensemble
from genbounds.models.measuring.held_out_errors import held_out_errors
from genbounds.models.measuring.network_summary import NetworkSummary
from genbounds.models.measuring.reading import ReadNetwork

X = torch.randn(9, 4, generator=torch.Generator().manual_seed(1))
Y = torch.arange(9) % 2


def built(name: str) -> nn.Module:
    torch.manual_seed(0)
    return prepared((READABLE | {key: make for key, (make, _) in REFUSED.items()})[name]())


@pytest.mark.slow
@pytest.mark.parametrize("name", READABLE)
def test_networks_as_people_write_them_are_read_and_left_as_they_are(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model, start = built(name), built(name)
    before, starts, world, ran = snapshot(model), snapshot(start), global_state(), recorded(monkeypatch)
    summary = summarize(model, X, Y, initial=start)
    monkeypatch.undo()
    assert not ran & {id(module) for users in (model, start) for module in users.modules()}
    assert snapshot(model) == before
    assert snapshot(start) == starts
    assert global_state() == world
    _check_margins(name, model, summary)


def recorded(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """The ids of all modules that are called from now on."""
    ran: set[int] = set()
    call = nn.Module.__call__

    def noting(self: nn.Module, *arguments: Any, **keywords: Any) -> Any:
        ran.add(id(self))
        return call(self, *arguments, **keywords)

    monkeypatch.setattr(nn.Module, "__call__", noting)
    return ran


def _check_margins(name: str, model: nn.Module, summary: NetworkSummary) -> None:
    """Those of the user's own outputs in float32, and no two outputs are farther apart than the Lipschitz bound says."""
    with torch.no_grad():
        outputs = copy.deepcopy(model).eval()(X) if name != "an output with its history" else model.eval()(X)
    if isinstance(outputs, dict):
        outputs = outputs.get("logits", outputs.get("out"))
    logits = next(part for part in outputs if isinstance(part, Tensor)) if isinstance(outputs, (tuple, list)) else outputs
    wanted = logits.gather(1, Y[:, None])[:, 0] - logits.gather(1, 1 - Y[:, None])[:, 0]
    np.testing.assert_allclose(summary.margins, wanted.double().numpy(), rtol=0, atol=1e-5)
    pairs = (logits[:, None] - logits[None]).norm(dim=-1) / (X[:, None] - X[None]).norm(dim=-1)
    assert float(pairs.nan_to_num(0).max()) <= float(summary.lipschitz_upper) * (1 + 1e-4)  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a layer that stands twice", "parametrised weights", "a named tuple"])
def test_certify_leaves_the_network_as_it_is(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = built(name)
    before, world, ran = snapshot(model), global_state(), recorded(monkeypatch)
    table = certify(model, (X, Y), initial=model, held_out=(X + 1, Y))
    monkeypatch.undo()
    with pytest.raises(ValueError, match="labels must lie in"):
        certify(model, (X, Y), held_out=(X + 1, Y + 5))  # it stops midway
    assert not ran & {id(module) for module in model.modules()}
    assert snapshot(model) == before
    assert global_state() == world
    assert table.rows
    assert "real arithmetic" in dict(table.facts)["arithmetic"]


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_in_our_words_and_left_as_it_is(name: str) -> None:
    model, message = built(name), REFUSED[name][1]
    before, world = (None if isinstance(model, torch.jit.ScriptModule) or name == "a scripted part" else snapshot(model)), global_state()
    with pytest.raises(ValueError, match=message):
        summarize(model, X, Y)
    assert global_state() == world
    assert before is None or snapshot(model) == before


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_every_architecture_of_the_tests_is_left_as_it_is(name: str) -> None:
    network, x, y = case(name)
    prepared(network)
    before, batch, world = snapshot(network), x.clone(), global_state()
    summarize(network, x, y, initial=network)
    assert snapshot(network) == before
    assert global_state() == world
    assert torch.equal(x, batch)


@pytest.mark.parametrize("name", ["a layer that stands twice", "tied weights"])
def test_the_networks_of_an_ensemble_are_left_as_they_are(name: str) -> None:
    models = [built(name), built(name)]
    before, world = [snapshot(model) for model in models], global_state()
    found = summarize_ensemble(models, X, Y, initial=models)
    assert [snapshot(model) for model in models] == before
    assert global_state() == world
    assert found[0] == found[1]


def test_a_shared_layer_goes_on_training() -> None:
    """Its weight was replaced by a plain float64 tensor; in a float64 network nobody would have seen it."""
    for dtype in (torch.float32, torch.float64):
        model = built("a layer that stands twice").to(dtype)
        weight = model[0].weight  # type: ignore[index]
        summarize(model, X, Y)
        assert model[0].weight is weight  # type: ignore[index]
        model.zero_grad()
        model(X.to(dtype)).sum().backward()
        assert weight.grad is not None
        assert float(weight.grad.abs().sum()) > 0


@pytest.mark.slow
def test_a_forward_that_looks_at_its_dtype_is_measured_in_the_users() -> None:
    model = built("a branch on the dtype")
    with torch.no_grad():
        model.last.weight.copy_(torch.tensor([[1.0, 0.0, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0]]))  # type: ignore[union-attr,operator]
    assert float(summarize(model, X, Y).lipschitz_upper) == pytest.approx(2.0, rel=1e-9)  # type: ignore[arg-type]
    assert float(summarize(model.double(), X, Y).lipschitz_upper) == pytest.approx(0.02, rel=1e-9)  # type: ignore[arg-type]


def test_later_batches_are_compared_too() -> None:
    """A forward with a state may change after the first batch."""

    class Tiring(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer, self.calls = nn.Linear(4, 2), 0

        def forward(self, x: Tensor) -> Tensor:
            self.calls += not torch.compiler.is_compiling()
            found: Tensor = self.layer(x) * (1 if self.calls < 6 else 3)
            return found

    batches = [(X, Y)] * 9
    with pytest.raises(ValueError, match=r"must compute in float32 what its layers compute"):
        summarize(Tiring(), batches)


def test_half_precision_networks_are_read() -> None:
    for dtype in (torch.bfloat16, torch.float16):
        model = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 2)).to(dtype)
        summary = summarize(model, X, Y)
        wanted = summarize(copy.deepcopy(model).double(), X, Y)
        assert summary.spectral_norms.value == wanted.spectral_norms.value


@pytest.mark.slow
def test_layers_in_a_python_list_are_named_and_counted() -> None:
    summary = summarize(built("a Python list of layers"), X, Y)
    assert summary.layer_paths == ("listed[0]", "last")
    assert summary.parameters == 20 + 20 + 10  # the layer in the list, one that is not used, and the last one
    assert summary.empirical_risk == Fraction(summary.errors, 9)


@pytest.mark.parametrize("dtype", [torch.int64, torch.uint8])
@pytest.mark.parametrize("own", [torch.float32, torch.float64, torch.bfloat16])
def test_a_dense_network_is_measured_on_whole_numbers_as_on_the_real_ones_that_they_are(dtype: torch.dtype, own: torch.dtype) -> None:
    """No layer of torch multiplies integers by its weights, so the comparison with the user's network is on real numbers too."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 2)).to(own)
    x = torch.randint(0, 9, (9, 4), generator=torch.Generator().manual_seed(1)).to(dtype)
    wanted = summarize(model, x.double(), Y)
    found = summarize(model, x, Y)
    assert np.array_equal(found.margins, wanted.margins)
    assert held_out_errors(model, found, [(x, Y)]) == (wanted.errors, len(x))
    network = ReadNetwork.of(model, x, "model")
    network.own.module[0].weight.mul_(3)  # type: ignore[index,operator,union-attr]
    with pytest.raises(ValueError, match=r"must compute in .* what its layers compute"):
        network.compare(x)
