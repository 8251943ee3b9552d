"""What summarize refuses, by the path of the module or the name of the input, with a remedy."""

import math

import pytest
import torch
from tests.models.dense_networks import dense, sample
from torch import nn

from genbounds.models.measuring.summary import summarize
from genbounds.models.networks import DenseNetwork
from genbounds.models.tracing.architecture import stack_dense


class DataDependent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x) if x.sum() > 0 else self.layer(-x)


def hooked() -> nn.Module:
    network = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3))
    network[0].register_forward_hook(lambda module, args, output: 2 * output)
    return network


@pytest.mark.slow
@pytest.mark.parametrize(
    ("network", "message"),
    [
        (nn.Sequential(nn.Linear(4, 6), nn.Sequential(nn.Threshold(0.1, 1.0)), nn.Linear(6, 3)), r"1\.0 \(Threshold\).*ReLU"),
        (nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6, track_running_stats=False), nn.Linear(6, 3)), r"1 \(BatchNorm1d\).*batch"),
        (nn.Sequential(nn.Linear(4, 3), nn.Softmax(dim=1)), r"1 \(Softmax\)"),
        (nn.Sequential(nn.Linear(4, 3), nn.ReLU()), "logits"),
        (nn.Sequential(nn.Linear(4, 6), nn.Linear(5, 3)), "not a chain"),
        (nn.Sequential(nn.ReLU()), "at least one parameter"),
        (nn.Sequential(nn.Linear(4, 3), DataDependent()), "can't be traced"),
        (nn.Sequential(DataDependent()), r"in 0 \(DataDependent\)"),
        (hooked(), "hooks"),
    ],
)
def test_a_layer_that_cannot_be_bounded_is_named(network: nn.Module, message: str) -> None:
    x, y = sample(5, 4, 3)
    with pytest.raises(ValueError, match=message):
        summarize(network, x, y)


@pytest.mark.slow
def test_bad_data_is_refused_with_a_remedy() -> None:
    network = dense([4, 6, 3])
    x, y = sample(5, 4, 3)
    bad = x.clone()
    bad[2, 1] = math.nan
    cases = [
        (bad, y, "inputs must hold finite"),
        (x[:, :3], y, "inputs must have 4 features"),
        (x[None], y, "inputs must have shape"),
        (x[:0], y[:0], "at least one example"),
        (x, y[:4], "labels must have one entry"),
        (x, y + 1, r"labels must lie in 0, \.\.\., 2"),
        (x, y - 1, "labels must lie in"),
        (x, y + 0.5, "labels must be whole"),
        (x, nn.functional.one_hot(y, 3), "not one-hot"),
        ([], None, "at least one batch"),
        (x, None, "labels must be given"),
        ([x], None, "pairs"),
    ]
    for inputs, labels, message in cases:
        with pytest.raises(ValueError, match=message):
            summarize(network, inputs, labels)
    for counts in ([1, 1], [1, 1, 1, 1, 0.5], [0] * 5, [-1, 1, 1, 1, 1], [1] * 6):
        with pytest.raises(ValueError, match="counts"):
            summarize(network, x, y, counts=counts)
    scalar = dense([4, 6, 1])
    with pytest.raises(ValueError, match=r"-1 and \+1"):
        summarize(scalar, x, torch.tensor([0, 1, 2, 1, 1]))
    signs = torch.tensor([1, -1, 1, 1, -1])
    assert summarize(scalar, x, signs) == summarize(scalar, x, (signs + 1) // 2)


@pytest.mark.slow
def test_bad_weights_and_initialisations_are_refused() -> None:
    network = dense([4, 6, 3])
    x, y = sample(5, 4, 3)
    with pytest.raises(ValueError, match="initial must have the model's widths"):
        summarize(network, x, y, initial=dense([4, 7, 3]))
    with pytest.raises(ValueError, match="initial must have the model's biases"):
        summarize(network, x, y, initial=dense([4, 6, 3], bias=False))
    with pytest.raises(ValueError, match="initial must have the model's activations"):
        summarize(network, x, y, initial=dense([4, 6, 3], "tanh"))
    with pytest.raises(TypeError, match=r"torch\.nn\.Module"):
        summarize(lambda x: x, x, y)  # type: ignore[arg-type]
    with torch.no_grad():
        network.linear(1).bias[0] = math.inf
    with pytest.raises(ValueError, match=r"layers\.1\.bias must hold finite"):
        summarize(network, x, y)
    with pytest.raises(ValueError, match=r"weight must have shape \(K, out, in\)"):
        stack_dense([torch.ones(2, 3)], [None], nn.ReLU())
    huge = DenseNetwork([4, 6, 3], dtype=torch.float64)
    with torch.no_grad():
        for parameter in huge.parameters():
            parameter.fill_(1e160)
    with pytest.raises(ValueError, match="logits must be finite"):
        summarize(huge, x, y)
