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
    """How to train: see `Ensemble.train`. `step_scales[t]` multiplies every learning rate (K,) at the run's step t.

    `batch_size` is 0 for order "full".
    """

    steps: int
    batch_size: int
    learning_rates: Tensor
    step_scales: list[float]
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
        batch_size: int | None,
        learning_rate: float | Tensor,
        networks: int,
        schedule: Schedule,
        first_step: int,
        momentum: float,
        weight_decay: float,
        order: OrderName,
        projection_radius: float | None,
        loss: Loss,
    ) -> Recipe:
        """A recipe for so many networks; ValueError for a setting out of its range."""
        if order == "full":
            batch_size = 0
        elif batch_size is None or batch_size < 1 or batch_size != int(batch_size):
            raise ValueError(f"batch_size must be a whole number of at least 1 for order {order!r}, got {batch_size}")
        if steps < 1 or steps != int(steps):
            raise ValueError(f"steps must be a whole number of at least 1, got {steps}")
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum must lie in [0, 1), got {momentum}")
        if not 0 <= weight_decay < float("inf"):
            raise ValueError(f"weight_decay must be finite and not negative, got {weight_decay}")
        if order not in ORDERS:
            raise ValueError(f"order must be one of {', '.join(ORDERS)}, got {order!r}")
        if projection_radius is not None and not 0 < projection_radius < float("inf"):
            raise ValueError(f"projection_radius must be positive and finite, got {projection_radius}")
        rates = _rates(learning_rate, networks)
        scales = _step_scales(schedule, first_step, steps)
        return cls(steps, batch_size, rates, scales, momentum, weight_decay, order, projection_radius, loss)


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


def _step_scales(schedule: Schedule, first_step: int, steps: int) -> list[float]:
    end = first_step + steps
    if schedule is None:
        return [1.0] * steps
    if isinstance(schedule, Tensor):
        if schedule.dim() != 1 or len(schedule) < end:
            raise ValueError(
                f"schedule must be a vector of at least {end} factors, one for each step since the start, got shape {tuple(schedule.shape)}"
            )
        scales = [float(value) for value in schedule[first_step:end].tolist()]
    else:
        scales = [float(schedule(step)) for step in range(first_step, end)]
    if not all(0 <= scale < float("inf") for scale in scales):
        raise ValueError("schedule must give finite factors, none negative, and gave others: check its values")
    return scales
