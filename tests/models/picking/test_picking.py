"""Pick-to-learn: the run is replayed bit for bit from its picks, and it is a preferent compression scheme."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from genbounds.bounds.holdout import campi2023compression
from genbounds.models import Picked, Picking, Stream, pick_to_learn
from genbounds.models.picking import _learner, margin_loss, replay

STREAM = Stream("tests of picking", "run")
DROPOUT = nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.1), nn.Linear(8, 2))


def noise(inputs: Tensor, generator: np.random.Generator) -> Tensor:
    return inputs + torch.from_numpy(generator.normal(0, 0.02, tuple(inputs.shape)).astype(np.float32))


SETTINGS = Picking(spent=10, first_steps=20, rounds=6, at_most=4, steps=15, batch_size=16, learning_rate=0.02, averaging=0.8, augment=noise)


def examples(n: int, seed: int = 0, flips: float = 0.1) -> tuple[Tensor, Tensor]:
    """Points of a square, two classes by a curve, some labels wrong."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.rand(n, 2, generator=generator) * 2 - 1
    y = (x[:, 1] > x[:, 0] ** 2 - 0.3) ^ (torch.rand(n, generator=generator) < flips)
    return x, y.long()


@pytest.fixture(scope="module")
def run() -> Picked:
    return pick_to_learn(DROPOUT, *examples(150), SETTINGS, STREAM)


def without(run: Picked, inputs: Tensor, labels: Tensor, gone: list[int]) -> tuple[Tensor, Tensor, list[int]]:
    """The examples but some, and where the others were."""
    kept = [i for i in range(len(labels)) if i not in set(gone)]
    return inputs[kept], labels[kept], kept


@pytest.mark.slow
def test_a_run_with_noise_of_every_kind_is_replayed_bit_for_bit_from_its_picks(run: Picked) -> None:
    inputs, labels = examples(150)
    used = {*range(SETTINGS.spent), *(i for chosen in run.rounds for i in chosen)}
    hidden = [i for i in range(150) if i not in used]
    inputs[hidden], labels[hidden] = torch.nan, 0  # nobody reads them
    again = replay(DROPOUT, inputs, labels, SETTINGS, STREAM, run.rounds)
    for one, other in zip(run.model.state_dict().values(), again.state_dict().values(), strict=True):
        assert torch.equal(one, other)
    assert all(not module.training for module in again.modules())


@pytest.mark.slow
def test_the_global_random_state_is_left_alone_and_does_not_matter(run: Picked) -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    assert pick_to_learn(DROPOUT, *examples(150), SETTINGS, STREAM).rounds == run.rounds
    assert torch.equal(torch.get_rng_state(), before)


def preferent(run: Picked, inputs: Tensor, labels: Tensor, gone: list[int]) -> bool:
    """Whether the run on the examples without some that it never picked picks the same."""
    fewer, names, kept = without(run, inputs, labels, gone)
    again = pick_to_learn(DROPOUT, fewer, names, SETTINGS, STREAM)
    same = [[kept[i] for i in chosen] for chosen in again.rounds] == [list(chosen) for chosen in run.rounds]
    return same and [kept[i] for i in again.left] == list(run.left)


def never_picked(run: Picked) -> list[int]:
    used = {*range(run.settings.spent), *run.left, *(i for chosen in run.rounds for i in chosen)}
    return [i for i in range(run.examples) if i not in used]


@pytest.mark.slow
def test_without_examples_that_were_never_picked_the_same_are_picked_and_left(run: Picked) -> None:
    inputs, labels = examples(150)
    spare = never_picked(run)
    assert len(spare) > 50
    assert len(run.left) > 0  # the rounds were over: what is left is charged
    for gone in (spare[:1], spare[::3], spare):
        assert preferent(run, inputs, labels, gone)


@pytest.mark.slow
def test_a_rule_that_looks_at_how_many_are_wrong_is_not_preferent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: a tenth of the rest is picked, instead of a fixed number."""
    sound = _learner._worst_first

    def share_of_the_rest(network: Any, inputs: Any, labels: Any, rest: Any, settings: Any) -> Any:
        return sound(network, inputs, labels, rest, settings)[: max(1, len(rest) // 40)]

    monkeypatch.setattr(_learner, "_worst_first", share_of_the_rest)
    inputs, labels = examples(150)
    found = pick_to_learn(DROPOUT, inputs, labels, SETTINGS, STREAM)
    assert not preferent(found, inputs, labels, never_picked(found))


@pytest.mark.slow
def test_an_example_on_which_the_network_errs_changes_what_is_picked(run: Picked) -> None:
    inputs, labels = examples(150)
    fresh, names = examples(40, seed=1)
    fewer, few, _ = without(run, inputs, labels, never_picked(run))
    wrong = (margin_loss(run.model(fresh), names) >= 0).nonzero()[:, 0].tolist()
    assert len(wrong) >= 3
    for z in wrong[:3]:
        more = pick_to_learn(DROPOUT, torch.cat([fewer, fresh[z : z + 1]]), torch.cat([few, names[z : z + 1]]), SETTINGS, STREAM)
        taken = {*more.left, *(i for chosen in more.rounds for i in chosen)}
        assert len(few) in taken


def test_equal_losses_are_picked_by_position_and_what_is_no_number_comes_first() -> None:
    inputs = torch.tensor([[0.0], [1.0], [1.0], [torch.nan], [2.0]])
    network = nn.Linear(1, 2)
    nn.init.constant_(network.weight, 0.0)
    with torch.no_grad():
        network.weight[1] = 1.0
        network.bias.zero_()
    order = _learner._worst_first(network, inputs, torch.zeros(5, dtype=torch.int64), torch.arange(5), Picking())
    assert order.tolist() == [3, 4, 1, 2, 0]  # the first is a tie of the two classes, which is an error


def test_a_certificate_counts_what_was_picked_and_left_among_those_that_were_not_spent(run: Picked) -> None:
    assert run.size == sum(map(len, run.rounds)) + len(run.left)
    assert run.n == 140
    found = run.certificate(Fraction(1, 20))
    assert found.value == campi2023compression(size=run.size, n=140, delta=Fraction(1, 20)).value
    statuses = {entry.assumption.name: entry for entry in found.assumptions}
    assert statuses["errors change the compression"].status == "by construction"
    assert run.steady
    assert "bit for bit" in statuses["preferent compression scheme"].how


def test_losses_with_a_threshold_and_any_objective() -> None:
    """Regression: an example is right if the prediction is within .2 of it."""
    x = torch.linspace(-1, 1, 60)[:, None]
    settings = Picking(
        rounds=40,
        at_most=3,
        steps=60,
        batch_size=16,
        later_rate=0.05,
        loss=lambda outputs, labels: (outputs - labels).abs()[:, 0],
        threshold=0.2,
        objective=nn.functional.mse_loss,
    )
    found = pick_to_learn(nn.Linear(1, 1), x, 2 * x - 1, settings, STREAM)
    assert found.left == ()
    assert found.size < 30
    assert bool(((found.model(x) - (2 * x - 1)).abs() < 0.2)[never_picked(found)].all())


def test_the_weights_that_are_passed_are_not_changed(run: Picked) -> None:
    network = nn.Linear(2, 2)
    before = network.weight.detach().clone()
    pick_to_learn(network, *examples(30), Picking(rounds=2, steps=3), STREAM)
    assert torch.equal(network.weight, before)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"spent": -1}, "spent must be a whole number of at least 0"),
        ({"at_most": 0}, "at_most must be a whole number of at least 1"),
        ({"spent": 0}, "first_steps must be 0 where nothing is spent"),
        ({"share": 1.0}, r"share must lie in \[0, 1\)"),
        ({"later_rate": 0.0}, "later_rate must be finite and greater than 0"),
        ({"threshold": float("nan")}, "threshold finite"),
    ],
)
def test_settings_outside_their_range_are_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        dataclasses.replace(SETTINGS, **changes)


def test_a_sample_without_an_example_to_pick_is_refused() -> None:
    with pytest.raises(ValueError, match="more than the 10 that are spent, got 10 and 10"):
        pick_to_learn(DROPOUT, *examples(10), SETTINGS, STREAM)


class AwayFromTheBatch(nn.Module):
    """The inputs less their mean over the batch: no function of single examples."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x - x.mean(0))


def test_a_network_that_mixes_its_batch_is_refused_before_it_is_trained() -> None:
    with pytest.raises(ValueError, match=r"^model must answer each example by itself, got losses that differ by .*batch change: look for"):
        pick_to_learn(AwayFromTheBatch(), *examples(150), dataclasses.replace(SETTINGS, augment=lambda *_: pytest.fail("trained")), STREAM)


def test_frozen_parameters_stay_and_one_at_least_is_to_be_trained() -> None:
    network = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 2))
    network[0].requires_grad_(False)
    found = pick_to_learn(network, *examples(60), SETTINGS, STREAM).model
    assert torch.equal(found[0].weight, network[0].weight)  # type: ignore[index, union-attr]
    assert not torch.equal(found[2].weight, network[2].weight)  # type: ignore[index, union-attr]
    with pytest.raises(ValueError, match=r"^model must have a parameter that requires gradients, got none: call requires_grad_"):
        pick_to_learn(network.requires_grad_(False), *examples(60), SETTINGS, STREAM)
