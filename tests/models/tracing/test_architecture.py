"""What read_dense makes of a module is what the module computes: modules used twice, changed forwards, hooks."""

import copy
import types
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from genbounds.models import certify
from genbounds.models.measuring.summary import summarize, summarize_ensemble
from genbounds.models.networks import DenseNetwork
from genbounds.models.tracing.architecture import NotDense, read_dense


def data(n: int = 20, width: int = 4, outputs: int = 3) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(5)
    return torch.randn(n, width, generator=generator, dtype=torch.float64), torch.randint(0, outputs, (n,), generator=generator)


def margins(outputs: Tensor, labels: Tensor) -> np.ndarray:
    own = outputs.gather(1, labels[:, None])[:, 0]
    found: np.ndarray = (own - outputs.scatter(1, labels[:, None], -torch.inf).amax(1)).detach().numpy()
    return found


def shared_relu() -> nn.Sequential:
    relu = nn.ReLU()
    return nn.Sequential(nn.Linear(4, 5), relu, nn.Linear(5, 5), relu, nn.Linear(5, 3))


def shared_linear() -> nn.Sequential:
    linear = nn.Linear(4, 4)
    return nn.Sequential(linear, nn.ReLU(), linear, nn.ReLU(), nn.Linear(4, 3))


def repeated_linear() -> nn.Sequential:
    linear = nn.Linear(4, 4)
    return nn.Sequential(linear, linear, nn.Linear(4, 3))


def nested_sharing() -> nn.Sequential:
    block = nn.Sequential(nn.Linear(4, 4), nn.Tanh())
    return nn.Sequential(block, nn.Sequential(block, block), nn.Linear(4, 3))


def shared_identity() -> nn.Sequential:
    nothing = nn.Identity()
    return nn.Sequential(nothing, nn.Linear(4, 5), nothing, nn.ReLU(), nothing, nn.Linear(5, 3))


@pytest.mark.parametrize("make", [shared_relu, shared_linear, repeated_linear, nested_sharing, shared_identity])
def test_a_module_used_twice_is_read_twice(make: Callable[[], nn.Sequential]) -> None:
    """The margins, and every number, are those of a chain of modules of their own, copied one by one."""
    torch.manual_seed(0)
    model = make().double()
    (x, y), start = data(), make().double()
    summary = summarize(model, x, y, initial=start)
    np.testing.assert_allclose(summary.margins, margins(model(x), y), rtol=0, atol=1e-12)
    apart, apart_start = (nn.Sequential(*[copy.deepcopy(module) for module in _leaves(net)]) for net in (model, start))
    assert summary == summarize(apart, x, y, initial=apart_start)
    linears = [module for module in _leaves(model) if isinstance(module, nn.Linear)]
    assert summary.depth == len(linears)
    assert summary.parameters == sum(p.numel() for linear in linears for p in linear.parameters())


def _leaves(module: nn.Module) -> list[nn.Module]:
    return [leaf for child in module for leaf in _leaves(child)] if isinstance(module, nn.Sequential) else [module]


@pytest.mark.slow
def test_a_shared_relu_is_certified_with_the_errors_that_it_makes() -> None:
    """x -> relu(relu(x) - 1) + 1/2 is positive: on signs it errs on every -1. Read without its second ReLU it would err on none."""
    relu = nn.ReLU()
    model = nn.Sequential(nn.Linear(1, 1), relu, nn.Linear(1, 1), relu, nn.Linear(1, 1)).double()
    with torch.no_grad():
        for position, bias in ((0, 0.0), (2, -1.0), (4, 0.5)):
            model[position].weight.fill_(1.0)
            model[position].bias.fill_(bias)
    x = torch.tensor([[-1.0], [1.0]] * 50, dtype=torch.float64)
    table = certify(model, (x, x[:, 0].long()), held_out=(2 * x, x[:, 0].long()))
    assert dict(table.facts)["held-out errors"] == "50 of 100"
    assert all(row.value >= 0.5 for row in table.rows)


def linear_network() -> nn.Sequential:
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3)).double()


def patched_layer() -> nn.Module:
    model = linear_network()
    first = model[0]
    assert isinstance(first, nn.Linear)
    first.forward = lambda x: 10 * nn.functional.linear(x, first.weight, first.bias)  # type: ignore[method-assign]
    return model


def patched_activation() -> nn.Module:
    model = linear_network()
    model[1].forward = torch.tanh  # type: ignore[method-assign,assignment]
    return model


def patched_sequential() -> nn.Module:
    model = linear_network()
    forward = model.forward
    model.forward = lambda x: -forward(x)  # type: ignore[method-assign]
    return model


def patched_dense() -> nn.Module:
    model = DenseNetwork([4, 5, 3]).double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_()
    model.forward = types.MethodType(lambda self, x: self.layers[1](torch.tanh(self.layers[0](x))), model)  # type: ignore[method-assign]
    return model


def patched_call() -> nn.Module:
    model = linear_network()
    model[2]._call_impl = lambda x: -nn.functional.linear(x, model[2].weight, model[2].bias)  # type: ignore[method-assign,arg-type]
    return model


@pytest.mark.slow
@pytest.mark.parametrize("make", [patched_layer, patched_activation, patched_sequential, patched_dense, patched_call])
def test_a_forward_put_on_an_instance_is_what_is_measured(make: Callable[[], nn.Module]) -> None:
    """Tools that change networks by a forward of the instance: it is not a dense chain, and tracing reads what it computes, or refuses."""
    model, (x, y) = make(), data()
    with pytest.raises(NotDense, match="forward of its own"):
        read_dense(model)
    np.testing.assert_allclose(summarize(model, x, y).margins, margins(model(x), y), rtol=0, atol=1e-9)


def test_a_layers_class_with_another_forward_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    model, (x, y) = linear_network(), data()
    monkeypatch.setattr(nn.Linear, "forward", lambda self, x: 2 * nn.functional.linear(x, self.weight, self.bias))
    with pytest.raises(ValueError, match="must compute in float64 what its layers compute"):
        summarize(model, x, y)


def test_modules_of_an_ensemble_are_run_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a sample for all, or one each."""
    (x, y), models = data(), [linear_network(), linear_network()]
    samples = [(x, y), (torch.stack([x, -x]), torch.stack([y, y]))]
    for inputs, labels in samples:
        found = summarize_ensemble(models, inputs, labels)
        np.testing.assert_allclose(found[0].margins, margins(models[0](x), y), rtol=0, atol=1e-12)
    monkeypatch.setattr(nn.Linear, "forward", lambda self, x: 2 * nn.functional.linear(x, self.weight, self.bias))
    for inputs, labels in samples:
        with pytest.raises(ValueError, match=r"networks\[0\] must compute in float64 what its layers compute"):
            summarize_ensemble(models, inputs, labels)


def test_a_dense_network_that_lost_an_activation_is_refused() -> None:
    """Its forward pairs layers with activations, and leaves out the layers beyond."""
    model = DenseNetwork([4, 5, 5, 3]).double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(generator=torch.Generator().manual_seed(3))
    del model.activations[1]
    with pytest.raises(ValueError, match="must compute in float64 what its layers compute"):
        summarize(model, *data())


@pytest.mark.parametrize("register", ["register_module_forward_hook", "register_module_forward_pre_hook"])
@pytest.mark.parametrize("traced", [False, True])
def test_hooks_for_all_modules_are_refused(register: str, traced: bool) -> None:
    model = nn.Sequential(linear_network(), nn.BatchNorm1d(3), nn.Linear(3, 3)).double() if traced else linear_network()
    change = (lambda module, arguments, output: -output) if register.endswith("forward_hook") else (lambda module, arguments: None)
    handle = getattr(torch.nn.modules.module, register)(change)
    try:
        with pytest.raises(ValueError, match="hooks for all modules"):
            summarize(model, *data())
    finally:
        handle.remove()


def test_a_hook_on_a_part_is_named_by_its_path() -> None:
    model = linear_network()
    model[1].register_forward_pre_hook(lambda module, arguments: None)
    with pytest.raises(ValueError, match=r"^1 has forward hooks"):
        read_dense(model)


def test_an_empty_place_in_a_chain_is_refused() -> None:
    model = linear_network()
    model._modules["1"] = None
    with pytest.raises(NotDense, match="1 must be a module, got None"):
        read_dense(model)
