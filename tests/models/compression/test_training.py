"""Training and polishing: they lower what they say they lower, and are functions of their seed."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from tests.models.compression.test_message import network_of
from torch import Tensor

from genbounds.models.compression import DIGITS, Architecture, Compression, TernaryNetwork, encode, polish_last_layer, train_ternary
from genbounds.models.compression._polish import _price_of_a_nonzero
from genbounds.models.randomness.streams import Stream

ARCHITECTURE = Architecture(DIGITS, "none", 1, 0.25, (4,))
RECIPE = Compression(epochs=40, price=3e-4, batch_size=20, learning_rate=0.01)


def sample(n: int = 100) -> tuple[Tensor, Tensor]:
    """Features that say in which of ten random directions they lie."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.arange(n) % 10
    centres = torch.rand(10, 13, 4, 4, generator=generator, dtype=torch.float64)
    return centres[labels] + 0.2 * torch.rand(n, 13, 4, 4, generator=generator, dtype=torch.float64), labels


def trained(recipe: Compression = RECIPE, seed: int = 0) -> TernaryNetwork:
    return train_ternary(ARCHITECTURE, *sample(), recipe, Stream("test", "experiment"), network=seed)


def test_training_repeats_itself_and_another_network_is_another() -> None:
    short = replace(RECIPE, epochs=2)
    assert trained(short) == trained(short) != trained(short, seed=1)


@pytest.mark.slow
def test_training_learns() -> None:
    silent = network_of(ARCHITECTURE, 0, 0.0)
    assert int(trained().mistakes(*sample()).sum()) < 50 < 90 <= int(silent.mistakes(*sample()).sum())


@pytest.mark.slow
def test_a_higher_price_buys_a_shorter_word() -> None:
    assert len(encode(trained(replace(RECIPE, price=0.01)))) < 0.8 * len(encode(trained(replace(RECIPE, price=0.0))))


@pytest.mark.slow
@pytest.mark.parametrize("errors_per_bit", [0.0, 0.3, 3.0])
def test_polishing_ends_where_no_single_change_helps(errors_per_bit: float) -> None:
    features, labels = sample()
    start = trained(replace(RECIPE, epochs=5))
    found = polish_last_layer(start, features, labels, errors_per_bit)
    assert all(torch.equal(mine, its) for mine, its in zip(found.levels[:-1], start.levels[:-1], strict=True))

    def errors(levels: Tensor) -> int:
        return int(TernaryNetwork(ARCHITECTURE, (*found.levels[:-1], levels)).mistakes(features, labels).sum())

    last = found.levels[-1]
    here, price = errors(last), errors_per_bit * _price_of_a_nonzero(last)
    assert here <= errors(start.levels[-1]) or errors_per_bit > 0
    # Brute force over the row of one class: each other level of each weight, evaluated from the start and in float64.
    for column in range(last[0].numel()):
        for level in (-1, 0, 1):
            changed = last.clone()
            changed[3].view(-1)[column] = level
            assert errors(changed) + price * (abs(level) - abs(int(last[3].view(-1)[column]))) >= here - 1e-9


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="price at least 0"):
        Compression(epochs=1, price=-1.0)
