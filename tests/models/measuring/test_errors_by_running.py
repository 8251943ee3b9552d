"""Errors of networks that can't be read: every example is judged in two companies, and what depends on company is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from genbounds.models.measuring.held_out_errors import errors_by_running


class Probe(nn.Module):
    """A linear layer of two logits and what ``change`` adds to them."""

    def __init__(self, change: Callable[[Tensor, Tensor], Tensor]) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer, self.change = nn.Linear(3, 2), change

    def forward(self, x: Tensor) -> Tensor:
        return self.change(x, self.layer(x))


class Counting(nn.Module):
    """Its logits grow with every call."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 2)
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 0.1 * (len(x) == 20)
        return self.layer(x) + self.calls * x[:, :1]


def _examples(n: int = 50) -> tuple[Tensor, Tensor]:
    x = torch.randn(n, 3, generator=torch.Generator().manual_seed(1))
    return x, (x[:, 0] > 0).long()


def test_the_errors_are_those_of_the_outputs_in_batches_of_any_size() -> None:
    x, y = _examples()
    model = Probe(lambda x, logits: logits)
    wanted = int((model(x).argmax(1) != y).sum())
    for sizes in ([50], [20, 20, 10], [1] * 50, [49, 1]):
        assert errors_by_running(model, zip(x.split(sizes), y.split(sizes), strict=True)) == (wanted, 50, 0)


def _one_in_the_middle(x: Tensor, logits: Tensor) -> Tensor:
    """Only what stands at place 7 of its batch is changed: neither the first nor the last example."""
    return logits + 0.1 * (torch.arange(len(x)) == 7)[:, None] * torch.tensor([1.0, 0.0])


@pytest.mark.parametrize(
    "change",
    [
        lambda x, logits: logits - logits.mean(0),
        lambda x, logits: logits + 1e-2 * x.mean(0)[:2],
        lambda x, logits: logits * (1 + 0.005 * len(x) / 50),
        _one_in_the_middle,
        lambda x, logits: logits.softmax(0),
        lambda x, logits: logits.cumsum(0),
    ],
)
def test_what_depends_on_the_batch_is_refused(change: Callable[[Tensor, Tensor], Tensor]) -> None:
    """The last but two are below one per cent, or spare the ends of the batch: a spot check does not see them."""
    with pytest.raises(ValueError, match="each example by itself"):
        errors_by_running(Probe(change), [_examples()])


def test_batches_of_one_example_have_company_too() -> None:
    x, y = _examples(6)
    with pytest.raises(ValueError, match="each example by itself"):
        errors_by_running(Probe(lambda x, logits: logits - 0.5 * logits.mean(0)), zip(x.split(1), y.split(1), strict=True))


def test_a_network_that_changes_as_it_runs_is_refused() -> None:
    x, y = _examples(60)
    with pytest.raises(ValueError, match="what came before"):
        errors_by_running(Counting(), zip(x.split(20), y.split(20), strict=True))


def test_what_rounding_decides_is_an_error_and_is_counted() -> None:
    """Two logits that differ by 1e-6 one way in batches of 50 and the other way in smaller ones."""

    def close(x: Tensor, logits: Tensor) -> Tensor:
        flipped = torch.tensor([1.0, 1.0 + 1e-6]) if len(x) == 50 else torch.tensor([1.0, 1.0 - 1e-6])
        return torch.where((x[:, :1] > 1), flipped, torch.stack([-x[:, 0], x[:, 0]], 1))

    x, y = _examples()
    y = torch.where(x[:, 0] > 1, 1, y)
    unsettled = int((x[:, 0] > 1).sum())
    assert unsettled > 0
    assert errors_by_running(Probe(close), [(x, y)]) == (unsettled, 50, unsettled)
