"""The settings of a training run, checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from genbounds.models.ensemble.batches import ORDERS, OrderName
from genbounds.models.ensemble.losses import Loss

Schedule = Callable[[int], float] | Tensor | None


@dataclass(frozen=True, eq=False)
class Recipe:
    """How to train: see `Ensemble.train`. `step_scale(t)` multiplies every learning rate (K,) at step t."""

    steps: int
    batch_size: int
    learning_rates: Tensor
    step_scale: Callable[[int], float]
    momentum: float
    weight_decay: float
    order: OrderName
    projection_radius: float | None
    loss: Loss

    @classmethod
    def checked(
        cls,
        *,
        steps: int,
        batch_size: int,
        learning_rate: float | Tensor,
        networks: int,
        schedule: Schedule,
        steps_before: int,
        momentum: float,
        weight_decay: float,
        order: OrderName,
        projection_radius: float | None,
        loss: Loss,
    ) -> Recipe:
        """A recipe for so many networks; ValueError for a setting out of its range."""
        for name, number in (("steps", steps), ("batch_size", batch_size)):
            if number < 1 or number != int(number):
                raise ValueError(f"{name} must be a whole number of at least 1, got {number}")
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum must lie in [0, 1), got {momentum}")
        if not 0 <= weight_decay < float("inf"):
            raise ValueError(f"weight_decay must be finite and not negative, got {weight_decay}")
        if order not in ORDERS:
            raise ValueError(f"order must be one of {', '.join(ORDERS)}, got {order!r}")
        if projection_radius is not None and not 0 < projection_radius < float("inf"):
            raise ValueError(f"projection_radius must be positive and finite, got {projection_radius}")
        rates = _rates(learning_rate, networks)
        scale = _step_scale(schedule, steps_before + steps)
        return cls(steps, batch_size, rates, scale, momentum, weight_decay, order, projection_radius, loss)


def _rates(learning_rate: float | Tensor, networks: int) -> Tensor:
    rates = torch.as_tensor(learning_rate, dtype=torch.float64, device="cpu")
    if rates.dim() > 1 or (rates.dim() == 1 and len(rates) != networks):
        raise ValueError(
            f"learning_rate must be one number or a tensor of shape ({networks},), got shape {tuple(rates.shape)}; a "
            "rate for each step is `schedule`"
        )
    if not bool((rates.isfinite() & (rates > 0)).all()):
        raise ValueError(f"learning_rate must be positive and finite, got {learning_rate}")
    return rates.expand(networks).clone()


def _step_scale(schedule: Schedule, steps: int) -> Callable[[int], float]:
    if schedule is None:
        return lambda step: 1.0
    if not isinstance(schedule, Tensor):
        return schedule
    values = [float(value) for value in schedule.tolist()]
    if schedule.dim() != 1 or len(values) < steps or not all(0 <= value < float("inf") for value in values):
        raise ValueError(
            f"schedule must be a vector of at least {steps} finite factors, none negative, got shape "
            f"{tuple(schedule.shape)}: one factor for each step since the start"
        )
    return values.__getitem__
