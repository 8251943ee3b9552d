"""The part of pick-to-learn that sees the spent and the picked examples alone."""

from __future__ import annotations

import copy

import numpy as np
import torch
from torch import Tensor, nn

from genbounds.models.picking._settings import Picking
from genbounds.models.randomness.streams import Stream


class Trainer:
    """A network in training. It is handed examples, and has no other way to see any: what it does is a function of what it was handed.

    Args:
        model: where it starts; it is trained in place.
        spent: inputs and labels of the spent part (perhaps none).
        settings: of the run.
        stream, network: of the batches, the augmentation and the network's own noise (dropout).
    """

    def __init__(self, model: nn.Module, spent: tuple[Tensor, Tensor], settings: Picking, stream: Stream, network: int) -> None:
        self._model, self._settings, self._spent = model.train(), settings, spent
        self._picked = (spent[0][:0], spent[1][:0])
        self._generator = np.random.Generator(np.random.Philox(key=[stream.sub("pick to learn").key(network), 0]))
        self._noise = torch.Generator().manual_seed(stream.sub("noise").key(network) >> 1).get_state()
        self._optimiser = torch.optim.AdamW(model.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay)
        self._average = copy.deepcopy(model).eval().requires_grad_(False) if settings.averaging else None
        self._step = 0

    @property
    def network(self) -> nn.Module:
        """The network that looks at the rest, in evaluation mode."""
        return self._average if self._average is not None else self._model.eval()

    def hand(self, inputs: Tensor, labels: Tensor) -> None:
        """Add picked examples."""
        self._picked = (torch.cat([self._picked[0], inputs]), torch.cat([self._picked[1], labels]))

    def train(self, steps: int) -> None:
        """Train for so many steps on what was handed over; nothing where there is nothing."""
        if not len(self._spent[1]) and not len(self._picked[1]):
            return
        with torch.random.fork_rng(devices=[]):
            torch.set_rng_state(self._noise)
            self._model.train()
            for _ in range(steps):
                self._one_step()
            self._noise = torch.get_rng_state()

    def _one_step(self) -> None:
        settings = self._settings
        inputs, labels = self._batch()
        if settings.augment is not None:
            inputs = settings.augment(inputs, self._generator)
        for group in self._optimiser.param_groups:
            group["lr"] = settings.rate(self._step)
        self._optimiser.zero_grad(set_to_none=True)
        settings.objective(self._model(inputs), labels).backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        self._step += 1
        if self._average is not None:
            self._follow()

    def _batch(self) -> tuple[Tensor, Tensor]:
        """A batch, drawn with replacement: ``share`` of it from the picked examples if there are both kinds."""
        size, spent, picked = self._settings.batch_size, len(self._spent[1]), len(self._picked[1])
        from_picked = size if not spent else min(picked, round(self._settings.share * size))
        rows = torch.from_numpy(self._generator.integers(0, max(picked, 1), from_picked))
        inputs, labels = self._picked[0][rows], self._picked[1][rows]
        if from_picked == size:
            return inputs, labels
        rows = torch.from_numpy(self._generator.integers(0, spent, size - from_picked))
        return torch.cat([inputs, self._spent[0][rows]]), torch.cat([labels, self._spent[1][rows]])

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the average towards the trained network; whatever is not a floating-point number is copied."""
        assert self._average is not None
        keep = min(self._settings.averaging, self._step / (self._step + 10))  # the start is soon forgotten
        for mean, now in zip(self._average.state_dict().values(), self._model.state_dict().values(), strict=True):
            if mean.is_floating_point():
                mean.lerp_(now, 1 - keep)
            else:
                mean.copy_(now)
